//! What an interrupted write leaves in a folder: `object_store` writes to `name#1` and renames it when the blob is
//! whole, so a crash leaves the staged file. Its listings hide such files, hence this look at the folder itself.

use std::{fs, io, path::Path, time::UNIX_EPOCH};

use domain::{BlobId, Timestamp};

use super::Abandoned;

/// Every staged file below `folder`.
pub(super) fn list(folder: &Path) -> io::Result<Vec<Abandoned>> {
    let mut staged = Vec::new();
    for shard in fs::read_dir(folder)? {
        let shard = shard?;
        if !shard.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(shard.path())? {
            let file = file?;
            let path = file.path();
            let (Some(blob), Some(handle)) = (staged_blob(&path), path.to_str()) else { continue };
            // Between the listing and this look a write may have come to its end.
            let Ok(modified) = file.metadata().and_then(|about| about.modified()) else { continue };
            let since_epoch = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
            let modified = Timestamp::from_millis(0).after(since_epoch);
            staged.push(Abandoned { blob, modified, handle: handle.to_owned() });
        }
    }
    Ok(staged)
}

/// The blob before the `#`; `None` for every other name.
fn staged_blob(path: &Path) -> Option<BlobId> {
    let (blob, attempt) = path.file_name()?.to_str()?.split_once('#')?;
    let is_attempt = !attempt.is_empty() && attempt.bytes().all(|byte| byte.is_ascii_digit());
    blob.parse().ok().filter(|_| is_attempt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_of_staged_blobs_are_recognised() {
        assert!(staged_blob(Path::new("/b/fe/0198c0de-0000-7000-8000-0000000000fe#1")).is_some());
        for name in ["0198c0de-0000-7000-8000-0000000000fe", "0198c0de-0000-7000-8000-0000000000fe#", "notes#1"] {
            assert_eq!(staged_blob(Path::new(name)), None, "{name}");
        }
    }
}
