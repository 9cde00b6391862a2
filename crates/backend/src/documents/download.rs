//! The bytes of a document on their way out: read in blocks, one ahead of the one being sent, and decrypted chunk by
//! chunk. No byte leaves before its chunk was verified; a chunk that does not verify ends the stream with an error.

use std::{
    collections::VecDeque,
    io,
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use domain::VersionId;
use futures::{FutureExt, Stream};
use sealed::Opener;
use tokio::task::JoinHandle;

use super::collect::Ledger;
use crate::{
    core::Core,
    error::{Error, Result},
};

/// A range of a document, as a stream of bytes.
///
/// It asks nothing more about who reads it; that was asked when it was opened. When it ends, or is dropped, what it
/// has handed over is written down.
pub struct Download {
    source: Arc<Source>,
    /// Chunks not read yet.
    rest: Range<u64>,
    ahead: Option<JoinHandle<Result<VecDeque<Bytes>>>>,
    ready: VecDeque<Bytes>,
    ledger: Ledger,
}

/// Where blocks come from.
struct Source {
    core: Arc<Core>,
    opener: Arc<Opener>,
    version: VersionId,
    range: Range<u64>,
}

/// Chunks read at once: half a mebibyte. Two such blocks are in memory for each download.
const BLOCK: u64 = 8;

impl Download {
    pub(super) fn new(
        core: Arc<Core>,
        opener: Arc<Opener>,
        version: VersionId,
        range: Range<u64>,
        ledger: Ledger,
    ) -> Self {
        let rest = if range.is_empty() { 0..0 } else { opener.chunks_for(range.clone()) };
        let source = Arc::new(Source { core, opener, version, range });
        let mut download = Self { source, rest, ahead: None, ready: VecDeque::new(), ledger };
        download.read_ahead();
        download
    }

    /// Has the next block read and decrypted while the current one is being sent.
    fn read_ahead(&mut self) {
        let end = self.rest.end.min(self.rest.start.saturating_add(BLOCK));
        let chunks = self.rest.start..end;
        self.rest.start = end;
        self.ahead = (!chunks.is_empty()).then(|| tokio::spawn(self.source.clone().block(chunks)));
    }

    /// Logs what the receiver is not told, and ends the stream.
    fn fail(&mut self, error: Error) -> io::Error {
        tracing::error!(%error, version = %self.source.version, "a download was cut off");
        self.rest = 0..0;
        self.ahead = None;
        io::Error::other("the document cannot be read")
    }
}

impl Stream for Download {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                self.ledger.sent(bytes.len() as u64);
                return Poll::Ready(Some(Ok(bytes)));
            }
            let Some(ahead) = &mut self.ahead else {
                return Poll::Ready(None);
            };
            let block = ready!(ahead.poll_unpin(context)).map_err(|error| Error::Io(error.into()));
            match block.and_then(|block| block) {
                Ok(block) => {
                    self.ready = block;
                    self.read_ahead();
                }
                Err(error) => return Poll::Ready(Some(Err(self.fail(error)))),
            }
        }
    }
}

impl Source {
    /// Reads neighbouring chunks in one go and decrypts them where they lie.
    async fn block(self: Arc<Self>, chunks: Range<u64>) -> Result<VecDeque<Bytes>> {
        let damaged = |error: sealed::OpenError| Error::Damaged(format!("version {}: {error}", self.version));
        let first = self.opener.chunk_range(chunks.start).map_err(damaged)?;
        let last = self.opener.chunk_range(chunks.end - 1).map_err(damaged)?;
        let mut rest = BytesMut::from(self.core.blobs.read(self.version, first.start..last.end).await?);
        let mut opened = VecDeque::with_capacity(BLOCK as usize);
        for chunk in chunks {
            let range = self.opener.chunk_range(chunk).map_err(damaged)?;
            let len = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
            if rest.len() < len {
                return Err(Error::Damaged(format!("version {}: chunk {chunk} is cut", self.version)));
            }
            let mut sealed = rest.split_to(len);
            self.opener.open_chunk(chunk, &mut sealed).map_err(damaged)?;
            let plain = sealed.freeze().slice(self.opener.within(chunk, self.range.clone()));
            if !plain.is_empty() {
                opened.push_back(plain);
            }
        }
        Ok(opened)
    }
}
