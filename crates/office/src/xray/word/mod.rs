//! What a text shows besides itself.

mod fields;
mod settings;
mod story;
mod styles;

use std::io;

use super::{
    Item, Topic,
    element::{self, Look, attribute},
    gathered::{Clip, Gathered},
    parts::Parts,
};
use crate::xml::Token;
use story::Story;
use styles::Styles;

/// WordprocessingML, transitional and strict.
const NAMESPACES: [&str; 2] = [
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
];

/// The parts that hold text, by the end of their type, and what people call them (ECMA-376 part 1, 11.3).
const STORIES: [(&str, Option<&str>); 10] = [
    ("wordprocessingml.document.main+xml", None),
    ("wordprocessingml.header+xml", Some("Header")),
    ("wordprocessingml.footer+xml", Some("Footer")),
    ("wordprocessingml.footnotes+xml", Some("Footnotes")),
    ("wordprocessingml.endnotes+xml", Some("Endnotes")),
    ("wordprocessingml.comments+xml", Some("Comments")),
    ("wordprocessingml.document.glossary+xml", Some("Building blocks")),
    // No texts, but changes of formats.
    ("wordprocessingml.styles+xml", Some("Styles")),
    ("ms-word.styleswitheffects+xml", Some("Styles")),
    ("wordprocessingml.numbering+xml", Some("Numbering")),
];

/// Reads a text. Answers with the number of its words.
pub(super) fn read(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<u64> {
    let styles = Styles::read(parts)?;
    let (mut words, mut marked) = (0, 0);
    for (ending, place) in STORIES {
        for part in parts.of_type(ending) {
            let is_body = Some(part) == parts.main();
            let mut story = Story::new(&styles, place, gathered);
            parts.walk(part, &mut |token| story.see(&token))?;
            marked += story.marked();
            if is_body {
                words = story.words();
            }
        }
    }
    for part in parts.of_type("wordprocessingml.comments+xml") {
        comments(parts, part, gathered)?;
    }
    for part in parts.of_type("wordprocessingml.document.glossary+xml") {
        building_blocks(parts, part, gathered)?;
    }
    people(parts, gathered)?;
    settings::read(parts, marked, gathered)?;
    Ok(words)
}

/// ECMA-376 part 1, 17.13.4.2.
fn comments(parts: &mut Parts<'_>, part: usize, gathered: &mut Gathered) -> io::Result<()> {
    element::read(
        parts,
        part,
        Look {
            begin: &mut |tag| {
                if tag.name() != "comment" || !NAMESPACES.contains(&tag.namespace()) {
                    return Ok(None);
                }
                let (author, initials) = (attribute(tag, "author")?, attribute(tag, "initials")?);
                let who = author.filter(|name| !name.is_empty()).or(initials);
                Ok(Some(Item::default().by(who.as_deref()).at(attribute(tag, "date")?.as_deref())))
            },
            text: &["t"],
            done: &mut |item| gathered.add(Topic::Comments, item),
        },
    )
}

/// Texts for insertion (17.12). Those that stand in content controls for a missing text are shown, and left out.
fn building_blocks(parts: &mut Parts<'_>, part: usize, gathered: &mut Gathered) -> io::Result<()> {
    let (mut name, mut stands_in) = (String::new(), false);
    let (mut text, mut in_text) = (Clip::default(), false);
    parts.walk(part, &mut |token| {
        match token {
            Token::Open(tag) => {
                in_text = tag.name() == "t";
                match tag.name() {
                    "docPart" => (name, stands_in, text) = (String::new(), false, Clip::default()),
                    "name" if name.is_empty() => name = attribute(tag, "val")?.unwrap_or_default(),
                    "type" => stands_in |= tag.prefixed_attribute("val")?.as_deref() == Some("bbPlcHdr"),
                    "gallery" => stands_in |= tag.prefixed_attribute("val")?.as_deref() == Some("placeholder"),
                    _ => {}
                }
            }
            Token::Text(piece) if in_text => text.push(piece),
            Token::Close("docPart") if !stands_in => {
                let item = Item::new(&format!("{name}: {}", std::mem::take(&mut text).finish()));
                gathered.add(Topic::HiddenText, item.labelled("building_block"));
            }
            Token::Close("p") => text.push(" "),
            Token::Close(_) => in_text = false,
            Token::Text(_) => {}
        }
        Ok(())
    })
}

/// Everyone who commented on the text or changed it (`w15:person` of [MS-DOCX]).
fn people(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<()> {
    for part in parts.of_type("wordprocessingml.people+xml") {
        element::read(
            parts,
            part,
            Look {
                begin: &mut |tag| match tag.name() {
                    "person" => Ok(attribute(tag, "author")?.map(|name| Item::default().by(Some(&name)))),
                    _ => Ok(None),
                },
                text: &[],
                done: &mut |item| {
                    if let Some(name) = item.who {
                        gathered.add(Topic::Metadata, Item::new(&name).labelled("person"));
                    }
                },
            },
        )?;
    }
    Ok(())
}
