//! Downloading.

use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use backend::Caller;
use http::{Extensions, HeaderMap, Method};

use crate::{
    handover::Handovers,
    problem::{ProblemBody, Refusal},
    state::AppState,
};

/// Sends the bytes behind a link, whole or in part. `HEAD` tells their length without counting as a download.
///
/// # Errors
/// No valid token, a link that does not open for its account, or one that is over.
#[utoipa::path(
    get, path = "/api/v1/download/{token}", tag = "Documents", security(("token" = [])),
    params(
        ("token" = String, Path, description = "The last part of a minted link."),
        ("Range" = Option<String>, Header, description = "One range of bytes, to resume."),
        ("If-Range" = Option<String>, Header, description = "The entity tag of the bytes received before."),
    ),
    responses(
        (status = 200, description = "The document.", content_type = "application/octet-stream"),
        (status = 206, description = "The part that was asked for.", content_type = "application/octet-stream"),
        (status = 401, description = "No valid token.", body = ProblemBody),
        (status = 404, description = "The link does not open for this account.", body = ProblemBody),
        (status = 410, description = "This account's own link is over; `code` says why.", body = ProblemBody),
        (status = 416, description = "The document is shorter.", body = ProblemBody),
    )
)]
pub async fn download(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(token): Path<String>,
    extensions: Extensions,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let handovers = extensions.get::<Handovers>();
    crate::download::by_bearer(&state, &caller, &token, &method, &headers, handovers).await
}
