//! The bytes of a document on their way out. No byte leaves before its chunk was verified; a chunk that does not verify
//! ends the stream with an error.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures::{Stream, StreamExt};

use super::handover::Ledger;
use crate::{error::Error, storage::Chunks};

/// A range of a document, as a stream of bytes.
///
/// It asks nothing more about who reads it; that was asked when it was opened. When it ends, or is dropped, what it
/// has handed over is written down.
pub struct Download {
    /// `None` for a range that is empty, which is sent as nothing at all.
    chunks: Option<Chunks>,
    ledger: Ledger,
}

impl Download {
    pub(super) fn new(chunks: Option<Chunks>, ledger: Ledger) -> Self {
        Self { chunks, ledger }
    }

    /// Logs what the receiver is not told, and ends the stream.
    fn fail(&mut self, error: &Error) -> io::Error {
        if let Some(chunks) = self.chunks.take() {
            tracing::error!(%error, blob = %chunks.source().blob(), "a download was cut off");
        }
        io::Error::other("the document cannot be read")
    }
}

impl Stream for Download {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(chunks) = &mut self.chunks else { return Poll::Ready(None) };
            match ready!(chunks.poll_next_unpin(context)) {
                Some(Ok(plain)) if plain.is_empty() => {}
                Some(Ok(plain)) => {
                    self.ledger.sent(plain.len() as u64);
                    return Poll::Ready(Some(Ok(plain)));
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(self.fail(&error)))),
                None => return Poll::Ready(None),
            }
        }
    }
}
