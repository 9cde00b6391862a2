//! The parts of a workbook (ECMA-376 part 1, 18) that are edited: the workbook itself, its pivot caches, its shared
//! strings, and the old drawings that hold the frames of comments.

mod drawings;
mod formulas;
mod hidden;
mod strings;
mod views;

use std::io;

use super::{
    draft::Draft,
    element::{Element, Vocabulary},
    rewrite::{Editor, Fate},
    topics::Topics,
};
use crate::xray::Topic;
pub(super) use drawings::{Drawing, NoteShapes, notes_in};
pub(super) use hidden::HiddenSheets;
pub(super) use strings::{Strings, Used};
pub(super) use views::{Sheet, Views};

/// The editor of the workbook and of its pivot caches.
pub(super) struct Workbook<'p> {
    topics: Topics,
    hidden: &'p HiddenSheets,
    views: &'p Views,
    /// Defined names seen so far.
    names: usize,
}

impl<'p> Workbook<'p> {
    pub(super) fn new(topics: Topics, hidden: &'p HiddenSheets, views: &'p Views) -> Self {
        Self { topics, hidden, views, names: 0 }
    }

    /// The view of a workbook counts sheets from 0 (18.2.30). A tab that is gone gives way to the first that is shown.
    fn tab(&self, value: &str) -> Option<String> {
        let old: usize = value.trim().parse().ok()?;
        let new = self.hidden.position(old).unwrap_or(self.hidden.first_shown());
        Some(new.to_string())
    }
}

impl Editor for Workbook<'_> {
    fn open(&mut self, element: &Element<'_>, _draft: &mut Draft<'_>) -> io::Result<Fate> {
        if element.is(Vocabulary::Sheet, "definedName") {
            self.names += 1;
            let gone = self.hidden.names.contains(&(self.names - 1))
                || element.attribute("name").is_some_and(|name| self.views.own_name(&name));
            return Ok(if gone { Fate::Drop } else { Fate::Keep });
        }
        // Where the file lay when it was saved (\[MS-XLSX\] 2.6.125), in a choice of its own.
        Ok(match element.name {
            "absPath" if self.topics.has(Topic::Metadata) => Fate::Drop,
            "AlternateContent" | "Choice" if self.topics.has(Topic::Metadata) => Fate::Frame,
            "customWorkbookViews" if self.views.any() => Fate::Frame,
            "customWorkbookView" if self.views.own(element) => Fate::Drop,
            // Where its web pages lie (18.2.24).
            "webPublishObjects" if self.topics.has(Topic::Metadata) => Fate::Drop,
            _ => Fate::Keep,
        })
    }

    fn tag(&mut self, element: &Element<'_>) -> Option<String> {
        match element.name {
            // Who reserved the file (18.2.12), and who refreshed a pivot cache (18.10.1.67).
            "fileSharing" if self.topics.has(Topic::Metadata) => {
                element.without(Vocabulary::Other, &|name| name == "userName")
            }
            "pivotCacheDefinition" if self.topics.has(Topic::Metadata) => element.without(Vocabulary::Other, &|name| {
                matches!(name, "refreshedBy" | "refreshedDate" | "refreshedDateIso")
            }),
            "definedName" if self.hidden.any() => element.with(&|name, value| {
                let old = (name == "localSheetId").then(|| value.trim().parse().ok())??;
                self.hidden.position(old).map(|new| new.to_string())
            }),
            "workbookView" if self.hidden.any() => {
                element.with(&|name, value| matches!(name, "activeTab" | "firstSheet").then(|| self.tab(value))?)
            }
            _ => None,
        }
    }
}
