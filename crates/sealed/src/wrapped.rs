//! File keys at rest: encrypted under a master key, bound to their document version.

use std::fmt;

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    error::Unspecified,
};
use zeroize::Zeroizing;

use crate::{
    context::Context,
    error::{OpenError, SealError},
    key::{FileKey, KEY_LEN, MasterKey},
    layout::TAG_LEN,
};

/// The version of the encoding is its first byte: bound to version id and length, ...
const PLAIN: u8 = 1;
/// ... or to the facts of the row as well.
const WITH_FACTS: u8 = 2;
const SEALED_KEY_LEN: usize = KEY_LEN + TAG_LEN;
const NONCE_AT: usize = 1;
const KEY_AT: usize = NONCE_AT + NONCE_LEN;
const TAG_AT: usize = KEY_AT + KEY_LEN;
const WRAPPED_LEN: usize = TAG_AT + TAG_LEN;
const LABEL: &[u8] = b"strongroom.wrapped-key@v1\0";
const LABEL_WITH_FACTS: &[u8] = b"strongroom.wrapped-key@v2\0";

/// A file key as it lies in the row of its document version, beside the id of the master key that opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey([u8; WRAPPED_LEN]);

impl WrappedKey {
    /// Wraps a file key, in version 2 when the context has facts, and in version 1 otherwise. The nonce is random and never used twice with the same master key; with random nonces, one
    /// master key wraps at most 2³² file keys, after which it is rotated.
    ///
    /// # Errors
    /// [`SealError::Cipher`], which is not expected.
    pub fn wrap(
        master: &MasterKey,
        file_key: &FileKey,
        nonce: [u8; NONCE_LEN],
        context: &Context,
    ) -> Result<Self, SealError> {
        let version = if context.facts().is_some() { WITH_FACTS } else { PLAIN };
        let data = associated_data(version, context).ok_or(SealError::Cipher)?;
        let mut sealed = Zeroizing::new(*file_key.bytes());
        let tag = wrapping_key(master)
            .and_then(|key| {
                let nonce = Nonce::assume_unique_for_key(nonce);
                key.seal_in_place_separate_tag(nonce, Aad::from(data), sealed.as_mut())
            })
            .map_err(|_| SealError::Cipher)?;
        let mut bytes = [0; WRAPPED_LEN];
        bytes[0] = version;
        bytes[NONCE_AT..KEY_AT].copy_from_slice(&nonce);
        bytes[KEY_AT..TAG_AT].copy_from_slice(sealed.as_ref());
        bytes[TAG_AT..].copy_from_slice(tag.as_ref());
        Ok(Self(bytes))
    }

    /// Gives the file key back, in exactly the context in which it was wrapped. One of version 1 knows nothing of facts,
    /// so it opens whatever they are; none of version 2 can be turned into one.
    ///
    /// # Errors
    /// [`OpenError::WrappedKeyRefused`] for another master key, another context, or changed bytes.
    pub fn unwrap(&self, master: &MasterKey, context: &Context) -> Result<FileKey, OpenError> {
        let (nonce, sealed) = self.parts().ok_or(OpenError::WrappedKeyMalformed)?;
        let data = associated_data(self.version(), context).ok_or(OpenError::WrappedKeyRefused)?;
        let mut sealed = Zeroizing::new(*sealed);
        let opened = wrapping_key(master)
            .map_err(|_| OpenError::Cipher)?
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(data), sealed.as_mut())
            .map_err(|_| OpenError::WrappedKeyRefused)?;
        let key: &[u8; KEY_LEN] = (&*opened).try_into().map_err(|_| OpenError::WrappedKeyMalformed)?;
        Ok(FileKey::from_bytes(*key))
    }

    /// Reads the column.
    ///
    /// # Errors
    /// [`OpenError::WrappedKeyMalformed`] for another length or an unknown version byte.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OpenError> {
        let bytes: [u8; WRAPPED_LEN] = bytes.try_into().map_err(|_| OpenError::WrappedKeyMalformed)?;
        if matches!(bytes[0], PLAIN | WITH_FACTS) { Ok(Self(bytes)) } else { Err(OpenError::WrappedKeyMalformed) }
    }

    /// The bytes for the column: 61 of them.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The version of the encoding: 1, or 2 when it is bound to the facts of the row.
    #[must_use]
    pub const fn version(&self) -> u8 {
        self.0[0]
    }

    fn parts(&self) -> Option<(&[u8; NONCE_LEN], &[u8; SEALED_KEY_LEN])> {
        let (nonce, sealed) = self.0.get(NONCE_AT..)?.split_first_chunk()?;
        Some((nonce, sealed.try_into().ok()?))
    }
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrappedKey(…)")
    }
}

fn wrapping_key(master: &MasterKey) -> Result<LessSafeKey, Unspecified> {
    UnboundKey::new(&AES_256_GCM, master.bytes()).map(LessSafeKey::new)
}

/// label ‖ version id, then 0, or 1 and the plaintext length, then in version 2 the facts; `None` when these are wanted
/// and there are none. The flag keeps "unknown" apart from every length.
fn associated_data(version: u8, context: &Context) -> Option<Vec<u8>> {
    let label = if version == WITH_FACTS { LABEL_WITH_FACTS } else { LABEL };
    let mut data = [label, context.version()].concat();
    match context.plain_len() {
        None => data.push(0),
        Some(plain_len) => {
            data.push(1);
            data.extend_from_slice(&plain_len.to_be_bytes());
        }
    }
    if version == WITH_FACTS {
        data.extend_from_slice(context.facts()?);
    }
    Some(data)
}
