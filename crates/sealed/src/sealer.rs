//! Sealing: plaintext in as it arrives, finished chunks out.

use std::fmt;

use zeroize::Zeroizing;

use crate::{
    cipher::{ChunkCipher, FORMAT, Header, Place, SALT_LEN},
    context::Context,
    error::SealError,
    key::FileKey,
    layout::{CHUNK, HEADER_LEN, Layout, MAX_PLAIN_LEN, SEALED_CHUNK},
};

/// Seals one document version, piece by piece. Write [`header`](Self::header) first, then all that
/// [`seal`](Self::seal) and [`finish`](Self::finish) append.
///
/// After an error, the sealer and what it has written are to be thrown away.
pub struct Sealer {
    cipher: ChunkCipher,
    header: [u8; HEADER_LEN],
    /// The number of the chunk that is filled now.
    chunk: u64,
    plain_len: u64,
    /// Plaintext of that chunk: always less than [`CHUNK`] between calls, allocated once, wiped at the end.
    pending: Zeroizing<Vec<u8>>,
}

/// What came out of a finished sealing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedSummary {
    /// Bytes of the plaintext, for the row.
    pub plain_len: u64,
    /// Bytes of the container, its header included.
    pub sealed_len: u64,
}

impl Sealer {
    /// Begins a container. The salt is random and never used twice with the same file key: a second container under
    /// the same pair would break both.
    ///
    /// # Errors
    /// [`SealError::Cipher`], which is not expected.
    pub fn new(file_key: &FileKey, salt: [u8; SALT_LEN], context: Context) -> Result<Self, SealError> {
        let (cipher, commitment) =
            ChunkCipher::derive(file_key, &salt, FORMAT, &context).map_err(|_| SealError::Cipher)?;
        Ok(Self {
            cipher,
            header: Header { format: FORMAT, salt, commitment }.to_bytes(),
            chunk: 0,
            plain_len: 0,
            pending: Zeroizing::new(Vec::with_capacity(CHUNK)),
        })
    }

    /// The bytes that begin the container.
    #[must_use]
    pub const fn header(&self) -> [u8; HEADER_LEN] {
        self.header
    }

    /// Takes more plaintext and appends the chunks that became complete to `out`. Nothing is held back but the
    /// beginning of the next chunk.
    ///
    /// # Errors
    /// [`SealError::TooLong`] beyond [`MAX_PLAIN_LEN`].
    pub fn seal(&mut self, plain: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
        self.plain_len = longer(self.plain_len, plain.len())?;
        let missing = CHUNK - self.pending.len();
        if plain.len() < missing {
            self.pending.extend_from_slice(plain);
            return Ok(());
        }
        let mut rest = plain;
        if !self.pending.is_empty() {
            let (head, tail) = plain.split_at(missing);
            self.pending.extend_from_slice(head);
            append(&self.cipher, Place::Full(self.chunk), &self.pending, out)?;
            self.pending.clear();
            self.chunk += 1;
            rest = tail;
        }
        let chunks = rest.chunks_exact(CHUNK);
        self.pending.extend_from_slice(chunks.remainder());
        for chunk in chunks {
            append(&self.cipher, Place::Full(self.chunk), chunk, out)?;
            self.chunk += 1;
        }
        Ok(())
    }

    /// Appends the last chunk, which may be empty. Without it the container does not open to its end.
    ///
    /// # Errors
    /// [`SealError::Cipher`], which is not expected.
    pub fn finish(self, out: &mut Vec<u8>) -> Result<SealedSummary, SealError> {
        let layout = Layout::of(self.plain_len).map_err(|_| SealError::TooLong)?;
        append(&self.cipher, Place::Last { chunk: self.chunk, plain_len: self.plain_len }, &self.pending, out)?;
        Ok(SealedSummary { plain_len: self.plain_len, sealed_len: layout.sealed_len() })
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer").field("plain_len", &self.plain_len).finish_non_exhaustive()
    }
}

fn longer(plain_len: u64, more: usize) -> Result<u64, SealError> {
    let more = u64::try_from(more).map_err(|_| SealError::TooLong)?;
    plain_len.checked_add(more).filter(|len| *len <= MAX_PLAIN_LEN).ok_or(SealError::TooLong)
}

/// Copies the chunk behind `out` and encrypts it there. Room is made first, so that no allocation is given back with
/// plaintext in it.
fn append(cipher: &ChunkCipher, place: Place, plain: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
    let start = out.len();
    out.reserve(SEALED_CHUNK);
    out.extend_from_slice(plain);
    match cipher.seal(place, &mut out[start..]) {
        Ok(tag) => {
            out.extend_from_slice(tag.as_ref());
            Ok(())
        }
        Err(_) => {
            out[start..].fill(0);
            out.truncate(start);
            Err(SealError::Cipher)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plaintext_beyond_the_limit_is_refused() {
        assert_eq!(longer(MAX_PLAIN_LEN - 1, 1), Ok(MAX_PLAIN_LEN));
        assert_eq!(longer(MAX_PLAIN_LEN, 1), Err(SealError::TooLong));
        assert_eq!(longer(u64::MAX, usize::MAX), Err(SealError::TooLong));
    }

    #[test]
    fn a_sealer_does_not_print_its_plaintext() {
        let mut sealer = Sealer::new(&FileKey::from_bytes([1; 32]), [2; 32], Context::new([3; 16])).expect("a sealer");
        sealer.seal(b"figures", &mut Vec::new()).expect("seven bytes are not too long");
        assert_eq!(format!("{sealer:?}"), "Sealer { plain_len: 7, .. }");
    }
}
