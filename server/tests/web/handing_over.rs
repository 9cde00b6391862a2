//! What a connection has taken, with clients of every kind on real sockets.

use std::time::Duration;

use domain::activity::Action;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::clients::Served;

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

/// Waits until the portal has given all bytes of an answer to the connection, or longer than that takes.
async fn everything_has_left(stream: &TcpStream) {
    let mut start = [0; 1];
    stream.peek(&mut start).await.expect("the answer begins");
    tokio::time::sleep(Duration::from_millis(300)).await;
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
    everything_has_left(&stream).await;
    drop(stream);
    assert_eq!(handed_over(&served).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_closes_before_the_answer_was_handed_nothing() {
    let served = Served::new().await;
    let (_, url, authorization) = served.link().await;
    drop(ask(&served, &url, &authorization, "Range: bytes=0-99\r\n").await);
    tokio::time::sleep(Duration::from_millis(300)).await;
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
    everything_has_left(&stream).await;
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
