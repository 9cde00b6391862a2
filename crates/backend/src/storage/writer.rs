//! Writing a blob as its bytes arrive. One that fits into a part is put as a whole, its length known; of any other, one
//! part is filled while the one before is on its way to the store.

use std::{mem, sync::Arc};

use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload, path::Path};
use tokio::task::JoinHandle;

use crate::error::{Error, Result};

/// A blob that is being written. Dropped before it has completed, it leaves nothing, or what the sweep finds abandoned.
pub(super) struct BlobWriter {
    store: Arc<dyn ObjectStore>,
    location: Path,
    part_len: usize,
    buffer: Vec<u8>,
    /// Begun when the first part is full.
    parts: Option<Box<dyn MultipartUpload>>,
    in_flight: Option<JoinHandle<object_store::Result<()>>>,
}

impl BlobWriter {
    pub(super) fn new(store: Arc<dyn ObjectStore>, location: Path, part_len: usize) -> Self {
        Self { store, location, part_len, buffer: Vec::new(), parts: None, in_flight: None }
    }

    /// Where sealed bytes are appended; [`push`](Self::push) sends them on.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Sends the buffer on once it has filled a part.
    pub(super) async fn push(&mut self) -> Result<()> {
        while self.buffer.len() >= self.part_len {
            let rest = self.buffer.split_off(self.part_len);
            self.send().await?;
            self.buffer.extend_from_slice(&rest);
        }
        Ok(())
    }

    /// Sends what is left and makes the blob appear, durably and whole.
    pub(super) async fn complete(mut self) -> Result<()> {
        if self.parts.is_none() {
            self.store.put(&self.location, PutPayload::from(self.buffer)).await?;
            return Ok(());
        }
        if !self.buffer.is_empty() {
            self.send().await?;
        }
        self.settle().await?;
        if let Some(parts) = &mut self.parts {
            parts.complete().await?;
        }
        Ok(())
    }

    /// Gives the blob up. What cannot be removed now is the sweep's.
    pub(super) async fn abort(mut self) {
        let settled = self.settle().await;
        let Some(parts) = &mut self.parts else { return };
        if let Err(error) = settled.and(parts.abort().await.map_err(Error::from)) {
            tracing::warn!(%error, "what was written of a blob is left to the sweep");
        }
    }

    /// Hands the buffer to the store, when the part before has arrived there.
    async fn send(&mut self) -> Result<()> {
        self.settle().await?;
        let full = self.part_len + self.part_len / 4;
        let part = mem::replace(&mut self.buffer, Vec::with_capacity(full));
        let parts = match &mut self.parts {
            Some(parts) => parts,
            none => none.insert(self.store.put_multipart(&self.location).await?),
        };
        self.in_flight = Some(tokio::spawn(parts.put_part(PutPayload::from(part))));
        Ok(())
    }

    async fn settle(&mut self) -> Result<()> {
        match self.in_flight.take() {
            Some(part) => Ok(part.await.map_err(std::io::Error::from)??),
            None => Ok(()),
        }
    }
}
