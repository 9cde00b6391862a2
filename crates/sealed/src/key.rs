//! Keys: wiped when dropped, never printed.

use std::{fmt, str::FromStr};

use ring::digest::{Context as Digest, SHA256};
use zeroize::Zeroizing;

use crate::error::OpenError;

/// Bytes of every key here: AES-256.
pub(crate) const KEY_LEN: usize = 32;

/// Keeps the id of a master key apart from every other hash that anyone may take of it.
const KEY_ID_LABEL: &[u8] = b"strongroom.master-key-id@v1\0";
const KEY_ID_BYTES: usize = 8;

/// The key of one document version. Destroying its wrapped form destroys the document.
pub struct FileKey(Zeroizing<[u8; KEY_LEN]>);

/// The key that wraps file keys. It is kept outside the database and named in each row by its [`KeyId`].
pub struct MasterKey {
    id: KeyId,
    bytes: Zeroizing<[u8; KEY_LEN]>,
}

/// The name of a master key, derived from it: sixteen lower-case hexadecimal digits. Not a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl FileKey {
    /// Takes 32 bytes that were drawn from a cryptographic generator for this document version alone.
    #[must_use]
    pub fn from_bytes(bytes: [u8; KEY_LEN]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_LEN] {
        &self.0
    }
}

impl MasterKey {
    /// Takes 32 bytes that were drawn from a cryptographic generator and serve no other purpose.
    #[must_use]
    pub fn from_bytes(bytes: [u8; KEY_LEN]) -> Self {
        let bytes = Zeroizing::new(bytes);
        Self { id: KeyId::of(&bytes), bytes }
    }

    /// The name for the row of everything that this key wraps.
    #[must_use]
    pub const fn id(&self) -> &KeyId {
        &self.id
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_LEN] {
        &self.bytes
    }
}

impl KeyId {
    /// The text, for a column.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(key: &[u8; KEY_LEN]) -> Self {
        let mut digest = Digest::new(&SHA256);
        digest.update(KEY_ID_LABEL);
        digest.update(key);
        Self(digest.finish().as_ref().iter().take(KEY_ID_BYTES).map(|byte| format!("{byte:02x}")).collect())
    }
}

impl FromStr for KeyId {
    type Err = OpenError;

    /// # Errors
    /// [`OpenError::KeyIdMalformed`] for anything but sixteen lower-case hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, OpenError> {
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if digits && text.len() == 2 * KEY_ID_BYTES {
            Ok(Self(text.to_owned()))
        } else {
            Err(OpenError::KeyIdMalformed)
        }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey(…)")
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKey").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_not_print_themselves() {
        assert_eq!(format!("{:?}", FileKey::from_bytes([7; 32])), "FileKey(…)");
        let master = MasterKey::from_bytes([7; 32]);
        assert_eq!(format!("{master:?}"), format!("MasterKey {{ id: KeyId(\"{}\"), .. }}", master.id()));
    }

    #[test]
    fn a_key_id_survives_its_column_and_nothing_else_parses() {
        let id = MasterKey::from_bytes([1; 32]).id().clone();
        assert_eq!(id.as_str().parse(), Ok(id.clone()));
        assert_ne!(&id, MasterKey::from_bytes([2; 32]).id());
        for text in ["", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "0123456789abcdeg"] {
            assert_eq!(text.parse::<KeyId>(), Err(OpenError::KeyIdMalformed), "{text:?}");
        }
    }
}
