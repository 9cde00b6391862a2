//! A reader of ZIP archives that trusts nothing: the raw pre-check and the bytes of the entries.
//!
//! Programs disagree about archives that are not quite regular, and attackers live from the
//! disagreement. So an archive must be readable in one way only: it starts with an entry, the entries
//! follow each other without a gap, the central directory follows them, the end record follows it,
//! and both headers of an entry say the same.

pub(crate) mod bytes;
#[cfg(test)]
mod differential;
mod directory;
mod entry;
mod local;
mod locate;
mod names;
mod source;
#[cfg(any(test, fuzzing))]
pub(crate) mod writer;

use std::io;

pub(crate) use directory::{Archive, Entry, read as read_archive};
pub(crate) use entry::{EntryReader, Inflater, Limits, Spent};
pub(crate) use local::open;
pub(crate) use names::{key, percent_decoded};
pub(crate) use source::{ReadSeek, Source};

use crate::finding::{Code, Finding};

/// Why reading ended early.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The input could not be read. Nothing is known about the file.
    Io(io::Error),
    /// The file is refused.
    Refused(Box<Finding>),
}

/// A step that may end the reading.
pub(crate) type Step<T> = Result<T, Fault>;

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Whether a file that does not start with an entry ends with the records of an archive.
pub(crate) fn ends_like_an_archive(source: &mut Source<'_>) -> Step<bool> {
    match locate::locate(source) {
        Ok(_) => Ok(true),
        Err(Fault::Refused(finding)) => Ok(finding.code != Code::ZipTruncated),
        Err(fault) => Err(fault),
    }
}

/// Ends the reading with a finding.
pub(crate) fn refuse<T>(code: Code, part: Option<&str>, detail: &str) -> Step<T> {
    Err(Fault::Refused(Box::new(Finding::new(code, part, detail))))
}
