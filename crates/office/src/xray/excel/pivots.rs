//! Copies of data that a workbook keeps: for pivot tables (ECMA-376 part 1, 18.10), and of workbooks that it is linked to
//! (18.14).

use std::io;

use crate::{
    xml::Token,
    xray::{Item, Topic, element::attribute, gathered::Gathered, parts::Parts},
};

/// Reads the caches.
pub(super) fn read(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<()> {
    for part in parts.of_type("spreadsheetml.pivotcachedefinition+xml") {
        pivot(parts, part, gathered)?;
    }
    for part in parts.of_type("spreadsheetml.externallink+xml") {
        linked(parts, part, gathered)?;
    }
    Ok(())
}

/// The source of a cache, how many records of it there are, and who has fetched them.
fn pivot(parts: &mut Parts<'_>, part: usize, gathered: &mut Gathered) -> io::Result<()> {
    let (mut records, mut source, mut fields) = (None, Vec::new(), 0_u64);
    let (mut who, mut when) = (None, None);
    parts.walk(part, &mut |token| {
        let Token::Open(tag) = token else { return Ok(()) };
        match tag.name() {
            "pivotCacheDefinition" => {
                records = attribute(tag, "recordCount")?;
                (who, when) = (attribute(tag, "refreshedBy")?, attribute(tag, "refreshedDateIso")?);
            }
            "worksheetSource" => {
                for name in ["sheet", "name", "ref"] {
                    source.extend(tag.attribute(name)?.map(std::borrow::Cow::into_owned));
                }
            }
            "cacheField" => fields += 1,
            _ => {}
        }
        Ok(())
    })?;
    if let Some(who) = who.filter(|who| !who.is_empty()) {
        gathered.add_once(Topic::Metadata, Item::new(&who).labelled("refreshed_by").at(when.as_deref()));
    }
    let size = records.map_or_else(|| format!("{fields} fields"), |records| format!("{records} records"));
    let text = if source.is_empty() { size } else { format!("{}: {size}", source.join(" ")) };
    gathered.add(Topic::CachedData, Item::new(&text).labelled("pivot_cache"));
    Ok(())
}

/// The sheets of another workbook of which values are kept.
fn linked(parts: &mut Parts<'_>, part: usize, gathered: &mut Gathered) -> io::Result<()> {
    let (mut names, mut cells) = (Vec::new(), 0_u64);
    parts.walk(part, &mut |token| {
        let Token::Open(tag) = token else { return Ok(()) };
        match tag.name() {
            "sheetName" if names.len() < 100 => names.extend(attribute(tag, "val")?),
            "cell" => cells += 1,
            _ => {}
        }
        Ok(())
    })?;
    if cells > 0 {
        let text = format!("{}: {cells} cells", names.join(", "));
        gathered.add(Topic::CachedData, Item::new(&text).labelled("linked_workbook"));
    }
    Ok(())
}
