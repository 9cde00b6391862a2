//! The body of an answer, which knows when it has ended.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{BoxError, body::Body};
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, sleep_until};

use super::pulse::Busy;

/// Bodies up to this size are handed over at once and need no watch.
const SMALL: u64 = 64 * 1024;

/// The body of an answer. Its connection is busy until it has ended.
///
/// Over HTTP/1 a client that takes nothing blocks its connection, which its pulse shows. Over HTTP/2 it closes the
/// window of one stream, and nobody asks for the body any more: then the body is let go, with all that it holds.
pub(super) struct Answer(Arc<Mutex<Option<Held>>>);

struct Held {
    body: Body,
    /// Since when the client has not asked for more; `None` while the portal has nothing to give.
    handed_at: Option<Instant>,
    _busy: Busy,
}

impl Answer {
    pub(super) fn new(body: Body, busy: Busy, patience: Duration) -> Self {
        let is_watched = busy.is_multiplexed() && body.size_hint().upper().is_none_or(|size| size > SMALL);
        let held = Arc::new(Mutex::new(Some(Held { body, handed_at: Some(Instant::now()), _busy: busy })));
        if is_watched {
            tokio::spawn(let_go_of_what_stalls(Arc::downgrade(&held), patience));
        }
        Self(held)
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        locked(&self.0)
    }
}

fn locked(held: &Mutex<Option<Held>>) -> MutexGuard<'_, Option<Held>> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn let_go_of_what_stalls(held: Weak<Mutex<Option<Held>>>, patience: Duration) {
    let mut due = Instant::now() + patience;
    loop {
        sleep_until(due).await;
        let Some(held) = held.upgrade() else { return };
        let mut held = locked(&held);
        let Some(still) = held.as_ref() else { return };
        due = still.handed_at.unwrap_or_else(Instant::now) + patience;
        if due <= Instant::now() {
            tracing::debug!("an answer that nobody took was given up");
            *held = None;
            return;
        }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut held = self.held();
        let Some(answer) = held.as_mut() else {
            return Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::TimedOut).into())));
        };
        answer.handed_at = None;
        let frame = ready!(Pin::new(&mut answer.body).poll_frame(context));
        answer.handed_at = Some(Instant::now());
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.held().as_ref().is_some_and(|answer| answer.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.held().as_ref().map(|answer| answer.body.size_hint()).unwrap_or_default()
    }
}
