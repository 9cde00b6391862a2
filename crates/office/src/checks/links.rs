//! Relationships to the outside, and to what must not be inside.

use crate::{
    finding::{Code, Finding},
    package::{
        relationships::Relationship,
        target::{Place, place},
    },
    report::Report,
};

/// The part that has the relationships, as far as it decides about them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner<'a> {
    /// The part that holds the relationships.
    pub(crate) rels: &'a str,
    /// The type of the part they belong to.
    pub(crate) content_type: &'a str,
}

/// Judges one relationship.
pub(crate) fn check(relationship: &Relationship, owner: Owner<'_>, report: &mut Report) {
    let name = relationship.name();
    let place = place(&relationship.target);
    let mut add = |code| report.add(Finding::new(code, Some(owner.rels), &relationship.target));
    match name.as_str() {
        "afchunk" => return add(Code::AltChunk),
        "control" | "activexcontrol" | "activexcontrolbinary" => return add(Code::ActiveX),
        "xlmacrosheet" | "xlintlmacrosheet" => return add(Code::MacroSheet),
        name if name.starts_with("vbaproject") || name == "wordvbadata" => return add(Code::MacroPart),
        _ => {}
    }
    // A target with a scheme or a server leads outside whatever its mode says.
    let outside = relationship.external || matches!(place, Place::Web | Place::Unc | Place::Other);
    if outside && let Some(code) = outside_code(&name, place, owner) {
        add(code);
    }
}

fn outside_code(name: &str, place: Place, owner: Owner<'_>) -> Option<Code> {
    // A chart may be linked to a workbook. That is a link like those of workbooks, updated on request,
    // and not an object that is loaded at opening.
    let chart = owner.content_type.contains("drawingml.chart") || owner.content_type.contains("ms-office.chartex");
    match name {
        "hyperlink" if place.suits_a_hyperlink() => None,
        "hyperlink" => Some(Code::UnusualHyperlink),
        "attachedtemplate" => match place {
            Place::Local | Place::Relative | Place::Here => Some(Code::LocalTemplate),
            _ => Some(Code::RemoteTemplate),
        },
        "oleobject" | "package" if chart && matches!(place, Place::Local | Place::Relative) => Some(Code::ExternalLink),
        "oleobject" | "package" | "frame" | "subdocument" | "slideupdateurl" => Some(Code::ExternalObject),
        _ if place == Place::Unc => Some(Code::UncPath),
        "image" => Some(Code::ExternalImage),
        "mailmergesource" | "mailmergeheadersource" => Some(Code::MailMergeSource),
        _ => Some(Code::ExternalLink),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(name: &str, target: &str, external: bool) -> Option<Code> {
        let kind = format!("http://schemas.openxmlformats.org/officeDocument/2006/relationships/{name}");
        let mut report = Report::default();
        let owner = Owner { rels: "word/_rels/document.xml.rels", content_type: "" };
        check(&Relationship { id: String::new(), kind, target: target.to_owned(), external }, owner, &mut report);
        report.findings.first().map(|finding| finding.code)
    }

    #[test]
    fn what_is_loaded_at_opening_is_refused() {
        for (name, target, expected) in [
            ("attachedTemplate", "https://example.com/a.dotm", Code::RemoteTemplate),
            ("attachedTemplate", "file://server/a.dotm", Code::RemoteTemplate),
            ("oleObject", "mhtml:http://example.com/a.html!x-usc:http://example.com/a.html", Code::ExternalObject),
            ("frame", "a.htm", Code::ExternalObject),
            ("subDocument", "file:///C:/a.docx", Code::ExternalObject),
            ("image", "\\\\server\\share\\a.png", Code::UncPath),
            ("externalLinkPath", "file:///\\\\server\\share\\a.xlsx", Code::UncPath),
        ] {
            assert_eq!(code(name, target, true), Some(expected), "{name} {target}");
        }
        assert_eq!(code("attachedTemplate", "http://example.com/a.dotm", false), Some(Code::RemoteTemplate));
        assert_eq!(code("aFChunk", "afchunk.mht", false), Some(Code::AltChunk));
    }

    #[test]
    fn what_occurs_in_genuine_files_is_flagged() {
        for (name, target, expected) in [
            ("attachedTemplate", "file:///C:\\Templates\\Letter.dotx", Code::LocalTemplate),
            ("image", "https://example.com/logo.png", Code::ExternalImage),
            ("externalLinkPath", "Budget.xlsx", Code::ExternalLink),
            ("mailMergeSource", "file:///C:\\a.csv", Code::MailMergeSource),
            ("hyperlink", "file:///C:\\a.docx", Code::UnusualHyperlink),
            ("hyperlink", "javascript:alert(1)", Code::UnusualHyperlink),
        ] {
            assert_eq!(code(name, target, true), Some(expected), "{name} {target}");
        }
    }

    #[test]
    fn ordinary_relationships_are_nothing_to_report() {
        assert_eq!(code("hyperlink", "https://example.com", true), None);
        assert_eq!(code("hyperlink", "mailto:ana@example.com", true), None);
        assert_eq!(code("hyperlink", "#Sheet2!A1", true), None);
        assert_eq!(code("image", "media/image1.png", false), None);
        assert_eq!(code("ctrlProp", "../ctrlProps/ctrlProp1.xml", false), None);
        assert_eq!(code("oleObject", "embeddings/oleObject1.bin", false), None);
    }
}
