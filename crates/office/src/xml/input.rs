//! The bytes of a part on their way to the parser: encoding, and the bound on one token.

use std::io::BufRead;

use super::{Objection, characters::first_forbidden};
use crate::finding::Code;

/// The longest tag, text or comment, which is held in memory whole. Genuine parts have drawings of a few megabytes in
/// one attribute.
const LONGEST_TOKEN: usize = 16 << 20;
/// Bytes decoded in one step.
const STEP: usize = 64 * 1024;
const MARK: char = '\u{feff}';

/// Why the input ended early.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Obstacle {
    /// The bytes are not in a permitted encoding.
    Encoding(&'static str),
    /// There is a character that no document may contain.
    Character,
    /// One token is too long.
    Token,
    /// The input itself failed; its owner knows why.
    Input,
}

impl Obstacle {
    pub(super) fn into_result(self) -> Result<(), Objection> {
        match self {
            Self::Encoding(detail) => Err(Objection::new(Code::XmlEncoding, detail)),
            Self::Character => Err(Objection::malformed("a forbidden character")),
            Self::Token => Err(Objection::new(Code::XmlTooComplex, "markup without an end")),
            Self::Input => Ok(()),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16 { big_endian: bool },
}

/// A window of text that moves over the part, whatever of the two encodings the part has.
pub(crate) struct Input<'i> {
    bytes: &'i mut dyn BufRead,
    encoding: Encoding,
    /// Whether characters are judged.
    checked: bool,
    text: String,
    /// The first bytes of a character whose other bytes have not come yet.
    divided: Vec<u8>,
    /// A mark may come, because nothing has been decoded so far.
    fresh: bool,
    ended: bool,
    /// What stands behind the text.
    obstacle: Option<Obstacle>,
}

impl<'i> Input<'i> {
    /// Looks at the first bytes. Without a mark it is UTF-8; the zeros of unmarked UTF-16 and UTF-32 are refused when
    /// they come.
    pub(crate) fn new(bytes: &'i mut dyn BufRead) -> Result<Self, Obstacle> {
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
        let (text, divided) = (String::with_capacity(2 * STEP), Vec::new());
        Ok(Self {
            bytes,
            encoding,
            checked: false,
            text,
            divided,
            fresh: encoding == Encoding::Utf8,
            ended: false,
            obstacle: None,
        })
    }

    /// The same; a character that no document may contain is an obstacle, too.
    pub(super) fn checked(self, checked: bool) -> Self {
        Self { checked, ..self }
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The text in the window.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the part ends with the window.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Moves the window on by `read` bytes, to the start of a token. A window in which no token ends becomes twice as
    /// long, so that a long token is looked at as often as its length doubles.
    pub(crate) fn advance(&mut self, read: usize) -> Result<(), Obstacle> {
        // What stood in front of the obstacle has been seen.
        if let Some(obstacle) = self.obstacle {
            return Err(obstacle);
        }
        self.text.drain(..read);
        let length = self.text.len();
        if length > LONGEST_TOKEN {
            return Err(Obstacle::Token);
        }
        let wanted = if read == 0 { (2 * length).min(LONGEST_TOKEN) } else { length };
        while self.text.len() <= wanted && !self.ended && self.obstacle.is_none() {
            self.obstacle = self.step().err();
        }
        Ok(())
    }

    /// Decodes the next piece. What can be read in front of an obstacle is read.
    fn step(&mut self) -> Result<(), Obstacle> {
        let piece = self.bytes.fill_buf().map_err(|_| Obstacle::Input)?;
        let piece = piece.get(..STEP).unwrap_or(piece);
        let count = piece.len();
        self.ended = count == 0;
        if self.ended && !self.divided.is_empty() {
            self.ended = false;
            return Err(Obstacle::Encoding("half a character"));
        }
        let start = self.text.len();
        let outcome = if self.divided.is_empty() {
            let outcome = decode(self.encoding, piece, &mut self.text);
            outcome.map(|used| self.divided.extend_from_slice(&piece[used..]))
        } else {
            self.divided.extend_from_slice(piece);
            let outcome = decode(self.encoding, &self.divided, &mut self.text);
            outcome.map(|used| drop(self.divided.drain(..used)))
        };
        self.bytes.consume(count);
        if self.fresh && self.text.starts_with(MARK) {
            // Nothing but the mark and what follows has been decoded: `start` is 0.
            self.text.drain(..MARK.len_utf8());
            self.fresh = false;
        }
        self.fresh &= self.text.is_empty();
        let decoded = self.text.as_bytes().get(start..).unwrap_or_default();
        let forbidden = if self.checked {
            self.text.get(start..).and_then(first_forbidden)
        } else {
            decoded.iter().position(|byte| *byte == 0)
        };
        if let Some(forbidden) = forbidden {
            let is_zero = decoded.get(forbidden) == Some(&0);
            self.text.truncate(start + forbidden);
            return Err(if is_zero { Obstacle::Encoding("zero") } else { Obstacle::Character });
        }
        outcome
    }
}

/// Appends the characters to `text`; answers how many bytes they took. A character that is divided at the end is left.
fn decode(encoding: Encoding, bytes: &[u8], text: &mut String) -> Result<usize, Obstacle> {
    match encoding {
        Encoding::Utf8 => decode_utf8(bytes, text),
        Encoding::Utf16 { big_endian: true } => decode_utf16(bytes, u16::from_be_bytes, text),
        Encoding::Utf16 { big_endian: false } => decode_utf16(bytes, u16::from_le_bytes, text),
    }
}

fn decode_utf8(bytes: &[u8], text: &mut String) -> Result<usize, Obstacle> {
    let error = match str::from_utf8(bytes) {
        Ok(valid) => {
            text.push_str(valid);
            return Ok(bytes.len());
        }
        Err(error) => error,
    };
    let valid = bytes.get(..error.valid_up_to()).map(str::from_utf8);
    text.push_str(valid.and_then(Result::ok).unwrap_or_default());
    match error.error_len() {
        None => Ok(error.valid_up_to()),
        Some(_) => Err(Obstacle::Encoding("not UTF-8")),
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16, text: &mut String) -> Result<usize, Obstacle> {
    let (pairs, _) = bytes.as_chunks::<2>();
    let is_first_half = |pair: &[u8; 2]| (0xD800..0xDC00).contains(&unit(*pair));
    let whole = pairs.len() - usize::from(pairs.last().is_some_and(is_first_half));
    for decoded in char::decode_utf16(pairs.iter().take(whole).map(|pair| unit(*pair))) {
        text.push(decoded.map_err(|_| Obstacle::Encoding("half a character"))?);
    }
    Ok(2 * whole)
}
