//! Bounds on what one request may take, and on how many are answered at once.
//!
//! A body is read before a place is taken: whoever announces one and does not send it keeps nobody from being answered.
//! (The layers of tower-http for bodies and times answer in words of their own; here every refusal is a [`Problem`].)

use std::time::Duration;

use axum::{
    body::{Body, HttpBody as _, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use backend::Origin;
use domain::{ErrorCode, Problem};
use http::header;

use crate::{problem::Refusal, state::AppState};

/// Most bytes of a form or a JSON body.
const BODY: usize = 64 * 1024;

/// Time for such a body to arrive.
const ARRIVAL: Duration = Duration::from_secs(15);

/// Time to answer, from when the request is there.
const ANSWER: Duration = Duration::from_secs(30);

/// Time before a request is refused for which there is no place. It takes none meanwhile.
const CALM: Duration = Duration::from_secs(1);

/// Time to tell a supervisor how it is.
const HEALTH: Duration = Duration::from_secs(10);

/// For every route but uploads: the body is small and arrives soon, the answer comes in time.
pub async fn bound(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let group = request.extensions().get::<Origin>().and_then(Origin::group);
    let request = match arrived(&state, request, group.clone()).await {
        Ok(request) => request,
        Err(refusal) => return refusal.into_response(),
    };
    in_time(ANSWER, async {
        let Some(_place) = state.places.take(group).await else {
            // Who asks again at once would otherwise keep the portal busy with refusing.
            tokio::time::sleep(CALM).await;
            return Refusal(Problem::new(ErrorCode::Busy).retry_after(2)).into_response();
        };
        next.run(request).await
    })
    .await
}

/// For the supervisor, who has places that nobody else can take, and sends no body.
pub async fn bound_health(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Ok(_permit) = state.health.try_acquire() else {
        return Refusal(Problem::new(ErrorCode::Busy).retry_after(2)).into_response();
    };
    in_time(HEALTH, next.run(request)).await
}

async fn in_time(time: Duration, answer: impl Future<Output = Response>) -> Response {
    match tokio::time::timeout(time, answer).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!("a request was given up after {} s", time.as_secs());
            Refusal(Problem::new(ErrorCode::Unavailable).retry_after(10)).into_response()
        }
    }
}

/// The request with its whole body.
async fn arrived(state: &AppState, request: Request, group: Option<String>) -> Result<Request, Refusal> {
    let (parts, body) = request.into_parts();
    let declared = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if declared.is_some_and(|length| length.parse::<u64>().map_or(true, |length| length > BODY as u64)) {
        return Err(too_large());
    }
    if body.is_end_stream() {
        return Ok(Request::from_parts(parts, body));
    }
    let arrival = state.arrivals.begin(group);
    let bytes = tokio::select! {
        bytes = tokio::time::timeout(ARRIVAL, to_bytes(body, BODY)) => bytes,
        () = arrival.given_up() => return Err(ErrorCode::RequestTimeout.into()),
    };
    match bytes {
        Ok(Ok(bytes)) => Ok(Request::from_parts(parts, Body::from(bytes))),
        Ok(Err(error)) => Err(broken_off(&error)),
        Err(_) => Err(ErrorCode::RequestTimeout.into()),
    }
}

fn broken_off(error: &axum::Error) -> Refusal {
    let limited = std::error::Error::source(error).is_some_and(|cause| cause.to_string().contains("length limit"));
    if limited { too_large() } else { ErrorCode::InvalidRequest.into() }
}

fn too_large() -> Refusal {
    let message = "The request is larger than this route accepts.".to_owned();
    Refusal(Problem { message, ..ErrorCode::TooLarge.into() })
}
