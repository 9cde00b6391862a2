//! The program itself on a port of its own, and what people do with it.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    ops::Deref,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::PASSWORD;

/// The program over a data folder, with nothing of the environment in which the tests run.
pub struct Program {
    path: PathBuf,
    data: PathBuf,
    folder: Option<PathBuf>,
    settings: Vec<(&'static str, String)>,
}

/// A started program; killed, not asked, when dropped.
pub struct Portal {
    child: Child,
    client: Client,
}

/// Somebody who asks it, each time on a connection of its own, also when it is gone.
#[derive(Clone, Copy)]
pub struct Client {
    at: SocketAddr,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The number in the first line.
    pub status: u16,
    /// Everything before the body.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Who looks after the portal.
pub const OPS: &str = "ops@example.com";

impl Program {
    /// The program at `path`, for a test `env!("CARGO_BIN_EXE_strongroom")`. It logs nothing.
    #[must_use]
    pub fn new(path: &str, data: &Path) -> Self {
        let settings = vec![("STRONGROOM_LOG", "off".to_owned())];
        Self { path: path.into(), data: data.to_owned(), folder: None, settings }
    }

    /// In a folder to which relative paths are read.
    #[must_use]
    pub fn inside(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// With a variable in its environment.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.settings.push((name, value.to_owned()));
        self
    }

    /// What runs it, without arguments.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.env_clear().env("STRONGROOM_DATA", &self.data);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.run_with_input(arguments, "")
    }

    /// Runs it to its end, with something to read.
    ///
    /// # Panics
    /// When it does not start, or ends without reading.
    #[must_use]
    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("the input is read");
        child.wait_with_output().expect("the program ends")
    }

    /// Makes the account [`OPS`] with the usual password.
    ///
    /// # Panics
    /// When that fails.
    pub fn create_ops(&self) {
        let created = self.run_with_input(&["ops", "create", "--email", OPS], &format!("{PASSWORD}\n"));
        assert!(created.status.success(), "{}", said(&created));
    }

    /// Serves, and waits until it does.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn serve(&self) -> Portal {
        let mut command = self.command();
        command.arg("serve");
        Portal::start(command)
    }
}

impl Portal {
    /// Starts `command`, which is told where to listen and ends up being `strongroom serve`, and waits until it answers.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start(mut command: Command) -> Self {
        let at = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
        let child = command.env("STRONGROOM_LISTEN", at.to_string()).stdout(Stdio::null()).spawn();
        let mut portal = Self { child: child.expect("the program starts"), client: Client::new(at) };
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

    /// The process, for a look at it from outside.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Panics
    /// When it cannot be asked.
    #[must_use]
    pub fn terminate(mut self) -> ExitStatus {
        terminate(&mut self.child)
    }

    /// Somebody who outlives it.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client
    }
}

impl Deref for Portal {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        // SIGKILL: the program gets no chance to tidy up.
        self.child.kill().expect("the program is killed");
        self.child.wait().expect("the program is gone");
    }
}

impl Client {
    /// Somebody who asks at an address.
    #[must_use]
    pub fn new(at: SocketAddr) -> Self {
        Self { at }
    }

    /// Where the program listens.
    #[must_use]
    pub fn at(&self) -> SocketAddr {
        self.at
    }

    /// Asks as the holder of a token.
    ///
    /// # Panics
    /// When there is no whole answer; so do all of those below that give one.
    #[must_use]
    pub fn get(&self, path: &str, token: &str) -> Answer {
        self.request("GET", path, &authorization(token), b"").expect("an answer")
    }

    /// The status of `/readyz`.
    #[must_use]
    pub fn readiness(&self) -> u16 {
        self.request("GET", "/readyz", "", b"").expect("an answer").status
    }

    /// Waits until readiness is the other one: a look stands for a second.
    pub fn await_readiness(&self, status: u16) {
        let begun = Instant::now();
        while self.readiness() != status {
            assert!(begun.elapsed() < Duration::from_secs(20), "readiness does not become {status}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Tries to sign in as [`OPS`].
    #[must_use]
    pub fn sign_in(&self) -> Answer {
        let login = format!(r#"{{"email":"{OPS}","password":"{PASSWORD}"}}"#);
        self.request("POST", "/api/v1/login", "Content-Type: application/json\r\n", login.as_bytes())
            .expect("an answer")
    }

    /// Signs in for a token.
    #[must_use]
    pub fn token(&self) -> String {
        let answer = self.sign_in();
        answer.json()["token"].as_str().unwrap_or_else(|| panic!("no token: {answer:?}")).to_owned()
    }

    /// Sends a file.
    #[must_use]
    pub fn upload(&self, token: &str, name: &str, bytes: &[u8]) -> Answer {
        self.try_upload(token, name, bytes).expect("an answer")
    }

    /// Sends a file to a program that may end meanwhile.
    #[must_use]
    pub fn try_upload(&self, token: &str, name: &str, bytes: &[u8]) -> Option<Answer> {
        let mut body = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend(bytes);
        body.extend(b"\r\n--edge--\r\n");
        let head = format!("{}Content-Type: multipart/form-data; boundary=edge\r\n", authorization(token));
        self.request("POST", "/api/v1/upload", &head, &body)
    }

    /// Lists every document, and gets the bytes of one after the other, by their names.
    pub fn collect(&self, token: &str) -> impl Iterator<Item = (String, Vec<u8>)> {
        let mut files: Vec<Value> = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("/api/v1/files?limit=200{cursor}"), token);
            assert_eq!(page.status, 200, "the list: {page:?}");
            let page = page.json();
            files.extend(page["files"].as_array().expect("a list").iter().cloned());
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        files.into_iter().map(|file| {
            let url = file["download_url"].as_str().expect("a link");
            let download = self.get(&url[url.find("/api/").expect("a path")..], token);
            let whole = (download.status, Some(download.body.len() as u64));
            assert_eq!(whole, (200, file["size"].as_u64()), "a download: {} of {file}", download.head);
            (file["name"].as_str().expect("a name").to_owned(), download.body)
        })
    }

    fn is_up(&self) -> bool {
        self.request("GET", "/healthz", "", b"").is_some_and(|answer| answer.status == 200)
    }

    /// Sends a request with the lines of `head`, each with its end; `None` when the connection broke off before a whole
    /// answer.
    #[must_use]
    pub fn request(&self, method: &str, path: &str, head: &str, body: &[u8]) -> Option<Answer> {
        let mut stream = TcpStream::connect(self.at).ok()?;
        let (host, length) = (self.at, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n{head}\r\n"
        );
        stream.write_all(request.as_bytes()).ok()?;
        // Whoever is refused early is not read to the end; the answer is there all the same.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        Answer::parse(answer, method != "HEAD")
    }
}

impl Answer {
    /// All that came on a connection; `None` when it is less than the whole answer.
    fn parse(mut bytes: Vec<u8>, has_body: bool) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let body = bytes.split_off(end);
        let head = String::from_utf8_lossy(&bytes).into_owned();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let answer = Self { status, head, body };
        if answer.header("transfer-encoding") == Some("chunked") && has_body {
            return Some(Self { body: joined(&answer.body)?, ..answer });
        }
        let declared = match answer.header("content-length") {
            Some(length) if has_body => length.parse().ok()?,
            None if has_body && status != 204 => return None,
            _ => 0,
        };
        (answer.body.len() == declared).then_some(answer)
    }

    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find_map(|(given, value)| given.eq_ignore_ascii_case(name).then_some(value))
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is something else.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The stable code of a problem.
    #[must_use]
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Asks a program to end, and waits until it has.
///
/// # Panics
/// When it cannot be asked.
pub fn terminate(child: &mut Child) -> ExitStatus {
    // There is no signal in the standard library; the shell has one.
    let kill = format!("kill -TERM {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().expect("a shell").success());
    child.wait().expect("the program ends")
}

/// All that a program has said.
#[must_use]
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The chunks of a body in one; `None` when the last one is missing.
fn joined(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let begin = rest.windows(2).position(|window| window == b"\r\n")? + 2;
        let length = usize::from_str_radix(str::from_utf8(&rest[..begin - 2]).ok()?, 16).ok()?;
        let end = begin + length;
        whole.extend(rest.get(begin..end)?);
        rest = rest.get(end..)?.strip_prefix(b"\r\n")?;
        if length == 0 {
            return Some(whole);
        }
    }
}

fn authorization(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_broke_off_is_none() {
        for whole in [
            &b"HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\ndone"[..],
            b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ndon\r\n1\r\ne\r\n0\r\n\r\n",
        ] {
            let answer = Answer::parse(whole.to_vec(), true).expect("whole");
            assert_eq!((answer.status, &answer.body[..]), (201, &b"done"[..]));
            for length in 0..whole.len() {
                assert!(Answer::parse(whole[..length].to_vec(), true).is_none(), "{length} bytes");
            }
        }
    }
}
