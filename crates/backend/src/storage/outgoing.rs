//! The plaintext of a sealed blob on its way out. No byte leaves before its chunk was verified; a chunk that does not verify
//! ends the stream with an error.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures::{Stream, StreamExt as _};

use super::chunks::Chunks;
use crate::error::Error;

/// [`Chunks`] for a receiver who is not told what is wrong with them; that is logged.
pub(crate) struct Outgoing {
    /// `None` where there is nothing to send, and after an error.
    chunks: Option<Chunks>,
}

impl Outgoing {
    /// No bytes at all.
    pub(crate) const EMPTY: Self = Self { chunks: None };

    /// Whether every byte has left.
    pub(crate) fn is_over(&self) -> bool {
        self.chunks.as_ref().is_none_or(Chunks::is_over)
    }

    /// What the receiver is told of `error`, with which the stream ends.
    pub(crate) fn cut_off(&mut self, error: &Error) -> io::Error {
        if let Some(chunks) = self.chunks.take() {
            tracing::error!(%error, blob = %chunks.source().blob(), "what was being sent was cut off");
        }
        io::Error::other("the rest cannot be read")
    }
}

impl From<Chunks> for Outgoing {
    fn from(chunks: Chunks) -> Self {
        Self { chunks: Some(chunks) }
    }
}

impl Stream for Outgoing {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(chunks) = &mut self.chunks else { return Poll::Ready(None) };
            match ready!(chunks.poll_next_unpin(context)) {
                Some(Ok(plain)) if plain.is_empty() => {}
                Some(Ok(plain)) => return Poll::Ready(Some(Ok(plain))),
                Some(Err(error)) => return Poll::Ready(Some(Err(self.cut_off(&error)))),
                None => return Poll::Ready(None),
            }
        }
    }
}
