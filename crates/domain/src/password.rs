//! A password as a person typed it: on its way to be hashed, never stored, never printed.

use std::fmt;

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::problem::{ErrorCode, Problem};

/// A password of acceptable length. It is taken as it is: not trimmed, cut or
/// case-folded (ASVS V6.2.8), with no rule about its composition (V6.2.5).
///
/// Whether it is a common one is decided by `backend`, which has the list.
/// `Debug` prints no part of it; memory is wiped when it is dropped.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct PlainPassword(Zeroizing<String>);

impl PlainPassword {
    /// Fewest characters accepted (ASVS V6.2.1).
    pub const MIN_CHARS: usize = 8;
    /// Length that the sign-up page advises, in characters.
    pub const ADVISED_CHARS: usize = 15;
    /// Most bytes accepted, which bounds the work of hashing.
    pub const MAX_BYTES: usize = 1024;

    /// Takes a new password.
    ///
    /// # Errors
    /// [`ErrorCode::PasswordTooShort`] below 8 characters, [`ErrorCode::PasswordTooLong`] above 1,024 bytes.
    pub fn parse(text: impl Into<String>) -> Result<Self, Problem> {
        let text = Zeroizing::new(text.into());
        if text.len() > Self::MAX_BYTES {
            return Err(Problem::new(ErrorCode::PasswordTooLong).on("password"));
        }
        if text.chars().count() < Self::MIN_CHARS {
            return Err(Problem::new(ErrorCode::PasswordTooShort).on("password"));
        }
        Ok(Self(text))
    }

    /// The text, for the one place that hashes it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PlainPassword {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        Self::parse(text)
    }
}

impl fmt::Debug for PlainPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainPassword(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_characters_not_bytes_and_keeps_every_one() {
        assert_eq!(PlainPassword::parse(" pässwö ").expect("eight characters").expose(), " pässwö ");
        assert_eq!(PlainPassword::parse("sieben7").map_err(|p| p.code).err(), Some(ErrorCode::PasswordTooShort));
    }

    #[test]
    fn long_ones_are_accepted_up_to_a_kibibyte() {
        assert!(PlainPassword::parse("x".repeat(1024)).is_ok());
        assert_eq!(PlainPassword::parse("x".repeat(1025)).map_err(|p| p.code).err(), Some(ErrorCode::PasswordTooLong));
    }

    #[test]
    fn cannot_be_printed() {
        let password = PlainPassword::parse("correct horse").expect("valid");
        assert!(!format!("{password:?}").contains("horse"));
    }
}
