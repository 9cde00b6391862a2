//! The central directory.

use std::collections::HashSet;

use super::{
    Source, Step,
    bytes::{u16_at, u32_at, u64_at},
    locate::{Location, locate},
    names::{self, SeenSeparators, Separator},
    refuse,
};
use crate::{finding::Code, policy::Budget};

const HEADER: [u8; 4] = *b"PK\x01\x02";
const HEADER_LENGTH: usize = 46;
/// Extra fields that matter: 64-bit sizes, and a second name.
const EXTRA_ZIP64: u16 = 0x0001;
const EXTRA_UNICODE_PATH: u16 = 0x7075;
/// Encrypted (0, 6, 13) and patched (5) entries.
const FLAGS_ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
const FLAG_PATCHED: u16 = 1 << 5;

/// The version of the format that is needed, times ten: 6.3 is the latest there is.
const NEWEST_VERSION: u16 = 63;

/// One entry, as the central directory describes it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) raw_name: Box<[u8]>,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    pub(crate) compressed: u64,
    pub(crate) size: u64,
    pub(crate) offset: u64,
}

impl Entry {
    pub(crate) fn is_directory(&self) -> bool {
        self.name.ends_with('/')
    }
}

/// The entries in the order of their place in the file.
#[derive(Debug)]
pub(crate) struct Archive {
    pub(crate) entries: Vec<Entry>,
    /// Where the central directory starts, and so where the last entry has to end.
    pub(crate) directory_start: u64,
}

impl Archive {
    /// The entry of this name, whatever its case.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let wanted = names::key(name);
        self.entries.iter().position(|entry| !entry.is_directory() && names::key(&entry.name) == wanted)
    }

    /// Where the entry after `index` starts, or the central directory.
    pub(crate) fn end_of(&self, index: usize) -> u64 {
        self.entries.get(index + 1).map_or(self.directory_start, |next| next.offset)
    }
}

/// Reads and checks the central directory. `allowed` is what is left of the budget of entries.
pub(crate) fn read(source: &mut Source<'_>, budget: &Budget, allowed: u64) -> Step<Archive> {
    let location = locate(source)?;
    if location.entries > allowed {
        return refuse(Code::TooManyEntries, None, &format!("more than {}", budget.entries));
    }
    let separator = separator(source, &location)?;
    source.seek(location.start)?;
    let mut entries = Vec::new();
    let mut seen = HashSet::new();
    while source.position() < location.end {
        if entries.len() as u64 == location.entries {
            return refuse(Code::ZipExtraData, None, "in the central directory");
        }
        let entry = read_header(source, separator)?;
        if !seen.insert(names::key(&entry.name)) {
            return refuse(Code::ZipDuplicateName, Some(&entry.name), "");
        }
        entries.push(entry);
    }
    if source.position() != location.end || entries.len() as u64 != location.entries {
        return refuse(Code::ZipHeaderMismatch, None, "the central directory has another length than it should");
    }
    entries.sort_by_key(|entry| entry.offset);
    if let Some(first) = entries.first()
        && first.offset != 0
    {
        return refuse(Code::ZipExtraData, Some(&first.name), "before the first entry");
    }
    if let Some(pair) = entries.windows(2).find(|pair| pair[0].offset == pair[1].offset) {
        return refuse(Code::ZipOverlap, Some(&pair[1].name), "");
    }
    Ok(Archive { entries, directory_start: location.start })
}

/// What divides the names. Where the directory is damaged, the second reading says so.
fn separator(source: &mut Source<'_>, location: &Location) -> Step<Separator> {
    source.seek(location.start)?;
    let mut seen = SeenSeparators::default();
    while source.position() < location.end {
        let header = source.take(HEADER_LENGTH)?;
        if header.len() < HEADER_LENGTH || !header.starts_with(&HEADER) {
            break;
        }
        seen.see(&source.take(usize::from(u16_at(&header, 28)))?);
        let rest = u64::from(u16_at(&header, 30)) + u64::from(u16_at(&header, 32));
        source.seek(source.position() + rest)?;
    }
    Ok(seen.separator())
}

fn read_header(source: &mut Source<'_>, separator: Separator) -> Step<Entry> {
    let header = source.take(HEADER_LENGTH)?;
    if header.len() < HEADER_LENGTH || !header.starts_with(&HEADER) {
        return refuse(Code::ZipTruncated, None, "the central directory is damaged");
    }
    let raw_name = source.take(usize::from(u16_at(&header, 28)))?;
    let extra = source.take(usize::from(u16_at(&header, 30)))?;
    source.seek(source.position() + u64::from(u16_at(&header, 32)))?;

    let flags = u16_at(&header, 8);
    let name = names::parse(&raw_name, flags, separator)?;
    check_features(&header, flags, &name)?;
    check_unicode_path(&extra, &raw_name, &name)?;
    let wide = Wide::read(&header, &extra, &name)?;
    let method = u16_at(&header, 10);
    if method == 0 && wide.compressed != wide.size {
        return refuse(Code::ZipHeaderMismatch, Some(&name), "a stored entry with two sizes");
    }
    if name.ends_with('/') && wide.size != 0 {
        return refuse(Code::ZipUnsafeName, Some(&name), "a folder with content");
    }
    let Wide { size, compressed, offset } = wide;
    Ok(Entry { name, raw_name: raw_name.into(), flags, method, crc: u32_at(&header, 16), compressed, size, offset })
}

fn check_features(header: &[u8], flags: u16, name: &str) -> Step<()> {
    if flags & FLAGS_ENCRYPTED != 0 {
        return refuse(Code::ZipEncrypted, Some(name), "");
    }
    let method = u16_at(header, 10);
    if flags & FLAG_PATCHED != 0 || !matches!(method, 0 | 8) {
        return refuse(Code::ZipMethod, Some(name), &format!("method {method}"));
    }
    // The low byte; the high byte is the system. Programs refuse what they are too old for.
    if u16_at(header, 6) & 0xFF > NEWEST_VERSION {
        return refuse(Code::ZipMethod, Some(name), "made for a later version of the format");
    }
    if !matches!(u16_at(header, 34), 0 | 0xFFFF) {
        return refuse(Code::ZipMultiDisk, Some(name), "");
    }
    // The upper half holds the mode of Unix: links, devices, pipes and sockets are no parts.
    match (u32_at(header, 38) >> 16) & 0xF000 {
        0x1000 | 0x2000 | 0x6000 | 0xA000 | 0xC000 => refuse(Code::ZipSpecialFile, Some(name), ""),
        _ => Ok(()),
    }
}

/// A second name in the extras must be the first: programs differ in which one they use.
fn check_unicode_path(extra: &[u8], raw_name: &[u8], name: &str) -> Step<()> {
    match find_extra(extra, EXTRA_UNICODE_PATH).and_then(|field| field.get(5..)) {
        Some(second) if second != raw_name && raw_name.is_ascii() => {
            refuse(Code::ZipHeaderMismatch, Some(name), "a second name in the extra field")
        }
        _ => Ok(()),
    }
}

/// Sizes and offset, widened by the ZIP64 extra field where the header is saturated.
struct Wide {
    size: u64,
    compressed: u64,
    offset: u64,
}

impl Wide {
    fn read(header: &[u8], extra: &[u8], name: &str) -> Step<Self> {
        let mut fields =
            [u32_at(header, 24), u32_at(header, 20), u32_at(header, 42)].map(|field| (u64::from(field), field));
        let field = find_extra(extra, EXTRA_ZIP64);
        let saturated = fields.iter().filter(|(_, narrow)| *narrow == u32::MAX).count();
        match field {
            None if saturated > 0 => return refuse(Code::Zip64Inconsistent, Some(name), "64-bit sizes are missing"),
            Some(field) if field.len() < saturated * 8 => {
                return refuse(Code::Zip64Inconsistent, Some(name), "64-bit sizes are incomplete");
            }
            Some(field) if saturated == 0 => {
                // Not needed, and some writers add it. Harmless as long as it says the same, or nothing.
                let same = fields.iter().zip(field.as_chunks::<8>().0);
                if same.map(|((wide, _), bytes)| (*wide, u64::from_le_bytes(*bytes))).any(|(a, b)| b != 0 && a != b) {
                    return refuse(Code::Zip64Inconsistent, Some(name), "64-bit sizes contradict the header");
                }
            }
            Some(field) => {
                let wanted = fields.iter_mut().filter(|(_, narrow)| *narrow == u32::MAX);
                for (index, (wide, _)) in wanted.enumerate() {
                    *wide = u64_at(field, index * 8);
                }
            }
            None => {}
        }
        let [(size, _), (compressed, _), (offset, _)] = fields;
        Ok(Self { size, compressed, offset })
    }
}

/// The content of an extra field. What cannot be read as fields is ignored, as all programs do.
pub(super) fn find_extra(mut extra: &[u8], id: u16) -> Option<&[u8]> {
    while extra.len() >= 4 {
        let length = usize::from(u16_at(extra, 2));
        let field = extra.get(4..4 + length)?;
        if u16_at(extra, 0) == id {
            return Some(field);
        }
        extra = extra.get(4 + length..)?;
    }
    None
}

/// The ZIP64 extra field of a local header: size and compressed size.
pub(super) fn local_sizes(extra: &[u8]) -> Option<(u64, u64)> {
    find_extra(extra, EXTRA_ZIP64).filter(|field| field.len() >= 16).map(|field| (u64_at(field, 0), u64_at(field, 8)))
}
