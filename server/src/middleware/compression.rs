//! Compression of pages and lists.
//!
//! The length of a compressed answer tells whether two parts of it are alike. Where a stranger can write one part and
//! watch the length, the other part can be guessed letter by letter (BREACH). So only answers that are listed here are
//! compressed, and they hold no secret: no cookie is set, no token or link is in them, and nothing that the request or a
//! stranger has said stands beside what others may not know. See docs/security.md.

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use http::{Extensions, HeaderMap, Method, StatusCode, Uri, Version, header};
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{And, Predicate as _, SizeAbove},
    },
};

/// An answer that may be compressed.
#[derive(Clone, Copy)]
struct Compressible;

/// Below this, compressing saves no packet.
const WORTH_IT: u64 = 1_024;

/// A level that all three encodings have, near the fast end: these answers are made anew for everybody. From here to 4,
/// brotli takes twice the time to save a tenth (`cargo xtask bench --pages`).
const LEVEL: i32 = 2;

/// Pages and lists without secrets. The API's list of documents is not among them: a link for every row makes most of
/// it, and that is a secret.
const READ: [&str; 11] = [
    "/login",
    "/signup",
    "/forgot",
    "/documents",
    "/documents/{id}",
    "/account",
    "/ops/documents",
    "/ops/upload",
    "/ops/team",
    "/api/v1/files/{id}/xray",
    "/api/v1/openapi.json",
];

/// Server functions that only read, which browsers ask with `POST`. No other site can ask them.
const ASKED: [&str; 4] =
    ["/api/fn/list_documents", "/api/fn/read_document", "/api/fn/list_sessions", "/api/fn/list_team"];

/// Parameters whose text does not come back in the page, unless it is one of a few words that have a meaning there.
const SILENT: [&str; 5] = ["kind", "sort", "limit", "cursor", "notice"];

/// The layer that compresses what [`mark`] has marked.
#[must_use]
pub fn layer() -> CompressionLayer<And<SizeAbove, Welcome>> {
    let quality = CompressionLevel::Precise(LEVEL);
    let welcome = SizeAbove::new(WORTH_IT).and(is_compressible as Welcome);
    CompressionLayer::new().quality(quality).compress_when(welcome)
}

type Welcome = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

fn is_compressible(_: StatusCode, _: Version, _: &HeaderMap, extensions: &Extensions) -> bool {
    extensions.get::<Compressible>().is_some()
}

/// The layer that marks answers without secrets.
pub async fn mark(request: Request, next: Next) -> Response {
    let template = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let is_free = template.is_some_and(|template| is_free_of_secrets(request.method(), template, request.uri()));
    let mut response = next.run(request).await;
    if is_free && response.status() == StatusCode::OK && !response.headers().contains_key(header::SET_COOKIE) {
        response.extensions_mut().insert(Compressible);
    }
    response
}

fn is_free_of_secrets(method: &Method, template: &str, uri: &Uri) -> bool {
    match *method {
        Method::GET | Method::HEAD => READ.contains(&template) && reflects_nothing(uri),
        Method::POST => ASKED.contains(&template),
        _ => false,
    }
}

fn reflects_nothing(uri: &Uri) -> bool {
    let pairs = uri.query().unwrap_or_default().split('&');
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .all(|(name, value)| value.is_empty() || SILENT.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_free(method: Method, template: &str, uri: &str) -> bool {
        is_free_of_secrets(&method, template, &uri.parse().expect("a URI"))
    }

    #[test]
    fn lists_are_compressed_and_what_a_request_puts_into_them_is_not() {
        assert!(is_free(Method::GET, "/documents", "/documents"));
        assert!(is_free(Method::GET, "/documents", "/documents?q=&kind=docx&sort=name&cursor=a.b"));
        assert!(!is_free(Method::GET, "/documents", "/documents?q=guess"));
        assert!(!is_free(Method::GET, "/documents", "/documents?__err=guess"));
        assert!(!is_free(Method::GET, "/login", "/login?next=/guess"));
        assert!(is_free(Method::POST, "/api/fn/list_documents", "/api/fn/list_documents"));
    }

    #[test]
    fn answers_with_secrets_and_with_words_of_strangers_are_not_compressed() {
        for (method, template) in [
            (Method::GET, "/confirm/{token}"),
            (Method::GET, "/reset/{token}"),
            (Method::GET, "/invite/{token}"),
            (Method::GET, "/ops"),
            (Method::GET, "/ops/activity"),
            (Method::GET, "/dev/mail/{name}"),
            (Method::GET, "/download/{token}"),
            (Method::GET, "/api/v1/files"),
            (Method::GET, "/api/v1/download/{token}"),
            (Method::POST, "/api/v1/login"),
            (Method::POST, "/api/v1/files/{id}/link"),
            (Method::POST, "/api/fn/mint_link"),
            (Method::POST, "/api/fn/create_token"),
            (Method::POST, "/api/fn/list_activity"),
        ] {
            assert!(!is_free(method, template, "/"), "{template}");
        }
    }
}
