//! Clients that send half of a request, or read half of an answer.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, routing::get};
use bytes::Bytes;
use futures::stream;
use h2::{
    Ping, SendStream,
    client::{ResponseFuture, SendRequest},
};
use http::{Request, StatusCode};
use server::{
    AppState, Web,
    listener::{self, Limits},
    router,
};
use testkit::TestBackend;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{Notify, oneshot},
    task::JoinHandle,
    time::timeout,
};

/// Nothing here takes as long, unless it would take for ever.
const PATIENCE: Duration = Duration::from_secs(20);

/// A listener with short limits, which ends when `stop` is dropped.
struct Served {
    at: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<()>,
}

impl Served {
    async fn over(routes: Router, limits: Limits) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = socket.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = tokio::spawn(listener::serve(socket.into(), routes, limits, async {
            // An error means that the test is over, too.
            let _ = stopped.await;
        }));
        Self { at, stop: Some(stop), ended }
    }

    async fn connect(&self) -> TcpStream {
        timeout(PATIENCE, TcpStream::connect(self.at)).await.expect("in time").expect("connects")
    }

    /// A connection from another network than those of [`Self::connect`].
    async fn connect_from_elsewhere(&self) -> TcpStream {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.2:0".parse().expect("an address")).expect("the loopback network has it");
        timeout(PATIENCE, socket.connect(self.at)).await.expect("in time").expect("connects")
    }

    /// A connection on which something was sent.
    async fn sent(&self, text: &str) -> TcpStream {
        let mut stream = self.connect().await;
        stream.write_all(text.as_bytes()).await.expect("is sent");
        stream
    }

    /// The first line of the answer to a request on a connection of its own.
    async fn status(&self, request: &str) -> String {
        let mut stream = self.sent(request).await;
        let mut answer = vec![0; 64];
        let read = timeout(PATIENCE, stream.read(&mut answer)).await.expect("in time").expect("an answer");
        String::from_utf8_lossy(&answer[..read]).lines().next().unwrap_or_default().to_owned()
    }

    async fn get(&self, path: &str) -> String {
        self.status(&format!("GET {path} HTTP/1.1\r\nHost: here\r\n\r\n")).await
    }
}

fn short() -> Limits {
    Limits {
        write: Duration::from_millis(300),
        farewell: Duration::from_secs(60),
        farewell_write: Duration::from_millis(300),
        ..Limits::default()
    }
}

/// A route whose answer never ends, and a word when it was let go.
fn endless() -> (Router, Arc<Notify>) {
    struct LetGo(Arc<Notify>);
    impl Drop for LetGo {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }
    let word = Arc::new(Notify::new());
    let told = word.clone();
    let routes = Router::new().route(
        "/endless",
        get(move || {
            let guard = LetGo(told.clone());
            async move {
                let block = Bytes::from(vec![b'x'; 64 * 1024]);
                Body::from_stream(stream::unfold(guard, move |guard| {
                    let block = block.clone();
                    async move { Some((Ok::<_, Infallible>(block), guard)) }
                }))
            }
        }),
    );
    (routes, word)
}

const ENDLESS: &str = "GET /endless HTTP/1.1\r\nHost: here\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_never_come_keep_nobody_from_being_answered() {
    let backend = TestBackend::sqlite().await;
    let served = Served::over(router(AppState::new((*backend).clone(), Web::default())), Limits::default()).await;
    let half =
        "POST /api/v1/login HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n";
    let mut waiting = Vec::new();
    for _ in 0..600 {
        waiting.push(served.sent(half).await);
    }
    for path in ["/healthz", "/readyz", "/login"] {
        assert_eq!(served.get(path).await, "HTTP/1.1 200 OK", "{path}");
    }
}

/// A request whose body is awaited: dropped, it is given up.
type HalfRequest = (ResponseFuture, SendStream<Bytes>);

/// A connection over HTTP/2 on which `count` requests were begun whose bodies never come. The portal knows of all of them.
async fn half_requests(served: &Served, count: usize) -> (SendRequest<Bytes>, Vec<HalfRequest>) {
    let (mut client, mut connection) = h2::client::handshake(served.connect().await).await.expect("a connection");
    let mut ping = connection.ping_pong().expect("asked for once");
    tokio::spawn(async move {
        // An error means that the test is over.
        let _ = connection.await;
    });
    let mut begun = Vec::new();
    for _ in 0..count {
        client = client.ready().await.expect("room for one more");
        let request = Request::post("http://here/api/v1/login")
            .header("content-type", "application/json")
            .header("content-length", "100")
            .body(())
            .expect("a request");
        begun.push(client.send_request(request, false).expect("is sent"));
    }
    // Frames are read in order: whoever answers this has read the requests before it.
    timeout(PATIENCE, ping.ping(Ping::opaque())).await.expect("in time").expect("an answer");
    (client, begun)
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_never_come_over_http2_keep_nobody_from_being_answered() {
    /// As many as the portal takes of one connection at the same time.
    const EACH: usize = 64;
    let backend = TestBackend::sqlite().await;
    let served = Served::over(router(AppState::new((*backend).clone(), Web::default())), Limits::default()).await;
    let mut waiting = Vec::new();
    for _ in 0..512 / EACH {
        waiting.push(half_requests(&served, EACH).await);
    }
    for path in ["/healthz", "/readyz", "/login"] {
        assert_eq!(served.get(path).await, "HTTP/1.1 200 OK", "{path}");
    }
    // Nor those on the same connection, as behind a proxy.
    let (mut client, _begun) = half_requests(&served, EACH / 2).await;
    for path in ["/healthz", "/readyz", "/login"] {
        let request = Request::get(format!("http://here{path}")).body(()).expect("a request");
        let (answer, _) = client.send_request(request, true).expect("is sent");
        let answer = timeout(PATIENCE, answer).await.expect("in time").expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_make_room_for_new_ones() {
    let routes = Router::new().route("/", get(|| async { "here" }));
    let served = Served::over(routes, Limits { connections: 20, ..Limits::default() }).await;
    let mut idle = Vec::new();
    for _ in 0..60 {
        idle.push(served.connect().await);
    }
    for _ in 0..5 {
        assert_eq!(served.get("/").await, "HTTP/1.1 200 OK");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_network_with_the_most_connections_makes_room() {
    let routes = Router::new().route("/", get(|| async { "here" }));
    let served = Served::over(routes, Limits { connections: 20, ..Limits::default() }).await;
    let mut first = served.connect().await;
    let mut crowd = Vec::new();
    for _ in 0..60 {
        crowd.push(served.connect_from_elsewhere().await);
    }
    assert_eq!(served.get("/").await, "HTTP/1.1 200 OK");
    first.write_all(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n").await.expect("is sent");
    let mut answer = [0; 15];
    timeout(PATIENCE, first.read_exact(&mut answer)).await.expect("in time").expect("the oldest of all is still there");
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_nobody_takes_make_room_when_nothing_is_idle() {
    let (routes, let_go) = endless();
    let limits = Limits {
        connections: 20,
        write: Duration::from_secs(3600),
        stalled: Duration::from_millis(50),
        ..Limits::default()
    };
    let served = Served::over(routes, limits).await;
    let mut stalled = Vec::new();
    for _ in 0..20 {
        stalled.push(served.sent(ENDLESS).await);
    }
    assert_eq!(served.get("/nothing").await, "HTTP/1.1 404 Not Found");
    timeout(PATIENCE, let_go.notified()).await.expect("one has made room");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_over_http2_of_which_nobody_takes_the_first_byte_make_room_too() {
    let (routes, _let_go) = endless();
    let limits = Limits { connections: 20, stalled: Duration::from_millis(50), ..Limits::default() };
    let served = Served::over(routes, limits).await;
    let mut stalled = Vec::new();
    for _ in 0..20 {
        let mut closed = h2::client::Builder::new();
        let closed = closed.initial_window_size(0).handshake::<_, Bytes>(served.connect().await);
        let (client, connection) = closed.await.expect("a connection");
        let connection = tokio::spawn(async move {
            // It ends when it has to make room.
            let _ = connection.await;
        });
        let mut client = client.ready().await.expect("room for a request");
        let request = Request::get("http://here/endless").body(()).expect("a request");
        let (answer, _) = client.send_request(request, true).expect("is sent");
        let answer = timeout(PATIENCE, answer).await.expect("in time").expect("the answer begins");
        stalled.push((client, connection, answer));
    }
    assert_eq!(served.get("/nothing").await, "HTTP/1.1 404 Not Found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_takes_is_let_go() {
    let (routes, let_go) = endless();
    let served = Served::over(routes, short()).await;
    let _stalled = served.sent(ENDLESS).await;
    timeout(PATIENCE, let_go.notified()).await.expect("the answer is let go");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_slowly_is_waited_for() {
    let (routes, _) = endless();
    let served = Served::over(routes, short()).await;
    let mut slow = served.sent(ENDLESS).await;
    let mut block = vec![0; 1024 * 1024];
    // Longer in all than a client may take without a byte, and never as long at once.
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        timeout(PATIENCE, slow.read_exact(&mut block)).await.expect("in time").expect("goes on");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_takes_does_not_hold_up_the_end() {
    let (routes, let_go) = endless();
    let limits = Limits { write: Duration::from_secs(3600), ..short() };
    let mut served = Served::over(routes, limits).await;
    let _stalled = served.sent(ENDLESS).await;
    assert_eq!(served.get("/nothing").await, "HTTP/1.1 404 Not Found");
    drop(served.stop.take());
    timeout(PATIENCE, served.ended).await.expect("it ends in time").expect("and well");
    timeout(PATIENCE, let_go.notified()).await.expect("the answer is let go");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_head_of_a_part_that_never_ends_is_refused() {
    let backend = TestBackend::sqlite().await;
    let token = backend.token_of(&backend.ops().await).await;
    let served = Served::over(router(AppState::new((*backend).clone(), Web::default())), Limits::default()).await;
    let head = format!(
        "POST /api/v1/upload HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: 1000000000\r\n\r\n",
        token.expose()
    );
    for beginning in ["", "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\""] {
        let stream = served.sent(&head).await;
        let (mut read, mut write) = stream.into_split();
        write.write_all(beginning.as_bytes()).await.expect("is sent");
        let sending = tokio::spawn(async move {
            // Sent until the portal has had enough.
            while write.write_all(&[b'a'; 16 * 1024]).await.is_ok() {}
        });
        let mut answer = vec![0; 64];
        let length = timeout(PATIENCE, read.read(&mut answer)).await.expect("in time").expect("an answer");
        assert!(answer[..length].starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&answer));
        sending.abort();
    }
}
