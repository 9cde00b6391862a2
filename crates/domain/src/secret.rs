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
    /// Takes whatever a person or a program presents; whether it opens anything is for `backend` to find out.
    #[must_use]
    pub fn presented(text: impl Into<String>) -> Self {
        Self(text.into())
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
