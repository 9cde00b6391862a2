//! Serves connections with hyper, because `axum::serve` sets no timer and so never times out a header.
//!
//! Whoever is slow takes places from others only for as long as [`Limits`] says: a [`pulse`] tells of every connection
//! whether it waits for a request, for the rest of one, or for a client that does not take its answer. When places run
//! out, whoever has the most connections makes room, with those that are idle or stalled for longest.

mod answer;
mod limits;
mod line;
mod pulse;
mod socket;

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{sleep, timeout},
};
use tower::ServiceExt as _;

pub use limits::Limits;
pub use socket::{Listener, Peer};

use crate::handover::{Handovers, Resettable, Watched};

use answer::Answer;
use line::Line;
use pulse::{Crowd, Pulse, overdue};
use socket::Client;

/// Most bytes of a request's head, and of an answer that is on its way to the socket.
const HEADER_BYTES: usize = 32 * 1024;

/// Most header lines of a request.
const HEADER_LINES: usize = 100;

/// Requests of one HTTP/2 connection at the same time.
const STREAMS: u32 = 64;

/// Bytes of one HTTP/2 request, and of all on a connection, that may wait to be read.
const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;

/// Streams that a client may open and reset before it is sent away.
const RESETS: usize = 64;

/// Between two looks for a connection that can make room.
const RECHECK: Duration = Duration::from_millis(50);

/// Serves until `stop` is ready, then lets requests in flight end.
pub async fn serve(listener: Listener, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let server = Arc::new(Server {
        builder: builder(),
        router,
        limits,
        crowd: Arc::default(),
        places: Arc::new(Semaphore::new(limits.connections)),
        leaving: watch::Sender::new(false),
    });
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let client = match accepted {
            Ok(client) => client,
            Err(error) => {
                // Mostly: no file descriptors left.
                server.crowd.make_room(&server.limits);
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(RECHECK).await;
                continue;
            }
        };
        let place = tokio::select! {
            place = server.make_room() => place,
            () = &mut stop => break,
        };
        tokio::spawn(server.clone().converse(client, place));
    }
    drop(listener);
    server.leaving.send_replace(true);
    let everybody = u32::try_from(limits.connections).unwrap_or(u32::MAX);
    if timeout(limits.farewell, server.places.acquire_many(everybody)).await.is_err() {
        tracing::warn!("requests that were still in flight were cut off");
    }
}

/// What every connection stands on.
struct Server {
    builder: Builder<TokioExecutor>,
    router: Router,
    limits: Limits,
    crowd: Arc<Crowd>,
    places: Arc<Semaphore>,
    leaving: watch::Sender<bool>,
}

impl Server {
    /// A place for one more connection; another one has to go if there is none.
    async fn make_room(&self) -> OwnedSemaphorePermit {
        loop {
            if let Ok(place) = self.places.clone().try_acquire_owned() {
                return place;
            }
            self.crowd.make_room(&self.limits);
            if let Ok(Ok(place)) = timeout(RECHECK, self.places.clone().acquire_owned()).await {
                return place;
            }
        }
    }

    async fn converse(self: Arc<Self>, client: Client, _place: OwnedSemaphorePermit) {
        match client {
            Client::Tcp(stream, peer) => {
                let _ = stream.set_nodelay(true);
                self.answer(stream, Peer::Address(peer)).await;
            }
            Client::Unix(stream) => self.answer(stream, Peer::Socket).await,
        }
    }

    /// Answers until the client leaves, is overdue, or has to make room.
    async fn answer(&self, stream: impl Resettable + Send + 'static, peer: Peer) {
        let pulse = Pulse::new(self.crowd.clone(), peer.network());
        let handovers = Handovers::new();
        let line = TokioIo::new(Watched::new(Line::new(stream, pulse.clone()), handovers.clone()));
        let service = service_fn({
            let pulse = pulse.clone();
            move |mut request: Request<Incoming>| {
                let busy = pulse.begin(request.version());
                peer.introduce(request.extensions_mut());
                handovers.speak(request.version());
                request.extensions_mut().insert(handovers.clone());
                let router = self.router.clone();
                let patience = self.limits.stream;
                async move {
                    let answer = router.oneshot(request.map(Body::new)).await;
                    let answer = answer.unwrap_or_else(|never| match never {});
                    Ok::<_, Infallible>(Answer::of(answer, busy, patience))
                }
            }
        });
        let mut connection = pin!(self.builder.serve_connection(line, service));
        let mut leaving = self.leaving.subscribe();
        let mut is_leaving = false;
        loop {
            tokio::select! {
                biased;
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection broke off");
                    }
                    return;
                }
                () = stop_announced(&mut leaving), if !is_leaving => {
                    is_leaving = true;
                    connection.as_mut().graceful_shutdown();
                }
                is_quiet = overdue(&pulse, &self.limits, is_leaving) => {
                    tracing::debug!(is_quiet, "a connection was ended");
                    if is_quiet {
                        // Says goodbye where the protocol has a word for it.
                        connection.as_mut().graceful_shutdown();
                        let _ = timeout(RECHECK, connection.as_mut()).await;
                    }
                    return;
                }
            }
        }
    }
}

/// Waits for the word that the portal stops.
async fn stop_announced(leaving: &mut watch::Receiver<bool>) {
    let _ = leaving.wait_for(|is_leaving| *is_leaving).await;
}

/// Timeouts are those of [`pulse`]: hyper has one for headers alone, which would end idle connections, too.
fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(HEADER_BYTES)
        .max_headers(HEADER_LINES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(Duration::from_secs(20)))
        .keep_alive_timeout(Duration::from_secs(10))
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(HEADER_BYTES)
        .max_header_list_size(HEADER_BYTES as u32)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(RESETS)
        .max_concurrent_streams(STREAMS);
    builder
}
