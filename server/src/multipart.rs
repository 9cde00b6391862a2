//! Reading a multipart body, field by field, as it arrives.

use std::{
    io,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use axum::{
    RequestExt,
    body::Body,
    extract::{
        DefaultBodyLimit, Multipart, Request,
        multipart::{Field, MultipartError, MultipartRejection},
    },
};
use backend::{
    Caller,
    intake::Upload,
    policy::{self, Permission},
};
use bytes::Bytes;
use domain::{ErrorCode, Problem};
use futures::{StreamExt as _, stream};
use http::{HeaderMap, header};
use tokio::sync::SemaphorePermit;

use crate::{
    disposition::{Declared, declared},
    state::AppState,
};

/// The field that carries files.
pub(crate) const FILE: &str = "file";

/// Most fields of one body.
const FIELDS: usize = 1_000;

/// Most bytes of a field that is no file.
const SMALL: u64 = 64 * 1024;

/// Most bytes of what is no content: a preamble, the head of a part. The reader keeps them in memory until they end.
const UNREAD: usize = 64 * 1024;

/// Longest silence of a client in the middle of a body.
const SILENCE: Duration = Duration::from_secs(60);

/// After a file that is too large, this much is read on and thrown away, for this long, so that a client that
/// is still sending gets to see the answer. One that has much more to send sees its connection close.
const LINGER_BYTES: u64 = 8 << 20;
const LINGER: Duration = Duration::from_secs(2);

/// A body that is being read. Kept until its files are dealt with, it bounds how many are.
pub(crate) struct Fields<'a> {
    multipart: Multipart,
    unread: Unread,
    left: usize,
    _permit: SemaphorePermit<'a>,
}

/// One field of a body.
pub(crate) struct Part<'a> {
    field: Field<'a>,
    unread: Unread,
}

/// Bytes of a body that have arrived since something of its content was given out.
#[derive(Clone, Default)]
struct Unread(Arc<AtomicUsize>);

impl<'a> Fields<'a> {
    /// Opens a body that brings files. Whether the asker may send any is settled before its first byte is read.
    pub(crate) async fn open(state: &'a AppState, caller: &Caller, mut request: Request) -> Result<Self, Problem> {
        if let Err(problem) = policy::require(caller, Permission::Deposit) {
            // The service refuses in the same way, and writes the refusal down.
            return Err(state.backend.uploads.begin(caller, "", None).await.err().map_or(problem, Problem::from));
        }
        let permit = state.uploads.try_acquire().map_err(|_| Problem::new(ErrorCode::Busy).retry_after(5))?;
        DefaultBodyLimit::disable().apply(&mut request);
        let unread = Unread::default();
        let multipart = request.map(|body| paced(body, unread.clone())).extract::<Multipart, _>().await;
        let multipart = multipart.map_err(|rejection| unreadable(&rejection))?;
        Ok(Self { multipart, unread, left: FIELDS, _permit: permit })
    }

    /// The next field; `None` when the body has come to its proper end.
    pub(crate) async fn next(&mut self) -> Result<Option<Part<'_>>, Problem> {
        self.left = self.left.checked_sub(1).ok_or_else(|| Problem::new(ErrorCode::InvalidRequest).on(FILE))?;
        let field = timely(self.multipart.next_field()).await?;
        self.unread.were_read();
        Ok(field.map(|field| Part { field, unread: self.unread.clone() }))
    }
}

impl Part<'_> {
    /// The next bytes of its content; `None` behind the last.
    async fn chunk(&mut self) -> Result<Option<Bytes>, Problem> {
        let chunk = timely(self.field.chunk()).await?;
        self.unread.were_read();
        Ok(chunk)
    }
}

impl<'a> Deref for Part<'a> {
    type Target = Field<'a>;

    fn deref(&self) -> &Field<'a> {
        &self.field
    }
}

impl Unread {
    fn were_read(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Counts bytes that have arrived; an error when there are too many to be anything but content.
    fn arrived(&self, bytes: usize) -> io::Result<()> {
        let before = self.0.fetch_add(bytes, Ordering::Relaxed);
        if before > UNREAD { Err(io::Error::other("a part of the body does not begin")) } else { Ok(()) }
    }
}

/// The name of a file that a field brings, as its sender gave it.
pub(crate) fn file_name(field: &Part<'_>) -> Option<String> {
    let Declared { field, file } = declared(field.headers());
    file.filter(|_| field.as_deref() == Some(FILE))
}

/// Pours a file in. Ends before its end when it is too large, which the upload says when it is ended.
pub(crate) async fn pour(mut upload: Upload, field: &mut Part<'_>) -> Result<Upload, Problem> {
    loop {
        let chunk = match field.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Ok(upload),
            Err(problem) => {
                upload.abort().await;
                return Err(problem);
            }
        };
        match upload.write(chunk).await {
            Ok(()) => {}
            Err(error) if error.code() == Some(ErrorCode::TooLarge) => return Ok(upload),
            Err(error) => {
                upload.abort().await;
                return Err(error.into());
            }
        }
    }
}

/// The whole of a field that is a short text; `None` when it is longer than `most` bytes or no text.
pub(crate) async fn short_text(field: &mut Part<'_>, most: usize) -> Result<Option<String>, Problem> {
    let mut text = Vec::new();
    while let Some(chunk) = field.chunk().await? {
        text.extend_from_slice(&chunk);
        if text.len() > most {
            return Ok(None);
        }
    }
    Ok(String::from_utf8(text).ok())
}

/// Passes a field over that nobody asked for.
pub(crate) async fn ignore(field: &mut Part<'_>) -> Result<(), Problem> {
    let fits = discard(field, SMALL).await?;
    if fits { Ok(()) } else { Err(Problem::new(ErrorCode::InvalidRequest).on(FILE)) }
}

/// Reads on for a little while after the verdict is clear. Whatever comes of it, the verdict stands.
pub(crate) async fn linger(field: &mut Part<'_>) {
    let _ = tokio::time::timeout(LINGER, discard(field, LINGER_BYTES)).await;
}

/// Reads the rest of a field and throws it away; false when there is more than `most`.
pub(crate) async fn discard(field: &mut Part<'_>, most: u64) -> Result<bool, Problem> {
    let mut seen = 0_u64;
    while let Some(chunk) = field.chunk().await? {
        seen = seen.saturating_add(chunk.len() as u64);
        if seen > most {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The length that a part declares of itself, if it does.
pub(crate) fn declared_length(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get(header::CONTENT_LENGTH) else { return Ok(None) };
    let digits = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let length = digits.and_then(|text| text.parse().ok());
    length.map(Some).ok_or_else(|| Problem::new(ErrorCode::InvalidRequest).on("content-length"))
}

/// A body that hands on one piece at a time. The multipart reader takes all that is ready into memory before it
/// looks at any of it, which from a client that is faster than the disk would be everything.
fn paced(body: Body, unread: Unread) -> Body {
    let mut pieces = body.into_data_stream();
    let mut is_rested = true;
    Body::from_stream(stream::poll_fn(move |context| {
        is_rested = !is_rested;
        if is_rested {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let Poll::Ready(piece) = pieces.poll_next_unpin(context) else {
            is_rested = true;
            return Poll::Pending;
        };
        Poll::Ready(piece.map(|piece| {
            let bytes = piece.map_err(io::Error::other)?;
            unread.arrived(bytes.len())?;
            Ok::<_, io::Error>(bytes)
        }))
    }))
}

/// Waits for the client, but not for ever. A body that breaks off is an error here, never its end.
/// (The time-out of tower-http is one between two pieces of any kind: it would let a client drip what is no content.)
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

fn unreadable(rejection: &MultipartRejection) -> Problem {
    match rejection {
        MultipartRejection::InvalidBoundary(_) => ErrorCode::UnsupportedMediaType.into(),
        _ => ErrorCode::InvalidRequest.into(),
    }
}
