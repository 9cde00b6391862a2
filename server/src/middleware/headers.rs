//! The security headers of every answer, errors included (ASVS V3.4).

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue, header};

use crate::state::AppState;

const ALWAYS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // Forms without JavaScript need the referrer to come back to; other sites get none.
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];

/// For whatever does not bring its own policy: nothing may run, nothing may be framed.
const STRICT_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// The policy of the worker that inspects files: its own module and nothing else, not even a request.
pub const WORKER_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; base-uri 'none'; \
     frame-ancestors 'none'",
);

const ONE_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");
const ONE_YEAR_BELOW: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// The policy of a page whose scripts carry `nonce`. Scripts that those load are trusted in turn, which
/// is how the module reaches its parts; nothing else is.
///
/// `watching` is for `cargo leptos watch`, which reloads the page over a socket of its own.
#[must_use]
pub fn page_policy(nonce: &str, watching: bool) -> String {
    let socket = if watching { " ws:" } else { "" };
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; worker-src 'self'; \
         style-src 'self'; img-src 'self' data:; connect-src 'self'{socket}; form-action 'self'; base-uri 'none'; object-src 'none'; \
         frame-ancestors 'none'"
    )
}

/// The layer.
pub async fn secure(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    if state.web.https {
        let value = if state.web.hsts_subdomains { ONE_YEAR_BELOW } else { ONE_YEAR };
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(STRICT_POLICY));
    // Whoever may be cached says so; the rest is somebody's own (V14.3.2).
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
