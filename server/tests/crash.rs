//! The program is killed at random instants in the middle of uploads, fifty times over (or as often as
//! STRONGROOM_TEST_KILLS says), on one data folder.
//! Whatever the instant: nothing half-visible, nothing lost that was answered for, and the sweep leaves no orphan.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use backend::{
    Backend, Parts,
    clock::ManualClock,
    db::Database,
    random::{OsRandom, Random},
    storage::{Blobs, KeyRing},
};
use domain::Timestamp;
use serde_json::Value;

/// Unless STRONGROOM_TEST_KILLS says otherwise.
const KILLS: usize = 50;
const EMAIL: &str = "ops@example.com";
const PASSWORD: &str = "eight small boats at dawn";

/// The program on a port of its own; killed, not asked, when dropped.
struct Portal {
    child: Child,
    port: u16,
}

impl Portal {
    fn start(data: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port();
        let child = strongroom(data)
            .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let portal = Self { child, port };
        let begun = Instant::now();
        while portal.request("GET", "/healthz", "", &[]).is_none_or(|(status, _)| status != 200) {
            assert!(begun.elapsed() < Duration::from_secs(60), "the program does not come up");
            thread::sleep(Duration::from_millis(10));
        }
        portal
    }

    /// Sends a request on a connection of its own; `None` when it broke off before a whole answer.
    fn request(&self, method: &str, path: &str, head: &str, body: &[u8]) -> Option<(u16, Vec<u8>)> {
        exchange(self.port, method, path, head, body)
    }

    fn json(&self, method: &str, path: &str, token: &str) -> Value {
        let (status, body) = self.request(method, path, &authorization(token), &[]).expect("an answer");
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).expect("JSON")
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        // SIGKILL: the program gets no chance to tidy up.
        self.child.kill().expect("the program is killed");
        self.child.wait().expect("the program is gone");
    }
}

fn strongroom(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_strongroom"));
    command.env_clear().env("STRONGROOM_DATA", data);
    command
}

fn exchange(port: u16, method: &str, path: &str, head: &str, body: &[u8]) -> Option<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: {length}\r\n{head}\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let headers = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let status = headers.split(' ').nth(1)?.parse().ok()?;
    let declared: usize = headers.split("content-length: ").nth(1)?.lines().next()?.parse().ok()?;
    let body = answer.split_off(end);
    (body.len() == declared).then_some((status, body))
}

fn authorization(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// A genuine document of about a megabyte that no two calls make alike.
fn document() -> Vec<u8> {
    let mut bytes = vec![0; 500_000];
    OsRandom::default().fill(&mut bytes);
    let text: String = bytes.iter().map(|byte| char::from(b'a' + byte % 26)).collect();
    testkit::office::docx(&text)
}

fn upload(port: u16, token: &str, name: &str, bytes: &[u8]) -> Option<(u16, Vec<u8>)> {
    let mut body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend(bytes);
    body.extend(b"\r\n--edge--\r\n");
    let head = format!("{}Content-Type: multipart/form-data; boundary=edge\r\n", authorization(token));
    exchange(port, "POST", "/api/v1/upload", &head, &body)
}

/// Every listed document with its size, after checking that its bytes are all there.
fn whole_documents(portal: &Portal, token: &str) -> Vec<String> {
    let mut files = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = portal.json("GET", &format!("/api/v1/files?limit=200{cursor}"), token);
        files.extend(page["files"].as_array().expect("a list").iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    for file in &files {
        let url = file["download_url"].as_str().expect("a link");
        let path = &url[url.find("/api/").expect("a path")..];
        let (status, body) = portal.request("GET", path, &authorization(token), &[]).expect("every byte");
        assert_eq!((status, body.len() as u64), (200, file["size"].as_u64().expect("a size")), "{file}");
    }
    files.iter().map(|file| file["name"].as_str().expect("a name").to_owned()).collect()
}

/// Instants between nothing and a little more than a whole upload takes.
fn random_instant(whole: Duration) -> Duration {
    let mut bytes = [0; 4];
    OsRandom::default().fill(&mut bytes);
    whole.mul_f64(1.2 * f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}

#[test]
fn killed_at_any_instant_of_an_upload_it_keeps_what_it_answered_for_and_shows_nothing_half() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut create = strongroom(&data)
        .args(["ops", "create", "--email", EMAIL])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    create.stdin.take().expect("piped").write_all(format!("{PASSWORD}\n").as_bytes()).expect("the password is read");
    assert!(create.wait().expect("the program ends").success());

    let portal = Portal::start(&data);
    let login = format!(r#"{{"email":"{EMAIL}","password":"{PASSWORD}"}}"#);
    let (_, answer) = portal
        .request("POST", "/api/v1/login", "Content-Type: application/json\r\n", login.as_bytes())
        .expect("an answer");
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    let token = answer["token"].as_str().expect("a token").to_owned();
    let begun = Instant::now();
    assert_eq!(upload(portal.port, &token, "first.docx", &document()).expect("an answer").0, 201);
    let whole = begun.elapsed();
    drop(portal);

    let mut promised = vec!["first.docx".to_owned()];
    let kills = std::env::var("STRONGROOM_TEST_KILLS").map_or(KILLS, |kills| kills.parse().expect("a number"));
    for round in 0..kills {
        let portal = Portal::start(&data);
        let (port, sender, name) = (portal.port, token.clone(), format!("round {round}.docx"));
        let sent = name.clone();
        let sending = thread::spawn(move || upload(port, &sender, &sent, &document()));
        thread::sleep(random_instant(whole));
        drop(portal);
        if sending.join().expect("the sender ends").is_some_and(|(status, _)| status == 201) {
            promised.push(name);
        }
    }

    let portal = Portal::start(&data);
    let visible = whole_documents(&portal, &token);
    for name in &promised {
        assert!(visible.contains(name), "{name} was answered for and is gone");
    }
    drop(portal);
    println!("{kills} kills within {whole:?}: {} answered for, {} visible and whole", promised.len(), visible.len());

    let (blobs, documents) = testkit::run(swept_after_a_week(&data));
    assert_eq!(blobs, documents, "an orphan was left, or a blob was swept that a document needs");
    let portal = Portal::start(&data);
    assert_eq!(whole_documents(&portal, &token).len(), visible.len());
}

/// Sweeps as an instance does that comes by when every claim is over; counts the blobs left, and the documents.
async fn swept_after_a_week(data: &Path) -> (usize, usize) {
    let url = format!("sqlite://{}", data.join("strongroom.db").display());
    let random = Arc::new(OsRandom::default());
    let db = Database::connect(&url, random.clone()).await.expect("opens");
    let clock = Arc::new(ManualClock::new(next_week()));
    let backend = Backend::new(Parts {
        db: db.clone(),
        blobs: Blobs::in_folder(&data.join("blobs")).expect("opens"),
        keys: KeyRing::open(&data.join("keys"), random.as_ref()).expect("opens"),
        clock: clock.clone(),
        random,
        transport: Arc::new(testkit::MemoryTransport::default()),
        settings: testkit::TestBackend::settings(),
    });
    println!("swept: {:?}", backend.sweep().await.expect("sweeps"));
    clock.advance(Duration::from_secs(8 * 24 * 3600));
    println!("and a week later: {:?}", backend.sweep().await.expect("sweeps"));
    db.close().await;
    let pool = sqlx::AnyPool::connect(&url).await.expect("opens");
    let (versions,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM document_versions").fetch_one(&pool).await.expect("counts");
    pool.close().await;
    // One of them says which portal it is.
    (files_below(&data.join("blobs")) - 1, usize::try_from(versions).expect("a count"))
}

#[expect(clippy::disallowed_methods, reason = "the program under test runs by the machine's clock")]
fn next_week() -> Timestamp {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    Timestamp::from_millis(i64::try_from(now.as_millis()).expect("fits")).after(Duration::from_secs(7 * 24 * 3600))
}

fn files_below(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.map(|path| if path.is_dir() { files_below(&path) } else { 1 }).sum()
}
