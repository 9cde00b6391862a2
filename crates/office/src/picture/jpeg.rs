//! JPEG: segments up to the image data (ITU-T T.81, annex B).

use super::{Bare, Details, exif, xmp};

pub(super) const START: &[u8] = &[0xFF, 0xD8, 0xFF];
const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const START_OF_SCAN: u8 = 0xDA;
const END: u8 = 0xD9;
const COMMENT: u8 = 0xFE;

/// Copies segment by segment.
pub(super) fn bare(bytes: &[u8]) -> Option<Bare> {
    let mut copy = bytes.get(..2)?.to_vec();
    let mut details = Details::default();
    let mut at = 2;
    loop {
        // Bytes of FF may fill the place before a marker.
        while bytes.get(at) == Some(&0xFF) && bytes.get(at + 1) == Some(&0xFF) {
            at += 1;
        }
        let marker = *bytes.get(at + 1).filter(|_| bytes.get(at) == Some(&0xFF))?;
        if marker == END {
            copy.extend([0xFF, END]);
            return Some(ended(copy, details, bytes.get(at + 2..)?));
        }
        let end = if is_alone(marker) { at + 2 } else { at + 2 + length(bytes, at + 2)? };
        let segment = bytes.get(at..end)?;
        if matches!(marker, 0xE0..=0xEF | COMMENT) {
            if let Some(kept) = application(marker, segment.get(4..)?, &mut details) {
                copy.extend(kept.map_or_else(|| segment.to_vec(), |content| made(marker, &content)));
            }
        } else {
            copy.extend_from_slice(segment);
        }
        at = end;
        if marker == START_OF_SCAN {
            let end = scan(bytes, at);
            copy.extend_from_slice(bytes.get(at..end)?);
            at = end;
            if at == bytes.len() {
                // It is cut off, and programs show it as far as it goes.
                return Some(Bare { bytes: copy, details });
            }
        }
    }
}

/// Whether these first bytes go as far as the data of the picture.
pub(super) fn reaches_data(head: &[u8]) -> bool {
    let mut at = 2;
    while let Some(&[0xFF, marker]) = head.get(at..at + 2) {
        match marker {
            START_OF_SCAN => return true,
            0xFF => at += 1,
            marker if is_alone(marker) => at += 2,
            _ => match length(head, at + 2) {
                Some(length) => at += 2 + length,
                None => return false,
            },
        }
    }
    false
}

/// Behind the end stand other pictures, or films, of the same moment.
fn ended(bytes: Vec<u8>, mut details: Details, behind: &[u8]) -> Bare {
    if behind.iter().any(|byte| *byte != 0) {
        details.note();
        if behind.windows(EXIF.len()).any(|window| window == EXIF) && xmp(behind).location {
            details.location = true;
        }
        return Bare { bytes, details };
    }
    Bare { bytes: [bytes, behind.to_vec()].concat(), details }
}

/// What becomes of a segment for applications: it goes, it stays, or another one takes its place.
fn application(marker: u8, content: &[u8], details: &mut Details) -> Option<Option<Vec<u8>>> {
    match marker {
        0xE0 if content.starts_with(b"JFIF\0") => {
            // A small picture may follow the fourteen bytes.
            if content.len() <= 14 {
                return Some(None);
            }
            details.note();
            let mut head = content.get(..14)?.to_vec();
            head[12..14].fill(0);
            Some(Some(head))
        }
        0xE2 if content.starts_with(b"ICC_PROFILE\0") => Some(None),
        0xEE if content.starts_with(b"Adobe") => Some(None),
        0xE1 if content.starts_with(EXIF) => {
            let tiff = content.get(EXIF.len()..)?;
            let essence = exif::essence(tiff).map(|essence| [EXIF, &essence].concat());
            if essence.as_deref() == Some(content) {
                return Some(None);
            }
            details.merge(exif::details(tiff));
            essence.map(Some)
        }
        0xE1 if content.starts_with(XMP) => {
            details.merge(xmp(content));
            None
        }
        _ => {
            details.note();
            None
        }
    }
}

fn made(marker: u8, content: &[u8]) -> Vec<u8> {
    // It takes the place of a longer one, whose length fitted.
    let length = (content.len() + 2) as u16;
    [&[0xFF, marker][..], &length.to_be_bytes(), content].concat()
}

const fn is_alone(marker: u8) -> bool {
    matches!(marker, 0x01 | 0xD0..=0xD8)
}

fn length(bytes: &[u8], at: usize) -> Option<usize> {
    let length = usize::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    (length >= 2).then_some(length)
}

/// The end of the image data that starts at `at`: the next marker that is neither a restart nor data.
fn scan(bytes: &[u8], at: usize) -> usize {
    let is_marker =
        |at: usize| bytes.get(at) == Some(&0xFF) && !matches!(bytes.get(at + 1), Some(0 | 0xFF | 0xD0..=0xD7) | None);
    (at..bytes.len()).find(|at| is_marker(*at)).unwrap_or(bytes.len())
}
