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

/// UTF-8 for the parser, whatever of the two encodings the part has. The parser asks several times for
/// each tag, so what it is shown lies ready in one buffer.
pub(super) struct Input<'i> {
    bytes: &'i mut dyn BufRead,
    encoding: Encoding,
    /// What the parser is shown; the unread part starts at `start`.
    shown: Vec<u8>,
    start: usize,
    /// The high half of a pair whose low half has not come yet.
    high: Option<u16>,
    token: usize,
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
        Ok(Self { bytes, encoding, shown: Vec::new(), start: 0, high: None, token: 0, obstacle: None })
    }

    pub(super) fn start_of_token(&mut self) {
        self.token = 0;
    }

    pub(super) fn obstacle(&self) -> Option<Obstacle> {
        self.obstacle
    }

    /// Makes the next piece ready. Nothing is ready at the end.
    fn refill(&mut self) -> Result<(), Obstacle> {
        self.shown.clear();
        self.start = 0;
        if self.token > LONGEST_TOKEN {
            return Err(Obstacle::Token);
        }
        match self.encoding {
            Encoding::Utf8 => self.copy()?,
            Encoding::Utf16 { big_endian } => self.decode(big_endian)?,
        }
        if self.shown.contains(&0) { Err(Obstacle::Encoding("zero")) } else { Ok(()) }
    }

    fn copy(&mut self) -> Result<(), Obstacle> {
        let bytes = self.bytes.fill_buf().map_err(|_| Obstacle::Input)?;
        let count = bytes.len().min(STEP);
        self.shown.extend_from_slice(&bytes[..count]);
        self.bytes.consume(count);
        Ok(())
    }

    fn decode(&mut self, big_endian: bool) -> Result<(), Obstacle> {
        let units = self.units(big_endian)?;
        for decoded in char::decode_utf16(units) {
            let character = decoded.map_err(|_| Obstacle::Encoding("half a character"))?;
            self.shown.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
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
                Ok((0, _)) => return Ok(units),
                Ok((_, 0)) => return Err(Obstacle::Encoding("half a character")),
                Ok(_) if big_endian => units.push(u16::from_be_bytes(pair)),
                Ok(_) => units.push(u16::from_le_bytes(pair)),
                Err(_) => return Err(Obstacle::Input),
            }
        }
        if units.last().is_some_and(|unit| (0xD800..0xDC00).contains(unit)) {
            self.high = units.pop();
        }
        Ok(units)
    }
}

impl BufRead for Input<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.shown.len()
            && let Err(obstacle) = self.refill()
        {
            self.shown.clear();
            self.obstacle = Some(obstacle);
            return Err(io::Error::other("the part cannot be read"));
        }
        Ok(self.shown.get(self.start..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.token += count;
        self.start = (self.start + count).min(self.shown.len());
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
