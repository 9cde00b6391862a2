//! What can go wrong. None of it tells a person more than that the document cannot be read.

use std::io;

/// Why a container, a chunk or a wrapped key was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The header is not 72 bytes long, or does not begin with the magic of a container.
    #[error("this is not a sealed container")]
    NotSealed,
    /// The header names a format version that this code does not read.
    #[error("format version {found} of the container is not known")]
    UnknownFormat {
        /// The version byte of the header.
        found: u8,
    },
    /// The commitment in the header is not that of this key and context: another file key, another document version,
    /// or a changed header.
    #[error("the container does not belong to this key and document version")]
    WrongKey,
    /// The plaintext length is above [`MAX_PLAIN_LEN`](crate::MAX_PLAIN_LEN), so no container has it.
    #[error("no container holds so many bytes")]
    TooLong,
    /// Two lengths that must agree do not: of the container, or of the plaintext in context and row.
    #[error("the length is {found} where {expected} is expected")]
    Length {
        /// What the row, or the arithmetic of the format, says.
        expected: u64,
        /// What was there.
        found: u64,
    },
    /// The chunk lies behind the last one.
    #[error("the container has no chunk {chunk}")]
    NoSuchChunk {
        /// The number asked for, from 0.
        chunk: u64,
    },
    /// The tag of the chunk does not verify: its bytes, its place or the total length were changed.
    #[error("chunk {chunk} of the container is damaged")]
    Damaged {
        /// The number of the chunk, from 0.
        chunk: u64,
    },
    /// The text is not the id of a master key.
    #[error("this is not the id of a master key")]
    KeyIdMalformed,
    /// The bytes do not have the length and version of a wrapped key.
    #[error("this is not a wrapped key")]
    WrappedKeyMalformed,
    /// The wrapped key does not open: another master key, another context, or changed bytes.
    #[error("the wrapped key does not belong to this master key and document version")]
    WrappedKeyRefused,
    /// The cryptographic library refused an input of the right form. No input of this crate is known to cause it.
    #[error("the cipher failed")]
    Cipher,
}

/// Why something was not sealed or wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The plaintext would exceed [`MAX_PLAIN_LEN`](crate::MAX_PLAIN_LEN).
    #[error("no container holds so many bytes")]
    TooLong,
    /// The cryptographic library refused an input of the right form. No input of this crate is known to cause it.
    #[error("the cipher failed")]
    Cipher,
}

/// For the `std::io` traits: always [`io::ErrorKind::InvalidData`], with the [`OpenError`] as its inner error.
impl From<OpenError> for io::Error {
    fn from(error: OpenError) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}
