//! The key of a version as its row has it: wrapped by a master key, and bound to what the row says of the version. A row
//! in which document, length or hash was changed yields no key.

use domain::{DocumentId, VersionId};
use ring::digest;
use sealed::{Context, FileKey};

use crate::{
    core::Core,
    error::{Error, Result},
    storage::RowKey,
};

/// What a row says of a version and its key is bound to.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) version: VersionId,
    pub(crate) document: DocumentId,
    pub(crate) size: u64,
    /// In hexadecimal.
    pub(crate) sha256: &'a str,
}

/// A key out of its row.
pub(crate) struct Unwrapped {
    pub(crate) file_key: FileKey,
    /// Whether it was bound to document and hash, too. A key of before was bound to version and length alone.
    pub(crate) is_bound: bool,
}

/// How keys are wrapped now, for the column `key_format`.
pub(crate) const KEY_FORMAT: i64 = 2;
const LABEL: &[u8] = b"strongroom.version-facts@v1\0";

impl Core {
    /// Wraps the key of a version for its row.
    pub(crate) fn wrap_key(&self, facts: Facts<'_>, file_key: &FileKey) -> Result<RowKey> {
        self.keys.wrap(file_key, self.random(), &facts.context()?)
    }

    /// The key of a version, which opens only for what the row said when it was wrapped.
    pub(crate) fn unwrap_key(&self, facts: Facts<'_>, key: &RowKey) -> Result<Unwrapped> {
        let unwrapped = self.keys.unwrap(key, &facts.context()?).map_err(|error| facts.damaged(&error))?;
        Ok(Unwrapped { file_key: unwrapped.file_key, is_bound: unwrapped.format == KEY_FORMAT })
    }
}

impl Facts<'_> {
    /// An error about this version.
    pub(crate) fn damaged(&self, what: &dyn std::fmt::Display) -> Error {
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

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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
