//! As much of an HTTP/1.1 client as the measurements need: one connection that is kept open, bodies with a length or in
//! chunks, and time spent on little else than waiting.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    time::Duration,
};

/// An open connection to a server on this machine.
pub(super) struct Connection {
    stream: BufReader<TcpStream>,
    host: SocketAddr,
}

/// A request, all but the host.
#[derive(Clone)]
pub(super) struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// Bytes read from the socket at once. A page of a list fits in.
const BUFFER: usize = 256 * 1024;
/// No measured request takes as long; a server that hangs shall not hang the measurement.
const PATIENCE: Duration = Duration::from_secs(60);
const BOUNDARY: &str = "strongroom-bench-boundary";

impl Request {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// For [`Connection::post_file`], which adds the body.
    pub(super) fn upload(path: &str) -> Self {
        Self { method: "POST", ..Self::get(path) }
    }

    pub(super) fn post(path: impl Into<String>, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let request = Self { method: "POST", path: path.into(), headers: Vec::new(), body: body.into() };
        request.with("Content-Type", media_type)
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The whole request as it travels.
    pub(super) fn bytes(&self, host: SocketAddr) -> Vec<u8> {
        let mut bytes = self.head(host, self.body.len() as u64).into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    fn head(&self, host: SocketAddr, body_len: u64) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {host}\r\n", self.method, self.path);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.method != "GET" {
            head.push_str(&format!("Content-Length: {body_len}\r\n"));
        }
        head + "\r\n"
    }
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    pub(super) fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.headers.iter().filter(move |(given, _)| given.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Connection {
    pub(super) fn open(host: SocketAddr) -> io::Result<Self> {
        Self::with(host, BUFFER, PATIENCE)
    }

    /// One of many: with a buffer that holds a short answer.
    pub(super) fn small(host: SocketAddr) -> io::Result<Self> {
        Self::with(host, 4 * 1024, PATIENCE)
    }

    /// One that waits no longer than this for an answer.
    pub(super) fn patient(host: SocketAddr, patience: Duration) -> io::Result<Self> {
        Self::with(host, BUFFER, patience)
    }

    fn with(host: SocketAddr, buffer: usize, patience: Duration) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&host, patience)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(patience))?;
        Ok(Self { stream: BufReader::with_capacity(buffer, stream), host })
    }

    /// Sends a request and reads the whole answer.
    pub(super) fn ask(&mut self, request: &Request) -> io::Result<Answer> {
        self.stream.get_mut().write_all(&request.bytes(self.host))?;
        self.answer()
    }

    /// Posts a file as the field `file` of a form. The kernel copies its bytes from the disk into the connection.
    pub(super) fn post_file(&mut self, request: Request, file: &Path) -> io::Result<Answer> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let before = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        let after = format!("\r\n--{BOUNDARY}--\r\n");
        let mut file = File::open(file)?;
        let len = file.metadata()?.len() + (before.len() + after.len()) as u64;
        let request = request.with("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}"));
        let stream = self.stream.get_mut();
        stream.write_all((request.head(self.host, len) + &before).as_bytes())?;
        io::copy(&mut file, stream)?;
        stream.write_all(after.as_bytes())?;
        self.answer()
    }

    /// Sends a request, reads the body and lets go of it at once; tells how long it was.
    pub(super) fn drain(&mut self, request: &Request) -> io::Result<u64> {
        self.stream.get_mut().write_all(request.head(self.host, 0).as_bytes())?;
        let head = self.head()?;
        let mut rest: u64 = head.header("content-length").and_then(|len| len.parse().ok()).unwrap_or(0);
        if head.status != 200 {
            return Err(io::Error::other(format!("{} answered {}", request.path, head.status)));
        }
        let len = rest;
        while rest > 0 {
            let seen = self.stream.fill_buf()?.len();
            if seen == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.stream.consume(seen);
            rest = rest.saturating_sub(seen as u64);
        }
        Ok(len)
    }

    fn answer(&mut self) -> io::Result<Answer> {
        let mut answer = self.head()?;
        if answer.header("transfer-encoding").is_some() {
            loop {
                let size = self.line()?;
                let size = usize::from_str_radix(&size, 16).map_err(io::Error::other)?;
                self.append(&mut answer.body, size)?;
                self.line()?;
                if size == 0 {
                    break;
                }
            }
        } else if let Some(len) = answer.header("content-length") {
            let len = len.parse().map_err(io::Error::other)?;
            self.append(&mut answer.body, len)?;
        }
        Ok(answer)
    }

    fn head(&mut self) -> io::Result<Answer> {
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("`{first}` is no answer")))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        Ok(Answer { status, headers, body: Vec::new() })
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        line.truncate(line.trim_end().len());
        Ok(line)
    }

    fn append(&mut self, body: &mut Vec<u8>, len: usize) -> io::Result<()> {
        let start = body.len();
        body.resize(start + len, 0);
        self.stream.read_exact(&mut body[start..])
    }
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;

    /// A server that reads one request and gives a fixed answer.
    fn ask(answer: &'static str) -> io::Result<Answer> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept()?;
            let mut request = [0; 1024];
            let _ = stream.read(&mut request)?;
            stream.write_all(answer.as_bytes())
        });
        let answer = Connection::open(address)?.ask(&Request::get("/"));
        let _ = server.join();
        answer
    }

    #[test]
    fn a_body_with_a_length_is_read_to_its_end() {
        let answer = ask("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello").expect("an answer");
        assert_eq!((answer.status, answer.text().as_str(), answer.header("x-a")), (404, "hello", Some("b")));
    }

    #[test]
    fn a_body_in_chunks_is_put_together() {
        let answer =
            ask("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nab\r\n\r\na\r\n0123456789\r\n0\r\n\r\n");
        assert_eq!(answer.expect("an answer").text(), "ab\r\n0123456789");
    }

    #[test]
    fn an_answer_that_breaks_off_is_an_error() {
        assert!(ask("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello").is_err());
    }
}
