//! What a text shows of data that goes: content controls that are bound to it, and fields that name it.
//!
//! A program that opens the file shows the data itself and not what was last written into the text (ECMA-376 part 1,
//! 17.5.2.6). So a control gets the text of the data before the data goes, and a field becomes the text that it shows.

use std::collections::{HashMap, HashSet};

use super::stores::{self, Stores};
use crate::{
    clean::{CleanError, package::Package, topics::Topics},
    xml::{Tag, Token},
    xray::Topic,
};

/// Controls and fields of a part that are kept track of.
const MOST: usize = 100_000;
/// Longer than the text of any control that is one value.
const LONGEST: usize = 1 << 16;

/// What has to be done in one part. Controls and fields are counted from 0 in the order of the part.
#[derive(Debug, Default)]
pub(in crate::clean) struct Shown {
    /// Controls that have to show another text than is written in them.
    pub(super) controls: HashMap<usize, String>,
    /// Fields that become their results.
    pub(super) fields: HashSet<usize>,
}

impl Shown {
    pub(in crate::clean) fn is_empty(&self) -> bool {
        self.controls.is_empty() && self.fields.is_empty()
    }
}

/// Looks through the parts of a text, by their index.
pub(in crate::clean) fn find(package: &mut Package<'_>, topics: Topics) -> Result<HashMap<usize, Shown>, CleanError> {
    let mut found = HashMap::new();
    if ![Topic::Metadata, Topic::CustomXml, Topic::CustomProperties].into_iter().any(|topic| topics.has(topic)) {
        return Ok(found);
    }
    let stores = Stores::read(package)?;
    let is_text = |part: &usize| {
        let content_type = package.content_type(*part);
        content_type.contains("wordprocessingml") && content_type.ends_with("+xml")
    };
    for part in (0..package.archive.entries.len()).filter(is_text).collect::<Vec<_>>() {
        let mut reader = Reader {
            topics,
            stores: &stores,
            shown: Shown::default(),
            controls: 0,
            open: Vec::new(),
            fields: Fields::default(),
            depth: 0,
        };
        package.walk(part, &mut |token| reader.see(&token))?;
        if !reader.shown.is_empty() {
            found.insert(part, reader.shown);
        }
    }
    Ok(found)
}

struct Reader<'r> {
    topics: Topics,
    stores: &'r Stores,
    shown: Shown,
    /// Controls so far.
    controls: usize,
    /// The open controls.
    open: Vec<Control>,
    fields: Fields,
    depth: usize,
}

impl Reader<'_> {
    fn see(&mut self, token: &Token<'_>) {
        match token {
            Token::Open(tag) => {
                self.depth += 1;
                self.element(*tag);
            }
            Token::Close(name) => {
                if *name == "p"
                    && let Some(control) = self.open.last_mut().filter(|control| control.in_content)
                {
                    control.push("\n");
                }
                if let Some(control) = self.open.pop_if(|control| control.depth == self.depth) {
                    self.judge(&control);
                }
                self.depth = self.depth.saturating_sub(1);
            }
            Token::Text(text) => {
                self.fields.push(text);
                if let Some(control) = self.open.last_mut().filter(|control| control.in_content && control.in_text) {
                    control.push(text);
                }
            }
        }
    }

    fn element(&mut self, tag: Tag<'_>) {
        if let Some((number, instruction)) = self.fields.see(tag)
            && draws_on(&instruction).is_some_and(|topic| self.topics.has(topic))
            && self.shown.fields.len() < MOST
        {
            self.shown.fields.insert(number);
        }
        if tag.name() == "sdt" {
            if let Some(around) = self.open.last_mut() {
                around.is_compound = true;
            }
            self.open.push(Control { number: self.controls, depth: self.depth, ..Control::default() });
            self.controls += 1;
        } else if let Some(control) = self.open.last_mut() {
            control.see(tag);
        }
    }

    fn judge(&mut self, control: &Control) {
        let Some(binding) = control.binding.as_ref().filter(|binding| self.topics.has(binding.topic())) else { return };
        if control.is_compound || self.shown.controls.len() >= MOST || control.text.len() > LONGEST {
            return;
        }
        let value = self.stores.find(&binding.store, &binding.prefixes, &binding.path);
        let Some(text) = value.filter(|value| value.len() <= LONGEST).and_then(|value| control.shows(value)) else {
            return;
        };
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        if words(&text) != words(&control.text) {
            self.shown.controls.insert(control.number, text);
        }
    }
}

/// Where the data of a control is.
#[derive(Debug, Default)]
struct Binding {
    store: String,
    prefixes: String,
    path: String,
}

impl Binding {
    fn topic(&self) -> Topic {
        topic_of(&self.store)
    }
}

/// What a store belongs to.
pub(super) fn topic_of(store: &str) -> Topic {
    let store = store.trim();
    let properties = [stores::CORE, stores::EXTENDED].iter().any(|known| known.eq_ignore_ascii_case(store));
    if properties { Topic::Metadata } else { Topic::CustomXml }
}

/// How a control shows its value.
#[derive(Debug, Default, PartialEq, Eq)]
enum Form {
    /// As it is. A control without a form shows plain text as well.
    #[default]
    Text,
    Lines,
    /// As a date in this format.
    Date {
        format: String,
        day: String,
    },
    /// As what is to be shown for a value; `only` where nothing else can be.
    Choice {
        only: bool,
    },
    /// As one of two characters, checked and not.
    Box([String; 2]),
    /// As something that is not one text.
    Other,
}

/// An open content control (17.5.2).
#[derive(Debug, Default)]
struct Control {
    number: usize,
    depth: usize,
    binding: Option<Binding>,
    form: Form,
    choices: Vec<(String, String)>,
    in_content: bool,
    in_text: bool,
    /// There is another one in it.
    is_compound: bool,
    is_placeholder: bool,
    text: String,
}

impl Control {
    fn see(&mut self, tag: Tag<'_>) {
        let value =
            |name| tag.prefixed_attribute(name).ok().flatten().map(std::borrow::Cow::into_owned).unwrap_or_default();
        if self.in_content {
            self.in_text = tag.name() == "t";
            match tag.name() {
                "tab" => self.push("\t"),
                "br" | "cr" => self.push("\n"),
                _ => {}
            }
            return;
        }
        match tag.name() {
            "sdtContent" => self.in_content = true,
            "dataBinding" if self.binding.is_none() => {
                let (store, path) = (value("storeItemID").trim().to_owned(), value("xpath"));
                self.binding = Some(Binding { store, path, prefixes: value("prefixMappings") });
            }
            "showingPlcHdr" => self.is_placeholder = true,
            "text" if matches!(value("multiLine").as_str(), "1" | "true" | "on") => self.form = Form::Lines,
            "date" => self.form = Form::Date { format: String::new(), day: value("fullDate") },
            "dateFormat" => {
                if let Form::Date { format, .. } = &mut self.form {
                    *format = value("val");
                }
            }
            name @ ("dropDownList" | "comboBox") => self.form = Form::Choice { only: name == "dropDownList" },
            "listItem" if self.choices.len() < 10_000 => self.choices.push((value("value"), value("displayText"))),
            "checkbox" => self.form = Form::Box(["☒".to_owned(), "☐".to_owned()]),
            name @ ("checkedState" | "uncheckedState") => {
                let character = u32::from_str_radix(&value("val"), 16).ok().and_then(char::from_u32);
                if let (Form::Box(states), Some(character)) = (&mut self.form, character) {
                    states[usize::from(name == "uncheckedState")] = character.to_string();
                }
            }
            "picture"
            | "richText"
            | "docPartObj"
            | "docPartList"
            | "group"
            | "citation"
            | "bibliography"
            | "equation"
            | "repeatingSection"
            | "repeatingSectionItem" => self.form = Form::Other,
            _ => {}
        }
    }

    fn push(&mut self, text: &str) {
        if self.text.len() <= LONGEST {
            self.text.push_str(text);
        }
    }

    /// The text that the control shows for a value; nothing where that is what is written in it.
    fn shows(&self, value: &str) -> Option<String> {
        if value.trim().is_empty() && self.is_placeholder {
            return None;
        }
        match &self.form {
            // A whole document in its value is rich text.
            Form::Text | Form::Lines if value.trim_start().starts_with('<') => None,
            Form::Text => Some(value.split(['\r', '\n']).collect::<Vec<_>>().join(" ")),
            Form::Lines => Some(value.to_owned()),
            Form::Date { format, day } => {
                let same = value.get(..10).is_some_and(|date| day.starts_with(date)) && !self.text.trim().is_empty();
                if same { None } else { Some(date(value, format).unwrap_or_else(|| value.to_owned())) }
            }
            Form::Choice { only } => {
                let known = self.choices.iter().find(|(known, _)| known == value);
                match known {
                    Some((value, shown)) => Some(if shown.is_empty() { value } else { shown }.clone()),
                    None if *only && !value.trim().is_empty() => None,
                    None => Some(value.to_owned()),
                }
            }
            Form::Box([checked, unchecked]) => {
                Some(if matches!(value.trim(), "1" | "true") { checked } else { unchecked }.clone())
            }
            Form::Other => None,
        }
    }
}

/// A date as the picture of its control wants it (17.16.4.1), with English names.
fn date(value: &str, picture: &str) -> Option<String> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const DAYS: [&str; 7] = ["Saturday", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
    let mut numbers = value.get(..10)?.split('-').map(|number| number.parse::<usize>().ok());
    let (year, month, day) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let month_name = MONTHS.get(month.checked_sub(1)?)?;
    // Zeller's congruence.
    let (shifted, of_year) = if month < 3 { (month + 12, year.checked_sub(1)?) } else { (month, year) };
    let weekday =
        DAYS.get((day + 13 * (shifted + 1) / 5 + of_year + of_year / 4 - of_year / 100 + of_year / 400) % 7)?;
    let picture = if picture.is_empty() { "yyyy-MM-dd" } else { picture };
    let mut text = String::new();
    let mut rest = picture;
    while let Some(letter) = rest.chars().next() {
        let count = rest.chars().take_while(|other| *other == letter).count();
        let piece = match (letter, count) {
            ('\'', _) => {
                let (quoted, after) = rest.get(1..)?.split_once('\'').unwrap_or((rest.get(1..)?, ""));
                text.push_str(quoted);
                rest = after;
                continue;
            }
            ('y', 1 | 2) => format!("{:02}", year % 100),
            ('y', _) => format!("{year:04}"),
            ('M', 1) => month.to_string(),
            ('M', 2) => format!("{month:02}"),
            ('M', 3) => month_name.get(..3)?.to_owned(),
            ('M', _) => (*month_name).to_owned(),
            ('d', 1) => day.to_string(),
            ('d', 2) => format!("{day:02}"),
            ('d', 3) => weekday.get(..3)?.to_owned(),
            ('d', _) => (*weekday).to_owned(),
            // The time of day is not part of what is shown otherwise.
            ('h' | 'H' | 'm' | 's', _) => return None,
            (other, count) => other.to_string().repeat(count),
        };
        text.push_str(&piece);
        rest = rest.get(letter.len_utf8() * count..)?;
    }
    Some(text)
}

/// The fields of a part, numbered from 0 by where they begin.
#[derive(Debug, Default)]
struct Fields {
    count: usize,
    open: Vec<(usize, Option<String>)>,
    in_instruction: bool,
}

impl Fields {
    /// The number and the instruction of a field, once the instruction is known.
    fn see(&mut self, tag: Tag<'_>) -> Option<(usize, String)> {
        self.in_instruction = tag.name() == "instrText";
        let value = |name| tag.prefixed_attribute(name).ok().flatten();
        match tag.name() {
            "fldSimple" => {
                self.count += 1;
                Some((self.count - 1, value("instr")?.into_owned()))
            }
            "fldChar" => match value("fldCharType")?.as_ref() {
                "begin" => {
                    self.open.push((self.count, (self.open.len() < 64).then(String::new)));
                    self.count += 1;
                    None
                }
                "separate" => {
                    let (number, instruction) = self.open.last_mut()?;
                    Some((*number, instruction.take()?))
                }
                _ => {
                    let (number, instruction) = self.open.pop()?;
                    Some((number, instruction?))
                }
            },
            _ => None,
        }
    }

    fn push(&mut self, text: &str) {
        if self.in_instruction
            && let Some((_, Some(instruction))) = self.open.last_mut()
            && instruction.len() < 1 << 12
        {
            instruction.push_str(text);
        }
    }
}

/// The topic of the data that a field shows (17.16.5).
fn draws_on(instruction: &str) -> Option<Topic> {
    let mut words = instruction.split_whitespace();
    let name = words.next()?.to_ascii_uppercase();
    match name.as_str() {
        "AUTHOR" | "TITLE" | "SUBJECT" | "KEYWORDS" | "COMMENTS" | "LASTSAVEDBY" | "CREATEDATE" | "SAVEDATE"
        | "PRINTDATE" | "EDITTIME" | "REVNUM" | "TEMPLATE" => Some(Topic::Metadata),
        "DOCVARIABLE" => Some(Topic::CustomProperties),
        "INFO" | "DOCPROPERTY" => {
            let argument = instruction.trim_start().get(name.len()..)?.trim_start();
            let argument = match argument.strip_prefix('"') {
                Some(quoted) => quoted.split('"').next()?,
                None => argument.split_whitespace().next()?,
            };
            property(argument.trim(), name == "INFO")
        }
        _ => None,
    }
}

/// The topic of a property; nothing for counts, which stay.
fn property(name: &str, standard: bool) -> Option<Topic> {
    const KEPT: [&str; 13] = [
        "pages",
        "numpages",
        "words",
        "numwords",
        "characters",
        "numchars",
        "characterswithspaces",
        "bytes",
        "lines",
        "paragraphs",
        "filename",
        "filesize",
        "nameofapplication",
    ];
    const KNOWN: [&str; 19] = [
        "author",
        "title",
        "subject",
        "keywords",
        "comments",
        "lastsavedby",
        "createdate",
        "createtime",
        "savedate",
        "lastsavedtime",
        "printdate",
        "lastprinted",
        "edittime",
        "totaleditingtime",
        "revnum",
        "revisionnumber",
        "template",
        "company",
        "manager",
    ];
    let name = name.to_ascii_lowercase();
    if KEPT.contains(&name.as_str()) {
        return None;
    }
    let own = standard
        || KNOWN.contains(&name.as_str())
        || matches!(name.as_str(), "category" | "hyperlinkbase" | "contentstatus");
    Some(if own { Topic::Metadata } else { Topic::CustomProperties })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_their_picture_says() {
        for (picture, text) in [
            ("dd/MM/yyyy", "05/03/2024"),
            ("d. M. yy", "5. 3. 24"),
            ("dddd, d MMMM yyyy", "Tuesday, 5 March 2024"),
            ("ddd 'the' d", "Tue the 5"),
            ("", "2024-03-05"),
        ] {
            assert_eq!(date("2024-03-05T00:00:00", picture).as_deref(), Some(text));
        }
        for value in ["", "March", "2024-13-01", "0000-01-01"] {
            assert_eq!(date(value, "M"), None, "{value}");
        }
    }

    #[test]
    fn fields_of_what_goes_are_known_and_others_are_not() {
        for (instruction, topic) in [
            (" AUTHOR \\* MERGEFORMAT", Some(Topic::Metadata)),
            ("DOCPROPERTY \"Company\"", Some(Topic::Metadata)),
            ("docproperty Client number", Some(Topic::CustomProperties)),
            ("DOCPROPERTY \"Client number\" \\* MERGEFORMAT", Some(Topic::CustomProperties)),
            ("INFO Title", Some(Topic::Metadata)),
            ("DOCVARIABLE x", Some(Topic::CustomProperties)),
            ("DOCPROPERTY Pages", None),
            ("PAGE", None),
            ("TITLES", None),
            ("", None),
        ] {
            assert_eq!(draws_on(instruction), topic, "{instruction}");
        }
    }
}
