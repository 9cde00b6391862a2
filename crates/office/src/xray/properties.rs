//! The properties of the document: who wrote it, when, with what (ECMA-376 part 2, 11; part 1, 22.2 and 22.3).

use std::{collections::BTreeMap, io};

use super::{
    Item, Topic,
    element::{self, Look, attribute},
    gathered::Gathered,
    parts::Parts,
};

/// What the properties say of the document itself.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub(super) title: Option<String>,
    pub(super) pages: Option<u64>,
}

/// Elements of the core and extended properties that tell of those who wrote the file, and their labels, in the order
/// in which they are shown.
const PERSONAL: [(&str, &str); 17] = [
    ("creator", "author"),
    ("lastModifiedBy", "last_modified_by"),
    ("Company", "company"),
    ("Manager", "manager"),
    ("created", "created"),
    ("modified", "modified"),
    ("lastPrinted", "last_printed"),
    ("revision", "revision"),
    ("TotalTime", "editing_minutes"),
    ("Template", "template"),
    ("title", "title"),
    ("subject", "subject"),
    ("keywords", "keywords"),
    ("category", "category"),
    ("contentStatus", "content_status"),
    ("description", "description"),
    ("HyperlinkBase", "hyperlink_base"),
];
/// The label of a count that is no personal property.
const PAGES: &str = "pages";
/// The template of those who chose none.
const NO_TEMPLATE: [&str; 3] = ["Normal", "Normal.dotm", "Normal.dot"];

/// Reads the core, extended and custom properties.
pub(super) fn read(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<Properties> {
    let mut found = BTreeMap::new();
    for (ending, kind) in [
        ("package.core-properties+xml", "core-properties"),
        ("officedocument.extended-properties+xml", "extended-properties"),
    ] {
        for part in of(parts, ending, kind) {
            standard(parts, part, &mut found)?;
        }
    }
    let pages = found.remove(PAGES).and_then(|pages| pages.parse().ok()).filter(|&pages| pages > 0);
    let title = found.get("title").cloned();
    for (_, label) in PERSONAL {
        if let Some(value) = found.get(label).filter(|value| tells_something(label, value)) {
            gathered.add(Topic::Metadata, Item::new(value).labelled(label));
        }
    }
    for part in of(parts, "officedocument.custom-properties+xml", "custom-properties") {
        custom(parts, part, gathered)?;
    }
    Ok(Properties { title, pages })
}

fn tells_something(label: &str, value: &str) -> bool {
    match label {
        "editing_minutes" | "revision" => value != "0",
        "template" => !NO_TEMPLATE.contains(&value),
        _ => true,
    }
}

/// The parts of a type, and those that the package names so.
fn of(parts: &Parts<'_>, ending: &str, kind: &str) -> Vec<usize> {
    let mut found = parts.of_type(ending);
    found.extend(parts.related(None, kind));
    found.sort_unstable();
    found.dedup();
    found
}

/// The values of the properties by their labels; of one that is there twice, the first.
fn standard(parts: &mut Parts<'_>, part: usize, found: &mut BTreeMap<String, String>) -> io::Result<()> {
    let label = |name: &str| match name {
        "Pages" => Some(PAGES),
        name => PERSONAL.iter().find(|(element, _)| *element == name).map(|(_, label)| *label),
    };
    element::read(
        parts,
        part,
        Look {
            begin: &mut |tag| Ok(label(tag.name()).map(|label| Item::default().labelled(label))),
            text: &[],
            done: &mut |item| {
                if let Some(label) = item.label.filter(|_| !item.text.is_empty()) {
                    found.entry(label).or_insert(item.text);
                }
            },
        },
    )
}

/// Each property that was added, as `name = value`.
fn custom(parts: &mut Parts<'_>, part: usize, gathered: &mut Gathered) -> io::Result<()> {
    element::read(
        parts,
        part,
        Look {
            begin: &mut |tag| match tag.name() {
                "property" => Ok(Some(Item { label: attribute(tag, "name")?, ..Item::default() })),
                _ => Ok(None),
            },
            text: &[],
            done: &mut |item| {
                let name = item.label.unwrap_or_default();
                gathered.add(Topic::CustomProperties, Item::new(&format!("{name} = {}", item.text)));
            },
        },
    )
}
