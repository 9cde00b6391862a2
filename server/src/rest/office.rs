//! What is in a file: of a document, and of a file that is not kept; and clean copies.

use axum::{
    Extension, Json,
    extract::{Path, Request, State},
    response::Response,
};
use backend::Caller;
use domain::{DocumentId, ErrorCode, Problem};
use office::Examination;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::Params;
use crate::{
    inspection,
    problem::{ProblemBody, Refusal},
    state::AppState,
    topics::{self, WrongTopic},
};

/// A multipart body with one file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body for the API's documentation; the body itself is streamed")]
pub struct FileBody {
    /// The file, under the name that says its kind.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// What a clean copy is to be without.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct CleanParams {
    /// Topics with commas between them; unless given, everything that nobody sees: `metadata`, `picture_data`, `comments`,
    /// `tracked_changes`, `speaker_notes`, `custom_properties`, `custom_xml` and `revision_ids`. `signatures`,
    /// `hidden_sheets` and `hidden_slides` are removed only when they are named.
    remove: String,
}

/// Tells what the inspection found in a document, and what is in it besides its text. Clients learn how much it is and
/// what concerns a reader: outside links, connections and embedded objects, how many of each.
///
/// # Errors
/// No valid token, no such document for its account, or one of before examinations were kept.
#[utoipa::path(
    get, path = "/api/v1/files/{id}/xray", tag = "Documents", security(("token" = [])),
    params(("id" = DocumentId, Path, description = "The document.")),
    responses(
        (status = 200, description = "What is in it.", body = Examination),
        (status = 401, description = "No valid token.", body = ProblemBody),
        (status = 404, description = "Nothing there for this account, or `not_examined`.", body = ProblemBody),
    )
)]
pub async fn xray(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<Examination>, Refusal> {
    let examination = state.backend.documents.examined(&caller, id.parse()?).await?;
    examination.map(Json).ok_or_else(|| ErrorCode::NotExamined.into())
}

/// Inspects a file as an upload would, and tells what is in it. The file is not kept.
///
/// # Errors
/// No valid token, a token of a client, not exactly one file in the body, or a body that did not arrive whole.
#[utoipa::path(
    post, path = "/api/v1/inspect", tag = "Files that are not kept", security(("token" = [])),
    request_body(content = FileBody, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "What is in it, also when it would be refused.", body = Examination),
        (status = 400, description = "The body did not arrive whole, or brings more than one file.", body = ProblemBody),
        (status = 401, description = "No valid token.", body = ProblemBody),
        (status = 403, description = "Only ops inspect files.", body = ProblemBody),
        (status = 413, description = "The file is too large.", body = ProblemBody),
        (status = 422, description = "There is no file, or its name is not acceptable.", body = ProblemBody),
    )
)]
pub async fn inspect(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Json<Examination>, Refusal> {
    Ok(Json(inspection::inspect(&state, &caller, request).await?))
}

/// Gives back a copy of a file without what its reader need not see. Neither is kept. The header `Strongroom-Removed`
/// says what was removed and how many of each: `comments=3, metadata=5`; `Strongroom-Broken-Signatures` how many signatures
/// the copy still has, none of them valid any more.
///
/// # Errors
/// As for inspecting; a topic that cannot be removed; a file that the inspection refuses or that cannot be cleaned.
#[utoipa::path(
    post, path = "/api/v1/clean", tag = "Files that are not kept", security(("token" = [])), params(CleanParams),
    request_body(content = FileBody, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "The copy, under the name of the file.", content_type = "application/octet-stream",
         headers(
            ("Strongroom-Removed" = String, description = "What it is without; left out when that is nothing."),
            ("Strongroom-Broken-Signatures" = u64, description = "Signatures left in it that are not valid any more; left out when there are none."),
         )),
        (status = 400, description = "`remove` names no topic, or the body is not one whole file.", body = ProblemBody),
        (status = 401, description = "No valid token.", body = ProblemBody),
        (status = 403, description = "Only ops clean files.", body = ProblemBody),
        (status = 413, description = "The file is too large.", body = ProblemBody),
        (status = 422, description = "`file_refused` with the findings, `not_removable`, `not_cleanable`, or as for \
                                      inspecting.", body = ProblemBody),
    )
)]
pub async fn clean(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Params(CleanParams { remove }): Params<CleanParams>,
    request: Request,
) -> Result<Response, Refusal> {
    let topics = if remove.is_empty() { topics::usual() } else { topics::parse(&remove).map_err(problem)? };
    inspection::clean(&state, &caller, &topics, request).await
}

fn problem(wrong: WrongTopic) -> Problem {
    let code = match wrong {
        WrongTopic::Unknown => ErrorCode::InvalidQuery,
        WrongTopic::Kept(_) => ErrorCode::NotRemovable,
    };
    Problem { message: wrong.to_string(), ..Problem::new(code).on("remove") }
}
