//! What an interrupted write leaves in a folder: `object_store` writes to `name#1` and renames it when the blob is
//! whole, so a crash leaves the staged file. Its listings hide such files, hence this look at the folder itself.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use domain::{Timestamp, VersionId};

use crate::error::{Error, Result};

/// A staged file.
pub(crate) struct Staged {
    /// What it was to become.
    pub(crate) version: VersionId,
    pub(crate) path: PathBuf,
    pub(crate) modified: Timestamp,
}

/// Every staged file below `folder`.
pub(super) async fn list(folder: PathBuf) -> Result<Vec<Staged>> {
    let found = tokio::task::spawn_blocking(move || walk(&folder)).await.map_err(io::Error::from)?;
    found.map_err(Error::Io)
}

fn walk(folder: &Path) -> io::Result<Vec<Staged>> {
    let mut staged = Vec::new();
    for shard in fs::read_dir(folder)? {
        let shard = shard?;
        if !shard.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(shard.path())? {
            let file = file?;
            let path = file.path();
            let Some(version) = staged_version(&path) else { continue };
            // Between the listing and this look a write may have come to its end.
            let Ok(modified) = file.metadata().and_then(|about| about.modified()) else { continue };
            let since_epoch = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
            staged.push(Staged { version, path, modified: Timestamp::from_millis(0).after(since_epoch) });
        }
    }
    Ok(staged)
}

/// The version before the `#`; `None` for every other name.
fn staged_version(path: &Path) -> Option<VersionId> {
    let (version, attempt) = path.file_name()?.to_str()?.split_once('#')?;
    let is_attempt = !attempt.is_empty() && attempt.bytes().all(|byte| byte.is_ascii_digit());
    version.parse().ok().filter(|_| is_attempt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_of_staged_blobs_are_recognised() {
        assert!(staged_version(Path::new("/b/fe/0198c0de-0000-7000-8000-0000000000fe#1")).is_some());
        for name in ["0198c0de-0000-7000-8000-0000000000fe", "0198c0de-0000-7000-8000-0000000000fe#", "notes#1"] {
            assert_eq!(staged_version(Path::new(name)), None, "{name}");
        }
    }
}
