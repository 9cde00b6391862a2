//! The plaintext of a sealed blob as a stream: read in blocks, one ahead of the one being taken, and decrypted chunk by
//! chunk, each just before it is taken, while it is in the cache anyway.

use std::{
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use futures::{
    FutureExt, Stream,
    future::{BoxFuture, MaybeDone, maybe_done},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::plain::Plain;
use crate::error::Result;

/// The chunks of a range. An error is the end of it.
pub(crate) struct Chunks {
    plain: Plain,
    buffers: Buffers,
    /// Chunks that nobody has asked the store for.
    rest: Range<u64>,
    ahead: Option<Ahead>,
    block: Block,
}

/// The memory that blocks of all streams share.
///
/// A reader who stops reading keeps what was read for them. While there is room, a stream holds a block and the one
/// after it; when there is none, a single chunk, so that thousands of readers who stall cost little, and nobody is
/// refused.
#[derive(Clone)]
pub(crate) struct Buffers(Arc<Semaphore>);

/// Room for a block; given back when the block was taken.
type Room = OwnedSemaphorePermit;

/// Neighbouring chunks, still sealed. A chunk that was taken keeps the memory of its block, and so does the room.
#[derive(Default)]
struct Block {
    chunks: Range<u64>,
    sealed: BytesMut,
    _room: Option<Room>,
}

/// A block on its way from the store. It begins to move when it is polled for the first time.
struct Ahead {
    chunks: Range<u64>,
    room: Option<Room>,
    bytes: MaybeDone<BoxFuture<'static, Result<Bytes>>>,
}

/// Chunks read at once where there is room: half a mebibyte.
const BLOCK: u32 = 8;
/// Blocks of all streams together: 32 MiB.
const BLOCKS: usize = 64;

impl Buffers {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(BLOCKS)))
    }

    fn room(&self) -> Option<Room> {
        self.0.clone().try_acquire_owned().ok()
    }
}

impl Chunks {
    /// Those of the range that `plain` was opened for.
    pub(crate) fn new(plain: Plain, buffers: Buffers) -> Self {
        let rest = plain.chunks();
        Self { plain, buffers, rest, ahead: None, block: Block::default() }
    }

    /// Where they come from.
    pub(crate) fn source(&self) -> &Plain {
        &self.plain
    }

    /// Whether every chunk was taken, and the store has none left.
    pub(crate) fn is_over(&self) -> bool {
        self.block.chunks.is_empty() && self.ahead.is_none() && self.rest.is_empty()
    }

    /// Asks for the next block; without room, for a chunk.
    fn request(&mut self, room: Option<Room>) {
        let len = if room.is_some() { BLOCK } else { 1 };
        let end = self.rest.end.min(self.rest.start.saturating_add(len.into()));
        let chunks = self.rest.start..end;
        self.rest.start = end;
        let bytes = maybe_done(self.plain.read(&chunks));
        self.ahead = Some(Ahead { chunks, room, bytes });
    }

    /// The block that was asked for. The store reads the one after it while this one is being taken.
    fn poll_block(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Block>>> {
        if self.ahead.is_none() && !self.rest.is_empty() {
            let room = self.buffers.room();
            self.request(room);
        }
        let Some(ahead) = &mut self.ahead else { return Poll::Ready(None) };
        ready!(ahead.bytes.poll_unpin(context));
        let Some(Ahead { chunks, room, mut bytes }) = self.ahead.take() else { return Poll::Ready(None) };
        let Some(bytes) = Pin::new(&mut bytes).take_output() else { return Poll::Ready(None) };
        if !self.rest.is_empty()
            && let Some(room) = self.buffers.room()
        {
            self.request(Some(room));
        }
        if let Some(ahead) = &mut self.ahead {
            // What the store answers waits in its place.
            let _ = ahead.bytes.poll_unpin(context);
        }
        Poll::Ready(Some(bytes.map(|bytes| Block { chunks, sealed: bytes.into(), _room: room })))
    }

    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        loop {
            if let Some(chunk) = self.block.chunks.next() {
                return Poll::Ready(Some(self.plain.take(chunk, &mut self.block.sealed)));
            }
            self.block = Block::default();
            match ready!(self.poll_block(context)) {
                Some(Ok(block)) => self.block = block,
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl Stream for Chunks {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let chunk = ready!(self.poll_chunk(context));
        if let Some(Err(_)) = &chunk {
            self.rest = 0..0;
            self.ahead = None;
            self.block = Block::default();
        }
        Poll::Ready(chunk)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Blobs, SealedBlob};
    use super::*;
    use domain::BlobId;
    use futures::{StreamExt, TryStreamExt};
    use sealed::{CHUNK, FileKey, Sealer};
    use tempfile::TempDir;

    const READERS: usize = BLOCKS + 6;
    const LEN: usize = 5 * BLOCK as usize * CHUNK + 7;

    struct Deposited {
        _folder: TempDir,
        blobs: Blobs,
        sealed: SealedBlob,
        plain: Vec<u8>,
    }

    impl Deposited {
        async fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let blobs = Blobs::in_folder(folder.path()).expect("a store");
            let id: BlobId = "0198c0de-0000-7000-8000-000000000001".parse().expect("an id");
            let key = FileKey::from_bytes([7; 32]);
            let plain: Vec<u8> = (0..LEN).map(|place| (place / 1000) as u8).collect();
            let context = sealed::Context::new(id.uuid().into_bytes());
            let mut sealer = Sealer::new(&key, [3; 32], context).expect("a sealer");
            let mut blob = blobs.write(id);
            blob.buffer().extend_from_slice(&sealer.header());
            sealer.seal(&plain, blob.buffer()).expect("seals");
            sealer.finish(blob.buffer()).expect("ends");
            blob.push().await.expect("is written");
            blob.complete().await.expect("is there");
            Self { _folder: folder, blobs, sealed: SealedBlob { id, key, size: LEN as u64 }, plain }
        }

        async fn read(&self, buffers: &Buffers) -> Chunks {
            let plain = Plain::open(self.blobs.clone(), &self.sealed, 0..LEN as u64).await;
            Chunks::new(plain.expect("opens"), buffers.clone())
        }
    }

    fn held(chunks: &Chunks) -> u64 {
        let ahead = chunks.ahead.as_ref().map_or(0, |ahead| ahead.chunks.end - ahead.chunks.start);
        chunks.block.chunks.end - chunks.block.chunks.start + ahead
    }

    #[tokio::test]
    async fn readers_who_stall_share_a_bounded_memory_and_everybody_gets_every_byte() {
        let deposited = Deposited::new().await;
        let buffers = Buffers::new();
        let mut readers = Vec::new();
        for _ in 0..READERS {
            let mut chunks = deposited.read(&buffers).await;
            let first = chunks.try_next().await.expect("is whole").expect("there is a chunk");
            readers.push((chunks, first.to_vec()));
        }
        let chunks: u64 = readers.iter().map(|(chunks, _)| held(chunks)).sum();
        assert!(chunks <= BLOCKS as u64 * u64::from(BLOCK), "{chunks}");
        assert_eq!(held(&readers[READERS - 1].0), 0, "without room nothing is read that is not being taken");
        for (mut chunks, mut read) in readers {
            while let Some(chunk) = chunks.try_next().await.expect("is whole") {
                read.extend_from_slice(&chunk);
            }
            assert!(read == deposited.plain);
        }
        assert_eq!(buffers.0.available_permits(), BLOCKS);
    }

    #[tokio::test]
    async fn room_that_is_given_back_is_taken_by_whoever_reads_on() {
        let deposited = Deposited::new().await;
        let buffers = Buffers::new();
        let all = buffers.0.clone().try_acquire_many_owned(BLOCKS as u32).expect("nothing is taken");
        let mut chunks = deposited.read(&buffers).await;
        assert!(chunks.next().await.is_some());
        assert_eq!(held(&chunks), 0);
        drop(all);
        assert!(chunks.next().await.is_some());
        assert_eq!(held(&chunks), 2 * u64::from(BLOCK) - 1);
    }

    #[tokio::test]
    async fn an_error_is_the_end() {
        let deposited = Deposited::new().await;
        let buffers = Buffers::new();
        let mut chunks = deposited.read(&buffers).await;
        deposited.blobs.delete(deposited.sealed.id).await.expect("is gone");
        assert!(chunks.next().await.is_some_and(|chunk| chunk.is_err()));
        assert!(chunks.next().await.is_none());
        assert_eq!(buffers.0.available_permits(), BLOCKS);
    }
}
