//! The plaintext of a sealed blob, chunk by chunk: each is verified before a byte of it is given out.

use std::{io, ops::Range};

use bytes::{Bytes, BytesMut};
use domain::VersionId;
use futures::{FutureExt, future::BoxFuture};
use sealed::{Context, FileKey, HEADER_LEN, OpenError, Opener};

use crate::{
    error::{Error, Result},
    storage::Blobs,
};

/// A range of the plaintext of a version.
pub(super) struct Plain {
    blobs: Blobs,
    opener: Opener,
    version: VersionId,
    range: Range<u64>,
}

impl Plain {
    /// Checks header and length of the blob, before a byte of it is given out.
    pub(super) async fn open(
        blobs: Blobs,
        version: VersionId,
        file_key: &FileKey,
        size: u64,
        range: Range<u64>,
    ) -> Result<Self> {
        let damaged = |what: String| Error::Damaged(format!("version {version}: {what}"));
        let len = blobs.size(version).await?.ok_or_else(|| damaged("its blob is missing".to_owned()))?;
        let header = blobs.read(version, 0..HEADER_LEN as u64).await?;
        let context = Context::new(version.uuid().into_bytes()).with_plain_len(size);
        let opener = Opener::new(file_key, &header, context, size).map_err(|error| damaged(error.to_string()))?;
        opener.check_len(len).map_err(|error| damaged(error.to_string()))?;
        Ok(Self { blobs, opener, version, range })
    }

    /// The version, for the log.
    pub(super) fn version(&self) -> VersionId {
        self.version
    }

    /// The chunks that hold the range. That of an empty document is one, which is empty.
    pub(super) fn chunks(&self) -> Range<u64> {
        self.opener.chunks_for(self.range.clone())
    }

    /// Reads neighbouring chunks in one go.
    pub(super) fn read(&self, chunks: &Range<u64>) -> BoxFuture<'static, Result<Bytes>> {
        let (blobs, version) = (self.blobs.clone(), self.version);
        let ends = (self.opener.chunk_range(chunks.start), self.opener.chunk_range(chunks.end - 1));
        async move {
            let (Ok(first), Ok(last)) = ends else {
                return Err(Error::Damaged(format!("version {version}: there is no such chunk")));
            };
            blobs.read(version, first.start..last.end).await
        }
        .boxed()
    }

    /// Takes a chunk off the front of sealed bytes, decrypts it where it lies, and gives the part that is wanted.
    pub(super) fn take(&self, chunk: u64, sealed: &mut BytesMut) -> Result<Bytes> {
        let damaged = |error: OpenError| Error::Damaged(format!("version {}: {error}", self.version));
        let range = self.opener.chunk_range(chunk).map_err(damaged)?;
        let len = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
        if sealed.len() < len {
            return Err(Error::Damaged(format!("version {}: chunk {chunk} is cut", self.version)));
        }
        let mut chunk_bytes = sealed.split_to(len);
        self.opener.open_chunk(chunk, &mut chunk_bytes).map_err(damaged)?;
        Ok(chunk_bytes.freeze().slice(self.opener.within(chunk, self.range.clone())))
    }
}
