//! What ordinary use leaves in the log of the program: nothing that calls for anybody.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write as _,
    net::TcpStream,
    path::Path,
};

use serde_json::Value;
use sqlx::AnyPool;
use testkit::{
    PASSWORD,
    program::{Answer, Client, OPS, Portal, Program},
};
use tower_sessions::cookie::Cookie;

const HTML: &str = "Accept: text/html\r\n";
const FORM: &str = "Accept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\n";
const JSON: &str = "Content-Type: application/json\r\n";

/// Somebody who counts what was answered.
struct Visitor {
    portal: Client,
    answered: usize,
}

impl Visitor {
    fn ask(&mut self, status: u16, method: &str, path: &str, head: &str, body: &str) -> Answer {
        let answer = self.portal.request(method, path, head, body.as_bytes());
        let answer = answer.unwrap_or_else(|| panic!("no answer to {method} {path} with {head}"));
        assert_eq!(answer.status, status, "{method} {path} with {head}: {}", answer.head);
        self.answered += 1;
        answer
    }

    fn get(&mut self, status: u16, path: &str, head: &str) {
        self.ask(status, "GET", path, head, "");
    }

    fn sign_out(&mut self, head: &str) -> Answer {
        self.ask(302, "POST", "/api/fn/sign_out", &format!("{FORM}{head}"), "next=/documents")
    }

    /// Signs in on the page, and tells the cookie.
    fn sign_in(&mut self, head: &str) -> String {
        let form = format!("email={OPS}&password={}&next=", PASSWORD.replace(' ', "+"));
        session(&self.ask(302, "POST", "/api/fn/sign_in", &format!("{FORM}{head}"), &form))
    }

    fn looks_around(&mut self) {
        for (status, path) in [
            (200, "/login"),
            (200, "/signup"),
            (303, "/documents"),
            (303, "/ops/mail"),
            (404, "/nothing-here"),
            (404, "/favicon.ico"),
            (410, "/confirm/nonsense"),
            (410, "/reset/nonsense"),
            (303, "/download/nonsense"),
        ] {
            self.get(status, path, HTML);
            self.ask(status, "HEAD", path, HTML, "");
        }
        self.get(401, "/api/v1/files", "");
        self.get(404, "/api/v1/nothing-here", "");
        self.ask(401, "POST", "/api/v1/logout", "", "");
        self.ask(405, "DELETE", "/login", HTML, "");
        self.sign_out("");
        for head in ["Origin: https://elsewhere.example\r\n", "Sec-Fetch-Site: cross-site\r\n"] {
            self.ask(403, "POST", "/api/fn/sign_in", &format!("{FORM}{head}"), "email=a&password=b&next=");
            self.ask(403, "POST", "/api/v1/login", &format!("{JSON}{head}"), "{}");
        }
    }

    fn mistakes_itself(&mut self) {
        self.ask(401, "POST", "/api/v1/login", JSON, &format!(r#"{{"email":"{OPS}","password":"not the right one"}}"#));
        self.ask(400, "POST", "/api/v1/login", JSON, "{");
        self.ask(400, "POST", "/api/v1/login", JSON, "{}");
        self.ask(415, "POST", "/api/v1/login", "", "{}");
        self.ask(302, "POST", "/api/fn/sign_in", FORM, &format!("email={OPS}&password=not+the+right+one&next="));
        self.ask(302, "POST", "/api/fn/sign_in", FORM, "email=nobody");
        self.ask(401, "POST", "/api/v1/upload", "", "");
    }

    /// Shows what opens nothing: of an earlier visit, of another portal, or made up.
    fn shows(&mut self, cookie: &str) {
        let head = format!("Cookie: {cookie}\r\n");
        let page = format!("{HTML}{head}");
        self.get(200, "/login", &page);
        self.get(303, "/documents", &page);
        self.get(404, "/nothing-here", &page);
        self.ask(303, "HEAD", "/documents", &page, "");
        self.ask(401, "POST", "/ops/upload", &page, "");
        self.get(401, "/api/v1/files", &head);
        self.sign_out(&head);
        self.sign_out(&head);
    }

    fn uses_pages(&mut self) {
        let first = self.sign_in("");
        self.get(200, "/ops", &format!("{HTML}Cookie: {first}\r\n"));
        self.sign_out(&format!("Cookie: {first}\r\n"));
        self.shows(&first);
        // The dead cookie comes along when its owner signs in again, and so does one that is no session's at all.
        let second = self.sign_in(&format!("Cookie: {first}\r\n"));
        let third = self.sign_in(&format!("Cookie: strongroom=garbage\r\nCookie: {second}\r\n"));
        self.shows(&second);
        self.get(200, "/ops", &format!("{HTML}Cookie: {third}; strongroom=garbage\r\n"));

        let form = format!("name=Ana&email=ana@example.com&password={}", PASSWORD.replace(' ', "+"));
        let pending = self.ask(302, "POST", "/api/fn/sign_up", FORM, &form);
        let pending = session(&pending);
        self.get(200, "/verify", &format!("{HTML}Cookie: {pending}\r\n"));
        self.sign_in(&format!("Cookie: {pending}\r\n"));
        self.shows(&pending);
    }

    fn uses_the_api(&mut self) {
        let token = self.portal.token();
        self.answered += 1;
        let head = format!("Authorization: Bearer {token}\r\n");
        self.get(200, "/api/v1/files", &head);
        self.ask(204, "POST", "/api/v1/logout", &head, "");
        for stale in [&token[..], "garbage", "", "\u{e9}"] {
            let head = format!("Authorization: Bearer {stale}\r\n");
            self.ask(401, "POST", "/api/v1/logout", &head, "");
            self.get(401, "/api/v1/files", &head);
        }
        self.get(401, "/api/v1/files", "Authorization: Basic b3BzOm9wcw==\r\n");
    }

    /// Goes away in the middle.
    fn goes_away(&self) {
        let token = self.portal.token();
        let upload = format!(
            "POST /api/v1/upload HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {token}\r\nContent-Length: 1000\r\n\
             Content-Type: multipart/form-data; boundary=edge\r\n\r\n--edge\r\nContent-Disposition: form-data; \
             name=\"file\"; filename=\"report.docx\"\r\n\r\nPK"
        );
        for said in [
            "",
            "nonsense\r\n\r\n",
            "GET /login HTTP/1.1\r\nHost: here\r\n",
            "GET /login HTTP/1.1\r\nHost: here\r\nAccept: text/html\r\n\r\n",
            "POST /api/v1/login HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
            &upload,
        ] {
            let mut stream = TcpStream::connect(self.portal.at()).expect("connects");
            stream.write_all(said.as_bytes()).expect("is sent");
        }
    }
}

/// The session cookie that an answer sets, as it is sent back.
fn session(answer: &Answer) -> String {
    let cookies = answer.head.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
    let mut cookies = cookies.filter_map(|cookie| Cookie::parse(cookie).ok());
    let session = cookies.find(|cookie| cookie.name() == "strongroom" && !cookie.value().is_empty());
    session.unwrap_or_else(|| panic!("no session: {}", answer.head)).stripped().to_string()
}

/// Uses a portal with these settings in every ordinary way, and hands back how often it was asked and what it has logged.
fn log_of(folder: &Path, settings: &[(&'static str, &str)]) -> (usize, Vec<Value>) {
    let path = folder.join("log");
    let program = Program::new(env!("CARGO_BIN_EXE_strongroom"), &folder.join("data"));
    let program = program.with("STRONGROOM_LOG_FORMAT", "json");
    let program = settings.iter().fold(program, |program, (name, value)| program.with(name, value));
    program.create_ops();
    let mut command = program.command();
    if settings.iter().all(|(name, _)| *name != "STRONGROOM_LOG") {
        command.env_remove("STRONGROOM_LOG");
    }
    command.arg("serve").stderr(File::create(&path).expect("a file"));
    let portal = Portal::start(command);
    let mut visitor = Visitor { portal: portal.client(), answered: 0 };
    visitor.looks_around();
    visitor.mistakes_itself();
    for cookie in [
        "strongroom=AAAAAAAAAAAAAAAAAAAAAA",
        "strongroom=garbage",
        "strongroom=",
        "strongroom=%41AAAAAAAAAAAAAAAAAAAAA",
        "strongroo%6D=garbage",
        "strongroom=garbage; strongroom=AAAAAAAAAAAAAAAAAAAAAA; strongroom=\"AAAA\"",
        "strongroom_device=garbage",
        "strongroom",
        "=; ;; \u{e9}=\u{e9}",
    ] {
        visitor.shows(cookie);
    }
    visitor.uses_pages();
    visitor.uses_the_api();
    visitor.goes_away();
    assert!(portal.terminate().success());
    let log = fs::read_to_string(&path).expect("a log");
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    (visitor.answered, lines.collect())
}

/// Nothing that calls for anybody, and every request.
fn is_quiet(settings: &[(&'static str, &str)]) {
    let folder = tempfile::tempdir().expect("a folder");
    let (asked, log) = log_of(folder.path(), settings);
    let mut loud = BTreeMap::<_, usize>::new();
    // That the machine is slow is nothing that a visitor does.
    for line in log.iter().filter(|line| line["level"] != "INFO" && line["target"] != "sqlx::query") {
        let said = format!("{} {} {}", line["level"], line["target"], line["fields"]["message"]);
        *loud.entry(said).or_default() += 1;
    }
    assert_eq!(loud, BTreeMap::new(), "how often what was said");
    let answered = log.iter().filter(|line| line["fields"]["message"] == "answered").count();
    assert!(answered >= asked, "{answered} of {asked} requests are in the log");
}

#[test]
fn ordinary_requests_log_no_warning() {
    is_quiet(&[]);
}

#[test]
fn ordinary_requests_log_no_warning_when_the_filter_is_told() {
    is_quiet(&[("STRONGROOM_LOG", "info")]);
}

#[test]
fn ordinary_requests_log_no_warning_over_postgresql() {
    if let Some(url) = testkit::run(testkit::postgres_url()) {
        is_quiet(&[("STRONGROOM_DATABASE_URL", &url)]);
    }
}

/// Runs statements on the database of a portal, behind its back.
fn damage(database_url: &str, statements: &[&'static str]) {
    testkit::run(async {
        sqlx::any::install_default_drivers();
        let pool = AnyPool::connect(database_url).await.expect("it opens");
        for statement in statements {
            sqlx::raw_sql(*statement).execute(&pool).await.expect("it runs");
        }
        pool.close().await;
    });
}

#[test]
fn a_failure_is_logged_once_under_the_id_of_its_request() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, url) =
        (folder.path().join("log"), format!("sqlite:{}?mode=rwc", folder.path().join("portal.db").display()));
    let program = Program::new(env!("CARGO_BIN_EXE_strongroom"), &folder.path().join("data"));
    let program = program.with("STRONGROOM_LOG_FORMAT", "json").with("STRONGROOM_DATABASE_URL", &url);
    program.create_ops();
    let mut command = program.command();
    command.env_remove("STRONGROOM_LOG").arg("serve").stderr(File::create(&path).expect("a file"));
    let portal = Portal::start(command);
    let mut visitor = Visitor { portal: portal.client(), answered: 0 };
    let token = portal.token();
    let document = testkit::office::docx("a report");
    assert_eq!(portal.upload(&token, "report.docx", &document).status, 201);
    let cookie = visitor.sign_in("");
    let (bearer, cookie) = (format!("Authorization: Bearer {token}\r\n"), format!("Cookie: {cookie}\r\n"));

    let mut failed = Vec::new();
    damage(&url, &["UPDATE documents SET kind = 'nonsense'"]);
    failed.push(visitor.ask(500, "GET", "/api/v1/files", &bearer, ""));
    failed.push(visitor.ask(500, "POST", "/api/fn/list_documents", &cookie, ""));
    failed.push(visitor.ask(500, "GET", "/ops/documents", &format!("{HTML}{cookie}"), ""));
    damage(
        &url,
        &[
            "CREATE TRIGGER no_b BEFORE INSERT ON documents WHEN NEW.name = 'b.docx' BEGIN SELECT RAISE(ABORT, 'no b'); END",
        ],
    );
    let part = |name: &str| {
        let head = format!("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        [head.as_bytes(), &document, b"\r\n"].concat()
    };
    let body = [part("a.docx"), part("b.docx"), b"--edge--\r\n".to_vec()].concat();
    let head = format!("{bearer}Content-Type: multipart/form-data; boundary=edge\r\n");
    let answer = portal.request("POST", "/api/v1/upload", &head, &body).expect("an answer");
    assert_eq!((answer.status, &answer.json()["stopped"]["code"]), (207, &Value::from("internal")));
    failed.push(answer);
    damage(&url, &["CREATE TRIGGER no_sessions BEFORE INSERT ON sessions BEGIN SELECT RAISE(ABORT, 'no'); END"]);
    let form = format!("email={OPS}&password={}&next=", PASSWORD.replace(' ', "+"));
    let head = "Content-Type: application/x-www-form-urlencoded\r\n";
    failed.push(visitor.ask(503, "POST", "/api/fn/sign_in", head, &form));
    assert!(portal.terminate().success());

    let log = fs::read_to_string(&path).expect("a log");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for answer in failed {
        let id = answer.header("x-request-id").expect("an id");
        let is_of_it = |line: &&Value| {
            let spans = line["spans"].as_array().into_iter().flatten();
            line["level"] == "ERROR" && spans.into_iter().any(|span| span["id"] == id)
        };
        let errors: Vec<_> = lines.iter().filter(is_of_it).collect();
        assert_eq!(errors.len(), 1, "{}: {errors:#?}", answer.head);
    }
    assert_eq!(lines.iter().filter(|line| line["level"] == "ERROR").count(), 5, "and nothing else");
}
