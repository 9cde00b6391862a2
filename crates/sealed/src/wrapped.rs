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

/// The version of this encoding, its first byte.
const WRAPPING: u8 = 1;
const SEALED_KEY_LEN: usize = KEY_LEN + TAG_LEN;
const NONCE_AT: usize = 1;
const KEY_AT: usize = NONCE_AT + NONCE_LEN;
const TAG_AT: usize = KEY_AT + KEY_LEN;
const WRAPPED_LEN: usize = TAG_AT + TAG_LEN;
const WRAP_LABEL: &[u8] = b"strongroom.wrapped-key@v1\0";

/// A file key as it lies in the row of its document version, beside the id of the master key that opens it.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey([u8; WRAPPED_LEN]);

impl WrappedKey {
    /// Wraps a file key. The nonce is random and never used twice with the same master key; with random nonces, one
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
        let mut sealed = Zeroizing::new(*file_key.bytes());
        let tag = wrapping_key(master)
            .and_then(|key| {
                let aad = Aad::from(associated_data(context));
                key.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad, sealed.as_mut())
            })
            .map_err(|_| SealError::Cipher)?;
        let mut bytes = [0; WRAPPED_LEN];
        bytes[0] = WRAPPING;
        bytes[NONCE_AT..KEY_AT].copy_from_slice(&nonce);
        bytes[KEY_AT..TAG_AT].copy_from_slice(sealed.as_ref());
        bytes[TAG_AT..].copy_from_slice(tag.as_ref());
        Ok(Self(bytes))
    }

    /// Gives the file key back, in exactly the context in which it was wrapped.
    ///
    /// # Errors
    /// [`OpenError::WrappedKeyRefused`] for another master key, another context, or changed bytes.
    pub fn unwrap(&self, master: &MasterKey, context: &Context) -> Result<FileKey, OpenError> {
        let (nonce, sealed) = self.parts().ok_or(OpenError::WrappedKeyMalformed)?;
        let mut sealed = Zeroizing::new(*sealed);
        let opened = wrapping_key(master)
            .map_err(|_| OpenError::Cipher)?
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(associated_data(context)), sealed.as_mut())
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
        if bytes[0] == WRAPPING { Ok(Self(bytes)) } else { Err(OpenError::WrappedKeyMalformed) }
    }

    /// The bytes for the column: 61 of them.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
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

/// label ‖ version id, then 0, or 1 and the plaintext length. The flag keeps "unknown" apart from every length.
fn associated_data(context: &Context) -> Vec<u8> {
    let mut data = [WRAP_LABEL, context.version()].concat();
    match context.plain_len() {
        None => data.push(0),
        Some(plain_len) => {
            data.push(1);
            data.extend_from_slice(&plain_len.to_be_bytes());
        }
    }
    data
}
