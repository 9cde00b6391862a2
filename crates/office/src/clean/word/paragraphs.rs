//! Paragraphs whose end is deleted: their content moves to the start of the next one.
//!
//! The mark at the end of a paragraph carries its properties (ECMA-376 part 1, 17.13.5.15), so the joined paragraph has
//! the properties of the last one. A paragraph with a deleted mark waits in memory until the next one has shown its
//! properties. It stays a paragraph of its own where no paragraph follows, where it ends a section, and where it is
//! longer than [`LONGEST`].

use std::io;

use super::{
    super::draft::{Draft, Mark},
    Element, Vocabulary,
};

/// Bytes of a paragraph that wait in memory.
const LONGEST: usize = 4 << 20;

/// The open paragraphs, one in the other where there are text boxes, and what has still to be joined.
#[derive(Default)]
pub(super) struct Paragraphs {
    open: Vec<Paragraph>,
    carried: Option<Carried>,
}

/// An open paragraph.
struct Paragraph {
    depth: usize,
    /// Its name with the prefix.
    name: String,
    start: Mark,
    in_properties: bool,
    /// Where its properties end, once they have.
    content: Option<Mark>,
    joins: bool,
    waits: bool,
}

/// A paragraph that has ended without an end of its own.
struct Carried {
    depth: usize,
    name: String,
    /// Its start tag and its properties.
    head: String,
    content: String,
}

impl Paragraphs {
    /// The end of the innermost paragraph is deleted.
    pub(super) fn join(&mut self) {
        if let Some(paragraph) = self.open.last_mut() {
            paragraph.joins = true;
        }
    }

    /// An element that stays begins; `text` is its tag. Answers whether it has been dealt with.
    pub(super) fn open(&mut self, element: &Element<'_>, text: &str, draft: &mut Draft<'_>) -> io::Result<bool> {
        self.let_go_of_long_ones(draft)?;
        self.inside(element, draft)?;
        if self.beside_carried(element, text, draft)? {
            return Ok(true);
        }
        if element.is(Vocabulary::Word, "p") && !element.empty {
            let (depth, name, start) = (element.depth, element.qualified().to_owned(), draft.mark());
            let (in_properties, content, joins, waits) = (false, None, false, true);
            self.open.push(Paragraph { depth, name, start, in_properties, content, joins, waits });
        }
        Ok(false)
    }

    /// The element at `depth` is about to end. Answers whether its end tag is to be written.
    pub(super) fn close(&mut self, depth: usize, draft: &mut Draft<'_>) -> io::Result<bool> {
        if self.carried.as_ref().is_some_and(|carried| carried.depth > depth) && !self.awaits_properties() {
            self.stay(draft)?;
        }
        let Some(paragraph) = self.open.last_mut() else { return Ok(true) };
        if depth == paragraph.depth + 1 {
            paragraph.in_properties = false;
        }
        if depth != paragraph.depth {
            return Ok(true);
        }
        if paragraph.content.is_none() {
            self.properties_end(draft)?;
        }
        let Some(Paragraph { depth, name, start, content: Some(content), waits: true, .. }) = self.open.pop() else {
            return Ok(true);
        };
        let content = draft.take(content);
        let head = draft.take(start);
        draft.release()?;
        self.carried = Some(Carried { depth, name, head, content });
        Ok(false)
    }

    /// Notices where the properties of the innermost paragraph begin and end.
    fn inside(&mut self, element: &Element<'_>, draft: &mut Draft<'_>) -> io::Result<()> {
        let Some(paragraph) = self.open.last_mut().filter(|paragraph| paragraph.content.is_none()) else {
            return Ok(());
        };
        if paragraph.in_properties {
            paragraph.joins &= !element.is(Vocabulary::Word, "sectPr");
            return Ok(());
        }
        if element.is(Vocabulary::Word, "pPr") && element.depth == paragraph.depth + 1 {
            paragraph.in_properties = !element.empty;
            return Ok(());
        }
        self.properties_end(draft)
    }

    /// The head of the innermost paragraph is written: what was carried comes next.
    fn properties_end(&mut self, draft: &mut Draft<'_>) -> io::Result<()> {
        let Some(paragraph) = self.open.last_mut() else { return Ok(()) };
        paragraph.content = Some(draft.here());
        if let Some(carried) = self.carried.take() {
            draft.write(&carried.content)?;
        }
        paragraph.waits = paragraph.joins;
        if paragraph.waits { Ok(()) } else { draft.release() }
    }

    /// What an element means for the paragraph carried so far. Answers whether it has been dealt with.
    fn beside_carried(&mut self, element: &Element<'_>, text: &str, draft: &mut Draft<'_>) -> io::Result<bool> {
        if self.awaits_properties() {
            return Ok(false);
        }
        let Some(carried) = &mut self.carried else { return Ok(false) };
        let is_sibling = element.depth == carried.depth;
        if is_sibling && element.is(Vocabulary::Word, "p") {
            if element.empty {
                draft.markup("<", text, ">")?;
                draft.markup(&carried.content, "</", element.qualified())?;
                draft.write(">")?;
                self.carried = None;
            }
            return Ok(element.empty);
        }
        if is_sibling && element.empty && ends_a_range(element) && carried.content.len() < LONGEST {
            carried.content.extend(["<", text, "/>"]);
            return Ok(true);
        }
        let is_block = element.vocabulary == Vocabulary::Word && matches!(element.name, "tbl" | "sdt" | "customXml");
        if is_block && carried.content.trim_ascii().is_empty() {
            self.carried = None;
            return Ok(false);
        }
        self.stay(draft)?;
        Ok(false)
    }

    /// Nothing follows that the carried paragraph could join.
    fn stay(&mut self, draft: &mut Draft<'_>) -> io::Result<()> {
        let Some(Carried { name, head, content, .. }) = self.carried.take() else { return Ok(()) };
        draft.markup(&head, &content, "</")?;
        draft.markup(&name, ">", "")
    }

    /// Whether a paragraph has begun that what is carried will be part of.
    fn awaits_properties(&self) -> bool {
        self.open.last().is_some_and(|paragraph| {
            paragraph.content.is_none() && self.carried.as_ref().is_some_and(|carried| carried.depth == paragraph.depth)
        })
    }

    /// What is too long to wait is given out, and ends for itself.
    fn let_go_of_long_ones(&mut self, draft: &mut Draft<'_>) -> io::Result<()> {
        for at in 0..self.open.len() {
            let Some(paragraph) = self.open.get(at).filter(|paragraph| paragraph.waits) else { continue };
            if draft.since(paragraph.start) <= LONGEST {
                continue;
            }
            if paragraph.content.is_none() {
                let head = draft.take(paragraph.start);
                self.stay(draft)?;
                draft.write(&head)?;
            }
            if let Some(paragraph) = self.open.get_mut(at) {
                (paragraph.waits, paragraph.joins) = (false, false);
                paragraph.content.get_or_insert(draft.here());
            }
            draft.release()?;
        }
        Ok(())
    }
}

/// Marks of bookmarks, comments and permissions stand between paragraphs as well as in them.
fn ends_a_range(element: &Element<'_>) -> bool {
    let names = ["bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd", "permStart", "permEnd"];
    element.vocabulary == Vocabulary::Word && names.contains(&element.name)
}
