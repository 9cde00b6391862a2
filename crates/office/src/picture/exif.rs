//! Exif: tags in the form of a TIFF file (CIPA DC-008).

use super::Details;

pub(super) const DESCRIPTION: u16 = 0x010E;
pub(super) const MAKE: u16 = 0x010F;
pub(super) const MODEL: u16 = 0x0110;
pub(super) const ORIENTATION: u16 = 0x0112;
pub(super) const SOFTWARE: u16 = 0x0131;
pub(super) const TIME: u16 = 0x0132;
pub(super) const ARTIST: u16 = 0x013B;
pub(super) const COPYRIGHT: u16 = 0x8298;
pub(super) const EXIF: u16 = 0x8769;
pub(super) const GPS: u16 = 0x8825;
const X_RESOLUTION: u16 = 0x011A;
const Y_RESOLUTION: u16 = 0x011B;
const RESOLUTION_UNIT: u16 = 0x0128;
const TAKEN: u16 = 0x9003;
const OWNER: u16 = 0xA430;

/// Which of two orders the bytes of numbers have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    big: bool,
}

impl Numbers {
    /// The order that a TIFF file begins with, and the place of its first directory.
    pub(super) fn of(tiff: &[u8]) -> Option<(Self, usize)> {
        let numbers = Self { big: tiff.starts_with(b"MM") };
        let is_tiff = numbers.big || tiff.starts_with(b"II");
        let first = numbers.u32(tiff, 4)? as usize;
        (is_tiff && numbers.u16(tiff, 2)? == 42).then_some((numbers, first))
    }

    pub(super) fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let pair = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
    }

    pub(super) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let four = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) })
    }

    pub(super) fn two(self, number: u16) -> [u8; 2] {
        if self.big { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    pub(super) fn four(self, number: u32) -> [u8; 4] {
        if self.big { number.to_be_bytes() } else { number.to_le_bytes() }
    }
}

/// One entry of a directory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Where the entry is.
    pub(super) at: usize,
    pub(super) tag: u16,
    pub(super) kind: u16,
    pub(super) count: usize,
    /// Where its value is.
    pub(super) value: usize,
    /// Bytes of the value.
    pub(super) length: usize,
}

impl Entry {
    /// Bytes of an entry.
    pub(super) const LENGTH: usize = 12;
}

/// The entries of the directory at `at`, and the place behind them; nothing where it is not whole.
pub(super) fn directory(numbers: Numbers, tiff: &[u8], at: usize) -> Option<(Vec<Entry>, usize)> {
    let count = usize::from(numbers.u16(tiff, at)?);
    let end = at.checked_add(2 + count * Entry::LENGTH)?;
    tiff.get(..end)?;
    let entries = (0..count).map(|number| entry(numbers, tiff, at + 2 + number * Entry::LENGTH));
    Some((entries.collect::<Option<Vec<_>>>()?, end))
}

fn entry(numbers: Numbers, tiff: &[u8], at: usize) -> Option<Entry> {
    let (tag, kind) = (numbers.u16(tiff, at)?, numbers.u16(tiff, at + 2)?);
    let count = numbers.u32(tiff, at + 4)? as usize;
    let size = match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 => 8,
        _ => 1,
    };
    let length = count.checked_mul(size)?;
    let value = if length <= 4 { at + 8 } else { numbers.u32(tiff, at + 8)? as usize };
    Some(Entry { at, tag, kind, count, value, length })
}

/// What the tags say. Directories are read as far as they go.
pub(super) fn details(tiff: &[u8]) -> Details {
    let mut details = Details { any: true, ..Details::default() };
    let Some((numbers, first)) = Numbers::of(tiff) else { return details };
    let entries = |at| directory(numbers, tiff, at).map(|(entries, _)| entries).unwrap_or_default();
    let mut all = entries(first);
    let inner = all.iter().find(|entry| entry.tag == EXIF).and_then(|entry| numbers.u32(tiff, entry.at + 8));
    all.extend(inner.map(|at| entries(at as usize)).unwrap_or_default());
    let text = |tag| {
        let entry = all.iter().find(|entry| entry.tag == tag && entry.kind == 2)?;
        let bytes = tiff.get(entry.value..entry.value.checked_add(entry.length.min(256))?)?;
        let text = String::from_utf8_lossy(bytes.split(|byte| *byte == 0).next()?).trim().to_owned();
        (!text.is_empty()).then_some(text)
    };
    details.location = all.iter().any(|entry| entry.tag == GPS);
    details.device = match (text(MAKE), text(MODEL)) {
        (Some(make), Some(model)) if !model.starts_with(&make) => Some(format!("{make} {model}")),
        (make, model) => model.or(make).or_else(|| text(SOFTWARE)),
    };
    details.person = text(ARTIST).or_else(|| text(OWNER)).or_else(|| text(COPYRIGHT));
    details.time = text(TAKEN).or_else(|| text(TIME));
    details
}

/// The tags that decide how a picture is shown, and no others; nothing where there is none of them.
pub(super) fn essence(tiff: &[u8]) -> Option<Vec<u8>> {
    let (numbers, first) = Numbers::of(tiff)?;
    let (entries, _) = directory(numbers, tiff, first)?;
    let number = |tag| {
        entries
            .iter()
            .find(|entry| entry.tag == tag && entry.kind == 3)
            .and_then(|entry| numbers.u16(tiff, entry.value))
    };
    let ratio = |tag| {
        let entry = entries.iter().find(|entry| entry.tag == tag && entry.kind == 5)?;
        tiff.get(entry.value..entry.value.checked_add(8)?)
    };
    let orientation = number(ORIENTATION).filter(|orientation| (2..=8).contains(orientation));
    let resolution = ratio(X_RESOLUTION).zip(ratio(Y_RESOLUTION));
    let mut written = Vec::new();
    let mut values = Vec::new();
    let count = usize::from(orientation.is_some()) + if resolution.is_some() { 3 } else { 0 };
    if count == 0 {
        return None;
    }
    let behind = 8 + 2 + count * Entry::LENGTH + 4;
    let mut add = |tag, kind, value: &[u8]| {
        written.extend(numbers.two(tag));
        written.extend(numbers.two(kind));
        written.extend(numbers.four(1));
        if value.len() > 4 {
            written.extend(numbers.four((behind + values.len()) as u32));
            values.extend_from_slice(value);
        } else {
            written.extend([value, &[0; 4][value.len()..]].concat());
        }
    };
    if let Some(orientation) = orientation {
        add(ORIENTATION, 3, &numbers.two(orientation));
    }
    if let Some((x, y)) = resolution {
        add(X_RESOLUTION, 5, x);
        add(Y_RESOLUTION, 5, y);
        add(RESOLUTION_UNIT, 3, &numbers.two(number(RESOLUTION_UNIT).unwrap_or(2)));
    }
    let order = if numbers.big { b"MM" } else { b"II" };
    let mut tiff = [&order[..], &numbers.two(42), &numbers.four(8), &numbers.two(count as u16), &written].concat();
    tiff.extend([0; 4]);
    tiff.extend(values);
    Some(tiff)
}
