//! Compound files: what an OLE object contains, as far as it can be told without running it.

use super::{excel_password, magic};
use crate::zip::bytes::{index, u16_at, u32_at};

const HEADER: usize = 512;
const ENTRY: usize = 128;
const MINI_SECTOR: usize = 64;
/// The class of a link to a web address, as it is stored ([MS-OSHARED] 2.3.7.6).
const URL_MONIKER: [u8; 16] =
    [0xE0, 0xC9, 0xEA, 0x79, 0xF9, 0xBA, 0xCE, 0x11, 0x8C, 0x82, 0x00, 0xAA, 0x00, 0x4B, 0xA9, 0x0B];
/// Bounds for what describes the content. Genuine objects stay far below.
const MOST_DIRECTORY: usize = 4 << 20;
const MOST_MINI_STREAM: usize = 32 << 20;
/// Sector numbers from here on are marks, not sectors.
const FIRST_MARK: u32 = 0xFFFF_FFFA;

/// What was found inside.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    /// A VBA project.
    pub(crate) macros: bool,
    /// An encrypted Office file.
    pub(crate) encrypted: bool,
    /// Not the object itself but a link to a web address, from which it is loaded.
    pub(crate) remote: bool,
    /// The name of a program, from a packaged file.
    pub(crate) program: Option<String>,
    /// Office packages and other archives.
    pub(crate) packages: Vec<Vec<u8>>,
}

impl Content {
    /// Takes note of a stream that makes up an object.
    fn add(&mut self, name: &str, stream: Vec<u8>) {
        match name {
            "\u{1}Ole" => self.remote |= contains(&stream, &URL_MONIKER),
            "\u{1}Ole10Native" => {
                let native = Native::read(&stream);
                if native.is_program() {
                    self.program.get_or_insert_with(|| native.name());
                } else if native.data.starts_with(&magic::ZIP) {
                    self.packages.push(native.data.to_vec());
                } else if let Some(file) = Compound::open(native.data) {
                    file.entries().for_each(|entry| self.note(&entry.name));
                }
            }
            _ => self.packages.push(stream),
        }
    }

    /// Takes note of a stream that matters by its name alone.
    fn note(&mut self, name: &str) {
        self.macros |= matches!(name, "_VBA_PROJECT" | "_VBA_PROJECT_CUR");
        self.encrypted |= matches!(name, "EncryptedPackage" | "EncryptionInfo");
    }
}

/// Looks into a compound file. What cannot be read yields nothing: the object is flagged anyway.
pub(crate) fn examine(bytes: &[u8]) -> Content {
    let mut content = Content::default();
    let Some(file) = Compound::open(bytes) else { return content };
    // Streams share no sectors, so together they are no longer than the file.
    let mut unread = bytes.len();
    for entry in file.entries() {
        content.note(&entry.name);
        if unread > 0 && matches!(entry.name.as_str(), "\u{1}Ole" | "\u{1}Ole10Native" | "Package" | "package") {
            let stream = file.stream(&entry);
            unread = unread.saturating_sub(stream.len().max(MINI_SECTOR));
            content.add(&entry.name, stream);
        }
    }
    content
}

/// Whether an encrypted file opens with the password that is built into Excel. Trying it takes as long as hashing a
/// megabyte many times, so it is done for a file and not for what is embedded in it.
pub(crate) fn opens_with_built_in_password(bytes: &[u8]) -> bool {
    let Some(file) = Compound::open(bytes) else { return false };
    let info = file.entries().find(|entry| entry.name == "EncryptionInfo");
    info.is_some_and(|entry| excel_password::fits(&file.stream(&entry)))
}

/// Whether these bytes of a directory name an encrypted Office file.
pub(crate) fn names_encrypted_package(directory: &[u8]) -> bool {
    let wanted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    contains(directory, &wanted)
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Where the directory of a compound file starts, according to its header.
pub(crate) fn directory_offset(header: &[u8]) -> u64 {
    (u64::from(u32_at(header, 48)) + 1) << sector_shift(header)
}

fn sector_shift(header: &[u8]) -> u32 {
    if u16_at(header, 30) == 12 { 12 } else { 9 }
}

struct Entry {
    name: String,
    is_root: bool,
    start: u32,
    size: u64,
}

struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    table: Vec<u32>,
    mini_table: Vec<u32>,
    mini_stream: Vec<u8>,
    mini_limit: u64,
    directory: Vec<u8>,
}

impl<'a> Compound<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let header = bytes.get(..HEADER).filter(|header| header.starts_with(&magic::COMPOUND))?;
        let (table, mini_table, mini_stream, directory) = Default::default();
        let mini_limit = u64::from(u32_at(header, 56));
        let sector = 1 << sector_shift(header);
        let mut file = Self { bytes, sector, table, mini_table, mini_stream, mini_limit, directory };
        file.table = file.read_table(header);
        file.directory = file.chain(u32_at(header, 48), MOST_DIRECTORY);
        file.mini_table = numbers(&file.chain(u32_at(header, 60), MOST_DIRECTORY)).collect();
        let root = file.entries().find(|entry| entry.is_root)?;
        file.mini_stream = file.chain(root.start, MOST_MINI_STREAM);
        Some(file)
    }

    fn sector(&self, number: u32) -> &'a [u8] {
        let start = index(number).saturating_add(1).saturating_mul(self.sector);
        let end = start.saturating_add(self.sector).min(self.bytes.len());
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// The allocation table: 109 of its sectors are named in the header, the others in a chain.
    fn read_table(&self, header: &[u8]) -> Vec<u32> {
        let mut sectors: Vec<u32> = numbers(header.get(76..).unwrap_or_default()).collect();
        let most = self.bytes.len() / self.sector;
        let mut next = u32_at(header, 68);
        for _ in 0..most {
            if next >= FIRST_MARK || sectors.len() > most {
                break;
            }
            let list: Vec<u32> = numbers(self.sector(next)).collect();
            let Some((link, named)) = list.split_last() else { break };
            sectors.extend(named);
            next = *link;
        }
        sectors.truncate(most.max(109));
        sectors.iter().filter(|number| **number < FIRST_MARK).flat_map(|number| numbers(self.sector(*number))).collect()
    }

    /// The sectors of a chain, joined; a circle ends when it is longer than the file or the limit.
    fn chain(&self, start: u32, limit: usize) -> Vec<u8> {
        let mut joined = Vec::new();
        let mut next = start;
        while next < FIRST_MARK && joined.len() < self.bytes.len().min(limit) {
            let sector = self.sector(next);
            if sector.is_empty() {
                break;
            }
            joined.extend_from_slice(sector);
            next = self.table.get(index(next)).copied().unwrap_or(FIRST_MARK);
        }
        joined
    }

    fn mini_chain(&self, start: u32, limit: usize) -> Vec<u8> {
        let mut joined = Vec::new();
        let mut next = start;
        while next < FIRST_MARK && joined.len() < self.mini_stream.len().min(limit) {
            let at = index(next).saturating_mul(MINI_SECTOR);
            let end = at.saturating_add(MINI_SECTOR).min(self.mini_stream.len());
            let Some(sector) = self.mini_stream.get(at..end).filter(|sector| !sector.is_empty()) else { break };
            joined.extend_from_slice(sector);
            next = self.mini_table.get(index(next)).copied().unwrap_or(FIRST_MARK);
        }
        joined
    }

    fn entries(&self) -> impl Iterator<Item = Entry> {
        self.directory.chunks_exact(ENTRY).filter(|entry| matches!(entry[66], 1 | 2 | 5)).map(|entry| {
            let length = usize::from(u16_at(entry, 64)).saturating_sub(2).min(62);
            let units: Vec<u16> = (0..length / 2).map(|unit| u16_at(entry, unit * 2)).collect();
            Entry {
                name: String::from_utf16_lossy(&units),
                is_root: entry[66] == 5,
                start: u32_at(entry, 116),
                size: u64::from(u32_at(entry, 120)),
            }
        })
    }

    fn stream(&self, entry: &Entry) -> Vec<u8> {
        let (small, length) = (entry.size < self.mini_limit, index(entry.size));
        let mut stream = if small { self.mini_chain(entry.start, length) } else { self.chain(entry.start, length) };
        stream.truncate(length);
        stream
    }
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number))
}

/// A file wrapped by the packager: its names and its content.
struct Native<'a> {
    names: [&'a [u8]; 3],
    data: &'a [u8],
}

impl<'a> Native<'a> {
    fn read(stream: &'a [u8]) -> Self {
        // Total length, type, label, path, two numbers, then the length and text of a temporary path,
        // then the length of the data and the data.
        let (label, rest) = until_zero(stream.get(6..).unwrap_or_default());
        let (path, rest) = until_zero(rest);
        let length = index(u32_at(rest, 4)).min(rest.len());
        let temporary = rest.get(8..8 + length).unwrap_or_default();
        let data = rest.get(8 + length + 4..).unwrap_or_default();
        Self { names: [label, path, temporary], data }
    }

    fn is_program(&self) -> bool {
        let named = self.names.iter().any(|name| magic::is_program_name(&String::from_utf8_lossy(name)));
        named || magic::is_program(self.data, "")
    }

    fn name(&self) -> String {
        String::from_utf8_lossy(self.names[0]).into_owned()
    }
}

fn until_zero(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    (&bytes[..end], bytes.get(end + 1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header whose directory, tables and lists of tables all lead to the sector `number`.
    fn circular(number: u32, sectors: usize) -> Vec<u8> {
        let mut bytes = vec![0; HEADER];
        bytes[..8].copy_from_slice(&magic::COMPOUND);
        bytes[30] = 9;
        for at in [48, 60, 68, 76] {
            bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        bytes.extend(number.to_le_bytes().repeat(128 * sectors));
        bytes
    }

    #[test]
    fn circles_end() {
        for (number, sectors, cut) in [(0, 1, 0), (2, 9, 0), (8, 9, 508), (100, 9, 0)] {
            let bytes = circular(number, sectors);
            assert_eq!(examine(&bytes[..bytes.len() - cut]), Content::default());
        }
    }

    #[test]
    fn names_and_content_of_a_packaged_file_are_read() {
        let names = b"a.txt\0C:\\a.txt\0\0\0\x03\0\x08\0\0\0C:\\b.js\0";
        let stream = [&[9, 0, 0, 0, 2, 0], &names[..], &[2, 0, 0, 0], b"hi"].concat();
        let native = Native::read(&stream);
        assert_eq!((native.name().as_str(), native.data), ("a.txt", &b"hi"[..]));
        assert!(native.is_program());
    }
}
