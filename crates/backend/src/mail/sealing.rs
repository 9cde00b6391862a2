//! What goes into a letter, sealed while it waits in its row: links and codes are secrets until they are used.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::MailId;
use ring::aead::{Aad, NONCE_LEN, Nonce};
use zeroize::Zeroizing;

use super::Letter;
use crate::{
    core::Core,
    error::{Error, Result},
};

/// A letter as its row has it.
pub(super) struct SealedLetter {
    /// The master key behind the seal.
    pub(super) key_id: String,
    /// Nonce and ciphertext, in base64.
    pub(super) text: String,
}

impl Core {
    /// Seals a letter for the row of one mail (AES-256-GCM); it opens for no other.
    pub(super) fn seal_letter(&self, mail: MailId, letter: &Letter) -> Result<SealedLetter> {
        let keys = self.keys.active();
        let nonce: [u8; NONCE_LEN] = self.random();
        let mut bytes = serde_json::to_vec(letter).map_err(|error| damaged(mail, &error))?;
        keys.mail
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), assertion(mail), &mut bytes)
            .map_err(|error| damaged(mail, &error))?;
        let text = STANDARD.encode([nonce.as_slice(), &bytes].concat());
        Ok(SealedLetter { key_id: keys.id().to_owned(), text })
    }

    /// Opens the letter of a mail.
    pub(super) fn open_letter(&self, mail: MailId, sealed: &SealedLetter) -> Result<Letter> {
        let SealedLetter { key_id, text } = sealed;
        let keys = self.keys.by_id(key_id).ok_or_else(|| damaged(mail, &format!("no master key {key_id}")))?;
        let mut bytes = Zeroizing::new(STANDARD.decode(text).map_err(|error| damaged(mail, &error))?);
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN).ok_or_else(|| damaged(mail, &"cut"))?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|error| damaged(mail, &error))?;
        let plain = keys.mail.open_in_place(nonce, assertion(mail), sealed).map_err(|error| damaged(mail, &error))?;
        serde_json::from_slice(plain).map_err(|error| damaged(mail, &error))
    }
}

fn assertion(mail: MailId) -> Aad<[u8; 16]> {
    Aad::from(mail.uuid().into_bytes())
}

fn damaged(mail: MailId, what: &dyn std::fmt::Display) -> Error {
    Error::Damaged(format!("the letter of mail {mail}: {what}"))
}
