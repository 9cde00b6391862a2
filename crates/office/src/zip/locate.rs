//! Where the central directory is, according to the records that end the archive.

use super::{
    Source, Step,
    bytes::{u16_at, u32_at, u64_at},
    refuse,
};
use crate::finding::Code;

const END: [u8; 4] = *b"PK\x05\x06";
const END64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR64: [u8; 4] = *b"PK\x06\x07";
const END_LENGTH: usize = 22;
const LOCATOR_LENGTH: u64 = 20;
const END64_LENGTH: usize = 56;
/// The end record with the longest comment, and the line end that some tools append.
const TAIL: u64 = END_LENGTH as u64 + 0xFFFF + 2;

/// Where the central directory is and how many entries it must have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) entries: u64,
}

/// Reads the end records. They must close the file: nothing may follow but one line end.
pub(super) fn locate(source: &mut Source<'_>) -> Step<Location> {
    let tail_start = source.length().saturating_sub(TAIL);
    source.seek(tail_start)?;
    let mut tail = Vec::new();
    while (tail.len() as u64) < source.length() - tail_start {
        let more = source.take(0x8000)?;
        if more.is_empty() {
            return refuse(Code::ZipTruncated, None, "the file ends early");
        }
        tail.extend(more);
    }
    // The last signature is the one that every program finds first.
    let Some(at) = tail.windows(4).rposition(|window| window == END) else {
        return refuse(Code::ZipTruncated, None, "the end record is missing");
    };
    let record = tail.get(at..).unwrap_or_default();
    if record.len() < END_LENGTH {
        return refuse(Code::ZipTruncated, None, "the end record is incomplete");
    }
    let after = record.get(END_LENGTH + usize::from(u16_at(record, 20))..);
    match after {
        Some(b"" | b"\n" | b"\r\n") => {}
        Some(_) => return refuse(Code::ZipExtraData, None, "after the end record"),
        None => return refuse(Code::ZipTruncated, None, "the comment is incomplete"),
    }
    interpret(source, tail_start + at as u64, record)
}

fn interpret(source: &mut Source<'_>, end_at: u64, record: &[u8]) -> Step<Location> {
    let entries = u16_at(record, 10);
    if (u16_at(record, 4), u16_at(record, 6)) != (0, 0) && record.get(4..8) != Some(&[0xFF; 4][..]) {
        return refuse(Code::ZipMultiDisk, None, "");
    }
    if u16_at(record, 8) != entries {
        return refuse(Code::ZipMultiDisk, None, "the number of entries differs between disks");
    }
    let narrow = Location {
        start: u64::from(u32_at(record, 16)),
        end: u64::from(u32_at(record, 16)) + u64::from(u32_at(record, 12)),
        entries: u64::from(entries),
    };
    let location = match end64(source, end_at)? {
        Some((wide, wide_at)) => {
            let agrees = |narrow: u64, wide: u64, limit: u64| narrow == wide || narrow == limit;
            let size = wide.end - wide.start;
            if !agrees(narrow.entries, wide.entries, 0xFFFF)
                || !agrees(narrow.start, wide.start, 0xFFFF_FFFF)
                || !agrees(u64::from(u32_at(record, 12)), size, 0xFFFF_FFFF)
            {
                return refuse(Code::Zip64Inconsistent, None, "the two end records disagree");
            }
            if wide.end != wide_at {
                return refuse(Code::ZipExtraData, None, "after the central directory");
            }
            return Ok(wide);
        }
        None if record.get(4..8) == Some(&[0xFF; 4][..]) => return refuse(Code::ZipMultiDisk, None, ""),
        None => narrow,
    };
    if location.end < end_at {
        return refuse(Code::ZipExtraData, None, "before the end record or before the first entry");
    }
    if location.end > end_at {
        return refuse(Code::ZipOverlap, None, "the central directory and the end record");
    }
    Ok(location)
}

/// The 64-bit end record and its position, when a locator stands before the end record.
fn end64(source: &mut Source<'_>, end_at: u64) -> Step<Option<(Location, u64)>> {
    let Some(locator_at) = end_at.checked_sub(LOCATOR_LENGTH) else { return Ok(None) };
    source.seek(locator_at)?;
    let locator = source.take(LOCATOR_LENGTH as usize)?;
    if !locator.starts_with(&LOCATOR64) {
        return Ok(None);
    }
    if u32_at(&locator, 4) != 0 || u32_at(&locator, 16) > 1 {
        return refuse(Code::ZipMultiDisk, None, "");
    }
    let at = u64_at(&locator, 8);
    if at.checked_add(END64_LENGTH as u64).is_none_or(|end| end > locator_at) {
        return refuse(Code::Zip64Inconsistent, None, "the locator leads nowhere");
    }
    source.seek(at)?;
    let record = source.take(END64_LENGTH)?;
    // The record has a length of its own; with anything but 44 it would hide data.
    if !record.starts_with(&END64) || u64_at(&record, 4) != 44 || at + END64_LENGTH as u64 != locator_at {
        return refuse(Code::Zip64Inconsistent, None, "the 64-bit end record is not in its place");
    }
    if u32_at(&record, 16) != 0 || u32_at(&record, 20) != 0 || u64_at(&record, 24) != u64_at(&record, 32) {
        return refuse(Code::ZipMultiDisk, None, "");
    }
    let start = u64_at(&record, 48);
    let Some(end) = start.checked_add(u64_at(&record, 40)) else {
        return refuse(Code::Zip64Inconsistent, None, "the central directory is longer than the file");
    };
    Ok(Some((Location { start, end, entries: u64_at(&record, 32) }, at)))
}
