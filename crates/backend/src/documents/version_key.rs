//! The key of a version as its row has it: wrapped by a master key, and bound to what the row says of the version. A row
//! in which document, length or hash was changed yields no key.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{DocumentId, VersionId};
use ring::digest;
use sealed::{Context, FileKey, WrappedKey};
use sqlx::FromRow;

use super::sealing_failed;
use crate::{
    core::Core,
    error::{Error, Result},
};

/// The two columns.
#[derive(Clone, FromRow)]
pub(super) struct VersionKey {
    /// The master key.
    pub(super) key_id: String,
    /// In base64; `None` once it is destroyed.
    pub(super) wrapped_key: Option<String>,
}

/// What a row says of a version and its key is bound to.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) version: VersionId,
    pub(super) document: DocumentId,
    pub(super) size: u64,
    /// In hexadecimal.
    pub(super) sha256: &'a str,
}

/// A key out of its row.
pub(super) struct Unwrapped {
    pub(super) file_key: FileKey,
    /// Whether it was bound to document and hash, too. A key of before was bound to version and length alone.
    pub(super) is_bound: bool,
}

/// How keys are wrapped now, for the column `key_format`.
pub(super) const KEY_FORMAT: i64 = 2;
const LABEL: &[u8] = b"strongroom.version-facts@v1\0";

impl Core {
    /// Wraps the key of a version for its row.
    pub(super) fn wrap_key(&self, facts: Facts<'_>, file_key: &FileKey) -> Result<VersionKey> {
        let keys = self.keys.active();
        let wrapped = WrappedKey::wrap(&keys.wrapping, file_key, self.random(), &facts.context()?);
        let wrapped_key = STANDARD.encode(wrapped.map_err(sealing_failed)?.as_bytes());
        Ok(VersionKey { key_id: keys.id().to_owned(), wrapped_key: Some(wrapped_key) })
    }

    /// The key of a version, which opens only for what the row said when it was wrapped.
    pub(super) fn unwrap_key(&self, facts: Facts<'_>, key: &VersionKey) -> Result<Unwrapped> {
        let damaged = |what: &dyn std::fmt::Display| facts.damaged(what);
        let keys = self.keys.by_id(&key.key_id).ok_or_else(|| damaged(&format!("no master key {}", key.key_id)))?;
        let wrapped = key.wrapped_key.as_deref().ok_or_else(|| damaged(&"its key was destroyed"))?;
        let wrapped = STANDARD.decode(wrapped).map_err(|error| damaged(&error))?;
        let wrapped = WrappedKey::from_bytes(&wrapped).map_err(|error| damaged(&error))?;
        let context = facts.context()?;
        let file_key = wrapped.unwrap(&keys.wrapping, &context).map_err(|error| {
            damaged(&format!("{error}; its document, length, hash or key is not what it was when it was deposited"))
        })?;
        Ok(Unwrapped { file_key, is_bound: i64::from(wrapped.version()) == KEY_FORMAT })
    }
}

impl Facts<'_> {
    /// An error about this version.
    pub(super) fn damaged(&self, what: &dyn std::fmt::Display) -> Error {
        Error::Damaged(format!("version {}: {what}", self.version))
    }

    fn context(&self) -> Result<Context> {
        let sha256 = bytes_of(self.sha256).ok_or_else(|| self.damaged(&"its hash is none"))?;
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(LABEL);
        hash.update(self.document.uuid().as_bytes());
        hash.update(&sha256);
        let mut facts = [0; digest::SHA256_OUTPUT_LEN];
        facts.copy_from_slice(hash.finish().as_ref());
        Ok(Context::new(self.version.uuid().into_bytes()).with_plain_len(self.size).with_facts(facts))
    }
}

/// The bytes of a hash in lower-case hexadecimal.
fn bytes_of(hexadecimal: &str) -> Option<[u8; 32]> {
    let digits = hexadecimal.as_bytes();
    let mut bytes = [0; 32];
    if digits.len() != 2 * bytes.len() || !digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(hexadecimal.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_has_one_spelling() {
        let hash = "00ff".repeat(16);
        assert_eq!(bytes_of(&hash).expect("a hash")[..2], [0, 255]);
        for other in [hash.to_uppercase(), hash[1..].to_owned(), format!("{hash}0"), "+f".repeat(32), String::new()] {
            assert_eq!(bytes_of(&other), None, "{other}");
        }
    }
}
