//! What pictures carry besides what is seen: who took them, where, with which camera; captions, histories of editing,
//! small former versions.
//!
//! Pictures are never decoded. What goes is taken out between the pieces that make up the format; pixels, colour profiles,
//! resolution and orientation stay, byte for byte. A picture that does not follow its format is left as it is.

mod exif;
mod gif;
mod jpeg;
mod png;
mod tiff;
mod webp;

/// Bytes within which the details of most pictures lie, for those who do not want to read them to their end.
const HEAD: u64 = 1 << 20;
/// Longer than the profiles and former versions that may stand before the data of a photograph.
const LONG_HEAD: u64 = 16 << 20;

/// How much of a picture with these first bytes has to be read to know its details: the formats of photographs have them
/// at their beginning, as nearly every writer does for PNG; others may have them anywhere.
pub(crate) fn telling(head: &[u8]) -> u64 {
    match head {
        _ if head.starts_with(jpeg::START) && jpeg::reaches_data(head) => head.len() as u64,
        _ if head.starts_with(jpeg::START) => LONG_HEAD,
        _ if head.starts_with(png::SIGNATURE) => HEAD,
        _ => u64::MAX,
    }
}

/// What was found in a picture besides what is seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Details {
    /// It tells where it was taken.
    pub(crate) location: bool,
    /// The camera, or the program.
    pub(crate) device: Option<String>,
    pub(crate) person: Option<String>,
    /// When it was taken, as it is written.
    pub(crate) time: Option<String>,
    /// Something that is to be removed is there, known or not.
    pub(crate) any: bool,
}

impl Details {
    /// Takes over what is not known yet.
    fn merge(&mut self, other: Self) {
        self.location |= other.location;
        self.any |= other.any;
        let Self { device, person, time, .. } = other;
        for (own, other) in [(&mut self.device, device), (&mut self.person, person), (&mut self.time, time)] {
            if own.is_none() {
                *own = other;
            }
        }
    }

    /// Something without a name of its own.
    fn note(&mut self) {
        self.any = true;
    }
}

/// A picture without its details.
#[derive(Debug)]
pub(crate) struct Bare {
    pub(crate) bytes: Vec<u8>,
    pub(crate) details: Details,
}

/// Whether these first bytes are those of a format that is known here.
pub(crate) fn is_known(head: &[u8]) -> bool {
    head.starts_with(jpeg::START)
        || head.starts_with(png::SIGNATURE)
        || head.starts_with(b"GIF8")
        || head.starts_with(b"II*\0")
        || head.starts_with(b"MM\0*")
        || (head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP"))
}

/// Whether these first bytes are those of a PNG.
pub(crate) fn is_png(head: &[u8]) -> bool {
    head.starts_with(png::SIGNATURE)
}

/// The picture without its details; nothing where it has none.
pub(crate) fn bare(bytes: &[u8]) -> Option<Bare> {
    let bare = match bytes {
        _ if bytes.starts_with(jpeg::START) => jpeg::bare(bytes),
        _ if bytes.starts_with(png::SIGNATURE) => png::bare(bytes),
        _ if bytes.starts_with(b"GIF8") => gif::bare(bytes),
        _ if bytes.starts_with(b"RIFF") => webp::bare(bytes),
        _ => tiff::bare(bytes),
    };
    bare.filter(|bare| bare.details.any)
}

/// What XMP, a packet of XML, says of place and person. It is searched and not parsed: it goes in any case.
fn xmp(packet: &[u8]) -> Details {
    let says = |word: &[u8]| packet.windows(word.len()).any(|window| window == word);
    Details { location: says(b"GPSLatitude"), any: true, ..Details::default() }
}

#[cfg(test)]
mod tests;
