//! Names of entries: which are safe, and which are the same.

use super::{Step, refuse};
use crate::finding::{Code, is_direction_mark};

/// Longer names occur in no genuine file, and memory for names is bounded by it.
pub(super) const LONGEST: usize = 1024;

/// Flag bit 11: the name is UTF-8.
const UTF8: u16 = 1 << 11;

/// What stands between the segments of all names of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    Slash,
    /// Several writers for Windows make such archives, and Excel reads them as they are meant. Beside a slash,
    /// some programs would take a backslash for a part of the name.
    Backslash,
}

/// The separators that occur in the names of an archive.
#[derive(Default)]
pub(super) struct SeenSeparators {
    slash: bool,
    backslash: bool,
}

impl SeenSeparators {
    pub(super) fn see(&mut self, name: &[u8]) {
        self.slash |= name.contains(&b'/');
        self.backslash |= name.contains(&b'\\');
    }

    pub(super) fn separator(&self) -> Separator {
        if self.backslash && !self.slash { Separator::Backslash } else { Separator::Slash }
    }
}

/// The name as text with slashes, or the refusal of one that could lead out of the archive or that programs
/// would read in different ways.
pub(super) fn parse(raw: &[u8], flags: u16, separator: Separator) -> Step<String> {
    let name = match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) if flags & UTF8 != 0 => {
            return refuse(Code::ZipUnsafeName, Some(&String::from_utf8_lossy(raw)), "not UTF-8");
        }
        // An old code page. Which one does not matter: one character for each byte keeps names apart,
        // and characters for private use stand for no other.
        Err(_) => raw.iter().map(|&byte| if byte.is_ascii() { char::from(byte) } else { private(byte) }).collect(),
    };
    let name = if separator == Separator::Backslash { name.replace('\\', "/") } else { name };
    match objection(&name).or_else(|| objection(&percent_decoded(&name))) {
        Some(objection) => refuse(Code::ZipUnsafeName, Some(&name), objection),
        None => Ok(name),
    }
}

fn private(byte: u8) -> char {
    char::from_u32(0xE000 + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn objection(name: &str) -> Option<&'static str> {
    if name.is_empty() || name.len() > LONGEST {
        return Some("empty or too long");
    }
    if name.contains('\\') {
        return Some("backslash");
    }
    if name.chars().any(|character| character.is_control() || is_direction_mark(character)) {
        return Some("control character");
    }
    if name.starts_with('/') {
        return Some("absolute");
    }
    if let [letter, b':', ..] = name.as_bytes()
        && letter.is_ascii_alphabetic()
    {
        return Some("drive");
    }
    let path = name.strip_suffix('/').unwrap_or(name);
    path.split('/').any(|segment| matches!(segment, "" | "." | "..")).then_some("path")
}

/// The form under which two names are the same part: without a leading or trailing slash, without
/// percent-encoding, in lower case.
pub(crate) fn key(name: &str) -> String {
    let name = name.strip_prefix('/').unwrap_or(name);
    let name = name.strip_suffix('/').unwrap_or(name);
    percent_decoded(name).to_lowercase()
}

/// The text with `%41` replaced by `A`; sequences that are no valid UTF-8 are kept as they are.
pub(crate) fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        let value = digits.filter(|pair| pair.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match value.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(value) if byte == b'%' => {
                decoded.push(value);
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in [
            "../a",
            "a/../b",
            "/a",
            "a\\b",
            "C:/a",
            "a//b",
            "./a",
            "a/./b",
            "",
            "a\nb",
            "a\0",
            "%2e%2e/a",
            "a/%2E%2E",
            "a%5cb",
            "%2Fa",
            "a/..",
            "x\u{202e}fdp.exe",
        ] {
            assert!(parse(name.as_bytes(), 0, Separator::Slash).is_err(), "{name:?}");
        }
        assert!(parse(&vec![b'a'; 2000], 0, Separator::Slash).is_err());
        assert!(parse(b"\xff", UTF8, Separator::Slash).is_err());
    }

    #[test]
    fn names_of_genuine_parts_are_kept() {
        for name in ["[Content_Types].xml", "word/", "xl/media/Bild 1 äöü.png", "a..b", "a/b%20c", "100%", "%zz", "e.."]
        {
            assert_eq!(parse(name.as_bytes(), 0, Separator::Slash).ok().as_deref(), Some(name));
        }
        assert!(parse(b"word/\x81.png", 0, Separator::Slash).is_ok());
    }

    #[test]
    fn backslashes_are_slashes_where_no_name_has_a_slash() {
        let separator = |names: &[&str]| {
            let mut seen = SeenSeparators::default();
            names.iter().for_each(|name| seen.see(name.as_bytes()));
            seen.separator()
        };
        assert_eq!(separator(&["[Content_Types].xml", "xl\\workbook.xml"]), Separator::Backslash);
        assert_eq!(separator(&["[Content_Types].xml", "xl/workbook.xml"]), Separator::Slash);
        assert_eq!(separator(&["xl/workbook.xml", "xl\\styles.xml"]), Separator::Slash);
        assert_eq!(separator(&["a"]), Separator::Slash);
        let read = |name: &str| parse(name.as_bytes(), 0, Separator::Backslash).ok();
        assert_eq!(read("xl\\worksheets\\").as_deref(), Some("xl/worksheets/"));
        for name in ["..\\a", "a\\..\\b", "C:\\a", "\\a", "\\\\server\\a", "a\\\\b", ".\\a", "%2e%2e\\a", "a%5cb"] {
            assert_eq!(read(name), None, "{name}");
        }
    }

    #[test]
    fn case_slashes_and_encoding_do_not_make_two_names() {
        assert_eq!(key("/Word/Document.XML"), key("word/document.xml"));
        assert_eq!(key("word/"), key("word"));
        assert_eq!(key("word/%C3%A4.xml"), key("word/Ä.xml"));
    }
}
