//! A clean copy on its way out.

use std::io::{self, Write};

use bytes::Bytes;
use domain::FileName;
use futures::{Stream, TryStreamExt as _, stream};
use office::Cleaned;
use tokio::runtime::Handle;

use super::claim::Claim;
use crate::{
    error::Result,
    storage::{Chunks, Outgoing, Plain, SealedBlob, SealingWriter},
};

/// A copy that lies sealed in the store until it has been read to its end or is dropped.
pub struct CleanCopy {
    name: FileName,
    cleaned: Cleaned,
    file: SealedBlob,
    claim: Claim,
}

/// The copy while it is read.
struct Reading {
    claim: Claim,
    bytes: Outgoing,
}

impl CleanCopy {
    pub(super) fn new(name: FileName, cleaned: Cleaned, file: SealedBlob, claim: Claim) -> Self {
        Self { name, cleaned, file, claim }
    }

    /// The name of the original.
    #[must_use]
    pub fn name(&self) -> &FileName {
        &self.name
    }

    /// What the copy is without.
    #[must_use]
    pub fn cleaned(&self) -> &Cleaned {
        &self.cleaned
    }

    /// Bytes of the copy.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.file.size
    }

    /// The bytes. Read to its end or dropped, the stream leaves nothing behind.
    ///
    /// # Errors
    /// The copy cannot be read.
    pub async fn into_stream(self) -> Result<impl Stream<Item = io::Result<Bytes>> + Send + use<>> {
        let core = self.claim.core.clone();
        let plain = Plain::open(core.blobs.clone(), &self.file, 0..self.file.size).await?;
        let reading = Reading { bytes: Chunks::new(plain, core.buffers.clone()).into(), claim: self.claim };
        Ok(stream::try_unfold(reading, |mut reading| async move {
            let Some(bytes) = reading.next().await? else {
                reading.claim.release().await;
                return Ok(None);
            };
            Ok(Some((bytes, reading)))
        }))
    }
}

impl Reading {
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        if !self.bytes.is_over() {
            self.claim.extend().await.map_err(|error| self.bytes.cut_off(&error))?;
        }
        self.bytes.try_next().await
    }
}

/// A [`SealingWriter`] for code that is synchronous, on a thread that may wait.
pub(super) struct BlockingWriter {
    runtime: Handle,
    inner: SealingWriter,
}

impl BlockingWriter {
    pub(super) fn new(inner: SealingWriter) -> Self {
        Self { runtime: Handle::current(), inner }
    }

    pub(super) fn into_inner(self) -> SealingWriter {
        self.inner
    }
}

impl Write for BlockingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let step = bytes.get(..SealingWriter::STEP).unwrap_or(bytes);
        self.runtime.block_on(self.inner.write(step)).map_err(io::Error::other)?;
        Ok(step.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
