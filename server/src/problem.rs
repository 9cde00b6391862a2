//! Errors on their way out: one [`Problem`], shown as RFC 9457 JSON to programs and as a page to people.

use axum::{
    Extension, Json,
    body::Body,
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use backend::{Origin, log_cause_of};
use domain::{ErrorCode, Problem};
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use office::Finding;
use serde::Serialize;

use crate::{html, middleware::RequestId, state::AppState};

/// The media type of a problem.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// What a route returns instead of an answer.
///
/// As a response it is empty but for its status; [`render`] gives it its face, because only there the
/// request id and the preference of the asker are known.
#[derive(Clone, Debug)]
pub struct Refusal(pub Problem);

/// A file that the inspection refuses, with everything that was found: a [`Refusal`] that says why.
#[derive(Clone, Debug)]
pub struct RefusedFile(pub Vec<Finding>);

/// Why an answer that is not one of problems is not what it should have been, for the log.
#[derive(Clone, Debug)]
pub(crate) struct Failed(pub(crate) Problem);

/// The body of an error (RFC 9457).
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "Problem")]
pub struct ProblemBody {
    /// Always `about:blank`: the code is what tells problems apart.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The meaning of the status.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// The stable reason.
    code: ErrorCode,
    /// What happened and what to do next.
    detail: String,
    /// The input it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// Seconds to wait before trying again.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
    /// What the inspection found in a file that it refuses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Finding>,
    /// Names this request in the log.
    request_id: String,
}

impl<E: Into<Problem>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (status(&self.0), Extension(self)).into_response()
    }
}

impl IntoResponse for RefusedFile {
    fn into_response(self) -> Response {
        (Extension(self), Refusal::from(ErrorCode::FileRefused)).into_response()
    }
}

/// Whether the asker is a browser that shows pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WantsHtml(pub bool);

impl WantsHtml {
    /// Reads the `Accept` header: only what names `text/html` is a browser at work.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        Self(
            headers
                .get(header::ACCEPT)
                .and_then(|accept| accept.to_str().ok())
                .is_some_and(|accept| accept.contains("text/html")),
        )
    }
}

impl<S: Sync> FromRequestParts<S> for WantsHtml {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.headers))
    }
}

/// The layer that writes the body of every [`Refusal`], and of errors that came without any, and logs what they came from.
pub async fn render(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
    let origin = request.extensions().get::<Origin>().cloned();
    let is_api = request.uri().path().starts_with("/api/");
    let wants_html = WantsHtml::of(request.headers()).0 && !is_api;
    let mut response = next.run(request).await;
    if let Some(Failed(mut problem)) = response.extensions_mut().remove() {
        log_cause_of(&mut problem);
    }
    let Some(mut problem) = problem_of(&response) else { return response };
    log_cause_of(&mut problem);
    if let (ErrorCode::CrossSite, Some(origin)) = (problem.code, &origin) {
        state.backend.activity.refused_cross_site(origin);
    }
    let (mut parts, _) = response.into_parts();
    let findings = parts.extensions.remove::<RefusedFile>().map_or_else(Vec::new, |file| file.0);
    let mut faced = if wants_html {
        html::problem_page(&state, &problem, &id).into_response()
    } else {
        let mut json = Json(body(&problem, findings, &id)).into_response();
        json.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        json
    };
    *faced.status_mut() = parts.status;
    faced.headers_mut().extend(parts.headers);
    for (name, value) in headers_of(&problem, is_api) {
        faced.headers_mut().insert(name, value);
    }
    faced
}

fn problem_of(response: &Response) -> Option<Problem> {
    if let Some(Refusal(problem)) = response.extensions().get() {
        return Some(problem.clone());
    }
    match response.status() {
        _ if response.headers().contains_key(header::CONTENT_TYPE) => None,
        StatusCode::INTERNAL_SERVER_ERROR => Some(ErrorCode::Internal.into()),
        StatusCode::SERVICE_UNAVAILABLE => {
            let late = Problem::new(ErrorCode::Unavailable).retry_after(10);
            Some(late.caused_by("the request was given up: its answer took too long"))
        }
        _ => None,
    }
}

fn body(problem: &Problem, findings: Vec<Finding>, id: &RequestId) -> ProblemBody {
    let status = status(problem);
    ProblemBody {
        kind: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        code: problem.code,
        detail: problem.message.clone(),
        field: problem.field.clone(),
        retry_after: problem.retry_after,
        findings,
        request_id: id.to_string(),
    }
}

fn headers_of(problem: &Problem, is_api: bool) -> impl Iterator<Item = (header::HeaderName, HeaderValue)> {
    let retry = problem.retry_after.map(|seconds| (header::RETRY_AFTER, HeaderValue::from(seconds)));
    let challenge = (is_api && status(problem) == StatusCode::UNAUTHORIZED)
        .then(|| (header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
    retry.into_iter().chain(challenge)
}

/// The status that goes with a problem.
#[must_use]
pub fn status(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The answer to a defect that unwound the stack: the request fails, the process goes on (ASVS V16.5.4).
pub fn after_panic(cause: Box<dyn std::any::Any + Send + 'static>) -> Response<Body> {
    let text = cause.downcast_ref::<&str>().copied().or_else(|| cause.downcast_ref::<String>().map(String::as_str));
    tracing::error!(cause = text.unwrap_or("not a text"), "a request panicked");
    Refusal::from(ErrorCode::Internal).into_response()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::{Router, routing::get};
    use tower::ServiceExt as _;
    use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

    use super::*;

    async fn panics() -> &'static str {
        panic!("the secret of row 17")
    }

    #[tokio::test]
    async fn a_request_that_takes_too_long_is_a_problem_and_what_has_a_body_of_its_own_is_none() {
        let late = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::ZERO);
        let router = Router::<()>::new()
            .route("/late", get(std::future::pending::<&'static str>).layer(late))
            .route("/told", get(|| async { (StatusCode::SERVICE_UNAVAILABLE, "in words of its own") }));
        let ask = |path: &str| router.clone().oneshot(Request::get(path).body(Body::empty()).expect("a request"));
        let problem = problem_of(&ask("/late").await.expect("an answer")).expect("a problem");
        assert_eq!((problem.code, problem.retry_after), (ErrorCode::Unavailable, Some(10)));
        assert_eq!(problem_of(&ask("/told").await.expect("an answer")), None);
    }

    #[tokio::test]
    async fn a_panic_is_one_failed_answer_and_the_next_request_is_served() {
        let router = Router::<()>::new()
            .route("/panics", get(panics))
            .route("/works", get(|| async { "still here" }))
            .layer(CatchPanicLayer::custom(after_panic));
        let ask = |path: &str| Request::get(path).body(Body::empty()).expect("a request");
        let failed = router.clone().oneshot(ask("/panics")).await.expect("an answer");
        assert_eq!(failed.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let Some(Refusal(problem)) = failed.extensions().get() else { panic!("not a refusal") };
        assert!(!problem.message.contains("17"));
        let works = router.oneshot(ask("/works")).await.expect("an answer");
        assert_eq!(works.status(), StatusCode::OK);
    }
}
