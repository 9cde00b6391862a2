//! The bytes of a document on their way out: read in blocks, one ahead of the one being sent, and decrypted chunk by
//! chunk, each just before it is sent, while it is in the cache anyway. No byte leaves before its chunk was verified; a
//! chunk that does not verify ends the stream with an error.

use std::{
    io,
    ops::Range,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use futures::{
    FutureExt, Stream,
    future::{BoxFuture, MaybeDone, maybe_done},
};

use super::{handover::Ledger, plain::Plain};
use crate::error::{Error, Result};

/// A range of a document, as a stream of bytes.
///
/// It asks nothing more about who reads it; that was asked when it was opened. When it ends, or is dropped, what it
/// has handed over is written down.
pub struct Download {
    source: Plain,
    /// Chunks that nobody has asked the store for.
    rest: Range<u64>,
    ahead: Option<Ahead>,
    block: Block,
    ledger: Ledger,
}

/// Neighbouring chunks, still sealed.
#[derive(Default)]
struct Block {
    chunks: Range<u64>,
    sealed: BytesMut,
}

/// A block on its way from the store. It begins to move when it is polled for the first time.
struct Ahead {
    chunks: Range<u64>,
    bytes: MaybeDone<BoxFuture<'static, Result<Bytes>>>,
}

/// Chunks read at once: half a mebibyte. Two such blocks are in memory for each download.
const BLOCK: u64 = 8;

impl Download {
    /// A range that is empty is sent as nothing at all.
    pub(super) fn new(source: Plain, is_empty: bool, ledger: Ledger) -> Self {
        let rest = if is_empty { 0..0 } else { source.chunks() };
        let mut download = Self { source, rest, ahead: None, block: Block::default(), ledger };
        download.ask_ahead();
        download
    }

    /// Asks for the next block, if there is one.
    fn ask_ahead(&mut self) {
        let end = self.rest.end.min(self.rest.start.saturating_add(BLOCK));
        let chunks = self.rest.start..end;
        self.rest.start = end;
        self.ahead = (!chunks.is_empty()).then(|| {
            let bytes = maybe_done(self.source.read(&chunks));
            Ahead { chunks, bytes }
        });
    }

    /// Opens the next chunk; `None` behind the last.
    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        loop {
            if let Some(chunk) = self.block.chunks.next() {
                return Poll::Ready(Some(self.source.take(chunk, &mut self.block.sealed)));
            }
            let Some(ahead) = &mut self.ahead else { return Poll::Ready(None) };
            ready!(ahead.bytes.poll_unpin(context));
            let Some(bytes) = Pin::new(&mut ahead.bytes).take_output() else { return Poll::Ready(None) };
            self.block = match bytes {
                Ok(bytes) => Block { chunks: ahead.chunks.clone(), sealed: bytes.into() },
                Err(error) => return Poll::Ready(Some(Err(error))),
            };
            self.ask_ahead();
            // The store reads the next block while this one is being sent; what it answers waits in its place.
            if let Some(ahead) = &mut self.ahead {
                let _ = ahead.bytes.poll_unpin(context);
            }
        }
    }

    /// Logs what the receiver is not told, and ends the stream.
    fn fail(&mut self, error: &Error) -> io::Error {
        tracing::error!(%error, version = %self.source.version(), "a download was cut off");
        self.rest = 0..0;
        self.ahead = None;
        self.block = Block::default();
        io::Error::other("the document cannot be read")
    }
}

impl Stream for Download {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match ready!(self.poll_chunk(context)) {
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
