//! What a connection has taken, with clients of every kind on real sockets.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use domain::activity::Action;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::clients::Served;

/// Nothing here takes as long, unless it would take for ever.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks for the document of [`Served::link`] on a connection of its own.
async fn ask(served: &Served, url: &str, authorization: &str, more: &str) -> TcpStream {
    let path = &url[url.find("/api/").expect("a path")..];
    let mut stream = TcpStream::connect(served.at).await.expect("connects");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{authorization}\r\n{more}\r\n", served.at);
    stream.write_all(request.as_bytes()).await.expect("writes");
    stream
}

async fn handed_over(served: &Served) -> i64 {
    served.app.links.settle().await;
    served.app.recorded(Action::HandedOver).await
}

/// What has become of the portal's side of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Open,
    /// All it had to send was given to the system, and then the end.
    Ended,
    Gone,
}

/// Asks the system (proc(5), `/proc/net/tcp`), which knows whose connection it is by the addresses of both sides.
fn portals_side(portal: SocketAddr, client: SocketAddr) -> Side {
    let written = |address: SocketAddr| match address {
        SocketAddr::V4(v4) => format!("{:08X}:{:04X}", u32::from_ne_bytes(v4.ip().octets()), v4.port()),
        SocketAddr::V6(v6) => unreachable!("{v6}: the tests listen on 127.0.0.1"),
    };
    let (ours, theirs) = (written(portal), written(client));
    let table = std::fs::read_to_string("/proc/net/tcp").expect("the system tells of its connections");
    let mut lines = table.lines().map(|line| line.split_whitespace().skip(1).collect::<Vec<_>>());
    let state = lines.find_map(|line| (line.starts_with(&[&*ours, &*theirs])).then(|| line[2].to_owned()));
    match state.as_deref() {
        // TIME_WAIT is what the system keeps of a connection that nobody has any more.
        None | Some("06" | "07") => Side::Gone,
        // FIN_WAIT1, FIN_WAIT2, LAST_ACK, CLOSING.
        Some("04" | "05" | "09" | "0B") => Side::Ended,
        Some(_) => Side::Open,
    }
}

/// Waits until the portal's side of the connection with `client` has come to this.
async fn until(served: &Served, client: SocketAddr, side: Side) {
    let begun = Instant::now();
    while portals_side(served.at, client) != side {
        assert!(begun.elapsed() < PATIENCE, "the connection does not become {side:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until the portal has given all bytes of an answer to the connection, which is then at its end.
async fn everything_has_left(served: &Served, stream: &TcpStream) {
    until(served, stream.local_addr().expect("an address"), Side::Ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_everything_and_closes_was_handed_it() {
    let served = Served::new().await;
    let (word, url, authorization) = served.link().await;
    let mut stream = ask(&served, &url, &authorization, "").await;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("the portal ends it");
    assert!(answer.ends_with(&word));
    assert!(String::from_utf8_lossy(&answer[..1000]).to_ascii_lowercase().contains("connection: close"));
    drop(stream);
    assert_eq!(handed_over(&served).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_nothing_and_closes_was_handed_nothing() {
    let served = Served::new().await;
    let (_, url, authorization) = served.link().await;
    let stream = ask(&served, &url, &authorization, "").await;
    everything_has_left(&served, &stream).await;
    drop(stream);
    assert_eq!(handed_over(&served).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_closes_before_the_answer_was_handed_nothing() {
    let served = Served::new().await;
    let (_, url, authorization) = served.link().await;
    let stream = ask(&served, &url, &authorization, "Range: bytes=0-99\r\n").await;
    let client = stream.local_addr().expect("an address");
    drop(stream);
    until(&served, client, Side::Gone).await;
    served.app.links.settle().await;
    assert_eq!(served.app.count("SELECT COUNT(*) FROM download_ranges WHERE taken = 1").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_the_last_bytes_unread_was_not_handed_everything() {
    let served = Served::new().await;
    let (word, url, authorization) = served.link().await;
    let mut stream = ask(&served, &url, &authorization, "").await;
    let mut most = vec![0; word.len() - 10];
    stream.read_exact(&mut most).await.expect("most of it comes");
    everything_has_left(&served, &stream).await;
    drop(stream);
    assert_eq!(handed_over(&served).await, 0);
    // It asks for the rest later, as who resumes does.
    let rest = format!("Range: bytes={}-\r\n", word.len() - 2_000);
    let mut stream = ask(&served, &url, &authorization, &rest).await;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("the rest comes");
    drop(stream);
    assert_eq!(handed_over(&served).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http2_it_is_the_next_frame_of_the_client_that_counts() {
    let served = Served::new().await;
    let (word, url, authorization) = served.link().await;
    let folder = tempfile::tempdir().expect("a folder");
    let arguments =
        ["-sS", "--fail", "--http2-prior-knowledge", "-H", &authorization, "-o", "report.docx", url.as_str()];
    let Some(output) = crate::clients::run("curl", &arguments, folder.path()).await else { return };
    assert!(output.status.success(), "{output:?}");
    assert_eq!(std::fs::read(folder.path().join("report.docx")).expect("reads"), word);
    assert_eq!(handed_over(&served).await, 1);
}
