//! For the supervisor: whether the process lives, and whether it can work.

use axum::extract::State;
use domain::Problem;
use http::StatusCode;

use crate::{problem::Refusal, state::AppState};

/// `GET /healthz`: the process answers.
pub async fn live() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database and the storage can be written. What is wrong stands in the log, not in the answer.
///
/// # Errors
/// 503 while one of them does not.
pub async fn ready(State(state): State<AppState>) -> Result<(StatusCode, &'static str), Refusal> {
    state.backend.ready().await.map_err(|error| {
        let problem: Problem = error.into();
        Refusal(Problem::new(domain::ErrorCode::Unavailable).retry_after(problem.retry_after.unwrap_or(5)))
    })?;
    Ok((StatusCode::OK, "ready\n"))
}
