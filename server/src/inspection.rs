//! Files that are looked into or cleaned and not kept: one in a body, and the answer is about that one.

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use backend::{
    Caller,
    intake::{CleanCopy, NotCleaned, Upload},
};
use domain::{ErrorCode, Problem};
use http::{HeaderName, header};
use office::{Examination, Topic};

use crate::{
    download::attached,
    multipart::{FILE, Fields, declared_length, file_name, ignore, linger, pour},
    problem::{Refusal, RefusedFile},
    state::AppState,
    topics,
};

/// What the copy is without, and how many of each (a dictionary of RFC 9651).
pub(crate) const REMOVED: HeaderName = HeaderName::from_static("strongroom-removed");

/// How many signatures are left in the copy that are not valid any more.
pub(crate) const BROKEN_SIGNATURES: HeaderName = HeaderName::from_static("strongroom-broken-signatures");

/// Examines the file of the body.
pub(crate) async fn inspect(state: &AppState, caller: &Caller, request: Request) -> Result<Examination, Problem> {
    let mut fields = Fields::open(state, caller, request).await?;
    Ok(take(state, caller, &mut fields).await?.examine().await?)
}

/// Answers with a copy of the file of the body without `topics`.
pub(crate) async fn clean(
    state: &AppState,
    caller: &Caller,
    topics: &[Topic],
    request: Request,
) -> Result<Response, Refusal> {
    let mut fields = Fields::open(state, caller, request).await?;
    match take(state, caller, &mut fields).await?.clean(topics).await {
        Ok(copy) => send(copy).await,
        Err(NotCleaned::Refused(report)) => Ok(RefusedFile(report.findings).into_response()),
        Err(NotCleaned::Failed(error)) => Err(error.into()),
    }
}

/// Takes the one file of a body that comes to its proper end.
async fn take(state: &AppState, caller: &Caller, fields: &mut Fields<'_>) -> Result<Upload, Problem> {
    let mut taken = None;
    while let Some(mut field) = fields.next().await? {
        let Some(name) = file_name(&field) else {
            ignore(&mut field).await?;
            continue;
        };
        if taken.is_some() {
            let message = "Send one file at a time.".to_owned();
            return Err(Problem { message, ..Problem::new(ErrorCode::InvalidRequest).on(FILE) });
        }
        let declared = declared_length(field.headers())?;
        let upload = match state.backend.uploads.borrow(caller, &name, declared).await {
            Ok(upload) => pour(upload, &mut field).await?,
            Err(error) => {
                linger(&mut field).await;
                return Err(error.into());
            }
        };
        if upload.is_too_large() {
            linger(&mut field).await;
            return Ok(upload);
        }
        taken = Some(upload);
    }
    taken.ok_or_else(|| Problem::new(ErrorCode::NoFile).on(FILE))
}

async fn send(copy: CleanCopy) -> Result<Response, Refusal> {
    let mut response = attached(copy.name().kind(), copy.name().as_str()).header(header::CONTENT_LENGTH, copy.size());
    let removed = topics::removed(copy.cleaned());
    if !removed.is_empty() {
        response = response.header(REMOVED, removed);
    }
    let broken = copy.cleaned().broken_signatures;
    if broken > 0 {
        response = response.header(BROKEN_SIGNATURES, broken);
    }
    let body = Body::from_stream(copy.into_stream().await?);
    response.body(body).map_err(|_| ErrorCode::Internal.into())
}
