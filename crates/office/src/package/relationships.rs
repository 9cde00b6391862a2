//! Relationships: what a part is connected to.

use std::io::BufRead;

use super::Uniform;
use crate::{
    finding::Code,
    xml::{self, Objection, Rigour},
    zip,
};

const NAMESPACE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
/// The relationship to the main part, transitional and strict.
const MAIN: [&str; 2] = [
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument",
    "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument",
];

/// One relationship.
#[derive(Debug)]
pub(crate) struct Relationship {
    /// What the owner calls it.
    pub(crate) id: String,
    /// The type as it is written.
    pub(crate) kind: String,
    pub(crate) target: String,
    pub(crate) external: bool,
}

impl Relationship {
    /// The last segment of the type in lower case. The part before it differs between transitional,
    /// strict and the years of Microsoft’s extensions, and is no reason to look away.
    pub(crate) fn name(&self) -> String {
        self.kind.trim().trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase()
    }

    pub(crate) fn is_main(&self) -> bool {
        MAIN.iter().any(|main| self.kind.trim().eq_ignore_ascii_case(main))
    }
}

/// Shows every relationship of a part to `see`.
pub(crate) fn read(input: &mut dyn BufRead, see: &mut dyn FnMut(Relationship)) -> Result<(), Objection> {
    let invalid = |detail| Objection::new(Code::RelationshipsInvalid, detail);
    let mut uniform = Uniform::new(NAMESPACE, "Relationships", invalid("foreign element"));
    xml::walk(input, Rigour::Strict, &mut |token| {
        let Some(tag) = uniform.element(&token)? else { return Ok(()) };
        let value = |name| tag.attribute(name).map(|value| value.map(std::borrow::Cow::into_owned));
        if tag.name() != "Relationship" {
            return Err(invalid("not a relationship"));
        }
        // Programs write relationships to links that are gone: without a target they lead nowhere.
        let Some(target) = value("Target")? else { return Ok(()) };
        let kind = value("Type")?.unwrap_or_default();
        let external = value("TargetMode")?.is_some_and(|mode| mode.trim().eq_ignore_ascii_case("External"));
        see(Relationship { id: value("Id")?.unwrap_or_default(), kind, target, external });
        Ok(())
    })
}

/// Whether an entry holds relationships.
pub(crate) fn is_part(name: &str) -> bool {
    name.len() >= 5 && name.as_bytes()[name.len() - 5..].eq_ignore_ascii_case(b".rels")
}

/// Whether an entry holds relationships that a program follows: not what macOS leaves beside each file of an archive,
/// under its name with two characters in front.
pub(crate) fn is_followed(name: &str) -> bool {
    is_part(name) && name.rsplit('/').next().is_some_and(|file| !file.starts_with("._"))
}

/// The part whose relationships an entry holds: `word/_rels/document.xml.rels` → `word/document.xml`.
pub(crate) fn owner(name: &str) -> String {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let folder = parent(folder);
    let file = file.get(..file.len().saturating_sub(5)).unwrap_or_default();
    if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") }
}

/// The folder that a part or a folder lies in.
pub(crate) fn parent(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The part that an internal target names, seen from the folder of the part that has the relationship.
/// Steps above the root stay at the root.
pub(crate) fn resolve(folder: &str, target: &str) -> String {
    let path = target.split(['#', '?']).next().unwrap_or_default();
    let full = if path.starts_with(['/', '\\']) { path.to_owned() } else { format!("{folder}/{path}") };
    let mut segments = Vec::new();
    for segment in full.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    zip::key(&segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_seen_from_their_folder() {
        assert_eq!(resolve("", "word/document.xml"), "word/document.xml");
        assert_eq!(resolve("", "/Word/document.xml"), "word/document.xml");
        assert_eq!(resolve("xl/worksheets", "../media/a%20b.png#x"), "xl/media/a b.png");
        assert_eq!(resolve("xl", "../../../a"), "a");
    }

    #[test]
    fn every_relationship_is_shown() {
        let text = format!(
            "<r:Relationships xmlns:r='{NAMESPACE}'>
             <r:Relationship Id='1' Type='http://x/attachedTemplate' Target='&#104;ttp://a' TargetMode=' external'/>
             </r:Relationships>"
        );
        let mut seen = Vec::new();
        read(&mut text.as_bytes(), &mut |relationship| seen.push(relationship)).expect("valid");
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].name().as_str(), seen[0].target.as_str()), ("attachedtemplate", "http://a"));
        assert!(seen[0].external);
    }

    #[test]
    fn relationships_that_lead_nowhere_are_passed_over_and_foreign_elements_are_not() {
        let read = |elements: &str| {
            let text = format!("<Relationships xmlns='{NAMESPACE}'>{elements}</Relationships>");
            let mut seen = 0;
            read(&mut text.as_bytes(), &mut |_| seen += 1).map(|()| seen).map_err(|objection| objection.code)
        };
        assert_eq!(read("<Relationship Type='http://x/externalLinkPath' TargetMode='External'/>"), Ok(0));
        assert_eq!(read("<Relationship Target='https://example.com' TargetMode='External'/>"), Ok(1));
        assert_eq!(read("<Relation Type='x' Target='y'/>"), Err(Code::RelationshipsInvalid));
        assert_eq!(read("<x:Relationship xmlns:x='urn:x' Type='x' Target='y'/>"), Err(Code::RelationshipsInvalid));
    }
}
