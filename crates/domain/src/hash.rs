//! Hashes of files.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    column::text_column,
    problem::{ErrorCode, Problem},
};

/// The SHA-256 of the bytes of a file (FIPS 180-4). Its one spelling is 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// What a digest has come to.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}

impl FromStr for Sha256 {
    type Err = Problem;

    /// # Errors
    /// [`ErrorCode::InvalidRequest`]: it is not spelled that way.
    fn from_str(text: &str) -> Result<Self, Problem> {
        read(text).ok_or_else(|| ErrorCode::InvalidRequest.into())
    }
}

text_column!(Sha256);

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        read(&text).ok_or_else(|| de::Error::custom("not a SHA-256"))
    }
}

fn read(text: &str) -> Option<Sha256> {
    let mut bytes = [0; 32];
    if text.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(Sha256(bytes))
}

const fn digit(text: u8) -> Option<u8> {
    match text {
        b'0'..=b'9' => Some(text - b'0'),
        b'a'..=b'f' => Some(text - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_has_one_spelling() {
        let text = "00ff".repeat(16);
        let hash: Sha256 = text.parse().expect("a hash");
        assert_eq!((hash.as_bytes()[1], hash.to_string()), (255, text.clone()));
        assert_eq!(serde_json::to_string(&hash).expect("is JSON"), format!("\"{text}\""));
        for other in [text.to_uppercase(), text[1..].to_owned(), format!("{text}0"), "+f".repeat(32), String::new()] {
            assert!(other.parse::<Sha256>().is_err(), "{other}");
            assert!(serde_json::from_str::<Sha256>(&format!("\"{other}\"")).is_err(), "{other}");
        }
    }
}
