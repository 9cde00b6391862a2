//! A router over a backend of its own, and requests that read like what they are.

use std::{net::SocketAddr, ops::Deref};

use axum::{Router, body::Body, extract::ConnectInfo};
use backend::Caller;
use domain::{DocumentId, upload::UploadReport};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use server::{AppState, Web, router};
use testkit::TestBackend;
use tower::ServiceExt as _;
use tower_sessions::cookie::Cookie;

/// The address under which the tests know the portal.
pub(crate) const BASE: &str = "https://portal.example.com";

/// The session cookie of a portal behind TLS.
pub(crate) const COOKIE: &str = "__Host-strongroom";

const BOUNDARY: &str = "----boundary";

/// The whole application. It dereferences to the backend under it.
pub(crate) struct App {
    pub(crate) router: Router,
    backend: TestBackend,
}

impl App {
    pub(crate) fn over(backend: TestBackend) -> Self {
        Self::fronted(backend, Web { https: true, ..Web::default() })
    }

    pub(crate) fn fronted(backend: TestBackend, web: Web) -> Self {
        let router = router(AppState::new((*backend).clone(), web));
        Self { router, backend }
    }

    pub(crate) async fn new() -> Self {
        Self::over(TestBackend::sqlite().await)
    }

    pub(crate) fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Ask<'_> {
        self.ask(Method::POST, path)
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().expect("a path");
        Ask { app: self, request }
    }

    /// The cookie of a fresh session.
    pub(crate) async fn cookie_of(&self, caller: &Caller) -> String {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        format!("{COOKIE}={}", URL_SAFE_NO_PAD.encode(self.session_of(caller).await))
    }

    /// The `Authorization` header of a fresh token.
    pub(crate) async fn bearer_of(&self, caller: &Caller) -> String {
        format!("Bearer {}", self.token_of(caller).await.expose())
    }

    /// A fresh document, deposited by ops over the API.
    pub(crate) async fn deposit(&self, name: &str, bytes: &[u8]) -> DocumentId {
        let bearer = self.bearer_of(&self.ops().await).await;
        let reply = self.post("/api/v1/upload").header("authorization", &bearer).files(&[(name, bytes)]).send().await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
        reply.json::<UploadReport>().files[0].id
    }

    /// A link of this person to a document: the token in it.
    pub(crate) async fn link(&self, caller: &Caller, document: DocumentId) -> String {
        self.links.mint(caller, document).await.expect("a link is minted").token
    }
}

impl Deref for App {
    type Target = TestBackend;

    fn deref(&self) -> &TestBackend {
        &self.backend
    }
}

/// A request in the making.
pub(crate) struct Ask<'a> {
    app: &'a App,
    request: Request<Body>,
}

impl Ask<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header name");
        self.request.headers_mut().append(name, HeaderValue::from_bytes(value.as_bytes()).expect("a header value"));
        self
    }

    /// As a browser that opens a page or sends a plain form.
    pub(crate) fn html(self) -> Self {
        self.header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
    }

    pub(crate) fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }

    pub(crate) fn from(mut self, peer: &str) -> Self {
        let peer: SocketAddr = peer.parse().expect("an address");
        self.request.extensions_mut().insert(ConnectInfo(peer));
        self
    }

    pub(crate) fn form(self, body: &str) -> Self {
        self.header("content-type", "application/x-www-form-urlencoded").body(Body::from(body.to_owned()))
    }

    pub(crate) fn json(self, body: &str) -> Self {
        self.header("content-type", "application/json").body(Body::from(body.to_owned()))
    }

    pub(crate) fn files(self, files: &[(&str, &[u8])]) -> Self {
        let body = Body::from(multipart(files, true));
        self.header("content-type", &content_type()).body(body)
    }

    /// A multipart body with these fields.
    pub(crate) fn fields(self, fields: &[Field<'_>]) -> Self {
        self.header("content-type", &content_type()).body(Body::from(multipart_of(fields, true)))
    }

    pub(crate) fn body(mut self, body: Body) -> Self {
        *self.request.body_mut() = body;
        self
    }

    pub(crate) async fn send(self) -> Reply {
        let response = self.app.router.clone().oneshot(self.request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("the body arrives").to_bytes().to_vec();
        Reply { status: parts.status, headers: parts.headers, body }
    }
}

/// What `multipart` needs as its content type.
pub(crate) fn content_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// A body with these files; without its last boundary it is one that broke off.
pub(crate) fn multipart(files: &[(&str, &[u8])], whole: bool) -> Vec<u8> {
    let fields: Vec<_> = files.iter().map(|(name, bytes)| Field::File(name, bytes)).collect();
    multipart_of(&fields, whole)
}

/// A field of a multipart body.
pub(crate) enum Field<'a> {
    /// A file, by its name.
    File(&'a str, &'a [u8]),
    /// A text, by the name of the field.
    Text(&'a str, &'a str),
}

/// A body with these fields, in this order.
pub(crate) fn multipart_of(fields: &[Field<'_>], whole: bool) -> Vec<u8> {
    let mut body = Vec::new();
    for (i, field) in fields.iter().enumerate() {
        if i > 0 {
            body.extend_from_slice(b"\r\n");
        }
        let (about, content) = match field {
            Field::File(name, bytes) => {
                (format!("name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream"), *bytes)
            }
            Field::Text(name, text) => (format!("name=\"{name}\""), text.as_bytes()),
        };
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {about}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
    }
    if whole {
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    }
    body
}

/// A cookie as a browser sends it back.
pub(crate) fn pair(cookie: &Cookie<'_>) -> String {
    cookie.stripped().to_string()
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The stable code of a problem.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        self.json::<serde_json::Value>()["code"].as_str().expect("a code").to_owned()
    }

    /// The session cookie that was set, as it would be sent back; empty when it was removed.
    pub(crate) fn session(&self) -> Option<String> {
        self.set_cookie(COOKIE).map(|cookie| pair(&cookie))
    }

    /// The last cookie of this name that was set.
    pub(crate) fn set_cookie(&self, name: &str) -> Option<Cookie<'_>> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
        lines.filter_map(|line| Cookie::parse(line).ok()).rfind(|cookie| cookie.name() == name)
    }
}
