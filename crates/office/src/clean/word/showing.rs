//! Editing what a text shows of data that goes; see [`super::shown`] for what has to be done.

use std::{collections::HashSet, io};

use quick_xml::escape::escape;

use super::{super::draft::Draft, Element, Fate, Vocabulary, shown::Shown};

/// Follows controls and fields through a part.
pub(super) struct Showing<'p> {
    shown: &'p Shown,
    controls: usize,
    open: Vec<Control>,
    fields: usize,
    open_fields: Vec<Field>,
    /// The depths of fields in one element that are being unwrapped.
    simple: HashSet<usize>,
}

/// An open control that has to show another text.
struct Control {
    number: usize,
    depth: usize,
    /// The prefix of its vocabulary, with the colon.
    prefix: String,
    in_content: bool,
    written: bool,
}

struct Field {
    /// It becomes its result.
    ends: bool,
    in_instruction: bool,
}

impl<'p> Showing<'p> {
    pub(super) fn new(shown: &'p Shown) -> Self {
        let (open, open_fields, simple) = (Vec::new(), Vec::new(), HashSet::new());
        Self { shown, controls: 0, open, fields: 0, open_fields, simple }
    }

    /// Whether runs may become empty here.
    pub(super) fn empties_runs(&self) -> bool {
        !self.shown.fields.is_empty() && !self.is_in_content()
    }

    /// An element goes with one around it.
    pub(super) fn pass_over(&mut self, element: &Element<'_>) {
        match element.name {
            "sdt" => self.controls += 1,
            "fldSimple" => self.fields += 1,
            "fldChar" => {
                self.mark(element);
            }
            _ => {}
        }
    }

    /// The fate of an element, where it is another because of what has to be shown.
    pub(super) fn open(&mut self, element: &Element<'_>, draft: &mut Draft<'_>) -> io::Result<Option<Fate>> {
        self.open.retain(|control| element.depth > control.depth);
        if element.name == "sdt" {
            if self.shown.controls.contains_key(&self.controls) && !element.empty {
                let prefix = element.qualified().strip_suffix("sdt").unwrap_or_default().to_owned();
                let (number, depth) = (self.controls, element.depth);
                self.open.push(Control { number, depth, prefix, in_content: false, written: false });
            }
            self.controls += 1;
        }
        if element.vocabulary != Vocabulary::Word {
            return Ok(None);
        }
        match self.field(element) {
            None => self.control(element, draft),
            fate => Ok(fate),
        }
    }

    /// Elements of fields that become their results.
    fn field(&mut self, element: &Element<'_>) -> Option<Fate> {
        let hidden = self.open_fields.iter().any(|field| field.ends && field.in_instruction);
        match element.name {
            "fldSimple" => {
                self.fields += 1;
                let ends = self.shown.fields.contains(&(self.fields - 1));
                if ends {
                    self.simple.insert(element.depth);
                }
                if hidden { Some(Fate::Drop) } else { ends.then_some(Fate::Unwrap) }
            }
            "fldData" => self.simple.contains(&element.depth.checked_sub(1)?).then_some(Fate::Drop),
            "fldChar" => {
                let ends = self.mark(element);
                (hidden || ends).then_some(Fate::Drop)
            }
            // What stands in the runs of an instruction; the runs go when they are empty.
            "instrText" | "delInstrText" => hidden.then_some(Fate::Drop),
            _ => (hidden && is_in_run(element)).then_some(Fate::Drop),
        }
    }

    /// Keeps count of a mark; answers whether it belongs to a field that becomes its result.
    fn mark(&mut self, element: &Element<'_>) -> bool {
        match element.attribute("fldCharType").as_deref() {
            Some("begin") => {
                let ends = self.shown.fields.contains(&self.fields);
                self.fields += 1;
                self.open_fields.push(Field { ends, in_instruction: true });
                ends
            }
            Some("separate") => self.open_fields.last_mut().is_some_and(|field| {
                field.in_instruction = false;
                field.ends
            }),
            _ => self.open_fields.pop().is_some_and(|field| field.ends),
        }
    }

    /// Elements of a control that has to show another text: its first text becomes that, the others go.
    fn control(&mut self, element: &Element<'_>, draft: &mut Draft<'_>) -> io::Result<Option<Fate>> {
        let Some(control) = self.open.last_mut() else { return Ok(None) };
        let Some(text) = self.shown.controls.get(&control.number) else { return Ok(None) };
        if !control.in_content {
            control.in_content = element.name == "sdtContent";
            return Ok((element.name == "showingPlcHdr").then_some(Fate::Drop));
        }
        Ok(match element.name {
            "t" if !control.written => {
                control.written = true;
                draft.write(&written(text, &control.prefix))?;
                Some(Fate::Done)
            }
            _ if is_in_run(element) => Some(Fate::Drop),
            // The look of a text that stands for a missing one.
            "rStyle" if element.attribute("val").is_some_and(|style| style.contains("Placeholder")) => Some(Fate::Drop),
            "p" if control.written => Some(Fate::Drop),
            "r" => Some(Fate::Keep),
            _ => None,
        })
    }

    pub(super) fn is_in_content(&self) -> bool {
        self.open.last().is_some_and(|control| control.in_content)
    }

    /// The element at `depth` is about to end: a control without a run gets one.
    pub(super) fn close(&mut self, depth: usize, is_paragraph: bool, draft: &mut Draft<'_>) -> io::Result<()> {
        self.simple.remove(&depth);
        if let Some(control) = self.open.last_mut().filter(|control| control.in_content && !control.written)
            && let Some(text) = self.shown.controls.get(&control.number)
            && (is_paragraph || depth == control.depth + 1)
        {
            control.written = true;
            let prefix = &control.prefix;
            draft.write(&format!("<{prefix}r>{}</{prefix}r>", written(text, prefix)))?;
        }
        self.open.retain(|control| depth > control.depth);
        Ok(())
    }
}

/// Whether an element is something that a run shows. Tabs are also defined, in properties.
fn is_in_run(element: &Element<'_>) -> bool {
    match element.name {
        "t" | "delText" | "br" | "cr" | "sym" | "noBreakHyphen" | "softHyphen" | "drawing" | "pict" | "object" => true,
        "tab" => element.attribute("val").is_none(),
        _ => false,
    }
}

/// A text as the content of a run.
fn written(text: &str, prefix: &str) -> String {
    let lines: Vec<String> = text
        .replace("\r\n", "\n")
        .split(['\n', '\r'])
        .map(|line| format!("<{prefix}t xml:space=\"preserve\">{}</{prefix}t>", escape(line)))
        .collect();
    lines.join(&format!("<{prefix}br/>"))
}
