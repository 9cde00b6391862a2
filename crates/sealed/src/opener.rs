//! Opening: any chunk by its number, in place.

use std::{fmt, ops::Range};

use crate::{
    cipher::{ChunkCipher, FORMAT, Header, Place},
    context::Context,
    error::OpenError,
    key::FileKey,
    layout::Layout,
};

/// Opens the chunks of one container, in any order, from any number of threads. It does no I/O: the caller fetches the
/// bytes of [`chunk_range`](Self::chunk_range) and hands them to [`open_chunk`](Self::open_chunk).
///
/// For the plaintext bytes `wanted`:
/// ```
/// # use sealed::{Context, FileKey, OpenError, Opener, SealError, Sealer};
/// # let (key, context) = (FileKey::from_bytes([1; 32]), Context::new([3; 16]));
/// # let mut sealer = Sealer::new(&key, [2; 32], context)?;
/// # let mut blob = sealer.header().to_vec();
/// # sealer.seal(&[7; 100_000], &mut blob)?;
/// # let plain_len = sealer.finish(&mut blob)?.plain_len;
/// let opener = Opener::new(&key, &blob[..sealed::HEADER_LEN], context, plain_len)?;
/// opener.check_len(blob.len() as u64)?;
/// let wanted = 65_000..66_000;
/// let mut plain = Vec::new();
/// for chunk in opener.chunks_for(wanted.clone()) {
///     let place = opener.chunk_range(chunk)?;
///     let mut bytes = blob[place.start as usize..place.end as usize].to_vec();
///     let opened = opener.open_chunk(chunk, &mut bytes)?;
///     plain.extend_from_slice(&opened[opener.within(chunk, wanted.clone())]);
/// }
/// assert_eq!(plain, [7; 1_000]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Opener {
    cipher: ChunkCipher,
    layout: Layout,
}

impl Opener {
    /// Checks the header and its commitment. `header` is the first [`HEADER_LEN`](crate::HEADER_LEN) bytes of the
    /// container, `plain_len` the length from the row.
    ///
    /// # Errors
    /// [`OpenError::NotSealed`], [`OpenError::UnknownFormat`] and [`OpenError::WrongKey`] for the header;
    /// [`OpenError::TooLong`] and, when the context says another length, [`OpenError::Length`].
    pub fn new(file_key: &FileKey, header: &[u8], context: Context, plain_len: u64) -> Result<Self, OpenError> {
        let layout = Layout::of(plain_len)?;
        if let Some(expected) = context.plain_len().filter(|bound| *bound != plain_len) {
            return Err(OpenError::Length { expected, found: plain_len });
        }
        let header = Header::parse(header).ok_or(OpenError::NotSealed)?;
        if header.format != FORMAT {
            return Err(OpenError::UnknownFormat { found: header.format });
        }
        let (cipher, commitment) =
            ChunkCipher::derive(file_key, &header.salt, header.format, &context).map_err(|_| OpenError::Cipher)?;
        if commitment.is(&header.commitment) { Ok(Self { cipher, layout }) } else { Err(OpenError::WrongKey) }
    }

    /// The size of the container of so many plaintext bytes.
    ///
    /// # Errors
    /// [`OpenError::TooLong`] beyond [`MAX_PLAIN_LEN`](crate::MAX_PLAIN_LEN).
    pub fn sealed_len(plain_len: u64) -> Result<u64, OpenError> {
        Layout::of(plain_len).map(Layout::sealed_len)
    }

    /// Refuses a container of any other size than the length in the row demands. Call it before the first chunk, with
    /// the size that the store reports.
    ///
    /// # Errors
    /// [`OpenError::Length`].
    pub fn check_len(&self, container_len: u64) -> Result<(), OpenError> {
        let expected = self.layout.sealed_len();
        if container_len == expected { Ok(()) } else { Err(OpenError::Length { expected, found: container_len }) }
    }

    /// Bytes of the plaintext.
    #[must_use]
    pub const fn plain_len(&self) -> u64 {
        self.layout.plain_len()
    }

    /// The number of the last chunk, counted from 0. There always is one.
    #[must_use]
    pub const fn last_chunk(&self) -> u64 {
        self.layout.last_chunk()
    }

    /// The bytes of a chunk in the container.
    ///
    /// # Errors
    /// [`OpenError::NoSuchChunk`] behind the last one.
    pub fn chunk_range(&self, chunk: u64) -> Result<Range<u64>, OpenError> {
        self.layout.chunk_range(chunk)
    }

    /// The chunks to open for a range of plaintext bytes, clamped to the document. A range that reaches the end
    /// includes the last chunk even when that is empty: so the end of a document is never released unverified.
    #[must_use]
    pub fn chunks_for(&self, plain: Range<u64>) -> Range<u64> {
        self.layout.chunks_for(&plain)
    }

    /// The part of an opened chunk that belongs to a range of plaintext bytes.
    #[must_use]
    pub fn within(&self, chunk: u64, plain: Range<u64>) -> Range<usize> {
        self.layout.within(chunk, &plain)
    }

    /// Verifies a chunk and decrypts it where it lies; `sealed` is exactly its [`chunk_range`](Self::chunk_range).
    /// When it fails, the content of `sealed` is of no use and must not be released.
    ///
    /// # Errors
    /// [`OpenError::NoSuchChunk`]; [`OpenError::Length`] for bytes of another length; [`OpenError::Damaged`].
    pub fn open_chunk<'a>(&self, chunk: u64, sealed: &'a mut [u8]) -> Result<&'a mut [u8], OpenError> {
        let range = self.layout.chunk_range(chunk)?;
        let (expected, found) = (range.end - range.start, u64::try_from(sealed.len()).unwrap_or(u64::MAX));
        if found != expected {
            return Err(OpenError::Length { expected, found });
        }
        let place = if chunk == self.layout.last_chunk() {
            Place::Last { chunk, plain_len: self.layout.plain_len() }
        } else {
            Place::Full(chunk)
        };
        self.cipher.open(place, sealed).map_err(|_| OpenError::Damaged { chunk })
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opener").field("plain_len", &self.layout.plain_len()).finish_non_exhaustive()
    }
}
