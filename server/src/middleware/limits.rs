//! Bounds on what one request may take, and on how many are answered at once.
//!
//! A body is read before a place is taken: whoever announces one and does not send it keeps nobody from being answered.
//! (The limits of tower-http for bodies bound them while they are read, and leave it to the reader to tell why.)

use std::{error::Error as _, time::Duration};

use axum::{
    body::{Body, HttpBody as _, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use backend::Origin;
use domain::{ErrorCode, Problem};
use http::{StatusCode, header};
use http_body_util::LengthLimitError;
use tower_http::timeout::TimeoutLayer;

use crate::{problem::Refusal, state::AppState};

/// Most bytes of a form or a JSON body.
const BODY: u64 = 64 * 1024;

/// Time for such a body to arrive.
const ARRIVAL: Duration = Duration::from_secs(15);

/// Time to answer, from when the request is there.
const ANSWER: Duration = Duration::from_secs(30);

/// Time before a request is refused for which there is no place. It takes none meanwhile.
const CALM: Duration = Duration::from_secs(1);

/// Time to tell a supervisor how it is.
const HEALTH: Duration = Duration::from_secs(10);

/// For every route but uploads: the body is small and arrives soon.
pub async fn arrive(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match arrived(&state, request).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// The answer comes in time, or the request is given up: with a bare 503, which [`crate::problem::render`] puts into
/// words.
#[must_use]
pub fn in_time() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER)
}

/// Only so many are answered at once.
pub async fn take_place(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(_place) = state.places.take(group_of(&request)).await else {
        // Who asks again at once would otherwise keep the portal busy with refusing.
        tokio::time::sleep(CALM).await;
        return Refusal(Problem::new(ErrorCode::Busy).retry_after(2)).into_response();
    };
    next.run(request).await
}

/// For the supervisor, who has places that nobody else can take, and sends no body.
pub async fn take_place_for_health(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Ok(_permit) = state.health.try_acquire() else {
        return Refusal(Problem::new(ErrorCode::Busy).retry_after(2)).into_response();
    };
    next.run(request).await
}

/// As [`in_time`], for the supervisor.
#[must_use]
pub fn health_in_time() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, HEALTH)
}

fn group_of(request: &Request) -> Option<String> {
    request.extensions().get::<Origin>().and_then(Origin::group)
}

/// The request with its whole body.
async fn arrived(state: &AppState, request: Request) -> Result<Request, Refusal> {
    let group = group_of(&request);
    let (parts, body) = request.into_parts();
    let declared = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if declared.is_some_and(|length| length.parse::<u64>().map_or(true, |length| length > BODY)) {
        return Err(too_large());
    }
    if body.is_end_stream() {
        return Ok(Request::from_parts(parts, body));
    }
    let arrival = state.arrivals.begin(group);
    let bytes = tokio::select! {
        bytes = tokio::time::timeout(ARRIVAL, to_bytes(body, BODY as usize)) => bytes,
        () = arrival.given_up() => return Err(ErrorCode::RequestTimeout.into()),
    };
    match bytes {
        Ok(Ok(bytes)) => Ok(Request::from_parts(parts, Body::from(bytes))),
        Ok(Err(error)) => Err(broken_off(&error)),
        Err(_) => Err(ErrorCode::RequestTimeout.into()),
    }
}

fn broken_off(error: &axum::Error) -> Refusal {
    let limited = error.source().is_some_and(|cause| cause.is::<LengthLimitError>());
    if limited { too_large() } else { ErrorCode::InvalidRequest.into() }
}

fn too_large() -> Refusal {
    Problem::too_large("request", BODY).into()
}
