//! The name in a certificate (X.509, RFC 5280), and the little of DER that it takes to find it.

use super::gathered::Clip;
use crate::base64;

/// The object identifiers of a common name, a name as people have, an e-mail address and an organisation.
const NAMES: [&[u8]; 4] =
    [&[0x55, 4, 3], &[0x55, 4, 41], &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 1], &[0x55, 4, 10]];
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xA0;
const BMP: u8 = 0x1E;

/// The bytes of a text in base64, which may be divided into lines.
pub(super) fn decoded(text: &str) -> Vec<u8> {
    base64::decoded(text.bytes().filter(|byte| !byte.is_ascii_whitespace()))
}

/// Whose certificate it is.
pub(super) fn subject(certificate: &[u8]) -> Option<String> {
    let certificate = Der(certificate).next_of(SEQUENCE)?;
    let mut fields = Der(Der(certificate).next_of(SEQUENCE)?);
    let mut first = fields.next()?;
    if first.0 == VERSION {
        first = fields.next()?;
    }
    // A serial number, an algorithm, the issuer and the time come before it.
    let subject = fields.nth(3)?.1;
    let _ = first;
    let pairs: Vec<(&[u8], u8, &[u8])> = Der(subject)
        .filter(|(tag, _)| *tag == SET)
        .flat_map(|(_, set)| Der(set))
        .filter_map(|(_, pair)| {
            let mut pair = Der(pair);
            let (name, (kind, value)) = (pair.next()?.1, pair.next()?);
            Some((name, kind, value))
        })
        .collect();
    let found = NAMES.iter().find_map(|name| pairs.iter().find(|(own, ..)| own == name));
    found.map(|(_, kind, value)| text(*kind, value)).filter(|name| !name.is_empty())
}

fn text(kind: u8, value: &[u8]) -> String {
    if kind == BMP {
        let units: Vec<u16> = value.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        return Clip::of(&String::from_utf16_lossy(&units));
    }
    Clip::of(&String::from_utf8_lossy(value))
}

/// Values one after the other: tag and content.
struct Der<'d>(&'d [u8]);

impl<'d> Der<'d> {
    fn next_of(mut self, wanted: u8) -> Option<&'d [u8]> {
        self.next().filter(|(tag, _)| *tag == wanted).map(|(_, content)| content)
    }
}

impl<'d> Iterator for Der<'d> {
    type Item = (u8, &'d [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (tag, first) = (*self.0.first()?, usize::from(*self.0.get(1)?));
        let (start, length) = if first < 0x80 {
            (2, first)
        } else {
            let bytes = self.0.get(2..2 + (first & 0x7F)).filter(|bytes| bytes.len() <= 4)?;
            (2 + bytes.len(), bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)))
        };
        let end = start.checked_add(length)?;
        let content = self.0.get(start..end)?;
        self.0 = self.0.get(end..)?;
        Some((tag, content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        assert!(content.len() < 0x80, "short enough for one byte");
        [&[tag, content.len() as u8][..], content].concat()
    }

    fn certificate(subject: &[u8]) -> Vec<u8> {
        let fields = [
            der(VERSION, &der(2, &[2])),
            der(2, &[7]),
            der(SEQUENCE, b""),
            der(SEQUENCE, &der(SET, &der(SEQUENCE, &[der(6, NAMES[0]), der(12, b"Issuer")].concat()))),
            der(SEQUENCE, b""),
            subject.to_vec(),
        ];
        der(SEQUENCE, &der(SEQUENCE, &fields.concat()))
    }

    #[test]
    fn the_name_is_that_of_the_subject() {
        let name = |oid: &[u8], kind, value: &[u8]| der(SET, &der(SEQUENCE, &[der(6, oid), der(kind, value)].concat()));
        let subject_of = |names: &[Vec<u8>]| subject(&certificate(&der(SEQUENCE, &names.concat())));
        let organisation = name(NAMES[3], 12, b"Example Ltd");
        assert_eq!(
            subject_of(&[organisation.clone(), name(NAMES[0], 12, b"Ana Example")]).as_deref(),
            Some("Ana Example")
        );
        assert_eq!(subject_of(&[name(NAMES[0], BMP, b"\0A\0n\0a")]).as_deref(), Some("Ana"));
        assert_eq!(subject_of(&[organisation]).as_deref(), Some("Example Ltd"));
        assert_eq!(subject_of(&[]), None);
        let whole = certificate(&der(SEQUENCE, b""));
        for length in 0..whole.len() {
            assert_eq!(subject(&whole[..length]), None);
        }
    }

    #[test]
    fn base64_is_read_over_lines() {
        assert_eq!(decoded("QW5h\n IEV4 YW1wbGU="), b"Ana Example");
        assert_eq!(decoded("!"), b"");
    }
}
