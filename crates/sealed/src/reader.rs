//! The plaintext as `Read + Seek`, for those who read files: one chunk is decrypted at a time and kept.

use std::{
    fmt,
    io::{self, BufRead, Read, Seek, SeekFrom},
};

use zeroize::Zeroizing;

use crate::{
    context::Context,
    error::OpenError,
    key::FileKey,
    layout::{HEADER_LEN, SEALED_CHUNK, locate},
    opener::Opener,
};

/// Reads the plaintext of a container that begins at offset 0 of `R`. Errors of the format arrive as
/// [`io::ErrorKind::InvalidData`] with the [`OpenError`] inside.
///
/// The end is reported only after the last chunk was verified.
pub struct OpenReader<R> {
    inner: R,
    opener: Opener,
    position: u64,
    /// The chunk in `buffer`, and the length of its plaintext there.
    cached: Option<(u64, usize)>,
    buffer: Zeroizing<Vec<u8>>,
    end_verified: bool,
}

impl<R: Read + Seek> OpenReader<R> {
    /// Checks the header and the size of the container; see [`Opener::new`].
    ///
    /// # Errors
    /// Those of `R`, and the [`OpenError`]s of [`Opener::new`] and [`Opener::check_len`].
    pub fn new(mut inner: R, file_key: &FileKey, context: Context, plain_len: u64) -> io::Result<Self> {
        let container_len = inner.seek(SeekFrom::End(0))?;
        let expected = Opener::sealed_len(plain_len)?;
        if container_len != expected {
            return Err(OpenError::Length { expected, found: container_len }.into());
        }
        let mut header = [0; HEADER_LEN];
        inner.seek(SeekFrom::Start(0))?;
        inner.read_exact(&mut header)?;
        Ok(Self {
            inner,
            opener: Opener::new(file_key, &header, context, plain_len)?,
            position: 0,
            cached: None,
            buffer: Zeroizing::new(Vec::with_capacity(SEALED_CHUNK)),
            end_verified: false,
        })
    }

    /// Bytes of the plaintext.
    pub const fn plain_len(&self) -> u64 {
        self.opener.plain_len()
    }

    /// Has the chunk opened in the buffer, and returns the length of its plaintext.
    fn load(&mut self, chunk: u64) -> io::Result<usize> {
        if let Some((cached, len)) = self.cached
            && cached == chunk
        {
            return Ok(len);
        }
        // Until the chunk is verified, the buffer holds nothing that may be released.
        self.cached = None;
        let range = self.opener.chunk_range(chunk)?;
        let sealed_len = usize::try_from(range.end - range.start).map_err(|_| OpenError::TooLong)?;
        self.buffer.resize(sealed_len, 0);
        self.inner.seek(SeekFrom::Start(range.start))?;
        self.inner.read_exact(&mut self.buffer)?;
        let len = self.opener.open_chunk(chunk, &mut self.buffer)?.len();
        self.cached = Some((chunk, len));
        self.end_verified |= chunk == self.opener.last_chunk();
        Ok(len)
    }
}

impl<R: Read + Seek> BufRead for OpenReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.position >= self.plain_len() {
            if !self.end_verified {
                self.load(self.opener.last_chunk())?;
            }
            return Ok(&[]);
        }
        let (chunk, start) = locate(self.position);
        let len = self.load(chunk)?;
        Ok(self.buffer.get(start..len).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.position = self.position.saturating_add(u64::try_from(amount).unwrap_or(u64::MAX));
    }
}

impl<R: Read + Seek> Read for OpenReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read + Seek> Seek for OpenReader<R> {
    /// Moves without reading. As for files, a position behind the end is allowed and reads as the end.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.plain_len().checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

impl<R> fmt::Debug for OpenReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenReader").field("position", &self.position).finish_non_exhaustive()
    }
}
