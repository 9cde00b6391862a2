//! What a container and a wrapped key are bound to.

/// The document version that a container belongs to, and its plaintext length where that is known.
///
/// The length is not known when sealing begins, so [`Sealer`](crate::Sealer) and [`Opener`](crate::Opener) derive
/// their keys from the version alone. [`WrappedKey`](crate::WrappedKey) binds all that the context says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    version: [u8; 16],
    plain_len: Option<u64>,
    facts: Option<[u8; 32]>,
}

impl Context {
    /// The context of a document version, by the bytes of its id.
    #[must_use]
    pub const fn new(version: [u8; 16]) -> Self {
        Self { version, plain_len: None, facts: None }
    }

    /// The same context with the plaintext length. Wrap the file key in this one when the document is complete: then
    /// a row whose length was changed yields no key at all, and even a range that never reaches the last chunk is
    /// read from a document of the authentic length.
    #[must_use]
    pub const fn with_plain_len(self, plain_len: u64) -> Self {
        Self { plain_len: Some(plain_len), ..self }
    }

    /// The same context with a digest of what else the row of the version says, such as the hash of its plaintext.
    /// Wrap the file key in this one: then a row in which one of these facts was changed yields no key.
    #[must_use]
    pub const fn with_facts(self, facts: [u8; 32]) -> Self {
        Self { facts: Some(facts), ..self }
    }

    pub(crate) const fn version(&self) -> &[u8; 16] {
        &self.version
    }

    pub(crate) const fn plain_len(&self) -> Option<u64> {
        self.plain_len
    }

    pub(crate) const fn facts(&self) -> Option<&[u8; 32]> {
        self.facts.as_ref()
    }
}
