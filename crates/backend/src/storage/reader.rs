//! A blob as `Read + Seek`, for code that is synchronous: the inspection of a file.

use std::io::{self, Read, Seek, SeekFrom};

use bytes::Bytes;
use domain::BlobId;
use sealed::{OpenReader, Opener};
use tokio::runtime::Handle;

use super::{Blobs, plain::SealedBlob};

/// Bytes fetched at once while reading forward.
const AHEAD: u64 = 512 * 1024;
/// Bytes fetched after a jump: most jumps are to a header or a directory.
const GLANCE: u64 = 128 * 1024;

/// Reads a sealed blob through a window that moves. It blocks: use it on a thread that may wait, never on one that
/// runs other tasks.
pub(crate) struct SealedReader {
    runtime: Handle,
    blobs: Blobs,
    blob: BlobId,
    len: u64,
    position: u64,
    window: Bytes,
    window_at: u64,
}

/// The plaintext of a blob, verified as it is read.
pub(crate) type Plaintext = OpenReader<SealedReader>;

impl SealedBlob {
    /// Opens the blob for a thread that may wait; `runtime` does the reading.
    pub(crate) fn plaintext(&self, runtime: Handle, blobs: Blobs) -> io::Result<Plaintext> {
        let len = Opener::sealed_len(self.size).map_err(io::Error::other)?;
        let source = SealedReader::new(runtime, blobs, self.id, len);
        OpenReader::new(source, &self.key, self.context(), self.size)
    }
}

impl SealedReader {
    /// A reader of a blob of `len` sealed bytes.
    fn new(runtime: Handle, blobs: Blobs, blob: BlobId, len: u64) -> Self {
        Self { runtime, blobs, blob, len, position: 0, window: Bytes::new(), window_at: 0 }
    }

    /// What the window holds from the position on, after moving it there if need be.
    fn ahead(&mut self) -> io::Result<&[u8]> {
        let window_end = self.window_at + self.window.len() as u64;
        if !(self.window_at..window_end).contains(&self.position) {
            let span = if self.position == window_end { AHEAD } else { GLANCE };
            let range = self.position..self.len.min(self.position.saturating_add(span));
            self.window = self.runtime.block_on(self.blobs.read(self.blob, range)).map_err(io::Error::other)?;
            self.window_at = self.position;
        }
        let offset = usize::try_from(self.position - self.window_at).map_err(io::Error::other)?;
        Ok(self.window.get(offset..).unwrap_or_default())
    }
}

impl Read for SealedReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.len || buffer.is_empty() {
            return Ok(0);
        }
        let ahead = self.ahead()?;
        let count = ahead.len().min(buffer.len());
        let (Some(to), Some(from)) = (buffer.get_mut(..count), ahead.get(..count)) else {
            return Ok(0);
        };
        to.copy_from_slice(from);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for SealedReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.len.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}
