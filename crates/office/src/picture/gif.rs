//! GIF: blocks (GIF89a).

use super::{Bare, Details, xmp};

/// Extensions of applications that are shown: loops and colour profiles.
const SHOWN: [&[u8]; 3] = [b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"];

/// Copies block by block.
pub(super) fn bare(bytes: &[u8]) -> Option<Bare> {
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let mut at = 13 + table(*bytes.get(10)?);
    let mut copy = bytes.get(..at)?.to_vec();
    let mut details = Details::default();
    loop {
        let start = at;
        match bytes.get(at) {
            Some(0x21) => {
                let (label, content) = (*bytes.get(at + 1)?, at + 2);
                at = blocks(bytes, content)?;
                let name = bytes.get(content + 1..content + 12);
                let goes = label == 0xFE || (label == 0xFF && !name.is_some_and(|name| SHOWN.contains(&name)));
                if goes {
                    details.merge(xmp(bytes.get(content..at)?));
                } else {
                    copy.extend_from_slice(bytes.get(start..at)?);
                }
            }
            Some(0x2C) => {
                let image = at + 10 + table(*bytes.get(at + 9)?) + 1;
                at = blocks(bytes, image)?;
                copy.extend_from_slice(bytes.get(start..at)?);
            }
            Some(0x3B) => {
                copy.push(0x3B);
                if bytes.len() > at + 1 {
                    details.note();
                }
                return Some(Bare { bytes: copy, details });
            }
            _ => return None,
        }
    }
}

/// The place behind sub-blocks, of which the last is empty.
fn blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}
