//! WebP: chunks of RIFF (RFC 9649).

use super::{Bare, Details, exif, xmp};

/// Bits of the extended header.
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;

/// Copies chunk by chunk.
pub(super) fn bare(bytes: &[u8]) -> Option<Bare> {
    let mut copy = bytes.get(..12)?.to_vec();
    let mut details = Details::default();
    let (mut at, mut header, mut keeps_exif) = (12, None, false);
    while at < bytes.len() {
        let Some(length) = bytes.get(at + 4..at + 8) else { break };
        let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
        let end = at.checked_add(8)?.checked_add(length)?;
        let content = bytes.get(at + 8..end)?;
        // Chunks begin at even places.
        let chunk = bytes.get(at..(end + length % 2).min(bytes.len()))?;
        match chunk.get(..4)? {
            b"EXIF" => {
                let tiff = content.strip_prefix(b"Exif\0\0").unwrap_or(content);
                let essence = exif::essence(tiff);
                keeps_exif |= essence.is_some();
                if essence.as_deref() == Some(content) {
                    copy.extend_from_slice(chunk);
                } else {
                    details.merge(exif::details(tiff));
                    copy.extend(essence.map(|essence| made(*b"EXIF", &essence)).unwrap_or_default());
                }
            }
            b"XMP " => details.merge(xmp(content)),
            b"C2PA" => details.note(),
            name => {
                if name == b"VP8X" {
                    header = Some(copy.len() + 8);
                }
                copy.extend_from_slice(chunk);
            }
        }
        at += chunk.len();
    }
    if let Some(flags) = header.and_then(|at| copy.get_mut(at)).filter(|_| details.any) {
        *flags &= !HAS_XMP;
        if !keeps_exif {
            *flags &= !HAS_EXIF;
        }
    }
    let length = u32::try_from(copy.len() - 8).ok()?;
    copy[4..8].copy_from_slice(&length.to_le_bytes());
    Some(Bare { bytes: copy, details })
}

fn made(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    let padding = &[0][..content.len() % 2];
    [&name[..], &(content.len() as u32).to_le_bytes(), content, padding].concat()
}
