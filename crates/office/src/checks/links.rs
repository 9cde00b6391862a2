//! What leads outside, and what must not be inside: relationships, and the rules that hold for every other spelling of
//! the same.

use super::unasked::{Link, Links};
use crate::{
    finding::{Code, Finding},
    package::{
        relationships::Relationship,
        target::{Place, place},
    },
    report::Report,
    zip,
};

/// Links of workbooks to other workbooks, by the last segment of their types.
const WORKBOOK_LINKS: [&str; 8] = [
    "externallinkpath",
    "externallink",
    "externallinklongpath",
    "xlpathmissing",
    "xlstartup",
    "xlalternatestartup",
    "xllibrary",
    "alternate",
];

/// The part that has the relationships, as far as it decides about them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner<'a> {
    /// The part that holds the relationships.
    pub(crate) rels: &'a str,
    /// The part they belong to.
    pub(crate) part: &'a str,
    /// Its type.
    pub(crate) content_type: &'a str,
}

/// A picture that a program shows, whatever names it. Where it is a path, it may be missing elsewhere.
pub(super) fn picture(place: Place) -> Option<Code> {
    match place {
        Place::Unc => Some(Code::UncPath),
        Place::Web | Place::Other | Place::Local => Some(Code::ExternalImage),
        Place::Mail | Place::Here | Place::Relative => None,
    }
}

/// Where a click leads, whatever names it.
pub(super) fn hyperlink(place: Place) -> Option<Code> {
    (!place.suits_a_hyperlink()).then_some(Code::UnusualHyperlink)
}

/// Judges one relationship.
pub(crate) fn check(relationship: &Relationship, owner: Owner<'_>, links: &mut Links, report: &mut Report) {
    let name = relationship.name();
    let place = place(&relationship.target);
    let mut add = |code| report.add(Finding::new(code, Some(owner.rels), &relationship.target));
    match name.as_str() {
        "afchunk" => return add(Code::AltChunk),
        "control" | "activexcontrol" | "activexcontrolbinary" => return add(Code::ActiveX),
        "xlmacrosheet" | "xlintlmacrosheet" => return add(Code::MacroSheet),
        // The last is what OnlyOffice calls its macros, which are written in JavaScript.
        name if name.starts_with("vbaproject") || matches!(name, "wordvbadata" | "jsaproject") => {
            return add(Code::MacroPart);
        }
        "extensibility" | "usercustomization" => add(Code::CustomRibbon),
        "webextension" | "webextensiontaskpanes" => add(Code::WebExtension),
        _ => {}
    }
    // A target with a scheme or a server leads outside whatever its mode says.
    let outside = relationship.external || matches!(place, Place::Web | Place::Unc | Place::Other);
    if !outside {
        return;
    }
    match on_request(&name, place, owner, &relationship.id) {
        Some((link, loaded, asked)) => links.wait(link, owner.rels, &relationship.target, loaded, asked),
        None => outside_code(&name, place, &relationship.target).into_iter().for_each(add),
    }
}

/// Links that a program follows when its user asks for it, unless the file says otherwise: what it is when it does,
/// and when it does not.
fn on_request(name: &str, place: Place, owner: Owner<'_>, id: &str) -> Option<(Link, Code, Code)> {
    let relationship = || Link::Relationship(zip::key(owner.part), id.to_owned());
    let asked = if place == Place::Unc { Code::ServerLink } else { Code::ExternalLink };
    if WORKBOOK_LINKS.contains(&name) {
        // A pivot table says itself whether it is refreshed.
        let pivot = owner.content_type.contains("pivotcachedefinition");
        let link = if pivot { relationship() } else { Link::Workbooks };
        return (place == Place::Unc).then_some((link, Code::UncPath, asked));
    }
    // A chart may be linked to a workbook. Objects in texts and slides are no such case: Word loads them at opening
    // even where they are to be updated on call, which attacks have used (CVE-2021-40444).
    let chart = owner.content_type.contains("drawingml.chart") || owner.content_type.contains("ms-office.chartex");
    match place {
        Place::Web | Place::Unc if chart && matches!(name, "oleobject" | "package") => {
            Some((relationship(), Code::ExternalObject, asked))
        }
        Place::Local | Place::Relative if chart && matches!(name, "oleobject" | "package") => {
            Some((relationship(), Code::ExternalLink, asked))
        }
        _ => None,
    }
}

fn outside_code(name: &str, place: Place, target: &str) -> Option<Code> {
    match name {
        "oleobject" | "package" if matches!(place, Place::Local | Place::Relative) && !is_compound(target) => {
            Some(Code::ExternalLink)
        }
        "hyperlink" => hyperlink(place),
        "attachedtemplate" => match place {
            Place::Local | Place::Relative | Place::Here => Some(Code::LocalTemplate),
            _ => Some(Code::RemoteTemplate),
        },
        "oleobject" | "package" | "frame" | "subdocument" | "slideupdateurl" => Some(Code::ExternalObject),
        "image" => picture(place).or(Some(Code::ExternalImage)),
        _ if place == Place::Unc => Some(Code::UncPath),
        "mailmergesource" | "mailmergeheadersource" => Some(Code::MailMergeSource),
        _ => Some(Code::ExternalLink),
    }
}

/// Whether an address has another one inside, which is where it leads in the end: `a.html!x-usc:http://…`.
fn is_compound(target: &str) -> bool {
    let target = target.to_ascii_lowercase();
    ["http:", "https:", "ftp:", "mhtml:", "script:", "x-usc:", "ms-"].iter().any(|scheme| target.contains(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(name: &str, target: &str, external: bool, content_type: &str, mark: Option<Link>) -> Vec<Code> {
        let kind = format!("http://schemas.openxmlformats.org/officeDocument/2006/relationships/{name}");
        let (mut report, mut links) = (Report::default(), Links::default());
        let owner = Owner { rels: "xl/_rels/Part.xml.rels", part: "xl/Part.xml", content_type };
        let relationship = Relationship { id: "rId1".to_owned(), kind, target: target.to_owned(), external };
        check(&relationship, owner, &mut links, &mut report);
        mark.into_iter().for_each(|link| links.mark(link));
        links.settle(&mut report);
        report.findings.into_iter().map(|finding| finding.code).collect()
    }

    fn code(name: &str, target: &str, external: bool) -> Option<Code> {
        judged(name, target, external, "", None).first().copied()
    }

    #[test]
    fn what_is_loaded_at_opening_is_refused() {
        for (name, target, expected) in [
            ("attachedTemplate", "https://example.com/a.dotm", Code::RemoteTemplate),
            ("attachedTemplate", "file://server/a.dotm", Code::RemoteTemplate),
            ("oleObject", "mhtml:http://example.com/a.html!x-usc:http://example.com/a.html", Code::ExternalObject),
            ("oleObject", "file:///C:\\a.html!x-usc:http://example.com/a.html", Code::ExternalObject),
            ("oleObject", "\\\\server\\share\\a.xlsx", Code::ExternalObject),
            ("frame", "a.htm", Code::ExternalObject),
            ("subDocument", "file:///C:/a.docx", Code::ExternalObject),
            ("image", "\\\\server\\share\\a.png", Code::UncPath),
            ("video", "\\\\server\\share\\a.mp4", Code::UncPath),
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
            ("image", "logo.png", Code::ExternalImage),
            ("externalLinkPath", "Budget.xlsx", Code::ExternalLink),
            ("oleObject", "file:///C:\\Budget.xlsx!Sheet1!R1C1", Code::ExternalLink),
            ("oleObject", "Budget.xlsx", Code::ExternalLink),
            ("mailMergeSource", "file:///C:\\a.csv", Code::MailMergeSource),
            ("hyperlink", "file:///C:\\a.docx", Code::UnusualHyperlink),
            ("hyperlink", "javascript:alert(1)", Code::UnusualHyperlink),
        ] {
            assert_eq!(code(name, target, true), Some(expected), "{name} {target}");
        }
    }

    #[test]
    fn what_is_loaded_on_request_is_flagged_unless_the_file_asks_for_it() {
        const CHART: &str = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml";
        const PIVOT: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.pivotcachedefinition+xml";
        let unc = "file:///\\\\server\\share\\a.xlsx";
        let own = || Link::Relationship("xl/part.xml".into(), "rId1".into());
        for (name, target, content_type, mark, asked, loaded) in [
            ("externalLinkPath", unc, "", Link::Workbooks, Code::ServerLink, Code::UncPath),
            ("xlExternalLinkPath/xlPathMissing", unc, "", Link::Workbooks, Code::ServerLink, Code::UncPath),
            ("externalLinkPath", unc, PIVOT, own(), Code::ServerLink, Code::UncPath),
            ("oleObject", unc, CHART, own(), Code::ServerLink, Code::ExternalObject),
            ("oleObject", "https://example.com/a.xlsx", CHART, own(), Code::ExternalLink, Code::ExternalObject),
            ("oleObject", "file:///C:\\a.xlsx", CHART, own(), Code::ExternalLink, Code::ExternalLink),
        ] {
            assert_eq!(judged(name, target, true, content_type, None), [asked], "{name} {target}");
            assert_eq!(judged(name, target, true, content_type, Some(mark)), [loaded], "{name} {target}");
        }
        // An address of another scheme is no workbook.
        assert_eq!(judged("oleObject", "mhtml:http://example.com/a", true, CHART, None), [Code::ExternalObject]);
    }

    #[test]
    fn what_changes_the_program_around_a_document_is_flagged() {
        assert_eq!(code("ui/extensibility", "customUI/customUI14.xml", false), Some(Code::CustomRibbon));
        assert_eq!(code("ui/userCustomization", "userCustomization/customUI.xml", false), Some(Code::CustomRibbon));
        assert_eq!(code("webextensiontaskpanes", "word/webextensions/taskpanes.xml", false), Some(Code::WebExtension));
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
