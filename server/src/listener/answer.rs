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
use http::{Response, header::CONTENT_LENGTH};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, sleep_until};

use super::pulse::Busy;

/// Bodies up to this size are handed over at once and need no watch.
const SMALL: u64 = 64 * 1024;

/// The body of an answer. Its connection is busy until it has ended.
///
/// Over HTTP/1 a client that takes nothing blocks its connection, which its pulse shows. Over HTTP/2 it closes the
/// window of one stream, and nobody asks for the body any more: then the body is let go, with all that it holds.
pub(super) struct Answer(Arc<Mutex<Option<Sending>>>);

struct Sending {
    body: Body,
    /// Bytes that are still to come, where the answer has said how many there are.
    left: Option<u64>,
    busy: Busy,
}

impl Answer {
    pub(super) fn of(answer: Response<Body>, busy: Busy, patience: Duration) -> Response<Self> {
        let left = answer.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        answer.map(|body| Self::new(body, left, busy, patience))
    }

    fn new(body: Body, left: Option<u64>, mut busy: Busy, patience: Duration) -> Self {
        busy.give();
        let is_watched = busy.is_multiplexed() && body.size_hint().upper().is_none_or(|size| size > SMALL);
        let sending = Arc::new(Mutex::new(Some(Sending { body, left, busy })));
        if is_watched {
            tokio::spawn(let_go_of_what_stalls(Arc::downgrade(&sending), patience));
        }
        Self(sending)
    }

    fn sending(&self) -> MutexGuard<'_, Option<Sending>> {
        locked(&self.0)
    }
}

fn locked(sending: &Mutex<Option<Sending>>) -> MutexGuard<'_, Option<Sending>> {
    sending.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn let_go_of_what_stalls(sending: Weak<Mutex<Option<Sending>>>, patience: Duration) {
    let mut due = Instant::now() + patience;
    loop {
        sleep_until(due).await;
        let Some(sending) = sending.upgrade() else { return };
        let mut sending = locked(&sending);
        let Some(still) = sending.as_ref() else { return };
        due = still.busy.given_at().unwrap_or_else(Instant::now) + patience;
        if due <= Instant::now() {
            tracing::debug!("an answer that nobody took was given up");
            *sending = None;
            return;
        }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut sending = self.sending();
        let Some(answer) = sending.as_mut() else {
            return Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::TimedOut).into())));
        };
        answer.busy.owe();
        let frame = ready!(Pin::new(&mut answer.body).poll_frame(context));
        answer.busy.give();
        if let (Some(left), Some(Ok(frame))) = (&mut answer.left, &frame) {
            *left = left.saturating_sub(frame.data_ref().map_or(0, |data| data.len() as u64));
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    /// Known with the last bytes, so that over HTTP/2 the end travels with them: clients that count bytes close then,
    /// and would refuse an end that came on its own.
    fn is_end_stream(&self) -> bool {
        self.sending().as_ref().is_some_and(|answer| answer.left == Some(0) || answer.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.sending().as_ref().map(|answer| answer.body.size_hint()).unwrap_or_default()
    }
}
