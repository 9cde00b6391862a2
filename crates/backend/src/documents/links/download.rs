//! A range of a document on its way to whom it was handed.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures::{Stream, StreamExt as _};

use super::handover::Ledger;
use crate::storage::Outgoing;

/// A range of a document, as a stream of bytes.
///
/// It asks nothing more about who reads it; that was asked when it was opened. When it ends, or is dropped, what it
/// has handed over is written down.
pub struct Download {
    bytes: Outgoing,
    ledger: Ledger,
}

impl Download {
    pub(super) fn new(bytes: Outgoing, ledger: Ledger) -> Self {
        Self { bytes, ledger }
    }
}

impl Stream for Download {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(self.bytes.poll_next_unpin(context));
        if let Some(Ok(plain)) = &next {
            self.ledger.sent(plain.len() as u64);
        }
        Poll::Ready(next)
    }
}
