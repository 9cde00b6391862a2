//! A place for bytes, in what a bucket can do as well as a disk: put what has a known length, send what has none in
//! parts, read ranges, list, delete, and tell what was begun and never ended. There is no renaming in it, and no folder
//! to walk; what has to be remembered of a blob is remembered in its row.

mod disk;
mod staged;
#[cfg(test)]
mod strict;

use std::{fmt::Debug, sync::Arc};

use async_trait::async_trait;
use domain::{BlobId, Timestamp};
use object_store::{ObjectMeta, ObjectStore, path::Path};

use crate::error::Result;

pub(super) use disk::Disk;

/// Where blobs lie. Reading and writing goes through [`objects`](Self::objects), in which no more is used than buckets
/// have.
#[async_trait]
pub(super) trait Store: Debug + Send + Sync {
    /// The objects.
    fn objects(&self) -> &Arc<dyn ObjectStore>;

    /// Bytes of every part but the last of what is sent in parts. Buckets take none below 5 MiB; two of them are in
    /// memory at most for each blob that is being written.
    fn part_len(&self) -> usize;

    /// What interrupted writes have left behind, which listings do not show.
    async fn abandoned(&self) -> Result<Vec<Abandoned>>;

    /// Removes it. What is gone already is removed.
    async fn discard(&self, abandoned: &Abandoned) -> Result<()>;

    /// Brings what a portal of before has left into the shape of today.
    async fn upgrade(&self) -> Result<()>;
}

/// What is left of a blob that was begun and never ended.
#[derive(Clone, Debug)]
pub(super) struct Abandoned {
    /// What it was to become.
    pub(super) blob: BlobId,
    /// When the last of it was written.
    pub(super) modified: Timestamp,
    /// How the store finds it.
    handle: String,
}

#[cfg(test)]
impl Abandoned {
    pub(super) fn of(blob: BlobId, modified: Timestamp) -> Self {
        Self { blob, modified, handle: String::new() }
    }
}

/// `shard/blob`, where the shard is two digits of the random part, so that no folder grows without bound.
pub(super) fn location(blob: BlobId) -> Path {
    let name = blob.to_string();
    let shard = name.get(name.len() - 2..).unwrap_or_default();
    Path::from_iter([shard, &name])
}

/// The blob that lies at a path; `None` for whatever else lies in the store.
pub(super) fn blob_at(meta: &ObjectMeta) -> Option<BlobId> {
    let blob = meta.location.filename()?.parse().ok()?;
    (location(blob) == meta.location).then_some(blob)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> ObjectMeta {
        let last_modified = Default::default();
        ObjectMeta { location: Path::from(path), last_modified, size: 0, e_tag: None, version: None }
    }

    #[test]
    fn a_location_reads_back_and_nothing_else_does() {
        let blob: BlobId = "0198c0de-0000-7000-8000-0000000000fe".parse().expect("an id");
        let path = location(blob);
        assert_eq!(path.as_ref(), "fe/0198c0de-0000-7000-8000-0000000000fe");
        assert_eq!(blob_at(&at(path.as_ref())), Some(blob));
        for other in ["0198c0de-0000-7000-8000-0000000000fe", "00/0198c0de-0000-7000-8000-0000000000fe", "fe/notes"] {
            assert_eq!(blob_at(&at(other)), None, "{other}");
        }
    }
}
