//! Depositing.

use axum::{
    Extension,
    extract::{Request, State},
    response::Response,
};
use backend::Caller;
use domain::upload::UploadReport;
use utoipa::ToSchema;

use crate::{
    problem::{ProblemBody, Refusal},
    state::AppState,
};

/// A multipart body with one or more files.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body for the API's documentation; the body itself is streamed")]
pub struct UploadBody {
    /// What the sender's own inspection has said of the file in the next field: `{"verdict", "codes"}` in JSON, at most
    /// 8 KiB. Where the server finds something else, the activity log says so.
    #[schema(nullable = false, max_length = 8192)]
    inspected: Option<String>,
    /// Who gets the files in the fields after this one: `everyone` at once, which is so without it, or nobody until they
    /// are delivered (`later`).
    #[schema(nullable = false)]
    deliver: Option<String>,
    /// The files, each in a field of this name.
    #[schema(value_type = Vec<String>, format = Binary, min_items = 1)]
    file: Vec<Vec<u8>>,
}

/// Deposits one or more files; each gets its own verdict.
///
/// Once a file was looked at the answer is a report, whatever status says why none is in; before that it is a problem.
///
/// # Errors
/// No valid token, a token of a client, no file in the body, or a body that did not arrive whole.
#[utoipa::path(
    post, path = "/api/v1/upload", tag = "Documents", security(("token" = [])),
    request_body(content = UploadBody, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "All of them are documents now.", body = UploadReport),
        (status = 207, description = "Some are documents now; `rejected` and `stopped` tell of the others.", body = UploadReport),
        (status = 400, description = "The body did not arrive whole, or `inspected` or `deliver` is not as described, and none was accepted.", content(
            (UploadReport = "application/json"), (ProblemBody = "application/problem+json"))),
        (status = 401, description = "No valid token.", body = ProblemBody),
        (status = 403, description = "Only ops deposit.", body = ProblemBody),
        (status = 408, description = "The body did not arrive in time, and none was accepted.", content(
            (UploadReport = "application/json"), (ProblemBody = "application/problem+json"))),
        (status = 413, description = "The file is too large, and none was accepted.", content(
            (UploadReport = "application/json"), (ProblemBody = "application/problem+json"))),
        (status = 422, description = "None of the files was accepted, or there is none (`no_file`).", content(
            (UploadReport = "application/json"), (ProblemBody = "application/problem+json"))),
        (status = 500, description = "A defect, and none was accepted.", content(
            (UploadReport = "application/json"), (ProblemBody = "application/problem+json"))),
        (status = 503, description = "The server is busy, or something it depends on does not answer, and none was accepted.", content(
            (UploadReport = "application/json"), (ProblemBody = "application/problem+json"))),
        (status = 507, description = "The disk is full, and none was accepted.", content(
            (UploadReport = "application/json"), (ProblemBody = "application/problem+json"))),
    )
)]
pub async fn upload(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, Refusal> {
    crate::upload::from_api(&state, &caller, request).await
}
