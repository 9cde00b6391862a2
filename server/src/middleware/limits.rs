//! Bounds on what one request may take, and on how many are answered at once.

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{ErrorCode, Problem};
use http::header;

use crate::{problem::Refusal, state::AppState};

/// Most bytes of a form or a JSON body.
const BODY: usize = 64 * 1024;

/// Time for such a body to arrive.
const ARRIVAL: Duration = Duration::from_secs(15);

/// Time to answer.
const ANSWER: Duration = Duration::from_secs(30);

/// For every route but uploads: the body is small and arrives soon, the answer comes in time.
pub async fn bound(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Ok(_permit) = state.requests.try_acquire() else {
        return Refusal(Problem::new(ErrorCode::Busy).retry_after(2)).into_response();
    };
    let (parts, body) = request.into_parts();
    let declared = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if declared.is_some_and(|length| length.parse::<u64>().map_or(true, |length| length > BODY as u64)) {
        return too_large();
    }
    let bytes = match tokio::time::timeout(ARRIVAL, to_bytes(body, BODY)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(error)) => return arrival_failed(&error),
        Err(_) => return Refusal::from(ErrorCode::RequestTimeout).into_response(),
    };
    let request = Request::from_parts(parts, Body::from(bytes));
    match tokio::time::timeout(ANSWER, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!("a request was given up after {} s", ANSWER.as_secs());
            Refusal(Problem::new(ErrorCode::Unavailable).retry_after(10)).into_response()
        }
    }
}

fn arrival_failed(error: &axum::Error) -> Response {
    let limited = std::error::Error::source(error).is_some_and(|cause| cause.to_string().contains("length limit"));
    if limited { too_large() } else { Refusal::from(ErrorCode::InvalidRequest).into_response() }
}

fn too_large() -> Response {
    let message = "The request is larger than this route accepts.".to_owned();
    Refusal(Problem { message, ..ErrorCode::TooLarge.into() }).into_response()
}
