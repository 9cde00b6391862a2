//! TIFF: directories that point anywhere in the file (TIFF 6.0). Nothing moves: an entry that goes leaves its directory, and
//! its value is filled with zeros where nothing that stays lies in the same place.

use std::ops::Range;

use super::{
    Bare,
    exif::{self, Entry, Numbers},
};

/// What describes a picture and not how it is shown.
const UNSEEN: [u16; 26] = [
    exif::DESCRIPTION,
    exif::MAKE,
    exif::MODEL,
    exif::SOFTWARE,
    exif::TIME,
    exif::ARTIST,
    exif::COPYRIGHT,
    exif::EXIF,
    exif::GPS,
    0x010D, // DocumentName
    0x011D, // PageName
    0x013C, // HostComputer
    0x02BC, // XMP
    0x800D, // ImageID
    0x83BB, // IPTC
    0x8649, // Photoshop
    0x935C, // layers of Photoshop
    0x9C9B,
    0x9C9C,
    0x9C9D,
    0x9C9E,
    0x9C9F, // XPTitle to XPSubject
    0x9213, // ImageHistory
    0xC4A5, // PrintIM
    0xCD40,
    0xCD41, // layers of other programs
];
const SUB_DIRECTORIES: u16 = 0x014A;
/// Places and lengths of strips, tiles and embedded JPEG.
const DATA: [(u16, u16); 3] = [(0x0111, 0x0117), (0x0144, 0x0145), (0x0201, 0x0202)];
/// Directories of one file. Genuine files have one for each page.
const MOST: usize = 1_000;

#[derive(Default)]
struct Found {
    /// Directories: place, entries, end.
    directories: Vec<(usize, Vec<Entry>, usize)>,
    /// What is read when the picture is shown.
    seen: Vec<Range<usize>>,
    /// Values of what goes.
    unseen: Vec<Range<usize>>,
}

pub(super) fn bare(bytes: &[u8]) -> Option<Bare> {
    let (numbers, first) = Numbers::of(bytes)?;
    let mut found = Found::default();
    let mut waiting = vec![first];
    while let Some(at) = waiting.pop() {
        let known = found.directories.iter().any(|(place, ..)| *place == at);
        if at == 0 || known {
            continue;
        }
        if found.directories.len() >= MOST {
            return None;
        }
        let (entries, end) = exif::directory(numbers, bytes, at)?;
        waiting.push(numbers.u32(bytes, end).unwrap_or_default() as usize);
        found.seen.push(0..8);
        found.seen.push(at..end + 4);
        for entry in &entries {
            let value = entry.value..entry.value.checked_add(entry.length)?;
            if UNSEEN.contains(&entry.tag) {
                found.unseen.push(value);
                if matches!(entry.tag, exif::EXIF | exif::GPS) {
                    inner(numbers, bytes, *entry, &mut found.unseen);
                }
            } else {
                found.seen.push(value);
                if entry.tag == SUB_DIRECTORIES {
                    waiting.extend(list(numbers, bytes, *entry));
                }
            }
        }
        for (places, lengths) in DATA {
            let of = |tag| entries.iter().find(|entry| entry.tag == tag).map(|entry| list(numbers, bytes, *entry));
            let pairs = of(places).unwrap_or_default().into_iter().zip(of(lengths).unwrap_or_default());
            found.seen.extend(pairs.map(|(place, length)| place..place.saturating_add(length)));
        }
        found.directories.push((at, entries, end));
    }
    let details = exif::details(bytes);
    let goes = |entry: &Entry| UNSEEN.contains(&entry.tag);
    if !found.directories.iter().any(|(_, entries, _)| entries.iter().any(goes)) {
        return None;
    }
    let mut copy = bytes.to_vec();
    clear(&mut copy, found.unseen, found.seen);
    for (at, entries, end) in &found.directories {
        let kept: Vec<Entry> = entries.iter().copied().filter(|entry| !goes(entry)).collect();
        let next = bytes.get(*end..end + 4).unwrap_or_default();
        let written: Vec<u8> =
            kept.iter().flat_map(|entry| &bytes[entry.at..entry.at + Entry::LENGTH]).copied().collect();
        let directory = [&numbers.two(kept.len() as u16)[..], &written, next].concat();
        let place = copy.get_mut(*at..end + next.len())?;
        place.fill(0);
        place.get_mut(..directory.len())?.copy_from_slice(&directory);
    }
    Some(Bare { bytes: copy, details })
}

/// The whole of a directory that an entry points to, with its values.
fn inner(numbers: Numbers, bytes: &[u8], entry: Entry, unseen: &mut Vec<Range<usize>>) {
    let Some(at) = numbers.u32(bytes, entry.at + 8).map(|at| at as usize) else { return };
    let Some((entries, end)) = exif::directory(numbers, bytes, at) else { return };
    unseen.push(at..end);
    unseen.extend(entries.iter().map(|entry| entry.value..entry.value.saturating_add(entry.length)));
}

/// The numbers of a value.
fn list(numbers: Numbers, bytes: &[u8], entry: Entry) -> Vec<usize> {
    let number = |index: usize| match entry.kind {
        3 => numbers.u16(bytes, entry.value + 2 * index).map(usize::from),
        4 | 13 => numbers.u32(bytes, entry.value + 4 * index).map(|number| number as usize),
        _ => None,
    };
    (0..entry.count).map_while(number).collect()
}

/// Fills with zeros what is in one of the first ranges and in none of the second.
fn clear(bytes: &mut [u8], mut unseen: Vec<Range<usize>>, mut seen: Vec<Range<usize>>) {
    unseen.sort_by_key(|range| range.start);
    seen.sort_by_key(|range| range.start);
    for range in unseen {
        let mut from = range.start;
        let overlapping = seen.iter().take_while(|seen| seen.start < range.end).filter(|seen| seen.end > range.start);
        let mut gaps = Vec::new();
        for seen in overlapping {
            gaps.push(from..seen.start.max(from));
            from = from.max(seen.end);
        }
        gaps.push(from..range.end.max(from));
        for gap in gaps {
            if let Some(gap) = bytes.get_mut(gap) {
                gap.fill(0);
            }
        }
    }
}
