//! Fields of Word: instructions in runs, however they are divided and nested.

use crate::{
    finding::Code,
    xml::{Objection, Tag},
};

const NAMESPACES: [&str; 2] = [
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
];
/// Fields in fields.
const DEEPEST: usize = 64;
/// How much of an instruction is kept. The name of the field is its first word.
const LONGEST: usize = 4096;
/// Fields that take their content from elsewhere.
const PULLING: [&str; 7] = ["INCLUDETEXT", "INCLUDEPICTURE", "INCLUDE", "LINK", "DATABASE", "RD", "IMPORT"];
/// Also searched for in all instructions joined, whatever the fields around them are.
const UNMISTAKABLE: &str = "DDEAUTO";

/// What a field does, if it matters.
pub(super) type Found = Option<(Code, &'static str)>;

#[derive(Default)]
struct Field {
    instruction: String,
    result: String,
    in_result: bool,
}

/// The fields of one part, followed through its runs.
#[derive(Default)]
pub(super) struct Fields {
    open: Vec<Field>,
    /// Instructions outside of any field, as far as the paragraph goes.
    loose: String,
    /// The end of all instructions joined, without spaces.
    joined: String,
    /// How many elements deep in `w:instrText` or `w:t`.
    instruction: usize,
    text: usize,
}

impl Fields {
    /// A start tag.
    pub(super) fn open(&mut self, tag: Tag<'_>) -> Result<Found, Objection> {
        self.instruction += usize::from(self.instruction > 0);
        self.text += usize::from(self.text > 0);
        let name = tag.name();
        if !matches!(name, "instrText" | "fldChar" | "fldSimple" | "t") || !NAMESPACES.contains(&tag.namespace()) {
            return Ok(None);
        }
        match name {
            "instrText" if self.instruction == 0 => self.instruction = 1,
            "t" if self.text == 0 => self.text = 1,
            "fldSimple" => {
                let instruction = tag.prefixed_attribute("instr")?.unwrap_or_default();
                if let Some(outer) = self.open.last_mut().filter(|outer| !outer.in_result) {
                    append(&mut outer.instruction, &quoted(&instruction).unwrap_or_default());
                }
                return Ok(judge(&instruction));
            }
            "fldChar" => match tag.prefixed_attribute("fldCharType")?.as_deref().map(str::trim) {
                Some("begin") if self.open.len() >= DEEPEST => {
                    return Err(Objection::new(Code::XmlTooComplex, "fields in fields"));
                }
                Some("begin") => self.open.push(Field::default()),
                Some("separate") => {
                    if let Some(field) = self.open.last_mut() {
                        field.in_result = true;
                    }
                }
                Some("end") => return Ok(self.end_field()),
                _ => {}
            },
            _ => {}
        }
        Ok(None)
    }

    /// An end tag.
    pub(super) fn close(&mut self, name: &str) -> Found {
        self.instruction = self.instruction.saturating_sub(1);
        self.text = self.text.saturating_sub(1);
        if name == "p" && !self.loose.is_empty() {
            return judge(&std::mem::take(&mut self.loose));
        }
        None
    }

    /// Text between tags.
    pub(super) fn text(&mut self, text: &str) -> Found {
        if self.text == 1
            && let Some(field) = self.open.last_mut().filter(|field| field.in_result)
        {
            append(&mut field.result, text);
        }
        if self.instruction != 1 {
            return None;
        }
        let instruction = self.open.last_mut().map_or(&mut self.loose, |field| &mut field.instruction);
        append(instruction, text);
        self.joined.extend(text.chars().filter(|character| character.is_ascii_alphanumeric()));
        self.joined.make_ascii_uppercase();
        let found = self.joined.contains(UNMISTAKABLE);
        let keep = self.joined.len().saturating_sub(UNMISTAKABLE.len());
        self.joined.drain(..keep);
        found.then_some((Code::DdeField, UNMISTAKABLE))
    }

    /// The end of the part, with the fields that were never closed.
    pub(super) fn finish(&mut self) -> Vec<(Code, &'static str)> {
        let mut found: Vec<_> = judge(&self.loose).into_iter().collect();
        while !self.open.is_empty() {
            found.extend(self.end_field());
        }
        found
    }

    /// Judges the innermost field and hands its outcome to the field around it, whose instruction may
    /// be made of it.
    fn end_field(&mut self) -> Found {
        let field = self.open.pop()?;
        if let Some(outer) = self.open.last_mut() {
            let outcome = quoted(&field.instruction).unwrap_or(field.result);
            append(if outer.in_result { &mut outer.result } else { &mut outer.instruction }, &outcome);
        }
        judge(&field.instruction)
    }
}

fn append(to: &mut String, text: &str) {
    let room = LONGEST.saturating_sub(to.len());
    to.extend(text.chars().take(room));
}

/// The first word in upper case and what follows it.
fn first_word(instruction: &str) -> (String, &str) {
    let blank = |character: char| character.is_whitespace() || character.is_control() || "\"“”'".contains(character);
    let text = instruction.trim_start_matches(blank);
    let end = text.find(|character| blank(character) || character == '\\').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    (word.to_ascii_uppercase(), rest)
}

fn judge(instruction: &str) -> Found {
    let (word, _) = first_word(instruction);
    if word == "DDE" || word == "DDEAUTO" {
        return Some((Code::DdeField, UNMISTAKABLE));
    }
    PULLING.into_iter().find(|pulling| *pulling == word).map(|pulling| (Code::PullingField, pulling))
}

/// The outcome of a QUOTE field, in which numbers stand for characters.
fn quoted(instruction: &str) -> Option<String> {
    let (word, rest) = first_word(instruction);
    if word != "QUOTE" {
        return None;
    }
    let words = rest.split_whitespace().map(|word| word.trim_matches('"'));
    Some(
        words
            .map(|word| {
                let character = word.parse().ok().and_then(char::from_u32);
                character.map_or_else(|| word.to_owned(), String::from)
            })
            .collect(),
    )
}
