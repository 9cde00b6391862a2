//! The settings of a text: revision ids and the mail merge (ECMA-376 part 1, 17.15).

use std::io;

use super::NAMESPACES;
use crate::{
    xml::Token,
    xray::{Item, Topic, gathered::Gathered, parts::Parts},
};

/// Reads the settings. `marked` is how many elements of the text carry a revision id.
pub(super) fn read(parts: &mut Parts<'_>, marked: u64, gathered: &mut Gathered) -> io::Result<()> {
    let mut listed = 0;
    for part in parts.of_type("wordprocessingml.settings+xml") {
        parts.walk(part, &mut |token| {
            let Token::Open(tag) = token else { return Ok(()) };
            if !NAMESPACES.contains(&tag.namespace()) {
                return Ok(());
            }
            match tag.name() {
                "rsid" | "rsidRoot" => listed += 1,
                "docVar" => {
                    let name = tag.prefixed_attribute("name")?.unwrap_or_default();
                    let value = tag.prefixed_attribute("val")?.unwrap_or_default();
                    let item = Item::new(&format!("{name} = {value}")).labelled("document_variable");
                    gathered.add(Topic::CustomProperties, item);
                }
                "query" => {
                    let query = tag.prefixed_attribute("val")?.unwrap_or_default();
                    gathered.add(Topic::Connections, Item::new(&query).labelled("query"));
                }
                _ => {}
            }
            Ok(())
        })?;
    }
    revision_ids(listed, marked, gathered);
    Ok(())
}

/// The ids that the settings list, or else the passages that carry one, are what counts; both are told.
fn revision_ids(listed: u64, marked: u64, gathered: &mut Gathered) {
    let item = |label, count: u64| Item::new(&count.to_string()).labelled(label);
    if listed > 0 {
        gathered.add_several(Topic::RevisionIds, listed, item("listed", listed));
    }
    if marked > 0 {
        let counted = if listed > 0 { 0 } else { marked };
        gathered.add_several(Topic::RevisionIds, counted, item("marked_passages", marked));
    }
}
