//! The master keys: one file, one key a line, and everything that is derived from each.

use std::{
    fmt, fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use pasetors::{keys::SymmetricKey, version4::V4};
use ring::{
    aead::{self, LessSafeKey, UnboundKey},
    hkdf, hmac,
};
use sealed::MasterKey;
use zeroize::Zeroizing;

use crate::random::Random;

/// The master keys in memory. The first is active; the others still open what they once sealed.
///
/// The bytes of a line are used for nothing but derivation (HKDF-SHA-256): one key wraps file keys, one encrypts link
/// tokens, one seals what goes into mails, one keys the hashes of six-digit codes. `Debug` prints ids only.
pub struct KeyRing {
    active: KeySet,
    old: Vec<KeySet>,
}

/// What one master key gives.
pub(crate) struct KeySet {
    /// Wraps the keys of document versions; its id names the set.
    pub(crate) wrapping: MasterKey,
    /// Encrypts link tokens.
    pub(crate) link: SymmetricKey<V4>,
    /// Seals what goes into mails, until they are sent.
    pub(crate) mail: LessSafeKey,
    code: hmac::Key,
}

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

const FILE: &str = "master.keys";
const COMMENT: &str = "# The master keys of this portal, one a line. The first is active, the others open what they sealed.\n\
     # Keep a copy in a safe place: without these keys no document can be read.\n";
const KEY_LEN: usize = 32;

impl KeyRing {
    /// Reads `folder/master.keys`, or makes folder and file, with one fresh key, when there is no such file.
    ///
    /// # Errors
    /// Folder or file can be read by others, or the file is damaged: nothing is repaired by guessing.
    pub fn open(folder: &Path, random: &dyn Random) -> Result<Self, KeyRingError> {
        let io = |source| KeyRingError::Io { path: folder.to_owned(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io)?;
        refuse_exposed(folder, "700")?;
        let file = folder.join(FILE);
        if !file.try_exists().map_err(io)? {
            create(folder, &file, random).map_err(|source| KeyRingError::Io { path: file.clone(), source })?;
        }
        refuse_exposed(&file, "600")?;
        let text = fs::read_to_string(&file).map_err(|source| KeyRingError::Io { path: file.clone(), source })?;
        Self::parse(&Zeroizing::new(text), &file)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, KeyRingError> {
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
        let mut sets = sets.into_iter();
        let active = sets.next().ok_or_else(|| KeyRingError::Empty { path: path.to_owned() })?;
        Ok(Self { active, old: sets.collect() })
    }

    /// The keys for everything new.
    pub(crate) fn active(&self) -> &KeySet {
        &self.active
    }

    /// The keys by the id that a row or a token names.
    pub(crate) fn by_id(&self, id: &str) -> Option<&KeySet> {
        std::iter::once(&self.active).chain(&self.old).find(|set| set.id() == id)
    }

    /// Keys the hashes of six-digit codes, which without it could be guessed from the database.
    pub(crate) fn code_key(&self) -> &hmac::Key {
        &self.active.code
    }
}

impl KeySet {
    pub(crate) fn id(&self) -> &str {
        self.wrapping.id().as_str()
    }

    fn derive(root: &[u8; KEY_LEN]) -> Option<Self> {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"strongroom.key-ring@v1").extract(root);
        let derived = |label: &[u8]| {
            let mut key = Zeroizing::new([0; KEY_LEN]);
            prk.expand(&[label], hkdf::HKDF_SHA256).and_then(|okm| okm.fill(key.as_mut())).ok().map(|()| key)
        };
        Some(Self {
            wrapping: MasterKey::from_bytes(*derived(b"wrap file keys")?),
            link: SymmetricKey::from(derived(b"encrypt link tokens")?.as_slice()).ok()?,
            mail: LessSafeKey::new(
                UnboundKey::new(&aead::AES_256_GCM, derived(b"seal mail secrets")?.as_slice()).ok()?,
            ),
            code: hmac::Key::new(hmac::HMAC_SHA256, derived(b"hash codes")?.as_slice()),
        })
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let old: Vec<_> = self.old.iter().map(KeySet::id).collect();
        f.debug_struct("KeyRing").field("active", &self.active.id()).field("old", &old).finish()
    }
}

/// Writes the first key. The file appears whole, and when two programs start at once, one of them makes it.
fn create(folder: &Path, file: &Path, random: &dyn Random) -> io::Result<()> {
    let mut root = Zeroizing::new([0; KEY_LEN]);
    let mut suffix = [0; 8];
    random.fill(root.as_mut());
    random.fill(&mut suffix);
    let staged = folder.join(format!("{FILE}.{:016x}", u64::from_be_bytes(suffix)));
    let text = Zeroizing::new(format!("{COMMENT}{}\n", STANDARD.encode(root.as_slice())));

    let mut out = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&staged)?;
    let written = out.write_all(text.as_bytes()).and_then(|()| out.sync_all());
    let linked = written.and_then(|()| fs::hard_link(&staged, file));
    fs::remove_file(&staged)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => fs::File::open(folder)?.sync_all(),
    }
}

fn refuse_exposed(path: &Path, wanted: &'static str) -> Result<(), KeyRingError> {
    let metadata = fs::metadata(path).map_err(|source| KeyRingError::Io { path: path.to_owned(), source })?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyRingError::Exposed { path: path.to_owned(), mode, wanted }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary folder")
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions are set");
    }

    #[test]
    fn the_first_start_makes_a_private_key_that_the_second_finds() {
        let data = folder();
        let keys = data.path().join("keys");
        let first = KeyRing::open(&keys, &OsRandom::default()).expect("made");
        let second = KeyRing::open(&keys, &OsRandom::default()).expect("found");
        assert_eq!(first.active().id(), second.active().id());
        let file = fs::metadata(keys.join(FILE)).expect("the file is there");
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&keys).expect("a folder").count(), 1);
    }

    #[test]
    fn a_key_that_others_can_read_stops_the_start() {
        let data = folder();
        let keys = data.path().join("keys");
        KeyRing::open(&keys, &OsRandom::default()).expect("made");
        for (path, mode) in [(keys.join(FILE), 0o640), (keys.clone(), 0o755)] {
            set_mode(&path, mode);
            let error = KeyRing::open(&keys, &OsRandom::default()).expect_err("exposed");
            assert!(error.to_string().contains("can be read by others"), "{error}");
            set_mode(&path, if path == keys { 0o700 } else { 0o600 });
        }
    }

    #[test]
    fn a_damaged_file_stops_the_start_and_names_the_line() {
        let path = Path::new("keys/master.keys");
        let key = STANDARD.encode([7; KEY_LEN]);
        for (text, part) in [
            (String::new(), "no key"),
            ("# nothing\n".to_owned(), "no key"),
            (format!("# keys\n{key}\nshort\n"), "line 3"),
            (format!("{}\n", STANDARD.encode([7; 31])), "line 1"),
            (key.clone(), "line break"),
        ] {
            let error = KeyRing::parse(&text, path).expect_err("damaged");
            assert!(error.to_string().contains(part), "{error}");
        }
    }

    #[test]
    fn after_a_rotation_the_old_key_is_still_found() {
        let path = Path::new("keys/master.keys");
        let (old, new) = (STANDARD.encode([1; KEY_LEN]), STANDARD.encode([2; KEY_LEN]));
        let before = KeyRing::parse(&format!("{old}\n"), path).expect("one key");
        let after = KeyRing::parse(&format!("{new}\n{old}\n"), path).expect("two keys");
        assert_ne!(after.active().id(), before.active().id());
        assert!(after.by_id(before.active().id()).is_some());
        assert!(before.by_id(after.active().id()).is_none());
    }

    #[test]
    fn keys_for_different_purposes_differ_and_none_is_printed() {
        let set = KeySet::derive(&[3; KEY_LEN]).expect("derived");
        assert_ne!(set.link.as_bytes(), [3; KEY_LEN]);
        let ring = KeyRing { active: set, old: Vec::new() };
        let id = ring.active().id().to_owned();
        assert_eq!(format!("{ring:?}"), format!("KeyRing {{ active: {id:?}, old: [] }}"));
    }
}
