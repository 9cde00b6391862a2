//! The plaintext of a sealed blob, chunk by chunk: each is verified before a byte of it is given out.

use std::{io, ops::Range};

use bytes::{Bytes, BytesMut};
use domain::BlobId;
use futures::{FutureExt, future::BoxFuture};
use sealed::{Context, FileKey, HEADER_LEN, OpenError, Opener};

use super::Blobs;
use crate::error::{Error, Result};

/// A blob and what opens it. `Debug` of the key prints nothing of it.
#[derive(Debug)]
pub(crate) struct SealedBlob {
    pub(crate) id: BlobId,
    pub(crate) key: FileKey,
    /// Bytes of the plaintext.
    pub(crate) size: u64,
}

/// A range of the plaintext of a blob.
pub(crate) struct Plain {
    blobs: Blobs,
    opener: Opener,
    blob: BlobId,
    range: Range<u64>,
}

impl SealedBlob {
    /// A blob opens under its own id alone.
    pub(super) fn context(&self) -> Context {
        Context::new(self.id.uuid().into_bytes())
    }
}

impl Plain {
    /// Checks header and length of the blob, before a byte of it is given out.
    pub(crate) async fn open(blobs: Blobs, sealed: &SealedBlob, range: Range<u64>) -> Result<Self> {
        let SealedBlob { id, key, size } = sealed;
        let damaged = |what: String| Error::Damaged(format!("blob {id}: {what}"));
        let len = blobs.size(*id).await?.ok_or_else(|| damaged("it is missing".to_owned()))?;
        let header = blobs.read(*id, 0..HEADER_LEN as u64).await?;
        let context = sealed.context().with_plain_len(*size);
        let opener = Opener::new(key, &header, context, *size).map_err(|error| damaged(error.to_string()))?;
        opener.check_len(len).map_err(|error| damaged(error.to_string()))?;
        Ok(Self { blobs, opener, blob: *id, range })
    }

    /// The blob, for the log.
    pub(crate) fn blob(&self) -> BlobId {
        self.blob
    }

    /// The chunks that hold the range. That of an empty document is one, which is empty.
    pub(crate) fn chunks(&self) -> Range<u64> {
        self.opener.chunks_for(self.range.clone())
    }

    /// Reads neighbouring chunks in one go.
    pub(crate) fn read(&self, chunks: &Range<u64>) -> BoxFuture<'static, Result<Bytes>> {
        let (blobs, blob) = (self.blobs.clone(), self.blob);
        let ends = (self.opener.chunk_range(chunks.start), self.opener.chunk_range(chunks.end - 1));
        async move {
            let (Ok(first), Ok(last)) = ends else {
                return Err(Error::Damaged(format!("blob {blob}: there is no such chunk")));
            };
            blobs.read(blob, first.start..last.end).await
        }
        .boxed()
    }

    /// Takes a chunk off the front of sealed bytes, decrypts it where it lies, and gives the part that is wanted.
    pub(crate) fn take(&self, chunk: u64, sealed: &mut BytesMut) -> Result<Bytes> {
        let damaged = |error: OpenError| Error::Damaged(format!("blob {}: {error}", self.blob));
        let range = self.opener.chunk_range(chunk).map_err(damaged)?;
        let len = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
        if sealed.len() < len {
            return Err(Error::Damaged(format!("blob {}: chunk {chunk} is cut", self.blob)));
        }
        let mut chunk_bytes = sealed.split_to(len);
        self.opener.open_chunk(chunk, &mut chunk_bytes).map_err(damaged)?;
        Ok(chunk_bytes.freeze().slice(self.opener.within(chunk, self.range.clone())))
    }
}
