//! The properties of the document: who wrote it, when, with what (ECMA-376 part 2, 11; part 1, 22.2 and 22.3).

use std::{collections::BTreeMap, io};

use super::{
    Item, Topic,
    element::{self, Look, attribute},
    gathered::{Clip, Gathered},
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
const PERSONAL: [(&str, &str); 21] = [
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
    ("version", "version"),
    ("contentType", "content_type"),
    ("identifier", "identifier"),
    ("TitlesOfParts", TITLES),
];
/// The names of sheets, slides, fonts and bookmarks (22.2.2.28).
const TITLES: &str = "titles";
/// Titles that are shown; they are cut at the length of a text in any case.
const MOST_TITLES: usize = 300;
/// Lists of texts that are no titles.
const OTHER_LIST: &str = "list";
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
    for part in parts.of_type("ms-office.classificationlabels+xml") {
        sensitivity(parts, part, gathered)?;
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
        "HeadingPairs" | "HLinks" => Some(OTHER_LIST),
        name => PERSONAL.iter().find(|(element, _)| *element == name).map(|(_, label)| *label),
    };
    let mut titles: Vec<String> = Vec::new();
    element::read(
        parts,
        part,
        Look {
            begin: &mut |tag| {
                let label = label(tag.name()).or_else(|| (tag.name() == "lpstr").then_some("lpstr"));
                Ok(label.map(|label| Item::default().labelled(label)))
            },
            text: &[],
            done: &mut |item| match item.label.as_deref() {
                // The titles are texts of their own within one element, and so are those of other lists.
                Some("lpstr") if !item.text.is_empty() && titles.len() < MOST_TITLES => titles.push(item.text),
                Some("lpstr") => {}
                Some(TITLES) => {
                    let all = Clip::of(&std::mem::take(&mut titles).join(", "));
                    if !all.is_empty() {
                        found.entry(TITLES.to_owned()).or_insert(all);
                    }
                }
                Some(OTHER_LIST) => titles.clear(),
                Some(label) if !item.text.is_empty() => {
                    found.entry(label.to_owned()).or_insert(item.text);
                }
                _ => {}
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

/// A sensitivity label and the organisation that has given it (\[MS-OFFCRYPTO\] 2.6.3).
fn sensitivity(parts: &mut Parts<'_>, part: usize, gathered: &mut Gathered) -> io::Result<()> {
    element::read(
        parts,
        part,
        Look {
            begin: &mut |tag| {
                if tag.name() != "label" {
                    return Ok(None);
                }
                let (id, site) =
                    (attribute(tag, "id")?.unwrap_or_default(), attribute(tag, "siteId")?.unwrap_or_default());
                Ok(Some(Item::default().by(Some(&format!("{id} of {site}")))))
            },
            text: &[],
            done: &mut |item| {
                let text = item.who.unwrap_or_default();
                gathered.add(Topic::CustomProperties, Item::new(&text).labelled("sensitivity_label"));
            },
        },
    )
}
