//! Uploads: a multipart body, streamed file by file into the services, with one verdict per file.
//!
//! The same body is taken at `/ops/upload` (from a session, as a form or from the page's script) and at
//! `/api/v1/upload` (with a bearer token).

use app::flash::upload_cookie;
use axum::{
    Extension, Json,
    extract::{Request, State, multipart::Field},
    response::{IntoResponse, Redirect, Response},
};
use backend::{
    Caller,
    documents::{Begun, Verdict},
};
use domain::{
    ErrorCode, Problem,
    text::shown_or_marked,
    upload::{RejectedFile, UploadReport},
};
use http::{StatusCode, header};
use office::Summary;

use crate::{
    multipart::{FILE, Fields, declared_length, discard, file_name, ignore, linger, pour, short_text},
    problem::{Refusal, WantsHtml},
    state::AppState,
};

/// The field that tells what the sender's own inspection has said of the next file.
const TOLD: &str = "inspected";

/// Most bytes of it: every code there is fits three times.
const TOLD_BYTES: usize = 8 * 1024;

/// What became of a body.
#[derive(Default)]
struct Intake {
    report: UploadReport,
    /// What the sender's own inspection has said of the file that comes next.
    told: Option<Summary>,
    /// A file was too large, and reading stopped there.
    stopped: bool,
}

/// `POST /ops/upload`: answers a script with the report, and a plain form by going back to the page with it.
pub async fn from_page(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    WantsHtml(html): WantsHtml,
    request: Request,
) -> Result<Response, Refusal> {
    let intake = take(&state, &caller, request).await?;
    if !html {
        return Ok(intake.into_response());
    }
    let cookie = upload_cookie(&intake.report, &state.backend.settings().base_url);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/ops/upload")).into_response())
}

/// Takes a whole body and answers with the report.
pub(crate) async fn from_api(state: &AppState, caller: &Caller, request: Request) -> Result<Response, Refusal> {
    Ok(take(state, caller, request).await?.into_response())
}

impl IntoResponse for Intake {
    fn into_response(self) -> Response {
        let status = match self {
            Self { ref report, .. } if !report.files.is_empty() => StatusCode::CREATED,
            Self { stopped: true, .. } => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        (status, Json(self.report)).into_response()
    }
}

/// Reads the body to its end, or to the first file that is too large.
async fn take(state: &AppState, caller: &Caller, request: Request) -> Result<Intake, Problem> {
    let mut fields = Fields::open(state, caller, request).await?;
    let mut intake = Intake::default();
    while let Some(mut field) = fields.next().await? {
        match file_name(&field) {
            Some(name) => take_file(state, caller, &name, &mut field, &mut intake).await?,
            None if field.name() == Some(TOLD) => intake.told = Some(told(&mut field).await?),
            None => ignore(&mut field).await?,
        }
        if intake.stopped {
            linger(&mut field).await;
            break;
        }
    }
    intake.judged()
}

impl Intake {
    fn judged(self) -> Result<Self, Problem> {
        if self.report.files.is_empty() && self.report.rejected.is_empty() {
            return Err(Problem::new(ErrorCode::NoFile).on(FILE));
        }
        Ok(self)
    }
}

async fn take_file(
    state: &AppState,
    caller: &Caller,
    name: &str,
    field: &mut Field<'_>,
    intake: &mut Intake,
) -> Result<(), Problem> {
    let told = intake.told.take();
    let declared = declared_length(field.headers())?;
    let verdict = match state.backend.uploads.begin(caller, name, declared).await? {
        Begun::Started(mut upload) => {
            if let Some(summary) = told {
                upload.told(summary);
            }
            let upload = pour(*upload, field).await?;
            intake.stopped = upload.is_too_large();
            upload.finish().await?
        }
        Begun::Rejected(rejected) => {
            intake.stopped = !discard(field, state.backend.settings().max_upload).await?;
            Verdict::Rejected(rejected)
        }
    };
    match verdict {
        Verdict::Deposited(file) => intake.report.files.push(file),
        Verdict::Rejected(file) => intake.report.rejected.push(shown(file)),
    }
    Ok(())
}

async fn told(field: &mut Field<'_>) -> Result<Summary, Problem> {
    let text = short_text(field, TOLD_BYTES).await?;
    let summary = text.and_then(|text| serde_json::from_str(&text).ok());
    summary.ok_or_else(|| Problem::new(ErrorCode::InvalidRequest).on(TOLD))
}

/// A declared name comes back in the report; characters that no name may have do not.
fn shown(mut file: RejectedFile) -> RejectedFile {
    file.name = file.name.chars().map(shown_or_marked).take(300).collect();
    file
}
