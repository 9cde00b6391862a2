//! Where the file leads, and what lies in it: relationships to the outside, embedded files, data parts.

use std::{collections::HashSet, io};

use super::{
    Item, Topic,
    gathered::{Clip, Gathered},
    parts::Parts,
};
use crate::{
    finding::Code,
    package::{
        relationships::Relationship,
        target::{Place, place},
    },
    xml::{Objection, Token},
};

/// Reads all three.
pub(super) fn read(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<()> {
    outside(parts, gathered)?;
    embedded(parts, gathered);
    custom_xml(parts, gathered)
}

/// Every target outside, once for each way of using it.
fn outside(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<()> {
    parts.outgoing(&mut |relationship, place| {
        if let Some((topic, label)) = meaning(relationship) {
            gathered.add_once(topic, Item::new(&relationship.target).labelled(label).within(place));
        }
    })
}

/// What a relationship to the outside is for.
fn meaning(relationship: &Relationship) -> Option<(Topic, &'static str)> {
    let link = |label| Some((Topic::ExternalLinks, label));
    match relationship.name().as_str() {
        _ if place(&relationship.target) == Place::Here => None,
        "hyperlink" => link("hyperlink"),
        // Nothing is fetched from a template: its path tells of the computer on which the file was written.
        "attachedtemplate" => Some((Topic::Metadata, "template")),
        "mailmergesource" | "mailmergeheadersource" => Some((Topic::Connections, "mail_merge")),
        "image" => link("picture"),
        "video" | "audio" | "media" | "sound" => link("media"),
        "oleobject" | "package" => link("workbook"),
        name if name.contains("externallinkpath") || name.contains("xlpathmissing") => link("workbook"),
        _ => link("other"),
    }
}

/// Files inside the file: Office packages, and objects of other programs.
fn embedded(parts: &Parts<'_>, gathered: &mut Gathered) {
    let mut related: HashSet<usize> = ["package", "oleobject"].iter().flat_map(|kind| parts.targets(kind)).collect();
    related.retain(|&part| Some(part) != parts.main());
    for part in parts.all() {
        let declared = parts.content_type(part);
        if related.contains(&part) || is_embedding(declared, parts.name(part)) {
            let label = embedding(declared, parts.name(part));
            // Of an Office file the kind says enough.
            let program = parts.program(part).filter(|_| label == "object");
            let program = program.map_or_else(String::new, |program| format!(" ({program})"));
            let text = format!("{}{program}", parts.file_name(part));
            let item = Item::new(&text).labelled(label).within(parts.place(part));
            gathered.add(Topic::EmbeddedObjects, item);
        }
    }
}

/// Whether a part is an embedded file although nothing leads to it.
fn is_embedding(content_type: &str, name: &str) -> bool {
    content_type.ends_with("officedocument.oleobject") || name.to_ascii_lowercase().contains("/embeddings/")
}

fn embedding(content_type: &str, name: &str) -> &'static str {
    let says = |word: &str, extensions: &[&str]| {
        let extension = name.rsplit('.').next().unwrap_or_default();
        content_type.contains(word) || extensions.iter().any(|known| extension.eq_ignore_ascii_case(known))
    };
    if says("spreadsheetml", &["xlsx", "xlsb", "xls"]) {
        "workbook"
    } else if says("wordprocessingml", &["docx", "doc"]) {
        "document"
    } else if says("presentationml", &["pptx", "ppt", "sldx"]) {
        "presentation"
    } else {
        "object"
    }
}

/// Data parts, by their root element (ECMA-376 part 1, 15.2.5 and 15.2.6).
fn custom_xml(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<()> {
    for part in parts.targets("customxml") {
        let mut root = None;
        parts.walk(part, &mut |token| {
            if let Token::Open(tag) = token {
                root = Some(Clip::of(&format!("{} {}", tag.name(), tag.namespace())));
            }
            // The root is all that is wanted.
            Err(Objection::new(Code::XmlTooComplex, ""))
        })?;
        let item = Item::new(&root.unwrap_or_default()).within(Some(parts.name(part)));
        gathered.add(Topic::CustomXml, item);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_named_for_what_they_are_used_for() {
        let meaning = |kind: &str, target: &str| {
            let kind = format!("http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}");
            meaning(&Relationship { id: String::new(), kind, target: target.to_owned(), external: true })
        };
        assert_eq!(meaning("hyperlink", "https://example.com"), Some((Topic::ExternalLinks, "hyperlink")));
        assert_eq!(meaning("hyperlink", "#Sheet2!A1"), None);
        assert_eq!(meaning("image", "https://example.com/a.png"), Some((Topic::ExternalLinks, "picture")));
        assert_eq!(meaning("externalLinkPath", "Budget.xlsx"), Some((Topic::ExternalLinks, "workbook")));
        assert_eq!(meaning("xlExternalLinkPath/xlPathMissing", "a.xlsx"), Some((Topic::ExternalLinks, "workbook")));
        assert_eq!(meaning("video", "file:///a.mp4"), Some((Topic::ExternalLinks, "media")));
        assert_eq!(meaning("slideUpdateUrl", "https://example.com"), Some((Topic::ExternalLinks, "other")));
        assert_eq!(meaning("attachedTemplate", "file:///C:/a.dotx"), Some((Topic::Metadata, "template")));
        assert_eq!(meaning("mailMergeSource", "a.csv"), Some((Topic::Connections, "mail_merge")));
    }

    #[test]
    fn embedded_files_are_named_for_their_kind() {
        let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        assert_eq!(embedding(sheet, "xl/embeddings/a.bin"), "workbook");
        assert_eq!(embedding("", "word/embeddings/a.docx"), "document");
        assert_eq!(embedding("", "ppt/embeddings/oleObject1.bin"), "object");
    }
}
