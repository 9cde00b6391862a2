//! Uploads: a multipart body, streamed file by file into the services, with one verdict per file.
//!
//! The same body is taken at `/ops/upload` (from a session, as a form or from the page's script) and at
//! `/api/v1/upload` (with a bearer token).

use std::{task::Poll, time::Duration};

use app::flash::upload_cookie;
use axum::{
    Extension, Json, RequestExt,
    body::Body,
    extract::{
        DefaultBodyLimit, Multipart, Request, State,
        multipart::{Field, MultipartError, MultipartRejection},
    },
    response::{IntoResponse, Redirect, Response},
};
use backend::{
    Caller,
    documents::{Begun, Upload, Verdict},
    policy::{self, Permission},
};
use domain::{
    ErrorCode, Problem,
    upload::{RejectedFile, UploadReport},
};
use futures::{StreamExt as _, stream};
use http::{HeaderMap, StatusCode, header};

use crate::{
    problem::{Refusal, WantsHtml},
    state::AppState,
};

/// The field that carries files.
const FIELD: &str = "file";

/// Most fields of one body.
const FIELDS: usize = 1_000;

/// Most bytes of a field that is no file.
const SMALL: u64 = 64 * 1024;

/// Longest silence of a client in the middle of a body.
const SILENCE: Duration = Duration::from_secs(60);

/// After a file that is too large, this much is read on and thrown away, for this long, so that a client that
/// is still sending gets to see the answer. One that has much more to send sees its connection close.
const LINGER_BYTES: u64 = 8 << 20;
const LINGER: Duration = Duration::from_secs(2);

/// What became of a body.
#[derive(Default)]
struct Intake {
    report: UploadReport,
    /// A file was too large, and reading stopped there.
    stopped: bool,
}

/// Whether to go on with the next field.
#[derive(PartialEq, Eq)]
enum Flow {
    Next,
    Stop,
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

/// A body that hands on one piece at a time. The multipart reader takes all that is ready into memory before it
/// looks at any of it, which from a client that is faster than the disk would be everything.
fn paced(body: Body) -> Body {
    let mut pieces = body.into_data_stream();
    let mut is_rested = true;
    Body::from_stream(stream::poll_fn(move |context| {
        is_rested = !is_rested;
        if is_rested {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let piece = pieces.poll_next_unpin(context);
        if piece.is_pending() {
            is_rested = true;
        }
        piece
    }))
}

/// Reads the body. Whether the asker may deposit at all is settled before its first byte is read.
async fn take(state: &AppState, caller: &Caller, mut request: Request) -> Result<Intake, Problem> {
    if let Err(problem) = policy::require(caller, Permission::Deposit) {
        // The service refuses in the same way, and writes the refusal down.
        return Err(state.backend.uploads.begin(caller, "", None).await.err().map_or(problem, Problem::from));
    }
    let _permit = state.uploads.try_acquire().map_err(|_| Problem::new(ErrorCode::Busy).retry_after(5))?;
    DefaultBodyLimit::disable().apply(&mut request);
    let mut multipart =
        request.map(paced).extract::<Multipart, _>().await.map_err(|rejection| unreadable(&rejection))?;
    let mut intake = Intake::default();
    for _ in 0..FIELDS {
        let Some(field) = timely(multipart.next_field()).await? else { return intake.judged() };
        if take_field(state, caller, field, &mut intake).await? == Flow::Stop {
            return intake.judged();
        }
    }
    Err(Problem::new(ErrorCode::InvalidRequest).on(FIELD))
}

impl Intake {
    fn judged(self) -> Result<Self, Problem> {
        if self.report.files.is_empty() && self.report.rejected.is_empty() {
            return Err(Problem::new(ErrorCode::NoFile).on(FIELD));
        }
        Ok(self)
    }
}

async fn take_field(
    state: &AppState,
    caller: &Caller,
    mut field: Field<'_>,
    intake: &mut Intake,
) -> Result<Flow, Problem> {
    let name = field.file_name().unwrap_or_default().to_owned();
    if field.name() != Some(FIELD) || name.is_empty() {
        // Other fields are ignored, and so is the empty one that a form sends when nothing was chosen.
        let fits = discard(&mut field, SMALL).await?;
        return if fits { Ok(Flow::Next) } else { Err(Problem::new(ErrorCode::InvalidRequest).on(FIELD)) };
    }
    let declared = declared_length(field.headers())?;
    let (verdict, too_large) = match state.backend.uploads.begin(caller, &name, declared).await? {
        Begun::Started(upload) => receive(*upload, &mut field).await?,
        Begun::Rejected(rejected) => {
            let fits = discard(&mut field, state.backend.settings().max_upload).await?;
            (Verdict::Rejected(rejected), !fits)
        }
    };
    match verdict {
        Verdict::Deposited(file) => intake.report.files.push(file),
        Verdict::Rejected(file) => intake.report.rejected.push(shown(file)),
    }
    if !too_large {
        return Ok(Flow::Next);
    }
    intake.stopped = true;
    // Whatever comes of it, the verdict stands.
    let _ = tokio::time::timeout(LINGER, discard(&mut field, LINGER_BYTES)).await;
    Ok(Flow::Stop)
}

/// Streams one file in. The flag says that it was cut off for being too large.
async fn receive(mut upload: Upload, field: &mut Field<'_>) -> Result<(Verdict, bool), Problem> {
    loop {
        let chunk = match timely(field.chunk()).await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Ok((upload.finish().await?, false)),
            Err(problem) => {
                upload.abort().await;
                return Err(problem);
            }
        };
        match upload.write(chunk).await {
            Ok(()) => {}
            Err(error) if error.code() == Some(ErrorCode::TooLarge) => return Ok((upload.finish().await?, true)),
            Err(error) => {
                upload.abort().await;
                return Err(error.into());
            }
        }
    }
}

/// Reads the rest of a field and throws it away; false when there is more than `most`.
async fn discard(field: &mut Field<'_>, most: u64) -> Result<bool, Problem> {
    let mut seen = 0_u64;
    while let Some(chunk) = timely(field.chunk()).await? {
        seen = seen.saturating_add(chunk.len() as u64);
        if seen > most {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Waits for the client, but not for ever. A body that breaks off is an error here, never its end.
async fn timely<T>(step: impl Future<Output = Result<T, MultipartError>>) -> Result<T, Problem> {
    match tokio::time::timeout(SILENCE, step).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            tracing::info!(cause = %error.body_text(), "an upload broke off");
            Err(ErrorCode::LengthMismatch.into())
        }
        Err(_) => Err(ErrorCode::RequestTimeout.into()),
    }
}

/// The length that a part declares of itself, if it does.
fn declared_length(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get(header::CONTENT_LENGTH) else { return Ok(None) };
    let digits = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let length = digits.and_then(|text| text.parse().ok());
    length.map(Some).ok_or_else(|| Problem::new(ErrorCode::InvalidRequest).on("content-length"))
}

/// A declared name comes back in the report; control characters in it do not.
fn shown(mut file: RejectedFile) -> RejectedFile {
    file.name = file.name.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).take(300).collect();
    file
}

fn unreadable(rejection: &MultipartRejection) -> Problem {
    match rejection {
        MultipartRejection::InvalidBoundary(_) => ErrorCode::UnsupportedMediaType.into(),
        _ => ErrorCode::InvalidRequest.into(),
    }
}
