//! Blobs by version id, over any object store.

use std::{
    fs::DirBuilder,
    ops::Range,
    os::unix::fs::DirBuilderExt,
    path::{Path as FsPath, PathBuf},
    slice,
    sync::Arc,
};

use bytes::Bytes;
use domain::VersionId;
use futures::{Stream, StreamExt};
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path};

use super::{staged, writer::BlobWriter};
use crate::error::Result;

/// The store of sealed blobs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    folder: PathBuf,
}

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
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), folder: folder.to_owned() })
    }

    /// Whether the store takes a small file and gives it up again.
    ///
    /// # Errors
    /// It does not: it is full, can only be read, or does not answer.
    pub async fn ping(&self) -> Result<()> {
        let probe = Path::from(PROBE);
        self.store.put(&probe, vec![0; PROBE_LEN].into()).await?;
        match self.store.delete(&probe).await {
            // Somebody else was trying at the same moment.
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Begins to write a blob. It is there, whole, when the writer has completed, and not before.
    pub(crate) async fn write(&self, version: VersionId) -> Result<BlobWriter> {
        Ok(BlobWriter::new(self.store.put_multipart(&location(version)).await?))
    }

    /// Bytes of a blob; `None` when there is no such blob.
    pub(crate) async fn size(&self, version: VersionId) -> Result<Option<u64>> {
        match self.store.head(&location(version)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads a part of a blob. (`get_range` would do the same in two turns on a disk: one to open, one to read.)
    pub(crate) async fn read(&self, version: VersionId, range: Range<u64>) -> Result<Bytes> {
        let parts = self.store.get_ranges(&location(version), slice::from_ref(&range)).await?;
        Ok(parts.into_iter().next().unwrap_or_default())
    }

    /// Removes a blob; one that is not there is removed already.
    pub(crate) async fn delete(&self, version: VersionId) -> Result<()> {
        match self.store.delete(&location(version)).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Every blob there is. What lies in the store and is no blob is passed over.
    pub(crate) fn list(&self) -> impl Stream<Item = Result<VersionId>> {
        self.store.list(None).filter_map(async |meta| match meta {
            Ok(meta) => version_at(&meta.location).map(Ok),
            Err(error) => Some(Err(error.into())),
        })
    }

    /// Files that an interrupted write has left behind, with the version each was to become.
    pub(crate) async fn staged(&self) -> Result<Vec<(VersionId, PathBuf)>> {
        staged::list(self.folder.clone()).await
    }
}

/// `shard/version`, where the shard is two digits of the random part, so that no folder grows without bound.
fn location(version: VersionId) -> Path {
    let name = version.to_string();
    let shard = name.get(name.len() - 2..).unwrap_or_default();
    Path::from_iter([shard, &name])
}

fn version_at(path: &Path) -> Option<VersionId> {
    let version = path.filename()?.parse().ok()?;
    (location(version) == *path).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_reads_back_and_nothing_else_does() {
        let version: VersionId = "0198c0de-0000-7000-8000-0000000000fe".parse().expect("an id");
        let path = location(version);
        assert_eq!(path.as_ref(), "fe/0198c0de-0000-7000-8000-0000000000fe");
        assert_eq!(version_at(&path), Some(version));
        for other in ["0198c0de-0000-7000-8000-0000000000fe", "00/0198c0de-0000-7000-8000-0000000000fe", "fe/notes"] {
            assert_eq!(version_at(&Path::from(other)), None, "{other}");
        }
    }
}
