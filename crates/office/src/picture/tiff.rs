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
/// Entries and numbers of all directories together. Genuine files have some thousand strips.
const MOST_NUMBERS: usize = 1_000_000;

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
    let mut room = MOST_NUMBERS;
    while let Some(at) = waiting.pop() {
        let known = found.directories.iter().any(|(place, ..)| *place == at);
        if at == 0 || known {
            continue;
        }
        if found.directories.len() >= MOST {
            return None;
        }
        let (entries, end) = exif::directory(numbers, bytes, at)?;
        room = room.checked_sub(entries.len())?;
        waiting.push(numbers.u32(bytes, end).unwrap_or_default() as usize);
        found.seen.push(0..8);
        found.seen.push(at..end + 4);
        for entry in &entries {
            let value = entry.value..entry.value.checked_add(entry.length)?;
            if UNSEEN.contains(&entry.tag) {
                found.unseen.push(value);
                if matches!(entry.tag, exif::EXIF | exif::GPS) {
                    room = room.checked_sub(inner(numbers, bytes, *entry, &mut found.unseen))?;
                }
            } else {
                found.seen.push(value);
                if entry.tag == SUB_DIRECTORIES {
                    waiting.extend(list(numbers, bytes, *entry, &mut room)?);
                }
            }
        }
        for (places, lengths) in DATA {
            let mut of = |tag| match entries.iter().find(|entry| entry.tag == tag) {
                Some(entry) => list(numbers, bytes, *entry, &mut room),
                None => Some(Vec::new()),
            };
            let pairs = of(places)?.into_iter().zip(of(lengths)?);
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
    clear(&mut copy, bytes, found.unseen, found.seen);
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

/// The whole of a directory that an entry points to, with its values. Answers with the number of its entries.
fn inner(numbers: Numbers, bytes: &[u8], entry: Entry, unseen: &mut Vec<Range<usize>>) -> usize {
    let place = numbers.u32(bytes, entry.at + 8).map(|at| at as usize);
    let Some((at, (entries, end))) = place.and_then(|at| Some((at, exif::directory(numbers, bytes, at)?))) else {
        return 0;
    };
    unseen.push(at..end);
    unseen.extend(entries.iter().map(|entry| entry.value..entry.value.saturating_add(entry.length)));
    entries.len()
}

/// The numbers of a value; nothing where they are more than there is room for.
fn list(numbers: Numbers, bytes: &[u8], entry: Entry, room: &mut usize) -> Option<Vec<usize>> {
    let number = |index: usize| match entry.kind {
        3 => numbers.u16(bytes, entry.value.checked_add(2 * index)?).map(usize::from),
        4 | 13 => numbers.u32(bytes, entry.value.checked_add(4 * index)?).map(|number| number as usize),
        _ => None,
    };
    *room = room.checked_sub(entry.count)?;
    Some((0..entry.count).map_while(number).collect())
}

/// Fills with zeros what is in one of the first ranges and in none of the second.
fn clear(copy: &mut [u8], original: &[u8], unseen: Vec<Range<usize>>, seen: Vec<Range<usize>>) {
    for range in joined(unseen, copy.len()) {
        if let Some(bytes) = copy.get_mut(range) {
            bytes.fill(0);
        }
    }
    for range in joined(seen, copy.len()) {
        if let (Some(bytes), Some(before)) = (copy.get_mut(range.clone()), original.get(range)) {
            bytes.copy_from_slice(before);
        }
    }
}

/// The same places in ranges that do not overlap, so that however many there are, each byte is one of them once.
fn joined(mut ranges: Vec<Range<usize>>, length: usize) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        let range = range.start.min(length)..range.end.min(length);
        match joined.last_mut().filter(|last| last.end >= range.start) {
            Some(last) => last.end = last.end.max(range.end),
            None => joined.push(range),
        }
    }
    joined
}
