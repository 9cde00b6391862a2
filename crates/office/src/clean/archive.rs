//! The copy as an archive, written forward.
//!
//! An entry that stays is taken over from its local header to its descriptor, as it lies there. A rewritten one is
//! compressed anew; a short one gets its sizes into the header, a long one into a descriptor behind it, because the
//! output cannot be gone back in. The central directory keeps its order and its attributes.

use std::{
    collections::HashMap,
    io::{self, Write},
};

use crc32fast::Hasher;
use flate2::{Compression, write::DeflateEncoder};

use crate::zip::{Archive, Entry, Source, bytes::u16_at};

const LOCAL: &[u8; 4] = b"PK\x03\x04";
const DESCRIPTOR: &[u8; 4] = b"PK\x07\x08";
const END: &[u8; 4] = b"PK\x05\x06";
const END64: &[u8; 4] = b"PK\x06\x06";
const LOCATOR64: &[u8; 4] = b"PK\x06\x07";
const CENTRAL_LENGTH: usize = 46;
const EXTRA_ZIP64: u16 = 0x0001;
const FLAG_DESCRIPTOR: u16 = 1 << 3;
const FLAG_UTF8: u16 = 1 << 11;
const DEFLATED: u16 = 8;
/// Versions of the format that deflated and 64-bit entries need.
const VERSION: u16 = 20;
const VERSION64: u16 = 45;
/// Compressed bytes that wait for the size of their entry.
const SHORT: usize = 64 * 1024;

/// What the central directory has to say of an entry of the copy.
#[derive(Clone, Copy, Debug)]
struct Record {
    offset: u64,
    flags: u16,
    method: u16,
    crc: u32,
    compressed: u64,
    size: u64,
}

/// Counts what passes.
struct Counted<W> {
    inner: W,
    count: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.count += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// An archive that is being written.
pub(super) struct Writer<'o> {
    output: Counted<&'o mut dyn Write>,
    /// By the index of the entry in the original.
    records: HashMap<usize, Record>,
}

impl<'o> Writer<'o> {
    pub(super) fn new(output: &'o mut dyn Write) -> Self {
        Self { output: Counted { inner: output, count: 0 }, records: HashMap::new() }
    }

    /// Takes an entry over with every byte between its header and the next one.
    pub(super) fn copy(&mut self, source: &mut Source<'_>, archive: &Archive, index: usize) -> io::Result<()> {
        let Some(entry) = archive.entries.get(index) else { return Ok(()) };
        let offset = self.output.count;
        source.seek(entry.offset)?;
        let mut left = archive.end_of(index).saturating_sub(entry.offset);
        while left > 0 {
            let bytes = source.fill()?;
            let count = bytes.len().min(crate::zip::bytes::index(left));
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.output.write_all(&bytes[..count])?;
            source.consume(count);
            left -= count as u64;
        }
        let Entry { flags, method, crc, compressed, size, .. } = *entry;
        self.records.insert(index, Record { offset, flags, method, crc, compressed, size });
        Ok(())
    }

    /// Begins an entry with new content in the place of an old one, whose name and time it keeps.
    pub(super) fn replace(&mut self, entry: &Entry, time: [u8; 4]) -> Content<'_, 'o> {
        let start = self.output.count;
        let packed = Packed {
            output: &mut self.output,
            name: entry.raw_name.clone(),
            flags: entry.flags & FLAG_UTF8,
            time,
            waiting: Some(Vec::new()),
            count: 0,
        };
        let deflate = DeflateEncoder::new(packed, Compression::default());
        Content { deflate, records: &mut self.records, start, crc: Hasher::new(), size: 0 }
    }

    /// Writes the central directory and the records that end an archive. A comment on the archive is not kept: it is
    /// no part, and nothing shows it.
    pub(super) fn finish(mut self, source: &mut Source<'_>, archive: &Archive) -> io::Result<()> {
        let by_name: HashMap<&[u8], usize> =
            archive.entries.iter().enumerate().map(|(index, entry)| (&*entry.raw_name, index)).collect();
        let start = self.output.count;
        source.seek(archive.directory_start)?;
        for _ in 0..archive.entries.len() {
            let header = source.take(CENTRAL_LENGTH)?;
            let name = source.take(usize::from(u16_at(&header, 28)))?;
            let extra = source.take(usize::from(u16_at(&header, 30)))?;
            let comment = source.take(usize::from(u16_at(&header, 32)))?;
            let record = by_name.get(&name[..]).and_then(|index| self.records.get(index)).copied();
            if let Some(record) = record {
                self.output.write_all(&central(&header, record, &name, &extra, &comment)?)?;
            }
        }
        let end = end(self.records.len() as u64, start, self.output.count - start);
        self.output.write_all(&end)?;
        self.output.flush()
    }
}

/// The compressed bytes of a rewritten entry on their way out.
struct Packed<'w, 'o> {
    output: &'w mut Counted<&'o mut dyn Write>,
    name: Box<[u8]>,
    flags: u16,
    time: [u8; 4],
    /// The first bytes, as long as the header is not written.
    waiting: Option<Vec<u8>>,
    count: u64,
}

impl Packed<'_, '_> {
    fn header(&mut self, flags: u16, crc: u32, sizes: [u32; 2]) -> io::Result<()> {
        let length = u16::try_from(self.name.len()).map_err(|_| too_large())?;
        let mut header = LOCAL.to_vec();
        header.extend([VERSION, self.flags | flags, DEFLATED].map(u16::to_le_bytes).concat());
        header.extend(self.time);
        header.extend([crc, sizes[0], sizes[1]].map(u32::to_le_bytes).concat());
        header.extend([length, 0].map(u16::to_le_bytes).concat());
        self.output.write_all(&header)?;
        self.output.write_all(&self.name)
    }

    /// Ends the entry; answers with its flags.
    fn finish(mut self, crc: u32, size: u64) -> io::Result<u16> {
        let narrow = |size: u64| u32::try_from(size).ok().filter(|size| *size < u32::MAX).ok_or_else(too_large);
        let sizes = [narrow(self.count)?, narrow(size)?];
        if let Some(waiting) = self.waiting.take() {
            self.header(0, crc, sizes)?;
            self.output.write_all(&waiting)?;
            return Ok(self.flags);
        }
        self.output.write_all(DESCRIPTOR)?;
        self.output.write_all(&[crc, sizes[0], sizes[1]].map(u32::to_le_bytes).concat())?;
        Ok(self.flags | FLAG_DESCRIPTOR)
    }
}

impl Write for Packed<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.count += bytes.len() as u64;
        match self.waiting.take() {
            None => self.output.write_all(bytes)?,
            Some(mut waiting) if waiting.len() + bytes.len() <= SHORT => {
                waiting.extend_from_slice(bytes);
                self.waiting = Some(waiting);
            }
            Some(waiting) => {
                self.header(FLAG_DESCRIPTOR, 0, [0, 0])?;
                self.output.write_all(&waiting)?;
                self.output.write_all(bytes)?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Rewritten parts are XML, which the budget keeps far below the bounds of the 32-bit fields.
fn too_large() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "a rewritten part is larger than 4 GiB")
}

/// The content of one entry. It must be finished.
pub(super) struct Content<'w, 'o> {
    deflate: DeflateEncoder<Packed<'w, 'o>>,
    records: &'w mut HashMap<usize, Record>,
    start: u64,
    crc: Hasher,
    size: u64,
}

impl Content<'_, '_> {
    /// Ends the entry that takes the place of the one at `index`.
    pub(super) fn finish(mut self, index: usize) -> io::Result<()> {
        self.pad()?;
        let packed = self.deflate.finish()?;
        let (compressed, crc) = (packed.count, self.crc.finalize());
        let flags = packed.finish(crc, self.size)?;
        let record = Record { offset: self.start, flags, method: DEFLATED, crc, compressed, size: self.size };
        self.records.insert(index, record);
        Ok(())
    }

    /// A part with very regular content may be compressed so far that other readers take it for a bomb: some look at
    /// nothing but the proportion. Blocks without content make it long enough (RFC 1951, 3.2.4).
    fn pad(&mut self) -> io::Result<()> {
        const EMPTY_BLOCK: &[u8] = &[0, 0, 0, 0xFF, 0xFF];
        const MOST_FOR_ONE: u64 = 100;
        const HARMLESS: u64 = 100 << 10;
        if self.size <= HARMLESS {
            return Ok(());
        }
        let least = self.size / MOST_FOR_ONE + 1;
        self.deflate.flush()?;
        while self.deflate.get_ref().count < least {
            self.deflate.get_mut().write_all(EMPTY_BLOCK)?;
        }
        Ok(())
    }
}

impl Write for Content<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.deflate.write(bytes)?;
        let written = bytes.get(..count).unwrap_or_default();
        self.crc.update(written);
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The header of the original with what is new about the entry.
fn central(old: &[u8], record: Record, name: &[u8], extra: &[u8], comment: &[u8]) -> io::Result<Vec<u8>> {
    let Record { offset, flags, method, crc, compressed, size } = record;
    let wide = [size, compressed, offset].into_iter().filter(|value| *value >= u64::from(u32::MAX));
    let wide: Vec<u8> = wide.flat_map(u64::to_le_bytes).collect();
    let mut extra = without_zip64(extra);
    if !wide.is_empty() {
        extra.extend([EXTRA_ZIP64, wide.len() as u16].map(u16::to_le_bytes).concat());
        extra.extend(&wide);
    }
    let extra_length = u16::try_from(extra.len()).map_err(|_| too_large())?;
    let version = u16_at(old, 6).max(if wide.is_empty() { VERSION } else { VERSION64 });
    let narrow = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);

    let mut header = old.to_vec();
    header.resize(CENTRAL_LENGTH, 0);
    header[6..8].copy_from_slice(&version.to_le_bytes());
    header[8..10].copy_from_slice(&flags.to_le_bytes());
    header[10..12].copy_from_slice(&method.to_le_bytes());
    header[16..20].copy_from_slice(&crc.to_le_bytes());
    header[20..24].copy_from_slice(&narrow(compressed).to_le_bytes());
    header[24..28].copy_from_slice(&narrow(size).to_le_bytes());
    header[30..32].copy_from_slice(&extra_length.to_le_bytes());
    header[42..46].copy_from_slice(&narrow(offset).to_le_bytes());
    Ok([&header[..], name, &extra, comment].concat())
}

/// Extra fields but the one that is made anew.
fn without_zip64(mut extra: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(extra.len());
    while extra.len() >= 4 {
        let length = 4 + usize::from(u16_at(extra, 2));
        let (Some(field), Some(rest)) = (extra.get(..length), extra.get(length..)) else { break };
        if u16_at(extra, 0) != EXTRA_ZIP64 {
            kept.extend_from_slice(field);
        }
        extra = rest;
    }
    // What cannot be read as fields is nothing that a program would read.
    kept.extend_from_slice(extra);
    kept
}

/// The records behind the directory; the 64-bit ones only where they are needed.
fn end(entries: u64, start: u64, length: u64) -> Vec<u8> {
    let count = u16::try_from(entries).unwrap_or(u16::MAX);
    let narrow = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    let mut records = Vec::new();
    if count == u16::MAX || narrow(start) == u32::MAX || narrow(length) == u32::MAX {
        records.extend(END64);
        records.extend(44_u64.to_le_bytes());
        records.extend([VERSION64, VERSION64].map(u16::to_le_bytes).concat());
        records.extend([0; 8]);
        records.extend([entries, entries, length, start].map(u64::to_le_bytes).concat());
        records.extend(LOCATOR64);
        records.extend([0; 4]);
        records.extend((start + length).to_le_bytes());
        records.extend(1_u32.to_le_bytes());
    }
    records.extend(END);
    records.extend([0; 4]);
    records.extend([count, count].map(u16::to_le_bytes).concat());
    records.extend([narrow(length), narrow(start)].map(u32::to_le_bytes).concat());
    records.extend([0; 2]);
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Record = Record { offset: 1, flags: 8, method: 8, crc: 2, compressed: 3, size: 4 };

    #[test]
    fn what_32_bits_cannot_say_stands_in_the_extra_field() {
        let kept = [0x55, 0x54, 1, 0, 7];
        let extra = [&[1, 0, 8, 0][..], &[9; 8], &kept].concat();
        let narrow = central(&[0; CENTRAL_LENGTH], SMALL, b"name", &extra, b"note").expect("short");
        assert_eq!(narrow[CENTRAL_LENGTH..], [&b"name"[..], &kept, b"note"].concat());
        assert_eq!((u16_at(&narrow, 6), u16_at(&narrow, 30)), (VERSION, 5));
        assert_eq!(narrow[42..46], [1, 0, 0, 0]);

        let record = Record { offset: 5 << 32, size: 6 << 32, ..SMALL };
        let wide = central(&[0; CENTRAL_LENGTH], record, b"", &extra, b"").expect("short");
        let fields = [6_u64 << 32, 5 << 32].map(u64::to_le_bytes).concat();
        assert_eq!(wide[CENTRAL_LENGTH..], [&kept[..], &[1, 0, 16, 0], &fields].concat());
        assert_eq!((u16_at(&wide, 6), &wide[20..24], &wide[24..28]), (VERSION64, &[3, 0, 0, 0][..], &[0xFF; 4][..]));
    }

    #[test]
    fn the_end_has_64_bit_records_only_where_they_are_needed() {
        assert_eq!(end(2, 300, 90).len(), 22);
        for (entries, start) in [(70_000, 300), (2, 5 << 32)] {
            let records = end(entries, start, 90);
            assert_eq!(records.len(), 56 + 20 + 22);
            assert_eq!(records[24..56], [entries, entries, 90, start].map(u64::to_le_bytes).concat());
            assert_eq!(records[64..72], (start + 90).to_le_bytes());
        }
    }

    #[test]
    fn a_field_that_cannot_be_read_is_kept() {
        assert_eq!(without_zip64(&[9, 9, 200, 0, 1]), [9, 9, 200, 0, 1]);
        assert_eq!(without_zip64(&[1, 0, 0, 0, 5]), [5]);
    }
}
