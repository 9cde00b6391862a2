//! What a workbook shows besides its sheets.

mod comments;
mod connections;
mod formulas;
mod pivots;
mod sheet;
mod workbook;

use std::io;

use super::{
    Item, Topic,
    element::{self, Look, attribute},
    gathered::Gathered,
    parts::Parts,
    words::Words,
};
use crate::xml::Token;

/// The numbers of a workbook.
#[derive(Debug, Default)]
pub(super) struct Size {
    pub(super) sheets: u64,
    pub(super) words: u64,
}

/// Reads a workbook.
pub(super) fn read(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<Size> {
    let sheets = workbook::read(parts, gathered)?;
    let mut words = Words::default();
    for part in parts.placed("spreadsheetml.worksheet+xml") {
        sheet::read(parts, part, &mut words, gathered)?;
    }
    for part in parts.of_type("spreadsheetml.sharedstrings+xml") {
        shared_strings(parts, part, &mut words)?;
    }
    comments::read(parts, gathered)?;
    revisions(parts, gathered)?;
    connections::read(parts, gathered)?;
    pivots::read(parts, gathered)?;
    Ok(Size { sheets, words: words.count() })
}

/// Texts of cells, each once (ECMA-376 part 1, 18.4.9). The reading of Asian words beside them (`rPh`) is not counted.
fn shared_strings(parts: &mut Parts<'_>, part: usize, words: &mut Words) -> io::Result<()> {
    let (mut text, mut reading) = (false, false);
    parts.walk(part, &mut |token| {
        match token {
            Token::Open(tag) => match tag.name() {
                "t" => text = true,
                "rPh" => reading = true,
                _ => {}
            },
            Token::Close("t") => text = false,
            Token::Close("rPh") => reading = false,
            Token::Close("si") => words.end(),
            Token::Text(piece) if text && !reading => words.push(piece),
            Token::Close(_) | Token::Text(_) => {}
        }
        Ok(())
    })
}

/// The log of a workbook that several people changed at the same time (18.11.1.1).
fn revisions(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<()> {
    for part in parts.of_type("spreadsheetml.revisionheaders+xml") {
        element::read(
            parts,
            part,
            Look {
                begin: &mut |tag| match tag.name() {
                    "header" => {
                        let (who, when) = (attribute(tag, "userName")?, attribute(tag, "dateTime")?);
                        Ok(Some(Item::default().labelled("revision_log").by(who.as_deref()).at(when.as_deref())))
                    }
                    _ => Ok(None),
                },
                text: &[],
                done: &mut |item| gathered.add(Topic::TrackedChanges, item),
            },
        )?;
    }
    Ok(())
}
