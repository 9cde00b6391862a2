//! One story of a text: its words, what is hidden in it, and what was changed without being accepted.

use super::{
    NAMESPACES, Styles,
    fields::{self, Fields},
    styles::toggle,
};
use crate::{
    xml::{Objection, Tag, Token},
    xray::{Item, Topic, element::attribute, gathered::Clip, gathered::Gathered, words::Words},
};

/// Changes whose text is being read at the same time. They lie in each other, a few deep.
const MOST_OPEN_CHANGES: usize = 64;

/// An open element, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Paragraph {
        hidden: bool,
    },
    Run {
        style: bool,
        direct: Option<bool>,
    },
    RunProperties,
    Text,
    Instruction,
    /// What the properties were before a change of format.
    Former,
    Other,
}

/// A change that nobody accepted yet, while its text is being read.
struct Change {
    /// The element with which it ends, counted from the root.
    until: usize,
    item: Item,
    text: Clip,
    /// Its text goes when it is accepted.
    goes: bool,
}

/// Follows the elements of one story.
pub(super) struct Story<'a> {
    styles: &'a Styles,
    place: Option<&'a str>,
    gathered: &'a mut Gathered,
    /// The open elements, the root first.
    open: Vec<Element>,
    changes: Vec<Change>,
    /// The hidden passage that is being read; it goes on over several runs.
    hidden: Option<Clip>,
    fields: Fields,
    words: Words,
    marked: u64,
}

impl<'a> Story<'a> {
    pub(super) fn new(styles: &'a Styles, place: Option<&'a str>, gathered: &'a mut Gathered) -> Self {
        let (open, changes, hidden) = (Vec::new(), Vec::new(), None);
        let (fields, words) = (Fields::default(), Words::default());
        Self { styles, place, gathered, open, changes, hidden, fields, words, marked: 0 }
    }

    /// The elements that carry a revision id (ECMA-376 part 1, 17.15.1).
    pub(super) fn marked(&self) -> u64 {
        self.marked
    }

    /// The words that are neither hidden nor about to go.
    pub(super) fn words(&self) -> u64 {
        self.words.count()
    }

    pub(super) fn see(&mut self, token: &Token<'_>) -> Result<(), Objection> {
        match token {
            Token::Open(tag) => {
                let element = self.element(*tag)?;
                self.open.push(element);
            }
            Token::Close(_) => self.close(),
            Token::Text(text) => match self.open.last() {
                Some(Element::Text) => self.text(text),
                Some(Element::Instruction) => self.fields.push(text),
                _ => {}
            },
        }
        Ok(())
    }

    /// What a start tag begins. Its depth is the number of open elements.
    fn element(&mut self, tag: Tag<'_>) -> Result<Element, Objection> {
        if self.open.last() == Some(&Element::Former) {
            return Ok(Element::Former);
        }
        // Formulas have runs and texts of the same names, in a namespace of their own.
        if !NAMESPACES.contains(&tag.namespace()) {
            return Ok(if tag.name() == "t" { Element::Text } else { Element::Other });
        }
        match tag.name() {
            "p" => {
                self.mark(tag);
                self.end_passage();
                return Ok(Element::Paragraph { hidden: self.styles.usual_hides() });
            }
            "r" => {
                self.mark(tag);
                return Ok(Element::Run { style: false, direct: None });
            }
            "tr" | "sectPr" => self.mark(tag),
            // Who may edit a passage of a protected text (17.13.7.2).
            "permStart" => {
                if let Some(who) = attribute(tag, "ed")? {
                    self.gathered.add_once(Topic::Metadata, Item::new(&who).labelled("may_edit"));
                }
            }
            "rPr" => return Ok(Element::RunProperties),
            "t" | "delText" => return Ok(Element::Text),
            "instrText" => return Ok(Element::Instruction),
            "fldChar" | "fldSimple" => self.field(tag)?,
            // Tabs are also defined, in properties.
            "tab" | "br" | "cr" if matches!(self.open.last(), Some(Element::Run { .. })) => self.text(" "),
            "pStyle" => self.paragraph_style(tag)?,
            "rStyle" | "vanish" => self.run_property(tag)?,
            name => return self.change(name, tag),
        }
        Ok(Element::Other)
    }

    /// Counts an element that carries a revision id.
    fn mark(&mut self, tag: Tag<'_>) {
        self.marked += u64::from(tag.carries(|name| name.starts_with("rsid")));
    }

    /// Takes note of a field that leads outside.
    fn field(&mut self, tag: Tag<'_>) -> Result<(), Objection> {
        let link = match tag.prefixed_attribute("fldCharType")? {
            Some(kind) => self.fields.mark(&kind),
            None => tag.prefixed_attribute("instr")?.and_then(|instruction| fields::link(&Clip::of(&instruction))),
        };
        if let Some(link) = link {
            self.gathered.add_once(Topic::ExternalLinks, link.within(self.place));
        }
        Ok(())
    }

    fn paragraph_style(&mut self, tag: Tag<'_>) -> Result<(), Objection> {
        let hides = self.styles.hides(&Clip::of(&tag.prefixed_attribute("val")?.unwrap_or_default()));
        let paragraph = self.open.iter_mut().rev().find_map(|element| match element {
            Element::Paragraph { hidden } => Some(hidden),
            _ => None,
        });
        paragraph.into_iter().for_each(|hidden| *hidden = hides);
        Ok(())
    }

    /// A property of a run; those of a paragraph mark hide no text.
    fn run_property(&mut self, tag: Tag<'_>) -> Result<(), Objection> {
        let [.., Element::Run { style, direct }, Element::RunProperties] = &mut self.open[..] else { return Ok(()) };
        if tag.name() == "vanish" {
            *direct = Some(toggle(tag)?);
        } else {
            *style = self.styles.hides(&Clip::of(&tag.prefixed_attribute("val")?.unwrap_or_default()));
        }
        Ok(())
    }

    /// Begins a change, if the element is one (17.13.5).
    fn change(&mut self, name: &str, tag: Tag<'_>) -> Result<Element, Objection> {
        let innermost = |wanted: fn(&Element) -> bool| self.open.iter().rposition(wanted);
        let (label, until) = match name {
            "ins" | "cellIns" => ("insertion", None),
            "del" | "cellDel" => ("deletion", None),
            "moveFrom" | "moveTo" => ("move", None),
            // The text whose format was changed is that of the whole run or paragraph.
            "rPrChange" => ("formatting", innermost(|element| matches!(element, Element::Run { .. }))),
            "pPrChange" => ("formatting", innermost(|element| matches!(element, Element::Paragraph { .. }))),
            "customXmlInsRangeStart" | "customXmlMoveToRangeStart" => ("insertion", None),
            "customXmlDelRangeStart" | "customXmlMoveFromRangeStart" => ("deletion", None),
            "cellMerge" | "numberingChange" | "sectPrChange" | "tblPrChange" | "tblGridChange" | "tblPrExChange"
            | "trPrChange" | "tcPrChange" => ("formatting", None),
            _ => return Ok(Element::Other),
        };
        let (who, when) = (attribute(tag, "author")?, attribute(tag, "date")?);
        let item = Item::default().labelled(label).by(who.as_deref()).at(when.as_deref()).within(self.place);
        let of_mark = self.open.last() == Some(&Element::RunProperties) && label != "formatting";
        let mut text = Clip::default();
        text.push(if of_mark { "¶" } else { "" });
        if self.changes.len() < MOST_OPEN_CHANGES {
            let (until, goes) = (until.unwrap_or(self.open.len()), matches!(name, "del" | "moveFrom"));
            self.changes.push(Change { until, item, text, goes });
        } else {
            self.gathered.add(Topic::TrackedChanges, item);
        }
        Ok(if name.ends_with("Change") { Element::Former } else { Element::Other })
    }

    fn text(&mut self, text: &str) {
        self.fields.result(text);
        for change in &mut self.changes {
            change.text.push(text);
        }
        if self.changes.iter().any(|change| change.goes) {
            return;
        }
        if self.is_hidden() {
            self.hidden.get_or_insert_default().push(text);
        } else {
            self.words.push(text);
            if !text.trim().is_empty() {
                self.end_passage();
            }
        }
    }

    /// Whether the text of the innermost run is hidden. What the run itself says counts; otherwise the styles of
    /// run and paragraph turn each other over (17.7.3).
    fn is_hidden(&self) -> bool {
        let mut elements = self.open.iter().rev();
        let run = elements.find_map(|element| match element {
            Element::Run { style, direct } => Some((*style, *direct)),
            _ => None,
        });
        let paragraph = elements.find_map(|element| match element {
            Element::Paragraph { hidden } => Some(*hidden),
            _ => None,
        });
        let (style, direct) = run.unwrap_or_default();
        direct.unwrap_or(style != paragraph.unwrap_or_default())
    }

    fn close(&mut self) {
        let element = self.open.pop();
        let depth = self.open.len();
        while let Some(change) = self.changes.pop_if(|change| change.until >= depth) {
            self.gathered.add(Topic::TrackedChanges, Item { text: change.text.finish(), ..change.item });
        }
        if matches!(element, Some(Element::Paragraph { .. })) {
            self.end_passage();
            self.words.end();
            for change in &mut self.changes {
                change.text.push(" ");
            }
        }
    }

    /// The end of a hidden passage, if one was being read.
    fn end_passage(&mut self) {
        let text = self.hidden.take().map(Clip::finish).unwrap_or_default();
        if !text.is_empty() {
            let item = Item::new(&text).within(self.place);
            self.gathered.add(Topic::HiddenText, item);
        }
    }
}
