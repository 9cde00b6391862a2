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
use domain::{PortalId, Timestamp, VersionId};
use futures::{Stream, StreamExt};
use object_store::{
    Error as StoreError, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, local::LocalFileSystem, path::Path,
};

use super::{
    staged::{self, Staged},
    writer::BlobWriter,
};
use crate::error::{Error, Result};

/// The store of sealed blobs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    folder: PathBuf,
}

/// A blob as it is listed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blob {
    pub(crate) version: VersionId,
    pub(crate) modified: Timestamp,
}

/// A blob that was set aside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SetAside {
    pub(crate) version: VersionId,
    pub(crate) since: Timestamp,
}

/// Where the store says which portal it belongs to.
const PORTAL: &str = "portal.id";
/// Where blobs lie that no row names, until it is certain that none will.
const QUARANTINE: &str = "quarantine";
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
    pub(crate) fn list(&self) -> impl Stream<Item = Result<Blob>> {
        self.store.list(None).filter_map(async |meta| match meta {
            Ok(meta) => version_at(&meta.location).map(|version| Ok(Blob { version, modified: modified(&meta) })),
            Err(error) => Some(Err(error.into())),
        })
    }

    /// Sets a blob aside that no row names. One that is gone meanwhile is left so.
    pub(crate) async fn set_aside(&self, version: VersionId, now: Timestamp) -> Result<()> {
        self.rename(&location(version), &set_aside_location(SetAside { version, since: now })).await
    }

    /// Every blob that was set aside.
    pub(crate) fn list_set_aside(&self) -> impl Stream<Item = Result<SetAside>> {
        self.store.list(Some(&Path::from(QUARANTINE))).filter_map(async |meta| match meta {
            Ok(meta) => set_aside_at(&meta.location).map(Ok),
            Err(StoreError::NotFound { .. }) => None,
            Err(error) => Some(Err(error.into())),
        })
    }

    /// Puts a blob back that was set aside.
    pub(crate) async fn put_back(&self, blob: SetAside) -> Result<()> {
        self.rename(&set_aside_location(blob), &location(blob.version)).await
    }

    /// Removes a blob that was set aside, for good.
    pub(crate) async fn remove_set_aside(&self, blob: SetAside) -> Result<()> {
        match self.store.delete(&set_aside_location(blob)).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The portal that the store says it belongs to.
    pub(crate) async fn portal(&self) -> Result<Option<PortalId>> {
        let found = match self.store.get(&Path::from(PORTAL)).await {
            Ok(found) => found.bytes().await?,
            Err(StoreError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let id = std::str::from_utf8(&found).ok().and_then(|text| text.trim().parse().ok());
        id.map(Some).ok_or_else(|| Error::Damaged(format!("{PORTAL} in the store is not an id")))
    }

    /// Writes down which portal the store belongs to; false when it says already whose it is, which then stands.
    pub(crate) async fn belong_to(&self, portal: PortalId) -> Result<bool> {
        let text = format!("{portal}\n");
        match self.store.put_opts(&Path::from(PORTAL), text.into(), PutMode::Create.into()).await {
            Ok(_) => Ok(true),
            Err(StoreError::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes down that the store belongs to this portal from now on, whatever it said before.
    pub(crate) async fn change_hands(&self, portal: PortalId) -> Result<()> {
        self.store.put(&Path::from(PORTAL), format!("{portal}\n").into()).await?;
        Ok(())
    }

    async fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        match self.store.rename(from, to).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Files that an interrupted write has left behind.
    pub(crate) async fn staged(&self) -> Result<Vec<Staged>> {
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

fn set_aside_location(blob: SetAside) -> Path {
    let SetAside { version, since } = blob;
    Path::from_iter([QUARANTINE.to_owned(), format!("{version}.{}", since.millis())])
}

fn set_aside_at(path: &Path) -> Option<SetAside> {
    let (version, since) = path.filename()?.split_once('.')?;
    let blob = SetAside { version: version.parse().ok()?, since: Timestamp::from_millis(since.parse().ok()?) };
    (set_aside_location(blob) == *path).then_some(blob)
}

fn modified(meta: &ObjectMeta) -> Timestamp {
    Timestamp::from_millis(meta.last_modified.timestamp_millis())
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

    #[test]
    fn what_was_set_aside_is_no_blob_and_remembers_since_when() {
        let version = "0198c0de-0000-7000-8000-0000000000fe".parse().expect("an id");
        let path = set_aside_location(SetAside { version, since: Timestamp::from_millis(42) });
        assert_eq!(version_at(&path), None);
        let read = set_aside_at(&path).expect("set aside");
        assert_eq!((read.version, read.since.millis()), (version, 42));
        for other in ["quarantine/notes.txt", "fe/0198c0de-0000-7000-8000-0000000000fe.42"] {
            assert!(set_aside_at(&Path::from(other)).is_none(), "{other}");
        }
    }
}
