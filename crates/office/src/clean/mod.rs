//! The clean copy: the same file without what its reader need not see.
//!
//! Parts that are not concerned are copied as they lie in the archive, compressed bytes and all. The copy is written
//! forward, so that it can be streamed; a part that changes is never held in memory whole.
//!
//! The way of a file: `package` reads what leads from part to part, `plan` decides what becomes of each, `rewrite` and the
//! editors of the three kinds make the new text of those that change, `archive` writes. A part goes when it is nothing but
//! the topic, or when only what goes has led to it; what led to it goes with it. What has been written is read again at the
//! end (`whole`).
//!
//! What is taken out, and what is not:
//! - Metadata: who, when, with which template and for how long; the thumbnail; people, their own views and permissions; where
//!   a workbook lay, where pictures came from, the printer. Fields and content controls go on showing what they show. The
//!   program and its version stay, because others decide by them how they show the file.
//! - Picture data: what pictures carry besides what is seen (see [`crate::picture`]).
//! - Signatures: when asked. Otherwise they are counted, because any change makes them invalid.
//! - Comments: with their authors, their marks in the text and their frames in old drawings.
//! - Tracked changes: accepted, in every story. Paragraphs whose end is deleted join the next (see `word::paragraphs`).
//!   Notes and pictures of deleted text go with it. The log of a shared workbook goes.
//! - Custom XML: all of `customXml`. The maps of a workbook stay, because tables may be bound to them.
//! - Revision ids: the `rsid` attributes and their list. The random ids of single paragraphs, rows and slides stay.
//! - Hidden sheets: with their names, and the texts that only they show. Not when anything that is seen draws on them.
//! - Hidden slides: with their notes, in sections and custom shows as well. A click that led to one leads nowhere.
//!
//! An Office file within the file is cleaned in the same way, but for its hidden sheets and slides.

mod archive;
mod binaries;
mod draft;
mod element;
mod excel;
mod package;
mod paths;
mod plan;
mod powerpoint;
mod properties;
mod relationships;
mod rewrite;
mod topics;
mod whole;
mod word;

use std::io::{self, Read, Seek, Write};

use serde::{Deserialize, Serialize};

use crate::{
    examination::{Examination, examine},
    finding::Finding,
    kind::Kind,
    policy::{Budget, Policy},
    report::Report,
    xml::Objection,
    xray::Topic,
    zip::Fault,
};
use archive::Writer;
use package::Package;
use plan::{Disposal, Plan};
use rewrite::rewrite;
use whole::{Tee, Written};

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cleaned {
    /// What was removed, and how many of it; tracked changes were accepted.
    pub removed: Vec<Removed>,
    /// The parts whose content is another now, in the order of the file.
    pub changed: Vec<String>,
    /// The parts that are gone, in the order of the file.
    pub dropped: Vec<String>,
    /// Signatures that are still there and are not valid any more, because what they signed is another file now.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub broken_signatures: u64,
}

/// Whether a field need not be told.
fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How much of one topic was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// The topic.
    pub topic: Topic,
    /// How many there were.
    pub count: u64,
}

/// Why there is no clean copy. What was written of it so far is to be thrown away.
#[derive(Debug)]
pub enum CleanError {
    /// The input cannot be read, or the output cannot be written.
    Io(io::Error),
    /// The inspector refuses the file.
    Refused(Report),
    /// This topic cannot be removed ([`Topic::removal`]).
    NotRemovable(Topic),
    /// What was asked for cannot be removed from this file: the sentence says why.
    Impossible(&'static str),
}

impl CleanError {
    /// The file passed the inspection a moment ago.
    fn unexpected() -> Self {
        Self::Io(io::Error::new(io::ErrorKind::InvalidData, "the file is not what it was when it was inspected"))
    }
}

impl From<io::Error> for CleanError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Fault> for CleanError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Io(error) => Self::Io(error),
            Fault::Refused(finding) => Self::Refused(Report { findings: vec![*finding] }),
        }
    }
}

impl From<Objection> for CleanError {
    fn from(objection: Objection) -> Self {
        Self::Refused(Report { findings: vec![Finding::new(objection.code, None, objection.detail)] })
    }
}

/// Writes a copy of `input` without `topics` to `output`.
///
/// The counts are those of the X-ray: what a person was told before is what is said to be gone.
///
/// # Errors
/// See [`CleanError`]. Nothing is written before the file has passed the inspection.
pub fn clean(
    mut input: impl Read + Seek,
    mut output: impl Write,
    kind: Kind,
    topics: &[Topic],
    policy: &Policy,
) -> Result<Cleaned, CleanError> {
    if let Some(topic) = topics.iter().find(|topic| !topic.is_removable()) {
        return Err(CleanError::NotRemovable(*topic));
    }
    let Examination { report, xray, .. } = examine(&mut input, kind, policy)?;
    let Some(xray) = xray else { return Err(CleanError::Refused(report)) };
    let mut package = Package::open(&mut input, &policy.budget)?;
    let plan = Plan::make(&mut package, kind, topics.iter().copied().collect(), 0)?;
    let mut cleaned = write(package, &plan, &mut output, &policy.budget, 0)?;
    if plan.changes() && !topics.contains(&Topic::Signatures) {
        cleaned.broken_signatures += xray.count(Topic::Signatures);
    }
    let counts = Topic::ALL.iter().filter(|topic| topics.contains(topic)).map(|&topic| (topic, xray.count(topic)));
    cleaned.removed = counts.filter(|(_, count)| *count > 0).map(|(topic, count)| Removed { topic, count }).collect();
    Ok(cleaned)
}

fn write(
    mut package: Package<'_>,
    plan: &Plan,
    output: &mut dyn Write,
    budget: &Budget,
    depth: u32,
) -> Result<Cleaned, CleanError> {
    let mut cleaned = Cleaned::default();
    let (mut writer, mut written) = (Writer::new(output), Written::default());
    for (index, disposal) in plan.disposals.iter().enumerate() {
        let name = package.name(index).to_owned();
        match disposal {
            Disposal::Copy => writer.copy(&mut package.source, &package.archive, index)?,
            Disposal::Drop => {
                cleaned.dropped.push(name);
                continue;
            }
            Disposal::Rewrite(work) => {
                let time = package.time(index)?;
                let mut content = writer.replace(package.entry(index)?, time);
                let mut tee = Tee { output: &mut content, kept: written.list(index, &name) };
                package.read(index, &mut |reader| {
                    rewrite(reader, &mut tee, &work.links, &mut *plan.editor(work))?;
                    Ok(())
                })?;
                content.finish(index)?;
                cleaned.changed.push(name);
            }
            Disposal::Replace(binary) => {
                let time = package.time(index)?;
                let bytes = binaries::content(&mut package, index)?;
                let mut content = writer.replace(package.entry(index)?, time);
                cleaned.broken_signatures +=
                    binaries::write(*binary, &bytes, &mut content, plan.topics(), budget, depth)?;
                content.finish(index)?;
                cleaned.changed.push(name);
            }
        }
        written.add(index);
    }
    writer.finish(&mut package.source, &package.archive)?;
    written.check(&package)?;
    Ok(cleaned)
}

#[cfg(test)]
mod tests;
