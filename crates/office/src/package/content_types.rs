//! `[Content_Types].xml`: which part is of which type.

use std::{collections::BTreeMap, io::BufRead};

use super::Uniform;
use crate::{
    finding::Code,
    xml::{self, Objection, Rigour},
    zip,
};

/// The name of the part, which has no type itself.
pub(crate) const PART: &str = "[Content_Types].xml";
const NAMESPACE: &str = "http://schemas.openxmlformats.org/package/2006/content-types";
/// More declarations than any archive within the budget can need.
const MOST: usize = 50_000;

/// The declared types, in lower case and without parameters; ordered, so that the findings about one file
/// are the same each time.
#[derive(Debug, Default)]
pub(crate) struct ContentTypes {
    overrides: BTreeMap<String, String>,
    defaults: BTreeMap<String, String>,
}

impl ContentTypes {
    /// Reads the part. Two declarations for one name must agree: programs differ in which one counts.
    pub(crate) fn read(input: &mut dyn BufRead) -> Result<Self, Objection> {
        let mut types = Self::default();
        let mut uniform =
            Uniform::new(NAMESPACE, "Types", Objection::new(Code::ContentTypesInvalid, "foreign element"));
        xml::walk(input, Rigour::Strict, &mut |token| {
            let Some(tag) = uniform.element(&token)? else { return Ok(()) };
            let value = |name| tag.attribute(name).map(|value| value.map(std::borrow::Cow::into_owned));
            let content_type = value("ContentType")?;
            match (tag.name(), value("PartName")?, value("Extension")?, content_type) {
                ("Override", Some(part), _, Some(declared)) => {
                    // Who divides the names of an archive by backslashes may do so here, too.
                    insert(&mut types.overrides, zip::key(&part.replace('\\', "/")), &declared)
                }
                ("Default", _, Some(extension), Some(declared)) => {
                    insert(&mut types.defaults, extension.trim().to_lowercase(), &declared)
                }
                _ => Err(Objection::new(Code::ContentTypesInvalid, "neither Default nor Override")),
            }
        })?;
        Ok(types)
    }

    /// The type of a part: by its name, then by its extension. Empty when there is none.
    pub(crate) fn of(&self, part: &str) -> &str {
        let key = zip::key(part);
        let by_extension = || key.rsplit_once('.').and_then(|(_, extension)| self.defaults.get(extension));
        self.overrides.get(&key).or_else(by_extension).map_or("", String::as_str)
    }

    /// Whether the type of a part is declared by its name.
    pub(crate) fn names(&self, part: &str) -> bool {
        self.overrides.contains_key(&zip::key(part))
    }

    /// The parts that are declared by name, whether they exist or not.
    pub(crate) fn declared(&self) -> impl Iterator<Item = (&str, &str)> {
        self.overrides.iter().map(|(part, declared)| (part.as_str(), declared.as_str()))
    }
}

fn insert(map: &mut BTreeMap<String, String>, key: String, declared: &str) -> Result<(), Objection> {
    let declared = declared.split(';').next().unwrap_or_default().trim().to_lowercase();
    if map.len() >= MOST {
        return Err(Objection::new(Code::ContentTypesInvalid, "too many declarations"));
    }
    match map.get(&key) {
        Some(known) if *known != declared => Err(Objection::new(Code::ContentTypesInvalid, "two types for one part")),
        _ => {
            map.insert(key, declared);
            Ok(())
        }
    }
}

/// Whether parts of this type are XML.
pub(crate) fn is_xml(content_type: &str) -> bool {
    content_type.ends_with("+xml") || content_type.ends_with("/xml")
}

/// Whether Office reads parts of this type as XML of its own. Custom XML and pictures are handed through.
pub(crate) fn is_office_xml(content_type: &str) -> bool {
    is_xml(content_type)
        && !content_type.starts_with("image/")
        && !matches!(content_type, "application/xml" | "text/xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(elements: &str) -> Result<ContentTypes, Code> {
        let text = format!("<Types xmlns='{NAMESPACE}'>{elements}</Types>");
        ContentTypes::read(&mut text.as_bytes()).map_err(|objection| objection.code)
    }

    #[test]
    fn names_come_before_extensions_and_case_does_not_matter() {
        let types = read(
            "<Default Extension='XML' ContentType='application/xml'/>
             <Override PartName='/word/Document.xml' ContentType='Application/A+xml; charset=utf-8'/>
             <Override PartName='\\xl\\workbook.xml' ContentType='application/b+xml'/>",
        )
        .expect("valid");
        assert_eq!(types.of("xl/workbook.xml"), "application/b+xml");
        assert_eq!(types.of("WORD/document.XML"), "application/a+xml");
        assert_eq!(types.of("word/other.xml"), "application/xml");
        assert_eq!(types.of("word/other"), "");
    }

    #[test]
    fn declarations_are_shown_in_the_order_of_their_names() {
        let elements: String =
            ["c", "a", "d", "b"].map(|name| format!("<Override PartName='/{name}' ContentType='x/y'/>")).concat();
        let types = read(&elements).expect("valid");
        assert_eq!(types.declared().map(|(part, _)| part).collect::<String>(), "abcd");
    }

    #[test]
    fn contradictions_and_foreign_elements_are_refused() {
        let part = |declared: &str| format!("<Override PartName='/a' ContentType='{declared}'/>");
        assert!(read(&(part("x/y") + &part("x/y"))).is_ok());
        let foreign = "<x:Override xmlns:x='urn:x' PartName='/a' ContentType='x/y'/>".to_owned();
        for elements in [part("x/y") + &part("x/z"), foreign, "<Override PartName='/a'/>".to_owned()] {
            assert_eq!(read(&elements).err(), Some(Code::ContentTypesInvalid), "{elements}");
        }
    }
}
