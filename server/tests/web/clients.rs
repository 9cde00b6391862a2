//! Real clients against a real listener: curl and wget resume, slow ones do not hold others up.

use std::{net::SocketAddr, path::Path, process::Output, time::Duration};

use domain::{activity::Action, upload::UploadReport};
use server::{
    Web,
    listener::{self, Limits},
};
use testkit::{TestBackend, office};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    process::Command,
    sync::oneshot,
};

use crate::harness::{App, content_type, multipart};

/// The application on a port of its own, until it is dropped.
pub(crate) struct Served {
    pub(crate) app: App,
    pub(crate) at: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
}

impl Served {
    pub(crate) async fn new() -> Self {
        let app = App::fronted(TestBackend::sqlite().await, Web::default());
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = socket.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let router = app.router.clone();
        tokio::spawn(async move {
            listener::serve(socket.into(), router, Limits::default(), async {
                // An error means that the test is over, too.
                let _ = stopped.await;
            })
            .await;
        });
        Self { app, at, stop: Some(stop) }
    }

    /// A document, its bytes, and a client's link and token.
    pub(crate) async fn link(&self) -> (Vec<u8>, String, String) {
        let word = office::docx(&"a long paragraph ".repeat(20_000));
        let document = self.app.deposit("report.docx", &word).await;
        let ana = self.app.client().await;
        let url = format!("http://{}/api/v1/download/{}", self.at, self.app.link(&ana, document).await);
        (word, url, format!("Authorization: {}", self.app.bearer_of(&ana).await))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

/// Runs a client in `folder`; `None` where it is not installed.
pub(crate) async fn run(program: &str, arguments: &[&str], folder: &Path) -> Option<Output> {
    match Command::new(program).args(arguments).current_dir(folder).output().await {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("{program} is not installed, so nothing was shown");
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_resumes_where_it_left_off() {
    let served = Served::new().await;
    let (word, url, authorization) = served.link().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.docx");

    let first = ["-sS", "--fail", "-H", &authorization, "-r", "0-99999", "-o", "report.docx", &url];
    let Some(output) = run("curl", &first, folder.path()).await else { return };
    assert!(output.status.success(), "{output:?}");
    served.app.links.settle().await;
    assert_eq!(served.app.recorded(Action::HandedOver).await, 0, "a part is no handover");

    let rest = ["-sS", "--fail", "-H", &authorization, "-C", "-", "-o", "report.docx", &url];
    let output = run("curl", &rest, folder.path()).await.expect("curl is there");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(std::fs::read(&file).expect("reads"), word);
    served.app.links.settle().await;
    assert_eq!(served.app.recorded(Action::HandedOver).await, 1, "the parts add up");
}

#[tokio::test(flavor = "multi_thread")]
async fn wget_resumes_where_it_left_off() {
    let served = Served::new().await;
    let (word, url, authorization) = served.link().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.docx");
    std::fs::write(&file, &word[..70_000]).expect("writes");
    let arguments = ["-q", "-c", "--header", &authorization, "-O", "report.docx", &url];
    let Some(output) = run("wget", &arguments, folder.path()).await else { return };
    assert!(output.status.success(), "{output:?}");
    assert_eq!(std::fs::read(&file).expect("reads"), word);
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_sends_names_as_it_does_and_they_arrive_as_they_were() {
    let served = Served::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.docx"), office::docx("a report")).expect("writes");
    let authorization = format!("Authorization: {}", served.app.bearer_of(&served.app.ops().await).await);
    let url = format!("http://{}/api/v1/upload", served.at);
    for name in ["Übersicht 100%.docx", "a; name=b.docx", "می\u{200C}خواهم.docx"] {
        let part = format!("file=@a.docx;filename=\"{name}\"");
        let arguments = ["-sS", "--fail", "-H", &authorization, "-F", &part, &url];
        let Some(output) = run("curl", &arguments, folder.path()).await else { return };
        assert!(output.status.success(), "{output:?}");
        let report: UploadReport = serde_json::from_slice(&output.stdout).expect("a report");
        assert_eq!(report.files[0].name.as_str(), name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_gets_a_clean_copy_and_is_told_what_it_is_without() {
    let served = Served::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    let word = office::docx_with_traces(&"a long paragraph ".repeat(100_000), "Ana Example");
    std::fs::write(folder.path().join("report.docx"), &word).expect("writes");
    let bearer = format!("Authorization: {}", served.app.bearer_of(&served.app.ops().await).await);
    let url = format!("http://{}/api/v1/clean?remove=comments,metadata", served.at);
    let arguments = ["-sS", "--fail", "-H", &bearer, "-F", "file=@report.docx", "-D", "head", "-o", "clean.docx", &url];
    let Some(output) = run("curl", &arguments, folder.path()).await else { return };
    assert!(output.status.success(), "{output:?}");
    let head = std::fs::read_to_string(folder.path().join("head")).expect("reads").to_ascii_lowercase();
    assert!(head.contains("strongroom-removed: metadata=1, comments=1"), "{head}");
    let copy = std::fs::read(folder.path().join("clean.docx")).expect("reads");
    assert!(head.contains(&format!("content-length: {}", copy.len())), "{head}");
    assert!(copy.starts_with(b"PK") && !copy.windows(11).any(|window| window == b"Ana Example"));
    nothing_left(&served.app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_while_its_clean_copy_is_sent_leaves_nothing() {
    let served = Served::new().await;
    let bearer = served.app.bearer_of(&served.app.ops().await).await;
    let body = multipart(&[("report.docx", &office::docx(&"a long paragraph ".repeat(900_000)))], true);
    let mut stream = TcpStream::connect(served.at).await.expect("connects");
    let head = format!(
        "POST /api/v1/clean HTTP/1.1\r\nHost: {}\r\nAuthorization: {bearer}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
        served.at,
        content_type(),
        body.len()
    );
    stream.write_all(head.as_bytes()).await.expect("writes");
    stream.write_all(&body).await.expect("writes");
    let mut answer = [0; 4096];
    let read = stream.read(&mut answer).await.expect("the answer begins");
    assert!(answer[..read].starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer[..read]));
    assert_eq!(served.app.count("SELECT COUNT(*) FROM uploads").await, 1, "the copy is still being sent");
    drop(stream);
    nothing_left(&served.app).await;
}

/// Waits until there is neither a claim nor a blob: what is dropped is removed by a task of its own.
async fn nothing_left(app: &App) {
    let blobs = || {
        let shards = std::fs::read_dir(app.data().join("blobs")).expect("a folder");
        let shards = shards.map(|shard| shard.expect("an entry").path()).filter(|shard| shard.is_dir());
        shards.flat_map(|shard| std::fs::read_dir(shard).expect("a folder")).count()
    };
    for _ in 0..1_000 {
        if blobs() == 0 && app.count("SELECT COUNT(*) FROM uploads").await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} blobs are left", blobs());
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_sees_the_verdict_on_a_file_that_is_too_large() {
    let mut served = Served::new().await;
    let small = served.app.restarted(|settings| settings.max_upload = 1 << 20);
    let state = server::AppState::new(small, Web::default());
    served.app.router = server::router(state);
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = socket.local_addr().expect("an address");
    tokio::spawn(listener::serve(socket.into(), served.app.router.clone(), Limits::default(), std::future::pending()));

    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("large.docx"), vec![b'x'; 6 << 20]).expect("writes");
    let bearer = format!("Authorization: {}", served.app.bearer_of(&served.app.ops().await).await);
    let url = format!("http://{at}/api/v1/upload");
    let arguments = ["-sS", "-H", &bearer, "-F", "file=@large.docx", "-w", "\n%{http_code}", &url];
    let Some(output) = run("curl", &arguments, folder.path()).await else { return };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.ends_with("413") && text.contains("too_large"), "{text} {output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_ends_its_headers_is_cut_off_and_others_are_served() {
    let served = Served::new().await;
    let mut slow = Vec::new();
    for start in ["", "P", "PRI", "PRI * HTTP/2.0\r\n", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
        let mut stream = TcpStream::connect(served.at).await.expect("connects");
        stream.write_all(start.as_bytes()).await.expect("writes");
        slow.push((start, stream));
    }
    assert!(answers(served.at).await);
    for (start, mut stream) in slow {
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(14), stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "after {start:?} the connection is still open");
    }
    assert!(answers(served.at).await);
}

async fn answers(at: SocketAddr) -> bool {
    let mut stream = TcpStream::connect(at).await.expect("connects");
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.expect("writes");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("reads");
    answer.starts_with("HTTP/1.1 200")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_blob_breaks_the_connection_instead_of_ending_it_cleanly() {
    let served = Served::new().await;
    let (word, url, authorization) = served.link().await;
    let files = files_below(&served.app.data().join("blobs"));
    for blob in files.into_iter().filter(|file| !file.ends_with("portal.id")) {
        let mut bytes = std::fs::read(&blob).expect("reads");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&blob, bytes).expect("writes");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["-sS", "-H", &authorization, "-o", "report.docx", &url];
    let Some(output) = run("curl", &arguments, folder.path()).await else { return };
    assert!(!output.status.success(), "{output:?}");
    let got = std::fs::read(folder.path().join("report.docx")).unwrap_or_default();
    assert!(got.len() < word.len() && word.starts_with(&got), "only verified bytes are released");
    served.app.links.settle().await;
    assert_eq!(served.app.recorded(Action::HandedOver).await, 0);
}

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}
