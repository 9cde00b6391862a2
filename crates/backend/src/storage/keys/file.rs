//! The file of the master keys: read whole, written whole, and never readable by others.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::{KEY_LEN, KeySet, Sets};
use crate::random::Random;

/// Why the master keys could not be had. Each is a sentence for whoever starts the program.
#[derive(Debug, thiserror::Error)]
pub enum KeyRingError {
    /// Others can read the folder or the file.
    #[error("{} can be read by others (mode {mode:03o}). Make it private: chmod {wanted} {}", path.display(), path.display())]
    Exposed {
        /// What is exposed.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
        /// What they have to be.
        wanted: &'static str,
    },
    /// A line is not a key.
    #[error("line {line} of {} is not a key of 32 bytes in base64. Restore the file from its copy.", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// The file was cut: it does not end with a line break.
    #[error("{} does not end with a line break, so it may have been cut. Restore the file from its copy.", path.display())]
    Cut {
        /// The file.
        path: PathBuf,
    },
    /// There is no key in the file.
    #[error("{} has no key in it. Restore the file from its copy.", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("{} cannot be used: {source}", path.display())]
    Io {
        /// What was to be read or written.
        path: PathBuf,
        /// Why it was not.
        source: io::Error,
    },
}

/// Tells whether a file is still the one that was read.
pub(super) type Stamp = (u64, u64, i64, i64);

pub(super) const FILE: &str = "master.keys";
const COMMENT: &str = "# The master keys of this portal, one a line. The first is active, the others open what they sealed.\n\
     # Keep a copy in a safe place: without these keys no document can be read.\n";

/// Reads the file, if there is one.
pub(super) fn read(folder: &Path) -> Result<Option<(Sets, Stamp)>, KeyRingError> {
    let file = folder.join(FILE);
    if !file.try_exists().map_err(|source| KeyRingError::Io { path: file.clone(), source })? {
        return Ok(None);
    }
    refuse_exposed(folder, "700")?;
    refuse_exposed(&file, "600")?;
    let stamp = stamp(folder).map_err(|source| KeyRingError::Io { path: file.clone(), source })?;
    Ok(Some((parse(&text(&file)?, &file)?, stamp)))
}

/// Makes the folder, and the file with one fresh key, unless there is one. The file appears whole, and when two programs
/// start at once, one of them makes it.
pub(super) fn create(folder: &Path, random: &dyn Random) -> Result<(), KeyRingError> {
    let file = folder.join(FILE);
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    let made = made.and_then(|()| staged(folder, random, &format!("{COMMENT}{}\n", *fresh(random))));
    let linked = made.and_then(|staged| {
        let linked = fs::hard_link(&staged, &file);
        fs::remove_file(&staged)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => fs::File::open(folder)?.sync_all(),
        }
    });
    linked.map_err(|source| KeyRingError::Io { path: file, source })
}

/// Puts a fresh key in front of those in the file. The file is exchanged whole, and one program at a time does it.
pub(super) fn put_in_front(folder: &Path, random: &dyn Random) -> Result<(), KeyRingError> {
    let file = folder.join(FILE);
    let io = |source| KeyRingError::Io { path: file.clone(), source };
    let lock = fs::File::open(folder).map_err(io)?;
    lock.lock().map_err(io)?;
    let before = text(&file)?;
    parse(&before, &file)?;
    let keys = before.lines().position(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or(0);
    let mut after = Zeroizing::new(String::with_capacity(before.len() + 64));
    for (index, line) in before.lines().enumerate() {
        if index == keys {
            after.push_str(&fresh(random));
            after.push('\n');
        }
        after.push_str(line);
        after.push('\n');
    }
    let exchanged = staged(folder, random, &after).and_then(|staged| fs::rename(staged, &file));
    exchanged.and_then(|()| lock.sync_all()).map_err(io)
}

/// What tells this file from the one that takes its place.
pub(super) fn stamp(folder: &Path) -> io::Result<Stamp> {
    let about = fs::metadata(folder.join(FILE))?;
    Ok((about.ino(), about.len(), about.mtime(), about.mtime_nsec()))
}

pub(super) fn parse(text: &str, path: &Path) -> Result<Sets, KeyRingError> {
    if !text.is_empty() && !text.ends_with('\n') {
        return Err(KeyRingError::Cut { path: path.to_owned() });
    }
    let mut sets = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let malformed = || KeyRingError::Malformed { path: path.to_owned(), line: index + 1 };
        let bytes = Zeroizing::new(STANDARD.decode(line.trim()).map_err(|_| malformed())?);
        let root: &[u8; KEY_LEN] = bytes.as_slice().try_into().map_err(|_| malformed())?;
        sets.push(KeySet::derive(root).ok_or_else(malformed)?);
    }
    Sets::of(sets).ok_or_else(|| KeyRingError::Empty { path: path.to_owned() })
}

fn text(file: &Path) -> Result<Zeroizing<String>, KeyRingError> {
    let text = fs::read_to_string(file).map_err(|source| KeyRingError::Io { path: file.to_owned(), source })?;
    Ok(Zeroizing::new(text))
}

/// A fresh key, as it stands in its line.
fn fresh(random: &dyn Random) -> Zeroizing<String> {
    let mut root = Zeroizing::new([0; KEY_LEN]);
    random.fill(root.as_mut());
    Zeroizing::new(STANDARD.encode(root.as_slice()))
}

/// Writes a file beside the one that it is to become, durably.
fn staged(folder: &Path, random: &dyn Random, text: &str) -> io::Result<PathBuf> {
    let mut suffix = [0; 8];
    random.fill(&mut suffix);
    let staged = folder.join(format!("{FILE}.{:016x}", u64::from_be_bytes(suffix)));
    let mut out = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&staged)?;
    out.write_all(text.as_bytes())?;
    out.sync_all()?;
    Ok(staged)
}

fn refuse_exposed(path: &Path, wanted: &'static str) -> Result<(), KeyRingError> {
    let metadata = fs::metadata(path).map_err(|source| KeyRingError::Io { path: path.to_owned(), source })?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyRingError::Exposed { path: path.to_owned(), mode, wanted }) }
}
