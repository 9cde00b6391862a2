//! The master keys: one file, one key a line, and everything that is derived from each.

mod file;
mod needed;
mod row_key;

use std::{
    fmt, iter,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use pasetors::{keys::SymmetricKey, version4::V4};
use ring::{
    aead::{self, LessSafeKey, UnboundKey},
    hkdf, hmac,
};
use sealed::MasterKey;
use zeroize::Zeroizing;

use crate::random::Random;

pub use file::KeyRingError;
pub use needed::{KeyUse, NoKeys};

pub(crate) use row_key::RowKey;

/// The master keys in memory. The first is active; the others still open what they once sealed.
///
/// The bytes of a line are used for nothing but derivation (HKDF-SHA-256): one key wraps file keys, one encrypts link
/// tokens, one seals what goes into mails, one keys the hashes of six-digit codes. `Debug` prints ids only.
///
/// The file may get a new first line while programs run ([`rotate`](Self::rotate)). Each looks at it again when it meets
/// an id that it does not know, and when its worker says so.
pub struct KeyRing {
    folder: PathBuf,
    read: RwLock<Read>,
}

struct Read {
    sets: Arc<Sets>,
    stamp: file::Stamp,
}

/// What the file holds.
struct Sets {
    active: Arc<KeySet>,
    old: Vec<Arc<KeySet>>,
}

/// What one master key gives.
pub(crate) struct KeySet {
    /// Wraps the keys of document versions; its id names the set.
    pub(crate) wrapping: MasterKey,
    /// Encrypts link tokens.
    pub(crate) link: SymmetricKey<V4>,
    /// Seals what goes into mails, until they are sent.
    pub(crate) mail: LessSafeKey,
    /// Keys the hashes of six-digit codes, which without it could be guessed from the database.
    pub(crate) code: hmac::Key,
}

const KEY_LEN: usize = 32;

impl KeyRing {
    /// Reads `folder/master.keys`; `None` when there is no such file. Nothing is made.
    ///
    /// # Errors
    /// Folder or file can be read by others, or the file is damaged: nothing is repaired by guessing.
    pub fn read(folder: &Path) -> Result<Option<Self>, KeyRingError> {
        let found = file::read(folder)?;
        Ok(found.map(|(sets, stamp)| Self {
            folder: folder.to_owned(),
            read: RwLock::new(Read { sets: Arc::new(sets), stamp }),
        }))
    }

    /// Reads `folder/master.keys`, or makes folder and file, with one fresh key, when there is no such file. A portal
    /// that has been in use is opened after a [`find`](NoKeys::find) at what it needs.
    ///
    /// # Errors
    /// Those of [`read`](Self::read); the file cannot be written.
    pub fn open(folder: &Path, random: &dyn Random) -> Result<Self, KeyRingError> {
        if let Some(ring) = Self::read(folder)? {
            return Ok(ring);
        }
        file::create(folder, random)?;
        Self::read(folder)?.ok_or_else(|| KeyRingError::Empty { path: folder.join(file::FILE) })
    }

    /// Makes a fresh key the active one; the others stay.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn rotate(&self, random: &dyn Random) -> Result<(), KeyRingError> {
        file::put_in_front(&self.folder, random)?;
        self.reread()
    }

    /// Reads the file again if it is another one than before.
    ///
    /// # Errors
    /// Those of [`read`](Self::read); the keys read before stay in use.
    pub fn reread(&self) -> Result<(), KeyRingError> {
        let known = self.read.read().unwrap_or_else(PoisonError::into_inner).stamp;
        if file::stamp(&self.folder).is_ok_and(|stamp| stamp == known) {
            return Ok(());
        }
        if let Some((sets, stamp)) = file::read(&self.folder)? {
            *self.read.write().unwrap_or_else(PoisonError::into_inner) = Read { sets: Arc::new(sets), stamp };
        }
        Ok(())
    }

    /// The ids of all keys, the active one first.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.sets().all().map(|set| set.id().to_owned()).collect()
    }

    /// The keys for everything new.
    pub(crate) fn active(&self) -> Arc<KeySet> {
        self.sets().active.clone()
    }

    /// The keys by the id that a row or a token names.
    pub(crate) fn by_id(&self, id: &str) -> Option<Arc<KeySet>> {
        let known = |sets: &Sets| sets.all().find(|set| set.id() == id).cloned();
        known(&self.sets()).or_else(|| {
            if let Err(error) = self.reread() {
                tracing::warn!(%error, "the master keys could not be read again");
            }
            known(&self.sets())
        })
    }

    /// Every key, the active one first.
    pub(crate) fn all(&self) -> Vec<Arc<KeySet>> {
        self.sets().all().cloned().collect()
    }

    fn sets(&self) -> Arc<Sets> {
        self.read.read().unwrap_or_else(PoisonError::into_inner).sets.clone()
    }
}

impl Sets {
    fn of(sets: Vec<KeySet>) -> Option<Self> {
        let mut sets = sets.into_iter().map(Arc::new);
        Some(Self { active: sets.next()?, old: sets.collect() })
    }

    fn all(&self) -> impl Iterator<Item = &Arc<KeySet>> {
        iter::once(&self.active).chain(&self.old)
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
        f.debug_struct("KeyRing").field("ids", &self.ids()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::{file::FILE, *};
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
            let error = file::parse(&text, path).err().expect("damaged");
            assert!(error.to_string().contains(part), "{error}");
        }
    }

    #[test]
    fn reading_makes_nothing() {
        let data = folder();
        let keys = data.path().join("keys");
        assert!(KeyRing::read(&keys).expect("nothing is wrong").is_none());
        assert!(!keys.exists());
    }

    #[test]
    fn after_a_rotation_the_old_key_is_still_found_and_who_started_before_finds_the_new_one() {
        let data = folder();
        let keys = data.path().join("keys");
        let [one, other] = [(); 2].map(|()| KeyRing::open(&keys, &OsRandom::default()).expect("opens"));
        let before = one.active().id().to_owned();
        one.rotate(&OsRandom::default()).expect("rotates");
        let after = one.active().id().to_owned();
        assert_eq!(one.ids(), [after.clone(), before.clone()]);
        assert!(one.by_id(&before).is_some());
        assert_eq!(other.active().id(), before);
        assert!(other.by_id(&after).is_some(), "it looks at the file again");
        assert_eq!(other.active().id(), after);
        assert!(other.by_id("0123456789abcdef").is_none());
        let file = fs::metadata(keys.join(FILE)).expect("the file is there");
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&keys).expect("a folder").count(), 1);
        assert!(fs::read_to_string(keys.join(FILE)).expect("read").starts_with("# The master keys"));
    }

    #[test]
    fn keys_for_different_purposes_differ_and_none_is_printed() {
        let set = KeySet::derive(&[3; KEY_LEN]).expect("derived");
        assert_ne!(set.link.as_bytes(), [3; KEY_LEN]);
        let data = folder();
        let ring = KeyRing::open(&data.path().join("keys"), &OsRandom::default()).expect("made");
        assert_eq!(format!("{ring:?}"), format!("KeyRing {{ ids: {:?}, .. }}", ring.ids()));
    }
}
