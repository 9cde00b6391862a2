//! The content of an entry, inflated and counted.

use std::io::{self, BufRead, Read};

use crc32fast::Hasher;
use flate2::{Decompress, FlushDecompress, Status};

use super::{Entry, Fault, Source, Step, refuse};
use crate::{
    finding::{self, Code, Finding},
    policy::Budget,
};

const BUFFER: usize = 64 * 1024;

/// What has been used of the budget, by the file and all that is embedded in it.
#[derive(Debug, Default)]
pub(crate) struct Spent {
    pub(crate) entries: u64,
    pub(crate) inflated: u64,
}

/// The state of the decompressor and its output, reused from entry to entry.
pub(crate) struct Inflater {
    state: Decompress,
    output: Box<[u8]>,
}

impl Inflater {
    pub(crate) fn new() -> Self {
        Self { state: Decompress::new(false), output: vec![0; BUFFER].into_boxed_slice() }
    }
}

/// The bounds for one entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    total: u64,
    part: Option<u64>,
}

impl Limits {
    pub(crate) fn new(budget: &Budget, is_xml: bool) -> Self {
        Self { total: budget.inflated, part: is_xml.then_some(budget.xml_part) }
    }
}

/// The content of an entry as a stream. A fault is kept and shows to the reader as an I/O error;
/// [`EntryReader::finish`] tells the truth.
pub(crate) struct EntryReader<'s, 'i> {
    source: &'s mut Source<'i>,
    entry: &'s Entry,
    /// The length of the descriptor behind the data.
    descriptor: u64,
    inflater: &'s mut Inflater,
    spent: &'s mut Spent,
    limits: Limits,
    /// Compressed bytes that have not been taken yet.
    remaining: u64,
    produced: u64,
    crc: Hasher,
    /// The unread part of the output is `start..end`.
    start: usize,
    end: usize,
    ended: bool,
    fault: Option<Fault>,
}

impl<'s, 'i> EntryReader<'s, 'i> {
    pub(super) fn new(
        source: &'s mut Source<'i>,
        entry: &'s Entry,
        descriptor: u64,
        inflater: &'s mut Inflater,
        spent: &'s mut Spent,
        limits: Limits,
    ) -> Self {
        inflater.state.reset(false);
        let remaining = entry.compressed;
        let (crc, produced, start, end) = (Hasher::new(), 0, 0, 0);
        let (ended, fault) = (false, None);
        Self { source, entry, descriptor, inflater, spent, limits, remaining, produced, crc, start, end, ended, fault }
    }

    /// Reads what is left, so that every byte is counted and checksum and descriptor are proven.
    pub(crate) fn finish(mut self) -> Step<()> {
        loop {
            if let Some(fault) = self.fault.take() {
                return Err(fault);
            }
            match self.fill_buf().map(<[u8]>::len) {
                Ok(0) => return super::local::check_descriptor(self.source, self.entry, self.descriptor),
                Ok(count) => self.consume(count),
                // The fault is in its place now.
                Err(_) if self.fault.is_some() => {}
                Err(error) => return Err(Fault::Io(error)),
            }
        }
    }

    /// The whole content, when it is no longer than `limit`.
    pub(crate) fn collect(&mut self, limit: u64) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        // A fault ends the reading here and is reported by `finish`.
        match self.by_ref().take(limit.saturating_add(1)).read_to_end(&mut bytes) {
            Ok(count) if count as u64 <= limit => Some(bytes),
            _ => None,
        }
    }

    /// Fills the output as far as possible, so that a reader sees whole signatures at the start.
    fn refill(&mut self) -> Step<()> {
        (self.start, self.end) = (0, 0);
        while self.end < self.inflater.output.len() && !self.ended {
            let before = self.end;
            // Writers mark empty entries as deflated without the two bytes that an empty stream takes.
            if self.entry.method == 0 || self.entry.compressed == 0 {
                self.copy()?
            } else {
                self.inflate()?
            }
            let fresh = self.inflater.output.get(before..self.end).unwrap_or_default();
            self.crc.update(fresh);
            self.produced += fresh.len() as u64;
            self.spent.inflated += fresh.len() as u64;
            self.check_limits()?;
        }
        Ok(())
    }

    fn copy(&mut self) -> Step<()> {
        let room = &mut self.inflater.output[self.end..];
        let bytes = self.source.fill()?;
        let count = bytes.len().min(room.len()).min(super::bytes::index(self.remaining));
        if count == 0 {
            self.ended = true;
            return if self.remaining == 0 { self.check_end() } else { self.damaged("the file ends early") };
        }
        room[..count].copy_from_slice(&bytes[..count]);
        self.source.consume(count);
        self.remaining -= count as u64;
        self.end += count;
        if self.remaining == 0 {
            self.ended = true;
        }
        Ok(())
    }

    fn inflate(&mut self) -> Step<()> {
        let bytes = if self.remaining == 0 { &[] } else { self.source.fill()? };
        let count = bytes.len().min(super::bytes::index(self.remaining));
        let room = &mut self.inflater.output[self.end..];
        let (before_in, before_out) = (self.inflater.state.total_in(), self.inflater.state.total_out());
        let status = self.inflater.state.decompress(&bytes[..count], room, FlushDecompress::None);
        let used = self.inflater.state.total_in() - before_in;
        let made = self.inflater.state.total_out() - before_out;
        self.source.consume(super::bytes::index(used));
        self.remaining -= used.min(self.remaining);
        self.end += super::bytes::index(made);
        match status {
            Ok(Status::StreamEnd) if self.remaining == 0 => {
                self.ended = true;
                Ok(())
            }
            Ok(Status::StreamEnd) => self.damaged("data after the compressed content"),
            Ok(_) if used == 0 && made == 0 => self.damaged("the compressed content is incomplete"),
            Ok(_) => Ok(()),
            Err(_) => self.damaged("the compressed content cannot be read"),
        }
    }

    fn check_limits(&self) -> Step<()> {
        let part = Some(self.entry.name.as_str());
        if self.spent.inflated > self.limits.total {
            let detail = format!("more than {} in all", finding::size(self.limits.total));
            return refuse(Code::TooLargeInflated, part, &detail);
        }
        if let Some(limit) = self.limits.part
            && self.produced > limit
        {
            return refuse(Code::XmlPartTooLarge, part, &format!("more than {}", finding::size(limit)));
        }
        if self.produced > self.entry.size {
            return self.damaged("longer than declared");
        }
        if self.ended { self.check_end() } else { Ok(()) }
    }

    fn check_end(&self) -> Step<()> {
        if self.produced != self.entry.size {
            return self.damaged("shorter than declared");
        }
        if self.crc.clone().finalize() != self.entry.crc {
            return self.damaged("checksum");
        }
        Ok(())
    }

    fn damaged(&self, detail: &str) -> Step<()> {
        Err(Fault::Refused(Box::new(Finding::new(Code::ZipDamaged, Some(&self.entry.name), detail))))
    }
}

impl BufRead for EntryReader<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end && !self.ended {
            let result = if self.fault.is_some() { Ok(()) } else { self.refill() };
            if let Err(fault) = result {
                self.fault = Some(fault);
            }
            if self.fault.is_some() {
                (self.start, self.end) = (0, 0);
                return Err(io::Error::other("the entry cannot be read"));
            }
        }
        Ok(self.inflater.output.get(self.start..self.end).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.start += count.min(self.end - self.start);
    }
}

impl Read for EntryReader<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let count = bytes.len().min(buffer.len());
        buffer[..count].copy_from_slice(&bytes[..count]);
        self.consume(count);
        Ok(count)
    }
}
