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
    /// and bound to its sign-up.
    pub(crate) fn hash_code(&self, sign_up: SignUpId, code: &str) -> String {
        let mut context = hmac::Context::with_key(&self.keys.code_key());
        context.update(sign_up.to_string().as_bytes());
        context.update(code.as_bytes());
        URL_SAFE_NO_PAD.encode(context.sign())
    }
}
