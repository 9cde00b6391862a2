//! The key of a file as a row has it: wrapped by a master key, and bound to what the row says.

use base64::{Engine, engine::general_purpose::STANDARD};
use sealed::{Context, FileKey, WrappedKey};
use sqlx::FromRow;

use super::KeyRing;
use crate::error::{Error, Result};

/// The two columns.
#[derive(Clone, FromRow)]
pub(crate) struct RowKey {
    /// The master key.
    pub(crate) key_id: String,
    /// In base64; `None` once it is destroyed.
    pub(crate) wrapped_key: Option<String>,
}

/// A key out of its row.
pub(crate) struct Unwrapped {
    pub(crate) file_key: FileKey,
    /// How it was wrapped: 1, or 2 when it is bound to the facts of its row.
    pub(crate) format: i64,
}

impl KeyRing {
    /// Wraps a key for the row that `context` is of, by the active master key.
    pub(crate) fn wrap(&self, file_key: &FileKey, nonce: [u8; 12], context: &Context) -> Result<RowKey> {
        let keys = self.active();
        let wrapped = WrappedKey::wrap(&keys.wrapping, file_key, nonce, context)
            .map_err(|error| Error::Damaged(format!("wrapping a key: {error}")))?;
        Ok(RowKey { key_id: keys.id().to_owned(), wrapped_key: Some(STANDARD.encode(wrapped.as_bytes())) })
    }

    /// The key of a row, which opens only for what the row said when it was wrapped.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn unwrap(&self, key: &RowKey, context: &Context) -> std::result::Result<Unwrapped, String> {
        let keys = self.by_id(&key.key_id).ok_or_else(|| format!("no master key {}", key.key_id))?;
        let wrapped = key.wrapped_key.as_deref().ok_or("its key was destroyed")?;
        let wrapped = STANDARD.decode(wrapped).map_err(|error| error.to_string())?;
        let wrapped = WrappedKey::from_bytes(&wrapped).map_err(|error| error.to_string())?;
        let file_key = wrapped.unwrap(&keys.wrapping, context);
        let file_key =
            file_key.map_err(|error| format!("{error}; what its row says, or its key, is not what it was"))?;
        Ok(Unwrapped { file_key, format: wrapped.version().into() })
    }
}
