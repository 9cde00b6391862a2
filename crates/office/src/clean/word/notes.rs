//! Footnotes and endnotes that only deleted text refers to (ECMA-376 part 1, 17.11). Their text lies in parts of its own.

use std::collections::HashSet;

use crate::{
    clean::{CleanError, package::Package},
    xml::Token,
};

/// More notes than any text has.
const MOST: usize = 100_000;

/// The ids of notes that go.
#[derive(Debug, Default)]
pub(in crate::clean) struct DeletedNotes {
    pub(super) footnotes: HashSet<String>,
    pub(super) endnotes: HashSet<String>,
}

impl DeletedNotes {
    /// Looks through the main story, the only one that refers to notes.
    pub(in crate::clean) fn find(package: &mut Package<'_>) -> Result<Self, CleanError> {
        let (mut deleted, mut kept, mut depth) = (Self::default(), Self::default(), 0_usize);
        let Some(main) = package.main() else { return Ok(deleted) };
        package.walk(main, &mut |token| match token {
            Token::Open(tag) => match tag.name() {
                "del" | "moveFrom" => depth += 1,
                name @ ("footnoteReference" | "endnoteReference") => {
                    let ids = if depth > 0 { &mut deleted } else { &mut kept };
                    let ids = if name == "footnoteReference" { &mut ids.footnotes } else { &mut ids.endnotes };
                    if let Ok(Some(id)) = tag.prefixed_attribute("id")
                        && ids.len() < MOST
                    {
                        ids.insert(id.into_owned());
                    }
                }
                _ => {}
            },
            Token::Close("del" | "moveFrom") => depth = depth.saturating_sub(1),
            _ => {}
        })?;
        deleted.footnotes.retain(|id| !kept.footnotes.contains(id));
        deleted.endnotes.retain(|id| !kept.endnotes.contains(id));
        Ok(deleted)
    }
}
