//! Uploads: a multipart body, streamed file by file into the services, with one verdict per file.
//!
//! The same body is taken at `/ops/upload` (from a session, as a form or from the page's script) and at
//! `/api/v1/upload` (with a bearer token).

use app::flash::upload_cookie;
use axum::{
    Extension, Json,
    extract::{Request, State},
    response::{IntoResponse, Redirect, Response},
};
use backend::{
    Caller,
    intake::{Begun, Verdict},
};
use domain::{
    ErrorCode, Problem,
    text::printed,
    upload::{RejectedFile, StoppedUpload, UploadReport},
};
use http::{StatusCode, header};
use office::Summary;

use crate::{
    multipart::{FILE, Fields, Part, declared_length, discard, file_name, ignore, linger, pour, short_text},
    problem::{Failed, Refusal, WantsHtml, status},
    state::AppState,
};

/// The field that tells what the sender's own inspection has said of the next file.
const SUMMARY: &str = "inspected";

/// Most bytes of it: every code there is fits three times.
const SUMMARY_BYTES: usize = 8 * 1024;

/// The field that tells who gets the files that follow as soon as they are documents.
const DELIVER: &str = "deliver";

/// For whom the files are that follow.
#[derive(Clone, Copy, Default)]
enum Delivered {
    /// Whoever has an account.
    #[default]
    ToEveryone,
    /// Nobody, until they are delivered.
    Later,
}

/// What became of a body.
#[derive(Default)]
struct Intake {
    report: UploadReport,
    /// What the sender's own inspection has said of the file that comes next.
    senders_summary: Option<Summary>,
    delivered: Delivered,
    /// A file was too large, and reading ended there.
    was_too_large: bool,
    /// Why reading ended before the body did.
    stop: Option<Problem>,
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
    let failure = Intake::failure(intake.stop);
    Ok((failure, [(header::SET_COOKIE, cookie)], Redirect::to("/ops/upload")).into_response())
}

/// Takes a whole body and answers with the report.
pub(crate) async fn from_api(state: &AppState, caller: &Caller, request: Request) -> Result<Response, Refusal> {
    Ok(take(state, caller, request).await?.into_response())
}

impl IntoResponse for Intake {
    /// 201 says that all of it are documents now, 207 that some are; otherwise the status says why none is.
    fn into_response(self) -> Response {
        let UploadReport { files, rejected, stopped } = &self.report;
        let all = rejected.is_empty() && stopped.is_none();
        let status = match (&self.stop, files.is_empty()) {
            (_, false) if all => StatusCode::CREATED,
            (_, false) => StatusCode::MULTI_STATUS,
            (Some(problem), true) => status(problem),
            (None, true) if self.was_too_large => StatusCode::PAYLOAD_TOO_LARGE,
            (None, true) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        (status, Self::failure(self.stop), Json(self.report)).into_response()
    }
}

/// Reads the body to its end, or to where that ends; what was deposited before is reported all the same.
async fn take(state: &AppState, caller: &Caller, request: Request) -> Result<Intake, Problem> {
    let mut fields = Fields::open(state, caller, request).await?;
    let mut intake = Intake::default();
    loop {
        match fields.next().await {
            Ok(Some(mut field)) => {
                if intake.take_field(state, caller, &mut field).await {
                    linger(&mut field).await;
                    break;
                }
            }
            Ok(None) => break,
            Err(problem) => {
                intake.stop(None, problem);
                break;
            }
        }
    }
    intake.judged()
}

impl Intake {
    /// Takes the next field; true when reading ends with it.
    async fn take_field(&mut self, state: &AppState, caller: &Caller, field: &mut Part<'_>) -> bool {
        let name = file_name(field);
        let taken = match &name {
            Some(name) => self.take_file(state, caller, name, field).await,
            None if field.name() == Some(SUMMARY) => {
                read_summary(field).await.map(|summary| self.senders_summary = Some(summary))
            }
            None if field.name() == Some(DELIVER) => {
                read_delivered(field).await.map(|delivered| self.delivered = delivered)
            }
            None => ignore(field).await,
        };
        if let Err(problem) = taken {
            self.stop(name, problem);
        }
        self.was_too_large || self.stop.is_some()
    }

    async fn take_file(
        &mut self,
        state: &AppState,
        caller: &Caller,
        name: &str,
        field: &mut Part<'_>,
    ) -> Result<(), Problem> {
        let senders_summary = self.senders_summary.take();
        let declared = declared_length(field.headers())?;
        let verdict = match state.backend.uploads.begin(caller, name, declared).await? {
            Begun::Started(mut upload) => {
                if let Some(summary) = senders_summary {
                    upload.compare_with(summary);
                }
                if matches!(self.delivered, Delivered::Later) {
                    upload.deliver_to(None);
                }
                let upload = pour(*upload, field).await?;
                self.was_too_large = upload.is_too_large();
                upload.finish().await?
            }
            Begun::Rejected(rejected) => {
                self.was_too_large = !discard(field, state.backend.settings().max_upload).await.unwrap_or(true);
                Verdict::Rejected(rejected)
            }
        };
        match verdict {
            Verdict::Deposited(file) => self.report.files.push(file),
            Verdict::Rejected(file) => self.report.rejected.push(shown(file)),
        }
        Ok(())
    }

    /// For the log: the report says only where reading ended.
    fn failure(stop: Option<Problem>) -> Option<Extension<Failed>> {
        stop.map(|problem| Extension(Failed(problem)))
    }

    fn stop(&mut self, file: Option<String>, problem: Problem) {
        let file = file.map(|name| shown_name(&name));
        let code = problem.code.as_str().to_owned();
        // What the usual sentences say of the whole ("send it again") would not be true of a part.
        let message = match problem.code {
            ErrorCode::LengthMismatch => "The upload broke off there.".to_owned(),
            ErrorCode::RequestTimeout => "Nothing more came for too long.".to_owned(),
            ErrorCode::StorageFull => "The server has no room left for files. Tell whoever runs it.".to_owned(),
            _ => problem.message.clone(),
        };
        self.report.stopped = Some(StoppedUpload { file, code, message });
        self.stop = Some(problem);
    }

    /// An answer about files needs files; without any the problem is all there is to say.
    fn judged(self) -> Result<Self, Problem> {
        if self.report.files.is_empty() && self.report.rejected.is_empty() {
            return Err(self.stop.unwrap_or_else(|| Problem::new(ErrorCode::NoFile).on(FILE)));
        }
        Ok(self)
    }
}

async fn read_summary(field: &mut Part<'_>) -> Result<Summary, Problem> {
    let text = short_text(field, SUMMARY_BYTES).await?;
    let summary = text.and_then(|text| serde_json::from_str(&text).ok());
    summary.ok_or_else(|| Problem::new(ErrorCode::InvalidRequest).on(SUMMARY))
}

async fn read_delivered(field: &mut Part<'_>) -> Result<Delivered, Problem> {
    match short_text(field, SUMMARY_BYTES).await?.as_deref() {
        Some("everyone") => Ok(Delivered::ToEveryone),
        Some("later") => Ok(Delivered::Later),
        _ => Err(Problem::new(ErrorCode::InvalidRequest).on(DELIVER)),
    }
}

/// A declared name comes back in the report; what is no part of a line of text does not.
fn shown(file: RejectedFile) -> RejectedFile {
    RejectedFile { name: shown_name(&file.name), ..file }
}

fn shown_name(name: &str) -> String {
    printed(name, 300)
}
