//! The bytes of a part on their way to the parser: encoding, and the bound on one token.

use std::io::{self, BufRead, Read};

use super::Objection;
use crate::finding::Code;

/// The longest tag, text or comment. The parser holds one in memory. Genuine parts have drawings of a
/// few megabytes in one attribute.
const LONGEST_TOKEN: usize = 16 << 20;
/// Bytes shown to the parser, and UTF-16 units decoded, in one step.
const STEP: usize = 16 * 1024;

/// Why the input ended early.
#[derive(Clone, Copy, Debug)]
pub(super) enum Obstacle {
    /// The bytes are not in a permitted encoding.
    Encoding(&'static str),
    /// One token is too long.
    Token,
    /// The input itself failed; its owner knows why.
    Input,
}

impl Obstacle {
    pub(super) fn into_result(self) -> Result<(), Objection> {
        match self {
            Self::Encoding(detail) => Err(Objection::new(Code::XmlEncoding, detail)),
            Self::Token => Err(Objection::new(Code::XmlTooComplex, "markup without an end")),
            Self::Input => Ok(()),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16 { big_endian: bool },
}

/// UTF-8 for the parser, whatever of the two encodings the part has.
pub(super) struct Input<'i> {
    bytes: &'i mut dyn BufRead,
    encoding: Encoding,
    /// Decoded UTF-16; the unread part starts at `start`.
    decoded: String,
    start: usize,
    /// The high half of a pair whose low half has not come yet.
    high: Option<u16>,
    token: usize,
    /// How many of the bytes at hand are known to be without a zero.
    checked: usize,
    obstacle: Option<Obstacle>,
}

impl<'i> Input<'i> {
    /// Looks at the first bytes. Without a mark it is UTF-8; the zeros of unmarked UTF-16 and UTF-32
    /// are refused when they come.
    pub(super) fn new(bytes: &'i mut dyn BufRead) -> Result<Self, Obstacle> {
        let head = bytes.fill_buf().map_err(|_| Obstacle::Input)?;
        let encoding = match head {
            [0xFF, 0xFE, 0, 0, ..] => return Err(Obstacle::Encoding("UTF-32")),
            [0xFF, 0xFE, ..] => Encoding::Utf16 { big_endian: false },
            [0xFE, 0xFF, ..] => Encoding::Utf16 { big_endian: true },
            _ => Encoding::Utf8,
        };
        if encoding != Encoding::Utf8 {
            bytes.consume(2);
        }
        Ok(Self { bytes, encoding, decoded: String::new(), start: 0, high: None, token: 0, checked: 0, obstacle: None })
    }

    pub(super) fn start_of_token(&mut self) {
        self.token = 0;
    }

    pub(super) fn obstacle(&self) -> Option<Obstacle> {
        self.obstacle
    }

    fn stop<T>(&mut self, obstacle: Obstacle) -> io::Result<T> {
        self.obstacle = Some(obstacle);
        Err(io::Error::other("the part cannot be read"))
    }

    /// Decodes the next piece. Leaves nothing decoded at the end.
    fn decode(&mut self, big_endian: bool) -> io::Result<()> {
        self.decoded.clear();
        self.start = 0;
        while self.decoded.is_empty() {
            let units = match self.units(big_endian) {
                Ok(units) => units,
                Err(obstacle) => return self.stop(obstacle),
            };
            if units.is_empty() {
                return if self.high.is_some() { self.stop(Obstacle::Encoding("half a character")) } else { Ok(()) };
            }
            for decoded in char::decode_utf16(units) {
                match decoded {
                    Ok('\0') => return self.stop(Obstacle::Encoding("zero")),
                    Ok(character) => self.decoded.push(character),
                    Err(_) => return self.stop(Obstacle::Encoding("half a character")),
                }
            }
        }
        Ok(())
    }

    /// The next units, with a pair never divided; empty at the end.
    fn units(&mut self, big_endian: bool) -> Result<Vec<u16>, Obstacle> {
        let mut units = Vec::with_capacity(STEP);
        units.extend(self.high.take());
        while units.len() < STEP {
            let mut pair = [0; 2];
            match self.bytes.read(&mut pair[..1]).and_then(|first| Ok((first, self.bytes.read(&mut pair[1..])?))) {
                Ok((0, _)) => break,
                Ok((_, 0)) => return Err(Obstacle::Encoding("half a character")),
                Ok(_) if big_endian => units.push(u16::from_be_bytes(pair)),
                Ok(_) => units.push(u16::from_le_bytes(pair)),
                Err(_) => return Err(Obstacle::Input),
            }
        }
        let full = units.len() >= STEP;
        if full && units.last().is_some_and(|unit| (0xD800..0xDC00).contains(unit)) {
            self.high = units.pop();
        }
        Ok(units)
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.token > LONGEST_TOKEN {
            return self.stop(Obstacle::Token);
        }
        if let Encoding::Utf16 { big_endian } = self.encoding {
            if self.start == self.decoded.len() {
                self.decode(big_endian)?;
            }
            return Ok(self.decoded.as_bytes().get(self.start..).unwrap_or_default());
        }
        if self.checked == 0 {
            match self.bytes.fill_buf().map(|bytes| bytes.get(..STEP).unwrap_or(bytes)) {
                Ok(bytes) if bytes.contains(&0) => return self.stop(Obstacle::Encoding("zero")),
                Ok(bytes) => self.checked = bytes.len(),
                Err(_) => return self.stop(Obstacle::Input),
            }
        }
        let bytes = self.bytes.fill_buf()?;
        Ok(bytes.get(..self.checked).unwrap_or(bytes))
    }

    fn consume(&mut self, count: usize) {
        self.token += count;
        match self.encoding {
            Encoding::Utf8 => {
                self.checked = self.checked.saturating_sub(count);
                self.bytes.consume(count);
            }
            Encoding::Utf16 { .. } => self.start = (self.start + count).min(self.decoded.len()),
        }
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let count = bytes.len().min(buffer.len());
        buffer[..count].copy_from_slice(&bytes[..count]);
        self.consume(count);
        Ok(count)
    }
}
