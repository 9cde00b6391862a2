//! The site's files: in a release they are inside the binary, in development they are read from `target/site`.

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use domain::ErrorCode;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use rust_embed::{Embed, EmbeddedFile};

use crate::{middleware::headers::WORKER_POLICY, problem::Refusal};

#[derive(Embed)]
#[folder = "../target/site"]
#[allow_missing = true]
struct Site;

/// The worker's module as development builds make it. `cargo leptos watch`, which sweeps the folder above, does not
/// know of it.
#[cfg(debug_assertions)]
#[derive(Embed)]
#[folder = "../target/bindgen/inspector-debug"]
#[prefix = "pkg/"]
#[allow_missing = true]
struct Inspector;

/// The encodings that the build may have put beside a file, best first.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// Names do not change with their content, so browsers keep a file but ask each time whether it is current.
const REVALIDATE: HeaderValue = HeaderValue::from_static("public, no-cache");

/// The script that a worker is started with. The policy of a worker is the one its script comes with.
const WORKER: &str = "pkg/worker.js";

/// `GET /favicon.svg` and `GET /pkg/{*file}`.
pub async fn file(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    // The compressed twins are reached by negotiation only.
    if ENCODINGS.iter().any(|(_, suffix)| path.ends_with(suffix)) {
        return Refusal::from(ErrorCode::NotFound).into_response();
    }
    let Some((file, encoding)) = best(path, request.headers()) else {
        return Refusal::from(ErrorCode::NotFound).into_response();
    };
    answer(path, &file, encoding, request.method(), request.headers())
}

fn best(path: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let compressed = ENCODINGS.into_iter().filter(|(name, _)| accepts(accepted, name));
    compressed
        .filter_map(|(name, suffix)| Some((stored(&format!("{path}{suffix}"))?, Some(name))))
        .next()
        .or_else(|| Some((stored(path)?, None)))
}

fn stored(path: &str) -> Option<EmbeddedFile> {
    let file = Site::get(path);
    #[cfg(debug_assertions)]
    let file = file.or_else(|| Inspector::get(path));
    file
}

/// Whether an `Accept-Encoding` header names `encoding` and does not refuse it by a weight of zero.
fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let refused = parts.any(|part| {
            part.strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok()).is_some_and(|weight| weight <= 0.0)
        });
        named && !refused
    })
}

fn answer(path: &str, file: &EmbeddedFile, encoding: Option<&str>, method: &Method, headers: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    let tag: String = hash[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{tag}\"");
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let unchanged = known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response = Response::new(Body::empty());
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else if *method == Method::GET {
        *response.body_mut() = Body::from(file.data.clone());
    }
    let answer = response.headers_mut();
    answer.insert(header::CACHE_CONTROL, REVALIDATE);
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.insert(header::ETAG, tag);
    }
    if path == WORKER {
        answer.insert(header::CONTENT_SECURITY_POLICY, WORKER_POLICY);
    }
    if let Some(encoding) = encoding.and_then(|name| HeaderValue::from_str(name).ok()) {
        answer.insert(header::CONTENT_ENCODING, encoding);
    }
    response
}

/// The media types of what the build makes; with `nosniff`, anything else would not be used anyway.
fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" | "webmanifest" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compression_is_taken_only_where_it_is_welcome() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("br;q=0.5", "br"));
        assert!(!accepts("br;q=0, gzip", "br"));
        assert!(!accepts("gzip", "br"));
        assert!(!accepts("", "br"));
    }
}
