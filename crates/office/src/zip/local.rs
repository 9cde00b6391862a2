//! Local headers and data descriptors, compared with the central directory.

use super::{
    Archive, Entry, EntryReader, Inflater, Source, Spent, Step,
    bytes::{u16_at, u32_at, u64_at},
    directory::local_sizes,
    entry::Limits,
    refuse,
};
use crate::finding::Code;

const HEADER: [u8; 4] = *b"PK\x03\x04";
const HEADER_LENGTH: u64 = 30;
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
/// Bit 3: sizes and checksum follow the data.
const FLAG_DESCRIPTOR: u16 = 1 << 3;
/// Bit 11: the name is UTF-8.
const FLAG_UTF8: u16 = 1 << 11;
/// Bits 1 and 2 only tell how hard the compressor worked.
const FLAGS_THAT_MATTER: u16 = !0b110;

/// Checks everything around the data of the entry, and opens its content.
pub(crate) fn open<'s, 'i>(
    source: &'s mut Source<'i>,
    archive: &'s Archive,
    index: usize,
    inflater: &'s mut Inflater,
    spent: &'s mut Spent,
    limits: Limits,
) -> Step<Option<EntryReader<'s, 'i>>> {
    let Some(entry) = archive.entries.get(index) else { return Ok(None) };
    let data_start = check_header(source, entry)?;
    let end = archive.end_of(index);
    let Some(rest) = data_start.checked_add(entry.compressed).and_then(|data_end| end.checked_sub(data_end)) else {
        return refuse(Code::ZipOverlap, Some(&entry.name), "");
    };
    check_room(entry, rest)?;
    Ok(Some(EntryReader::new(source, entry, rest, inflater, spent, limits)))
}

/// Compares the local header with the central one; answers where the data starts. Times and extra
/// fields differ in genuine files and decide nothing.
fn check_header(source: &mut Source<'_>, entry: &Entry) -> Step<u64> {
    source.seek(entry.offset)?;
    let header = source.take(HEADER_LENGTH as usize)?;
    if header.len() < HEADER_LENGTH as usize || !header.starts_with(&HEADER) {
        return refuse(Code::ZipHeaderMismatch, Some(&entry.name), "no entry where the directory says");
    }
    let name = source.take(usize::from(u16_at(&header, 26)))?;
    let extra = source.take(usize::from(u16_at(&header, 28)))?;
    let differs = |what| refuse(Code::ZipHeaderMismatch, Some(&entry.name), what);
    if *name != *entry.raw_name {
        return differs("name");
    }
    // In ASCII a name is the same in every code page, and writers mark it as UTF-8 in one place only.
    let matter = if name.is_ascii() { FLAGS_THAT_MATTER & !FLAG_UTF8 } else { FLAGS_THAT_MATTER };
    if (u16_at(&header, 6) ^ entry.flags) & matter != 0 {
        return differs("flags");
    }
    if u16_at(&header, 8) != entry.method {
        return differs("method");
    }
    let streamed = entry.flags & FLAG_DESCRIPTOR != 0;
    let agrees = |local: u64, central: u64| local == central || (streamed && local == 0);
    let (crc, compressed, size) = (u32_at(&header, 14), u32_at(&header, 18), u32_at(&header, 22));
    if !agrees(u64::from(crc), u64::from(entry.crc)) {
        return differs("checksum");
    }
    let wide = local_sizes(&extra);
    let widened = |narrow: u32, wide: Option<u64>| match wide {
        Some(wide) if narrow == u32::MAX => wide,
        _ => u64::from(narrow),
    };
    if !agrees(widened(size, wide.map(|(size, _)| size)), entry.size)
        || !agrees(widened(compressed, wide.map(|(_, compressed)| compressed)), entry.compressed)
    {
        return differs("size");
    }
    Ok(source.position())
}

/// Between the data and the next entry there is room for a descriptor if the flags promise one, and
/// for nothing else.
fn check_room(entry: &Entry, length: u64) -> Step<()> {
    match (entry.flags & FLAG_DESCRIPTOR != 0, length) {
        (true, 12 | 16 | 20 | 24) | (false, 0) => Ok(()),
        (true, 0..24) => refuse(Code::ZipHeaderMismatch, Some(&entry.name), "no descriptor"),
        _ => refuse(Code::ZipExtraData, Some(&entry.name), "after the entry"),
    }
}

/// Checks what follows the data, where `source` stands. A descriptor comes in four forms: with and
/// without a signature, with sizes of 32 and of 64 bits.
pub(super) fn check_descriptor(source: &mut Source<'_>, entry: &Entry, length: u64) -> Step<()> {
    if length == 0 {
        return Ok(());
    }
    let descriptor = source.take(length as usize)?;
    let fields = match length {
        16 | 24 => descriptor.strip_prefix(&DESCRIPTOR),
        _ => Some(&descriptor[..]),
    };
    let read = fields.map(|fields| match length {
        12 | 16 => (u32_at(fields, 0), u64::from(u32_at(fields, 4)), u64::from(u32_at(fields, 8))),
        _ => (u32_at(fields, 0), u64_at(fields, 4), u64_at(fields, 12)),
    });
    if descriptor.len() as u64 == length && read == Some((entry.crc, entry.compressed, entry.size)) {
        Ok(())
    } else {
        refuse(Code::ZipHeaderMismatch, Some(&entry.name), "descriptor")
    }
}
