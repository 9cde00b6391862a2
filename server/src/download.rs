//! Downloads: a link is opened for whoever asks, and the bytes that are asked for are streamed.

use app::paths::query_of;
use axum::{
    Extension,
    body::Body,
    extract::{Path, Request, State},
    response::{IntoResponse, Redirect, Response},
};
use backend::{
    Caller,
    documents::{Denied, Opened, Receipt},
};
use domain::{
    DocumentKind, ErrorCode,
    account::Visitor,
    document::{DeadBecause, DeadLink},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, response};

use crate::{
    disposition,
    handover::Handovers,
    html,
    middleware::access::to_login,
    problem::{Refusal, WantsHtml},
    range::Wanted,
    state::AppState,
};

/// Even a client that shows the file instead of saving it runs nothing from it (ASVS V3.2.1).
const SANDBOX: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'");

/// Asks nginx to hand bytes on as they come: what it has buffered, nobody has taken.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// `GET /download/{token}`, for the session's account. People are led on, programs get a problem.
pub async fn by_session(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Extension(visitor): Extension<Visitor>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let (uri, headers) = (request.uri(), request.headers());
    let WantsHtml(html) = WantsHtml::of(headers);
    match (&visitor, html) {
        (Visitor::Nobody, true) => return to_login(uri).into_response(),
        (Visitor::Unverified(_), true) => return Redirect::to("/verify").into_response(),
        (Visitor::Unverified(_), false) => return Refusal::from(ErrorCode::EmailUnverified).into_response(),
        (Visitor::Nobody, false) | (Visitor::SignedIn(_), _) => {}
    }
    let denied = match state.backend.links.open(&caller, &token).await {
        Ok(opened) => return send(opened, request.method(), headers, request.extensions().get()).await.into_response(),
        Err(denied) => denied,
    };
    if html && let Denied::Dead(dead) = &denied {
        return explain(dead).into_response();
    }
    let problem = denied.problem();
    match visitor.me() {
        Some(me) if html && problem.code == ErrorCode::NotFound => {
            html::foreign_link_page(&state, me.email.as_str(), uri.path())
        }
        _ => Refusal(problem).into_response(),
    }
}

/// `GET /api/v1/download/{token}`, for the bearer token's account.
pub(crate) async fn by_bearer(
    state: &AppState,
    caller: &Caller,
    token: &str,
    method: &Method,
    headers: &HeaderMap,
    handovers: Option<&Handovers>,
) -> Result<Response, Refusal> {
    let opened = state.backend.links.open(caller, token).await.map_err(|denied| Refusal(denied.problem()))?;
    send(opened, method, headers, handovers).await
}

/// Sends what is wanted of an open document. `HEAD` gets the same headers, starts nothing and counts as nothing.
/// Whether its bytes were taken is for the connection to say, where there is one.
async fn send(
    opened: Opened,
    method: &Method,
    headers: &HeaderMap,
    handovers: Option<&Handovers>,
) -> Result<Response, Refusal> {
    let size = opened.size;
    let tag = format!("\"{}\"", opened.sha256);
    let wanted = match *method {
        Method::HEAD => without_range(headers, size, &tag),
        _ => Wanted::of(headers, size, &tag),
    };
    let (status, range) = match wanted {
        Wanted::Whole => (StatusCode::OK, 0..size),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Wanted::NotModified => return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response()),
        Wanted::PreconditionFailed => return Err(ErrorCode::PreconditionFailed.into()),
        Wanted::Unsatisfiable => return Ok(unsatisfiable(size)),
    };
    let mut response = attached(opened.kind, opened.name.as_str())
        .status(status)
        .header(header::CONTENT_LENGTH, range.end - range.start)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::ETAG, tag)
        .header(UNBUFFERED, "no");
    if handovers.is_some_and(Handovers::end_the_connection) && *method != Method::HEAD {
        response = response.header(header::CONNECTION, "close");
    }
    if status == StatusCode::PARTIAL_CONTENT {
        let bytes = format!("bytes {}-{}/{size}", range.start, range.end - 1);
        response = response.header(header::CONTENT_RANGE, bytes);
    }
    let body = match *method {
        Method::HEAD => Body::empty(),
        _ => {
            let receipt = handovers.map_or_else(Receipt::by_reading, Handovers::receipt);
            Body::from_stream(opened.start(range, receipt).await?)
        }
    };
    response.body(body).map_err(|_| ErrorCode::Internal.into())
}

/// An answer whose body is a document: it is saved, not shown.
pub(crate) fn attached(kind: DocumentKind, name: &str) -> response::Builder {
    Response::builder()
        .header(header::CONTENT_TYPE, kind.media_type())
        .header(header::CONTENT_DISPOSITION, disposition::attachment(name))
        .header(header::CACHE_CONTROL, "private, no-store")
        .header(header::CONTENT_SECURITY_POLICY, SANDBOX)
}

/// Ranges have a meaning for `GET` only (RFC 9110, section 14.2).
fn without_range(headers: &HeaderMap, size: u64, tag: &str) -> Wanted {
    let mut headers = headers.clone();
    headers.remove(header::RANGE);
    Wanted::of(&headers, size, tag)
}

fn unsatisfiable(size: u64) -> Response {
    let mut response = Refusal::from(ErrorCode::RangeNotSatisfiable).into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("bytes */{size}")) {
        response.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    response
}

/// The page on which the owner of a dead link reads why, and is offered the document.
fn explain(dead: &DeadLink) -> Redirect {
    let because = match dead.because {
        DeadBecause::Expired => "expired",
        DeadBecause::Revoked => "revoked",
        DeadBecause::Superseded => "superseded",
        DeadBecause::Deleted => "deleted",
    };
    let document = dead.document.map(|id| id.to_string()).unwrap_or_default();
    let at = dead.expired_at.map(|at| at.rfc3339()).unwrap_or_default();
    Redirect::to(&format!("/dead-link{}", query_of(&[("because", because), ("document", &document), ("at", &at)])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Timestamp, VersionId};

    #[test]
    fn a_dead_link_leads_to_its_explanation() {
        let id = "0198c0de-0000-7000-8000-000000000001";
        let version: VersionId = id.parse().expect("an id");
        let at = Timestamp::from_millis(1_795_356_300_000);
        let dead = DeadLink {
            because: DeadBecause::Expired,
            expired_at: Some(at),
            document: Some(id.parse().expect("an id")),
            version,
        };
        let response = explain(&dead).into_response();
        let location = response.headers()[header::LOCATION].to_str().expect("ASCII");
        assert_eq!(location, format!("/dead-link?because=expired&document={id}&at=2026-11-22T14%3A05%3A00Z"));
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
    }
}
