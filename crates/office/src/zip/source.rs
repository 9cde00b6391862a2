//! The input, read forward through one buffer.

use std::io::{self, Read, Seek, SeekFrom};

/// What an inspection reads from.
pub(crate) trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

const BUFFER: usize = 64 * 1024;

/// The input with a position and a buffer of its own, so that steps within the buffer cost nothing:
/// a seek of the input may mean decrypting a chunk again.
pub(crate) struct Source<'i> {
    input: &'i mut dyn ReadSeek,
    length: u64,
    buffer: Box<[u8]>,
    /// The unread part of the buffer is `start..end`.
    start: usize,
    end: usize,
    /// The position in the input of `buffer[start]`.
    position: u64,
}

impl<'i> Source<'i> {
    pub(crate) fn new(input: &'i mut dyn ReadSeek) -> io::Result<Self> {
        let length = input.seek(SeekFrom::End(0))?;
        input.seek(SeekFrom::Start(0))?;
        Ok(Self { input, length, buffer: vec![0; BUFFER].into_boxed_slice(), start: 0, end: 0, position: 0 })
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Moves to a position; within the buffer without touching the input.
    pub(crate) fn seek(&mut self, to: u64) -> io::Result<()> {
        let first = self.position - self.start as u64;
        match to.checked_sub(first) {
            Some(step) if step <= self.end as u64 => self.start = step as usize,
            _ => {
                self.input.seek(SeekFrom::Start(to))?;
                (self.start, self.end) = (0, 0);
            }
        }
        self.position = to;
        Ok(())
    }

    /// The bytes at hand, read when there are none; empty at the end of the input.
    pub(crate) fn fill(&mut self) -> io::Result<&[u8]> {
        while self.start == self.end {
            match self.input.read(&mut self.buffer) {
                Ok(count) => {
                    (self.start, self.end) = (0, count.min(BUFFER));
                    break;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.buffer.get(self.start..self.end).unwrap_or_default())
    }

    /// Marks `count` of the bytes at hand as read.
    pub(crate) fn consume(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.position += count as u64;
    }

    /// The next `count` bytes; fewer at the end of the input. For lengths of at most 16 bits.
    pub(crate) fn take(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut taken = Vec::with_capacity(count.min(BUFFER));
        while taken.len() < count {
            let bytes = self.fill()?;
            let step = bytes.len().min(count - taken.len());
            if step == 0 {
                break;
            }
            taken.extend_from_slice(&bytes[..step]);
            self.consume(step);
        }
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn seeking_back_and_forth_reads_the_same_bytes() {
        let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
        let mut input = Cursor::new(bytes.clone());
        let mut source = Source::new(&mut input).expect("a cursor never fails");
        for at in [0, 10, 5, 70_000, 69_990, 299_998, 131_072, 0] {
            source.seek(at).expect("a cursor never fails");
            let taken = source.take(9).expect("a cursor never fails");
            let from = at as usize;
            assert_eq!(taken, bytes[from..(from + 9).min(bytes.len())]);
        }
    }
}
