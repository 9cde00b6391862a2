//! The key of a version as its row has it: wrapped by a master key, and bound to what the row says of the version. A row
//! in which document, length or hash was changed yields no key.

use domain::{DocumentId, Sha256, VersionId};
use ring::digest;
use sealed::{Context, FileKey};

use crate::{
    core::Core,
    error::{Error, Result},
    storage::RowKey,
};

/// What a row says of a version and its key is bound to.
#[derive(Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) version: VersionId,
    pub(crate) document: DocumentId,
    pub(crate) size: u64,
    pub(crate) sha256: Sha256,
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
    pub(crate) fn wrap_key(&self, facts: Facts, file_key: &FileKey) -> Result<RowKey> {
        self.keys.wrap(file_key, self.random(), &facts.context())
    }

    /// The key of a version, which opens only for what the row said when it was wrapped.
    pub(crate) fn unwrap_key(&self, facts: Facts, key: &RowKey) -> Result<Unwrapped> {
        let unwrapped = self.keys.unwrap(key, &facts.context()).map_err(|error| facts.damaged(&error))?;
        Ok(Unwrapped { file_key: unwrapped.file_key, is_bound: unwrapped.format == KEY_FORMAT })
    }
}

impl Facts {
    /// An error about this version.
    pub(crate) fn damaged(&self, what: &dyn std::fmt::Display) -> Error {
        Error::Damaged(format!("version {}: {what}", self.version))
    }

    fn context(&self) -> Context {
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(LABEL);
        hash.update(self.document.uuid().as_bytes());
        hash.update(self.sha256.as_bytes());
        let mut facts = [0; digest::SHA256_OUTPUT_LEN];
        facts.copy_from_slice(hash.finish().as_ref());
        Context::new(self.version.uuid().into_bytes()).with_plain_len(self.size).with_facts(facts)
    }
}

/// What has been hashed.
pub(crate) fn sha256_of(hash: digest::Context) -> Sha256 {
    let mut bytes = [0; digest::SHA256_OUTPUT_LEN];
    bytes.copy_from_slice(hash.finish().as_ref());
    Sha256::new(bytes)
}
