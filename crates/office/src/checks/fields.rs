//! Fields of Word: instructions in runs, however they are divided and nested.

use std::{borrow::Cow, iter::Peekable, str::Chars};

use super::links;
use crate::{
    finding::Code,
    package::target::{Place, place},
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
/// What people write for a placeholder that is clicked away: a macro that does not exist.
const NO_MACRO: &str = "NoMacro";
/// Also searched for in all instructions joined, whatever the fields around them are.
const UNMISTAKABLE: &str = "DDEAUTO";

/// What a field does, if it matters, and the part of it that shows it.
pub(super) type Found = Option<(Code, Cow<'static, str>)>;

#[derive(Default)]
struct Field {
    instruction: String,
    in_result: bool,
    /// The name of the field, its first word, is the outcome of fields inside of it.
    named_by_fields: bool,
}

impl Field {
    /// A field ends inside of this one, which has its outcome in that place.
    fn receive(&mut self) {
        if !self.in_result {
            let (word, rest) = first_word(&self.instruction);
            let may_become = |name: &str| name.starts_with(&word);
            self.named_by_fields |=
                rest.is_empty() && (may_become(UNMISTAKABLE) || PULLING.into_iter().any(may_become));
            append(&mut self.instruction, " ");
        }
    }

    /// The outcomes that the file keeps are what its writer wants them to be. So a name that is made of
    /// them is taken for the worst; no genuine file is known to have one.
    fn judge(&self) -> Found {
        if self.named_by_fields {
            return Some((Code::DdeField, "its name is made by other fields".into()));
        }
        judge(&self.instruction)
    }
}

/// The fields of one part, followed through its runs.
#[derive(Default)]
pub(super) struct Fields {
    open: Vec<Field>,
    /// Instructions outside of any field, as far as the paragraph goes.
    loose: String,
    /// The end of all instructions joined, without spaces.
    joined: String,
    /// How many elements deep in `w:instrText`; 1 is its own text.
    instruction: usize,
}

impl Fields {
    /// A start tag.
    pub(super) fn open(&mut self, tag: Tag<'_>) -> Result<Found, Objection> {
        self.instruction += usize::from(self.instruction > 0);
        let name = tag.name();
        if !matches!(name, "instrText" | "delInstrText" | "fldChar" | "fldSimple")
            || !NAMESPACES.contains(&tag.namespace())
        {
            return Ok(None);
        }
        match name {
            // A deletion that is tracked is undone with one click.
            "instrText" | "delInstrText" if self.instruction == 0 => self.instruction = 1,
            "fldSimple" => {
                let instruction = tag.prefixed_attribute("instr")?.unwrap_or_default();
                if let Some(outer) = self.open.last_mut() {
                    outer.receive();
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
        if name == "p" && !self.loose.is_empty() {
            return judge(&std::mem::take(&mut self.loose));
        }
        None
    }

    /// Whether no instruction is being read.
    pub(super) fn is_idle(&self) -> bool {
        self.instruction == 0
    }

    /// Text between tags.
    pub(super) fn text(&mut self, text: &str) -> Found {
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
        found.then_some((Code::DdeField, UNMISTAKABLE.into()))
    }

    /// The end of the part, with the fields that were never closed.
    pub(super) fn finish(&mut self) -> Vec<(Code, Cow<'static, str>)> {
        let mut found: Vec<_> = judge(&self.loose).into_iter().collect();
        while !self.open.is_empty() {
            found.extend(self.end_field());
        }
        found
    }

    /// The innermost field ends.
    fn end_field(&mut self) -> Found {
        let field = self.open.pop()?;
        if let Some(outer) = self.open.last_mut() {
            outer.receive();
        }
        field.judge()
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
    let (word, rest) = first_word(instruction);
    match word.as_str() {
        "DDE" | "DDEAUTO" => Some((Code::DdeField, UNMISTAKABLE.into())),
        "HYPERLINK" => {
            let target = hyperlink(rest)?;
            links::hyperlink(place_of(&target)).map(|code| (code, unescaped(&target).into()))
        }
        "MACROBUTTON" => {
            let name = argument(&mut rest.chars().peekable())?;
            (!name.eq_ignore_ascii_case(NO_MACRO)).then_some((Code::MacroButton, name.into()))
        }
        word => {
            let pulling = PULLING.into_iter().find(|pulling| *pulling == word)?;
            Some(pull(pulling, rest))
        }
    }
}

/// What a field that takes its content from elsewhere amounts to: the same as a relationship to that place.
fn pull(name: &'static str, arguments: &str) -> (Code, Cow<'static, str>) {
    let targets = sources(arguments);
    let at = |wanted| targets.iter().find(|target| place_of(target) == wanted);
    let scheme = || targets.iter().take(2).find(|target| place_of(target) == Place::Other);
    let (code, target) = match name {
        // The class, the file, and a range, which may have a colon as well.
        "LINK" => (Code::ExternalObject, at(Place::Web).or(at(Place::Unc)).or_else(scheme)),
        _ if at(Place::Unc).is_some() => (Code::UncPath, at(Place::Unc)),
        "INCLUDEPICTURE" => (Code::ExternalImage, at(Place::Web).or_else(scheme)),
        _ => (Code::PullingField, None),
    };
    match target {
        Some(target) => (code, format!("{name} {}", unescaped(target)).into()),
        None => (Code::PullingField, name.into()),
    }
}

/// The arguments of a field, and in connection strings their values. What selects in the source is left out.
fn sources(arguments: &str) -> Vec<String> {
    let mut characters = arguments.chars().peekable();
    let mut sources = Vec::new();
    while let Some(argument) = argument(&mut characters) {
        match argument.to_ascii_lowercase().as_str() {
            // Namespaces, an XPath, a query.
            "\\n" | "\\x" | "\\s" => drop(self::argument(&mut characters)),
            switch if switch.starts_with('\\') && switch.len() < 4 && !switch.starts_with("\\\\") => {}
            _ => {
                let values = argument.split(';').filter_map(|setting| setting.split_once('='));
                sources
                    .extend(values.map(|(_, value)| value.trim().to_owned()).filter(|value| !value.starts_with("//")));
                sources.push(argument);
            }
        }
    }
    sources
}

/// Where a target in an instruction leads. Backslashes are written twice there, and read either way.
fn place_of(target: &str) -> Place {
    match place(target) {
        Place::Unc => Place::Unc,
        _ => place(&unescaped(target)),
    }
}

fn unescaped(target: &str) -> String {
    target.replace("\\\\", "\\")
}

/// The target of a HYPERLINK field: its first argument that is not the argument of a switch
/// (ECMA-376 part 1, 17.16.5.25). A link within the document has none.
fn hyperlink(arguments: &str) -> Option<String> {
    let mut characters = arguments.chars().peekable();
    loop {
        let argument = argument(&mut characters)?;
        match argument.to_ascii_lowercase().as_str() {
            "\\l" | "\\o" | "\\t" => drop(self::argument(&mut characters)),
            "\\h" | "\\m" | "\\n" | "\\s" => {}
            _ => return Some(argument),
        }
    }
}

/// The next word, or the next text in quotes without them.
fn argument(characters: &mut Peekable<Chars<'_>>) -> Option<String> {
    while characters.next_if(|character| character.is_whitespace()).is_some() {}
    let is_quote = |character: char| matches!(character, '"' | '“' | '”');
    if characters.next_if(|first| is_quote(*first)).is_some() {
        return Some(characters.take_while(|character| !is_quote(*character)).collect());
    }
    let word: String = characters.take_while(|character| !character.is_whitespace()).collect();
    (!word.is_empty()).then_some(word)
}
