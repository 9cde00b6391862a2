//! Writing a blob as its bytes arrive: one part is filled while the one before is on its way to the store.

use std::mem;

use object_store::{MultipartUpload, PutPayload};
use tokio::task::JoinHandle;

use crate::error::{Error, Result};

/// Bytes of a part. Two of them are in memory at most, whatever the size of the blob.
const PART: usize = 512 * 1024;

/// A blob that is being written. Dropped before it has completed, it leaves nothing, or a staged file for the sweep.
pub(crate) struct BlobWriter {
    upload: Box<dyn MultipartUpload>,
    buffer: Vec<u8>,
    in_flight: Option<JoinHandle<object_store::Result<()>>>,
}

impl BlobWriter {
    pub(super) fn new(upload: Box<dyn MultipartUpload>) -> Self {
        Self { upload, buffer: Vec::new(), in_flight: None }
    }

    /// Where sealed bytes are appended; [`push`](Self::push) sends them on.
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Sends the buffer on once it has filled a part.
    pub(crate) async fn push(&mut self) -> Result<()> {
        while self.buffer.len() >= PART {
            let rest = self.buffer.split_off(PART);
            self.send().await?;
            self.buffer.extend_from_slice(&rest);
        }
        Ok(())
    }

    /// Sends the last part and makes the blob appear, durably and whole.
    pub(crate) async fn complete(mut self) -> Result<()> {
        if !self.buffer.is_empty() {
            self.send().await?;
        }
        self.settle().await?;
        self.upload.complete().await?;
        Ok(())
    }

    /// Gives the blob up. What cannot be removed now is the sweep's.
    pub(crate) async fn abort(mut self) {
        let settled = self.settle().await;
        if let Err(error) = settled.and(self.upload.abort().await.map_err(Error::from)) {
            tracing::warn!(%error, "a staged blob is left to the sweep");
        }
    }

    /// Hands the buffer to the store, when the part before has arrived there.
    async fn send(&mut self) -> Result<()> {
        self.settle().await?;
        let part = mem::replace(&mut self.buffer, Vec::with_capacity(PART + PART / 4));
        self.in_flight = Some(tokio::spawn(self.upload.put_part(PutPayload::from(part))));
        Ok(())
    }

    async fn settle(&mut self) -> Result<()> {
        match self.in_flight.take() {
            Some(part) => Ok(part.await.map_err(std::io::Error::from)??),
            None => Ok(()),
        }
    }
}
