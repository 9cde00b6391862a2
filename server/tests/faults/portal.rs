//! The program on a port of its own, and what people do with it.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// A started program; killed when dropped.
pub(crate) struct Portal {
    child: Child,
    pub(crate) port: u16,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

pub(crate) const EMAIL: &str = "ops@example.com";
pub(crate) const PASSWORD: &str = "eight small boats at dawn";

impl Portal {
    /// Starts `program`, which is told where to listen and ends up being `strongroom serve`, and waits until it is ready.
    pub(crate) fn start(mut program: Command) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port();
        let child = program
            .env("STRONGROOM_LISTEN", format!("127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut portal = Self { child, port };
        let begun = Instant::now();
        while !portal.is_up() {
            if let Some(status) = portal.child.try_wait().expect("the program can be asked about") {
                panic!("the program has ended: {status}");
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "the program does not come up");
            thread::sleep(Duration::from_millis(10));
        }
        portal
    }

    /// The process, for a look at the disk as it sees it.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> Answer {
        self.request("GET", path, &format!("Authorization: Bearer {token}\r\n"), &[]).expect("an answer")
    }

    pub(crate) fn readiness(&self) -> u16 {
        self.request("GET", "/readyz", "", &[]).expect("an answer").status
    }

    /// Waits until readiness is the other one: a look stands for a second.
    pub(crate) fn await_readiness(&self, status: u16) {
        let begun = Instant::now();
        while self.readiness() != status {
            assert!(begun.elapsed() < Duration::from_secs(20), "readiness does not become {status}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn sign_in(&self) -> Answer {
        let login = format!(r#"{{"email":"{EMAIL}","password":"{PASSWORD}"}}"#);
        self.request("POST", "/api/v1/login", "Content-Type: application/json\r\n", &[login.as_bytes()])
            .expect("an answer")
    }

    /// Signs in for a token.
    pub(crate) fn token(&self) -> String {
        let answer = self.sign_in();
        answer.json()["token"].as_str().unwrap_or_else(|| panic!("no token: {answer:?}")).to_owned()
    }

    pub(crate) fn upload(&self, token: &str, name: &str, bytes: &[u8]) -> Answer {
        let begin = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        let head = format!("Authorization: Bearer {token}\r\nContent-Type: multipart/form-data; boundary=edge\r\n");
        self.request("POST", "/api/v1/upload", &head, &[begin.as_bytes(), bytes, b"\r\n--edge--\r\n"])
            .expect("an answer")
    }

    /// Lists every document, and gets the bytes of each.
    pub(crate) fn collect(&self, token: &str) -> Vec<Vec<u8>> {
        let list = self.get("/api/v1/files?limit=200", token);
        assert_eq!(list.status, 200, "the list: {list:?}");
        let list = list.json();
        let files = list["files"].as_array().expect("a list").iter();
        let bytes = files.map(|file| {
            let url = file["download_url"].as_str().expect("a link");
            let download = self.get(&url[url.find("/api/").expect("a path")..], token);
            assert_eq!(download.status, 200, "a download: {}", download.head);
            download.body
        });
        bytes.collect()
    }

    fn is_up(&self) -> bool {
        self.request("GET", "/healthz", "", &[]).is_some_and(|answer| answer.status == 200)
    }

    /// Sends a request, with a body in pieces, on a connection of its own; `None` when it broke off before a whole
    /// answer.
    fn request(&self, method: &str, path: &str, head: &str, body: &[&[u8]]) -> Option<Answer> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let (port, length) = (self.port, body.iter().map(|piece| piece.len()).sum::<usize>());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: {length}\r\n{head}\r\n"
        );
        stream.write_all(request.as_bytes()).ok()?;
        // Whoever is refused early is not read to the end; the answer is there all the same.
        let _ = body.iter().try_for_each(|piece| stream.write_all(piece));
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Answer { status, head, body: answer.split_off(end) })
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.child.kill().expect("the program is killed");
        self.child.wait().expect("the program is gone");
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}
