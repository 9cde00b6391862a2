//! A secret that travels in a URL or a header: shown once, stored only as a hash.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A bearer token, or the secret of a verification, reset or invitation link.
///
/// `Debug` prints no part of it. `backend` makes it from 32 random bytes and keeps only its SHA-256.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(transparent)]
pub struct PlainSecret(String);

impl PlainSecret {
    /// Characters of the secret in a link: 32 bytes in base64url.
    pub const LINK_CHARS: usize = 43;

    /// Takes whatever a person or a program presents; whether it opens anything is for `backend` to find out.
    #[must_use]
    pub fn presented(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Takes the last part of a link. Every secret of a link has the same length, so whatever a mail client put before
    /// or after it, such as `<`, `>`, `.` or `%20`, is told apart from it.
    #[must_use]
    pub fn of_link(text: &str) -> Self {
        let start = text.trim_start_matches(|c| !is_base64url(c));
        let secret: String = start.chars().take(Self::LINK_CHARS).collect();
        let whole = secret.len() == Self::LINK_CHARS && secret.chars().all(is_base64url);
        Self(if whole { secret } else { text.to_owned() })
    }

    /// The text, for the place that hashes it and the place that shows it once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PlainSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainSecret(…)")
    }
}

const fn is_base64url(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_mail_client_adds_to_a_link_is_not_part_of_its_secret() {
        let secret = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE";
        assert_eq!(secret.len(), PlainSecret::LINK_CHARS);
        for text in ["", ".", ">", "%20", "%3E", " ", ")", "\u{201D}", "/", ".)", "=", "&amp;x", "-"] {
            assert_eq!(PlainSecret::of_link(&format!("{secret}{text}")).expose(), secret, "{text:?}");
        }
        assert_eq!(PlainSecret::of_link(&format!("<{secret}>")).expose(), secret);
    }

    #[test]
    fn a_secret_that_lost_its_end_stays_what_it_is() {
        for text in ["", "nonsense", "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCd", "a.b", "\u{0}"] {
            assert_eq!(PlainSecret::of_link(text).expose(), text);
        }
    }
}
