//! Serves connections with hyper, because `axum::serve` sets no timer and so never times out a header.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tower::ServiceExt as _;

use crate::handover::{Handovers, Watched};

/// Time for the head of a request to arrive, and for an idle connection to bring the next one.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// Most bytes of a request's head.
const HEADER_BYTES: usize = 32 * 1024;

/// Most header lines of a request.
const HEADER_LINES: usize = 100;

/// Connections served at the same time; more wait to be accepted.
const CONNECTIONS: usize = 10_000;

/// Time for requests in flight to end after the signal to stop.
const FAREWELL: Duration = Duration::from_secs(30);

/// How HTTP/2 with prior knowledge begins (RFC 9113, section 3.4).
const HTTP2: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Serves until `stop` is ready, then lets requests in flight end.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let builder = Arc::new(builder());
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    tokio::pin!(stop);
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Mostly: no file descriptors left. They come back when connections end.
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let (builder, router, watcher) = (builder.clone(), router.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _place = place;
            converse(&builder, stream, peer, router, watcher).await;
        });
    }
    drop(listener);
    if timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests that were still in flight were cut off");
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(HEADER_BYTES)
        .max_headers(HEADER_LINES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(Duration::from_secs(20)))
        .keep_alive_timeout(HEADER_TIMEOUT)
        .max_header_list_size(HEADER_BYTES as u32)
        .max_concurrent_streams(100);
    builder
}

async fn converse(
    builder: &Builder<TokioExecutor>,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let _ = stream.set_nodelay(true);
    let Some(is_http2) = version(&stream).await else { return };
    let handovers = Handovers::new(is_http2);
    let stream = Watched::new(stream, handovers.clone());
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(handovers.clone());
        let answer = router.clone().oneshot(request.map(axum::body::Body::new));
        async move { Ok::<_, Infallible>(answer.await.unwrap_or_else(|never| match never {})) }
    });
    let builder = if is_http2 { builder.clone().http2_only() } else { builder.clone().http1_only() };
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection.into_owned()).await {
        tracing::debug!(%error, "a connection broke off");
    }
}

/// Whether the client speaks HTTP/2; `None` when it says nothing for too long. The version is found out here
/// because hyper's own detection would wait for ever.
async fn version(stream: &TcpStream) -> Option<bool> {
    timeout(HEADER_TIMEOUT, async {
        let mut start = [0_u8; HTTP2.len()];
        loop {
            let seen = stream.peek(&mut start).await.ok().filter(|seen| *seen > 0)?;
            if start[..seen] != HTTP2[..seen] {
                return Some(false);
            }
            if seen == HTTP2.len() {
                return Some(true);
            }
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .ok()
    .flatten()
}
