//! Sealed bytes by the id of their blob, in whatever store.

use std::{ops::Range, path::Path as FsPath, slice, sync::Arc};

use bytes::Bytes;
use domain::{BlobId, PortalId};
use futures::{Stream, StreamExt};
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt, PutMode, path::Path};

use super::{
    store::{Abandoned, Disk, Store, blob_at, location},
    writer::BlobWriter,
};
use crate::error::{Error, Result};

/// The store of sealed blobs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Blobs(Arc<dyn Store>);

/// Where the store says which portal it belongs to.
const PORTAL: &str = "portal.id";
/// What is written to see whether anything can be.
const PROBE: &str = "probe";
/// As much as the smallest document needs, so that a disk with a few last blocks does not pass.
const PROBE_LEN: usize = 64 << 10;

impl Blobs {
    /// Blobs in a folder, which is made if it does not exist. A write is done only when the disk has it.
    ///
    /// # Errors
    /// The folder cannot be made or reached.
    pub fn in_folder(folder: &FsPath) -> Result<Self> {
        Ok(Self(Arc::new(Disk::open(folder)?)))
    }

    /// Blobs in any store.
    #[cfg(test)]
    pub(super) fn over(store: Arc<dyn Store>) -> Self {
        Self(store)
    }

    /// Whether the store takes a small file and gives it up again.
    ///
    /// # Errors
    /// It does not: it is full, can only be read, or does not answer.
    pub async fn ping(&self) -> Result<()> {
        let probe = Path::from(PROBE);
        self.objects().put(&probe, vec![0; PROBE_LEN].into()).await?;
        // Somebody else may be trying at the same moment.
        removed(self.objects().delete(&probe).await)
    }

    /// Begins to write a blob. It is there, whole, when the writer has completed, and not before.
    pub(super) fn write(&self, blob: BlobId) -> BlobWriter {
        BlobWriter::new(self.objects().clone(), location(blob), self.0.part_len())
    }

    /// Bytes of a blob; `None` when there is no such blob.
    pub(crate) async fn size(&self, blob: BlobId) -> Result<Option<u64>> {
        match self.objects().head(&location(blob)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a part of a blob. (`get_range` would do the same in two turns on a disk: one to open, one to read.)
    pub(super) async fn read(&self, blob: BlobId, range: Range<u64>) -> Result<Bytes> {
        let parts = self.objects().get_ranges(&location(blob), slice::from_ref(&range)).await?;
        Ok(parts.into_iter().next().unwrap_or_default())
    }

    /// Removes a blob; one that is not there is removed already.
    pub(super) async fn delete(&self, blob: BlobId) -> Result<()> {
        removed(self.objects().delete(&location(blob)).await)
    }

    /// Every blob there is. What lies in the store and is no blob is passed over.
    pub(super) fn list(&self) -> impl Stream<Item = Result<BlobId>> {
        self.objects().list(None).filter_map(async |meta| match meta {
            Ok(meta) => blob_at(&meta).map(Ok),
            Err(error) => Some(Err(error.into())),
        })
    }

    /// What interrupted writes have left behind.
    pub(super) async fn abandoned(&self) -> Result<Vec<Abandoned>> {
        self.0.abandoned().await
    }

    /// Removes what an interrupted write has left behind.
    pub(super) async fn discard(&self, abandoned: &Abandoned) -> Result<()> {
        self.0.discard(abandoned).await
    }

    /// Brings what a portal of before has left into the shape of today.
    pub(super) async fn upgrade(&self) -> Result<()> {
        self.0.upgrade().await
    }

    /// The portal that the store says it belongs to.
    pub(super) async fn portal(&self) -> Result<Option<PortalId>> {
        let found = match self.objects().get(&Path::from(PORTAL)).await {
            Ok(found) => found.bytes().await?,
            Err(StoreError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let id = std::str::from_utf8(&found).ok().and_then(|text| text.trim().parse().ok());
        id.map(Some).ok_or_else(|| Error::Damaged(format!("{PORTAL} in the store is not an id")))
    }

    /// Writes down which portal the store belongs to; false when it says already whose it is, which then stands.
    pub(super) async fn belong_to(&self, portal: PortalId) -> Result<bool> {
        let text = format!("{portal}\n");
        match self.objects().put_opts(&Path::from(PORTAL), text.into(), PutMode::Create.into()).await {
            Ok(_) => Ok(true),
            Err(StoreError::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes down that the store belongs to this portal from now on, whatever it said before.
    pub(super) async fn change_hands(&self, portal: PortalId) -> Result<()> {
        self.objects().put(&Path::from(PORTAL), format!("{portal}\n").into()).await?;
        Ok(())
    }

    fn objects(&self) -> &Arc<dyn ObjectStore> {
        self.0.objects()
    }
}

fn removed(deleted: object_store::Result<()>) -> Result<()> {
    match deleted {
        Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
