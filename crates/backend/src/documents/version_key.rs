//! The key of a version as its row has it: wrapped by a master key, and bound to the version and its length.

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::VersionId;
use sealed::{Context, FileKey, WrappedKey};
use sqlx::FromRow;

use super::sealing_failed;
use crate::{
    core::Core,
    error::{Error, Result},
};

/// The two columns.
#[derive(FromRow)]
pub(super) struct VersionKey {
    /// The master key.
    pub(super) key_id: String,
    /// In base64; `None` once it is destroyed.
    pub(super) wrapped_key: Option<String>,
}

impl Core {
    /// Wraps the key of a version of `size` bytes, for its row.
    pub(super) fn wrap_key(&self, version: VersionId, size: u64, file_key: &FileKey) -> Result<VersionKey> {
        let keys = self.keys.active();
        let wrapped = WrappedKey::wrap(&keys.wrapping, file_key, self.random(), &context(version, size));
        let wrapped_key = STANDARD.encode(wrapped.map_err(sealing_failed)?.as_bytes());
        Ok(VersionKey { key_id: keys.id().to_owned(), wrapped_key: Some(wrapped_key) })
    }

    /// The key of a version, which opens only for its own id and length.
    pub(super) fn unwrap_key(&self, version: VersionId, size: u64, key: &VersionKey) -> Result<FileKey> {
        let damaged = |what: &dyn std::fmt::Display| Error::Damaged(format!("version {version}: {what}"));
        let keys = self.keys.by_id(&key.key_id).ok_or_else(|| damaged(&format!("no master key {}", key.key_id)))?;
        let wrapped = key.wrapped_key.as_deref().ok_or_else(|| damaged(&"its key was destroyed"))?;
        let wrapped = STANDARD.decode(wrapped).map_err(|error| damaged(&error))?;
        WrappedKey::from_bytes(&wrapped)
            .and_then(|wrapped| wrapped.unwrap(&keys.wrapping, &context(version, size)))
            .map_err(|error| damaged(&error))
    }
}

fn context(version: VersionId, size: u64) -> Context {
    Context::new(version.uuid().into_bytes()).with_plain_len(size)
}
