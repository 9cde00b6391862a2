//! The workbook part: its sheets, and who had it where (ECMA-376 part 1, 18.2).

use std::io;

use crate::{
    xml::{Objection, Tag, Token},
    xray::{Item, Topic, element::attribute, gathered::Gathered, parts::Parts},
};

/// Sheets whose place is kept.
const MOST_SHEETS: usize = 10_000;

/// Reads the workbook part and names its sheets. Answers with their number.
pub(super) fn read(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<u64> {
    let Some(main) = parts.main() else { return Ok(0) };
    let (mut count, mut named) = (0, Vec::new());
    parts.walk(main, &mut |token| {
        let Token::Open(tag) = token else { return Ok(()) };
        if tag.name() == "sheet" {
            count += 1;
            let name = attribute(tag, "name")?.unwrap_or_default();
            hidden(tag, &name, gathered)?;
            if let Some(id) = tag.foreign_attribute("id")?
                && named.len() < MOST_SHEETS
            {
                named.push((id.into_owned(), name));
            }
            return Ok(());
        }
        owner(tag, gathered)
    })?;
    let by_id = parts.by_id(main);
    let places = named.into_iter().filter_map(|(id, name)| Some((*by_id.get(id.as_str())?, format!("Sheet “{name}”"))));
    for (part, place) in places.collect::<Vec<_>>() {
        parts.call(part, place);
    }
    Ok(count)
}

/// 18.18.68.
fn hidden(tag: Tag<'_>, name: &str, gathered: &mut Gathered) -> Result<(), Objection> {
    let label = match tag.prefixed_attribute("state")?.as_deref() {
        Some("hidden") => "hidden",
        Some("veryHidden") => "very_hidden",
        _ => return Ok(()),
    };
    gathered.add(Topic::HiddenSheets, Item::new(name).labelled(label));
    Ok(())
}

/// The person who reserved the workbook, and the folder it was saved in (`x15ac:absPath` of [MS-XLSX]).
fn owner(tag: Tag<'_>, gathered: &mut Gathered) -> Result<(), Objection> {
    let is_personal = || Ok(matches!(tag.attribute("personalView")?.as_deref(), Some("1" | "true")));
    let (attribute, label) = match tag.name() {
        "fileSharing" => ("userName", "reserved_by"),
        "absPath" => ("url", "folder"),
        "customWorkbookView" if is_personal()? => ("name", "personal_view"),
        "webPublishObject" => ("destinationFile", "published_to"),
        _ => return Ok(()),
    };
    if let Some(value) = tag.prefixed_attribute(attribute)?.filter(|value| !value.is_empty()) {
        gathered.add(Topic::Metadata, Item::new(&value).labelled(label));
    }
    Ok(())
}
