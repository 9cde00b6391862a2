//! The parts of a text (ECMA-376 part 1, 17): comments, tracked changes, revision ids, and what binds it to data.

mod notes;
mod paragraphs;
mod showing;
mod shown;
mod stores;

use std::{collections::HashSet, io};

use super::{
    draft::Draft,
    element::{Element, Vocabulary},
    rewrite::{Editor, Fate},
    topics::Topics,
};
use crate::xray::Topic;
pub(super) use notes::DeletedNotes;
use paragraphs::Paragraphs;
use showing::Showing;
pub(super) use shown::{Shown, find as shown};

/// What an open element is, as far as the fate of others depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    Paragraph,
    ParagraphProperties,
    Run,
    RunProperties,
    RowProperties,
    Other,
}

impl Node {
    fn of(element: &Element<'_>) -> Self {
        match (element.vocabulary, element.name) {
            (Vocabulary::Word, "p") => Self::Paragraph,
            (Vocabulary::Word, "pPr") => Self::ParagraphProperties,
            (Vocabulary::Word | Vocabulary::Math, "r") => Self::Run,
            (Vocabulary::Word, "rPr") => Self::RunProperties,
            (Vocabulary::Word, "trPr") => Self::RowProperties,
            _ => Self::Other,
        }
    }
}

/// The editor of every WordprocessingML part: stories, styles and settings.
pub(super) struct Word<'p> {
    topics: Topics,
    notes: &'p DeletedNotes,
    /// The open elements that were kept.
    nodes: Vec<Node>,
    paragraphs: Paragraphs,
    showing: Showing<'p>,
    /// Permissions of people by name to edit a protected text, whose ends go as well.
    permissions: HashSet<String>,
}

impl<'p> Word<'p> {
    /// Whether a part of a text has anything that concerns one of these topics.
    pub(super) fn is_concerned(content_type: &str, topics: Topics) -> bool {
        let concerned = [
            Topic::Comments,
            Topic::TrackedChanges,
            Topic::RevisionIds,
            Topic::CustomXml,
            Topic::CustomProperties,
            Topic::Metadata,
        ];
        // Embedded documents have a type of the same name that is no XML.
        let is_part = content_type.contains("wordprocessingml") && content_type.ends_with("+xml");
        is_part && concerned.into_iter().any(|topic| topics.has(topic))
    }

    pub(super) fn new(topics: Topics, notes: &'p DeletedNotes, shown: &'p Shown) -> Self {
        let (paragraphs, showing) = (Paragraphs::default(), Showing::new(shown));
        Self { topics, notes, nodes: Vec::new(), paragraphs, showing, permissions: HashSet::new() }
    }

    fn fate(&mut self, element: &Element<'_>) -> Fate {
        if element.name == "dataBinding" {
            return self.binding(element);
        }
        let changes = self.topics.has(Topic::TrackedChanges);
        let comments = self.topics.has(Topic::Comments);
        let empties_runs = changes || comments || self.showing.empties_runs();
        match (element.vocabulary, element.name) {
            (Vocabulary::Word | Vocabulary::Math, "r") if empties_runs => Fate::Frame,
            (Vocabulary::Word, "rPr") if self.parent() == Node::Run => Fate::Trim,
            (Vocabulary::Word, "commentRangeStart" | "commentRangeEnd" | "commentReference") if comments => Fate::Drop,
            (Vocabulary::Word, "rsids" | "rsid") if self.topics.has(Topic::RevisionIds) => Fate::Drop,
            (Vocabulary::Word, "docVars") if self.topics.has(Topic::CustomProperties) => Fate::Drop,
            (Vocabulary::Word, "permStart" | "permEnd") if self.topics.has(Topic::Metadata) => self.permission(element),
            (Vocabulary::Word, "footnote") if goes(element, &self.notes.footnotes) => Fate::Drop,
            (Vocabulary::Word, "endnote") if goes(element, &self.notes.endnotes) => Fate::Drop,
            (Vocabulary::Word, name) if changes => self.change(name),
            _ => Fate::Keep,
        }
    }

    /// Who may edit a passage of a protected text (17.13.7): people by name go, groups stay.
    fn permission(&mut self, element: &Element<'_>) -> Fate {
        let id = element.attribute("id").unwrap_or_default();
        let goes = match element.name {
            "permStart" => element.attribute("ed").is_some() && self.permissions.insert(id.into_owned()),
            _ => self.permissions.remove(&*id),
        };
        if goes { Fate::Drop } else { Fate::Keep }
    }

    /// A content control shows what it is bound to (17.5.2.6, and `w15:dataBinding` of \[MS-DOCX\]), and would show
    /// nothing once that is gone. Unbound, it shows the text that is written in it.
    fn binding(&self, element: &Element<'_>) -> Fate {
        let store = element.attribute("storeItemID").unwrap_or_default();
        if self.topics.has(shown::topic_of(&store)) { Fate::Drop } else { Fate::Keep }
    }

    /// What accepting all changes makes of an element (17.13.5).
    fn change(&mut self, name: &str) -> Fate {
        match name {
            "ins" | "moveTo" => Fate::Unwrap,
            "del" | "moveFrom" => self.deletion(),
            "cellDel" => Fate::DropFrame,
            "cellIns" | "cellMerge" | "numberingChange" | "trackRevisions" => Fate::Drop,
            "pPrChange" | "rPrChange" | "sectPrChange" | "tblPrChange" | "tblPrExChange" | "tblGridChange"
            | "trPrChange" | "tcPrChange" => Fate::Drop,
            _ if is_range_of_changes(name) => Fate::Drop,
            "tbl" | "tr" | "tc" | "hyperlink" => Fate::Frame,
            "tblPr" | "tblGrid" | "tblPrEx" | "trPr" | "tcPr" => Fate::Trim,
            _ => Fate::Keep,
        }
    }

    /// A deletion around content drops it; one in properties says that what has the properties is deleted: a run, a
    /// row, or the end of a paragraph.
    fn deletion(&mut self) -> Fate {
        match (self.grandparent(), self.parent()) {
            (_, Node::RowProperties) | (Node::Run, Node::RunProperties) => Fate::DropFrame,
            (Node::ParagraphProperties, Node::RunProperties) => {
                self.paragraphs.join();
                Fate::Drop
            }
            _ => Fate::Drop,
        }
    }

    fn parent(&self) -> Node {
        self.nodes.last().copied().unwrap_or(Node::Other)
    }

    fn grandparent(&self) -> Node {
        self.nodes.iter().rev().nth(1).copied().unwrap_or(Node::Other)
    }
}

/// Whether a note is one of these.
fn goes(note: &Element<'_>, ids: &HashSet<String>) -> bool {
    !ids.is_empty() && note.attribute("id").is_some_and(|id| ids.contains(&*id))
}

/// The ends of a passage that was moved, or of custom XML markup that was changed.
fn is_range_of_changes(name: &str) -> bool {
    let Some(name) = name.strip_suffix("RangeStart").or_else(|| name.strip_suffix("RangeEnd")) else { return false };
    matches!(name, "moveFrom" | "moveTo" | "customXmlIns" | "customXmlDel" | "customXmlMoveFrom" | "customXmlMoveTo")
}

impl Editor for Word<'_> {
    fn open(&mut self, element: &Element<'_>, draft: &mut Draft<'_>) -> io::Result<Fate> {
        self.nodes.truncate(element.depth);
        let mut fate = match self.showing.open(element, draft)? {
            Some(fate) => fate,
            None => self.fate(element),
        };
        if self.topics.has(Topic::TrackedChanges) && matches!(fate, Fate::Keep | Fate::Frame | Fate::Trim) {
            let text = self.tag(element);
            if self.paragraphs.open(element, text.as_deref().unwrap_or(element.raw()), draft)? {
                fate = Fate::Done;
            }
        }
        if !element.empty {
            self.nodes.push(Node::of(element));
        }
        Ok(fate)
    }

    fn tag(&mut self, element: &Element<'_>) -> Option<String> {
        if !self.topics.has(Topic::RevisionIds) {
            return None;
        }
        element.without(Vocabulary::Word, &|name| name.starts_with("rsid"))
    }

    fn pass_over(&mut self, element: &Element<'_>) {
        self.showing.pass_over(element);
    }

    fn close(&mut self, depth: usize, draft: &mut Draft<'_>) -> io::Result<bool> {
        let is_paragraph = self.nodes.get(depth) == Some(&Node::Paragraph);
        self.showing.close(depth, is_paragraph, draft)?;
        self.nodes.truncate(depth);
        self.paragraphs.close(depth, draft)
    }
}

#[cfg(test)]
mod tests;
