//! PNG: chunks with checksums (ISO/IEC 15948).

use super::{Bare, Details, exif, xmp};

pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Copies chunk by chunk.
pub(super) fn bare(bytes: &[u8]) -> Option<Bare> {
    let mut copy = SIGNATURE.to_vec();
    let mut details = Details::default();
    let mut at = SIGNATURE.len();
    while at < bytes.len() {
        let length = u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize;
        let end = at.checked_add(12)?.checked_add(length)?;
        // One that is cut off is shown as far as it goes.
        let Some(chunk) = bytes.get(at..end) else {
            copy.extend_from_slice(bytes.get(at..)?);
            break;
        };
        let content = chunk.get(8..8 + length)?;
        match chunk.get(4..8)? {
            b"tEXt" | b"zTXt" | b"iTXt" => details.merge(text(content)),
            b"tIME" | b"caBX" | b"dSIG" | b"prVW" | b"mkBF" | b"mkBS" | b"mkBT" | b"mkTS" => details.note(),
            b"eXIf" => match exif::essence(content) {
                Some(essence) if essence == content => copy.extend_from_slice(chunk),
                essence => {
                    details.merge(exif::details(content));
                    copy.extend(essence.map(|essence| made(*b"eXIf", &essence)).unwrap_or_default());
                }
            },
            b"IEND" => {
                copy.extend_from_slice(chunk);
                if bytes.len() > end {
                    details.note();
                }
                break;
            }
            _ => copy.extend_from_slice(chunk),
        }
        at = end;
    }
    Some(Bare { bytes: copy, details })
}

/// A keyword and a text, which may be compressed.
fn text(content: &[u8]) -> Details {
    let mut details = xmp(content);
    let mut pieces = content.splitn(2, |byte| *byte == 0);
    let (keyword, value) = (pieces.next().unwrap_or_default(), pieces.next().unwrap_or_default());
    let value =
        || Some(String::from_utf8_lossy(value).trim_matches(['\0', ' ']).to_owned()).filter(|text| !text.is_empty());
    match keyword {
        b"Author" => details.person = value(),
        b"Software" => details.device = value(),
        b"Creation Time" => details.time = value(),
        _ => {}
    }
    details
}

fn made(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    let named = [&name[..], content].concat();
    [&(content.len() as u32).to_be_bytes()[..], &named, &crc32fast::hash(&named).to_be_bytes()].concat()
}
