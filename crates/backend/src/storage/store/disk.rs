//! A folder on a disk.

use std::{
    fs::{self, DirBuilder},
    io::{self, ErrorKind},
    os::unix::fs::DirBuilderExt,
    path::{Path as FsPath, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use domain::BlobId;
use object_store::{ObjectStore, local::LocalFileSystem};

use super::{Abandoned, Store, location, staged};
use crate::error::{Error, Result};

/// Blobs in a folder. A write is done only when the disk has it.
#[derive(Debug)]
pub(in crate::storage) struct Disk {
    objects: Arc<dyn ObjectStore>,
    folder: PathBuf,
}

/// So much is written at once, while as much is being filled.
const PART: usize = 512 * 1024;
/// Where a sweep of before set blobs aside that no row named.
const QUARANTINE: &str = "quarantine";

impl Disk {
    /// Opens a folder, which is made if it does not exist.
    pub(in crate::storage) fn open(folder: &FsPath) -> Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let objects = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self { objects: Arc::new(objects), folder: folder.to_owned() })
    }
}

#[async_trait]
impl Store for Disk {
    fn objects(&self) -> &Arc<dyn ObjectStore> {
        &self.objects
    }

    fn part_len(&self) -> usize {
        PART
    }

    async fn abandoned(&self) -> Result<Vec<Abandoned>> {
        let folder = self.folder.clone();
        aside(move || staged::list(&folder)).await
    }

    async fn discard(&self, abandoned: &Abandoned) -> Result<()> {
        let path = PathBuf::from(&abandoned.handle);
        aside(move || gone(fs::remove_file(path))).await
    }

    /// Puts back what was set aside: a row says now what is rubbish, and since when.
    async fn upgrade(&self) -> Result<()> {
        let folder = self.folder.clone();
        aside(move || put_back(&folder)).await
    }
}

/// Does what waits for a disk on a thread that may wait.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::from)?.map_err(Error::Io)
}

fn put_back(folder: &FsPath) -> io::Result<()> {
    let quarantine = folder.join(QUARANTINE);
    let entries = match fs::read_dir(&quarantine) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let Some(blob) = set_aside(&path) else { continue };
        let place = folder.join(location(blob).as_ref());
        if let Some(shard) = place.parent() {
            fs::create_dir_all(shard)?;
        }
        gone(fs::rename(&path, &place))?;
    }
    match fs::remove_dir(&quarantine) {
        Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) => Err(error),
        _ => Ok(()),
    }
}

/// The blob of a file `blob.since`.
fn set_aside(path: &FsPath) -> Option<BlobId> {
    let (blob, since) = path.file_name()?.to_str()?.split_once('.')?;
    since.parse::<i64>().ok()?;
    blob.parse().ok()
}

/// What somebody else has moved or removed meanwhile is done.
fn gone(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_sweep_of_before_set_aside_has_its_place_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let disk = Disk::open(folder.path()).expect("opens");
        let quarantine = folder.path().join(QUARANTINE);
        fs::create_dir(&quarantine).expect("made");
        let blob = "0198c0de-0000-7000-8000-0000000000fe";
        fs::write(quarantine.join(format!("{blob}.1795356300000")), "sealed").expect("written");
        fs::write(quarantine.join("notes.txt"), "of somebody").expect("written");
        disk.upgrade().await.expect("put back");
        let place = folder.path().join("fe").join(blob);
        assert_eq!(fs::read_to_string(place).expect("is there"), "sealed");
        assert!(quarantine.join("notes.txt").exists(), "what is not ours is left alone");
        fs::remove_file(quarantine.join("notes.txt")).expect("removed");
        for _ in 0..2 {
            disk.upgrade().await.expect("nothing to do");
            assert!(!quarantine.exists());
        }
    }
}
