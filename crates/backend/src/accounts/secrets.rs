//! Secrets that are sent out once and come back once: the database only ever has their hashes.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{PlainSecret, SignUpId};
use ring::{digest, hmac};

use crate::core::Core;

/// The form in which a secret is stored and looked up: SHA-256 of its text, base64url. A plain hash is
/// enough for 256 random bits; there is nothing to guess.
#[must_use]
pub fn hash_secret(secret: &PlainSecret) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, secret.expose().as_bytes()))
}

/// Ids are all of one length, so no two pairs are the same text.
fn code_message(sign_up: SignUpId, code: &str) -> String {
    format!("{sign_up}{code}")
}

impl Core {
    /// A fresh secret of 32 random bytes.
    pub(crate) fn new_secret(&self) -> PlainSecret {
        PlainSecret::presented(URL_SAFE_NO_PAD.encode(self.random::<32>()))
    }

    /// Six fresh digits, each value as likely as another.
    pub(crate) fn new_code(&self) -> String {
        loop {
            let candidate = u32::from_be_bytes(self.random()) >> 12;
            if candidate < 1_000_000 {
                return format!("{candidate:06}");
            }
        }
    }

    /// The stored form of a code. Six digits are guessed in no time from a plain hash, so it is keyed,
    /// and bound to its sign-up. The id of the master key stands in front, because a code may outlive a rotation.
    pub(crate) fn hash_code(&self, sign_up: SignUpId, code: &str) -> String {
        let keys = self.keys.active();
        let hash = hmac::sign(&keys.code, code_message(sign_up, code).as_bytes());
        format!("{}:{}", keys.id(), URL_SAFE_NO_PAD.encode(hash))
    }

    /// Whether a code is the one with this stored form.
    pub(crate) fn is_code(&self, sign_up: SignUpId, code: &str, stored: &str) -> bool {
        // Without an id it was stored before ids were: any key may be behind it.
        let (keys, hash) = match stored.split_once(':') {
            Some((id, hash)) => (self.keys.by_id(id).into_iter().collect(), hash),
            None => (self.keys.all(), stored),
        };
        let Ok(hash) = URL_SAFE_NO_PAD.decode(hash) else { return false };
        let message = code_message(sign_up, code);
        keys.iter().any(|set| hmac::verify(&set.code, message.as_bytes(), &hash).is_ok())
    }
}
