//! The type of the main part against the extension.

use crate::{
    finding::{Code, Finding},
    kind::Kind,
};

const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
const EXCEL: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";
const POWERPOINT: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml";

/// All types without macros start with this.
const OFFICE: &str = "application/vnd.openxmlformats-officedocument.";

/// The kind of file that has a main part of this type.
fn kind_of(content_type: &str) -> Option<Kind> {
    match content_type {
        WORD => Some(Kind::Docx),
        EXCEL => Some(Kind::Xlsx),
        POWERPOINT => Some(Kind::Pptx),
        _ => None,
    }
}

/// Judges the type of the main part. An embedded package has no extension to agree with.
pub(crate) fn judge(content_type: &str, expected: Option<Kind>, part: &str) -> Option<Finding> {
    let finding = |code, detail: &str| Some(Finding::new(code, Some(part), detail));
    match (kind_of(content_type), expected) {
        (Some(kind), Some(expected)) if kind != expected => {
            let detail = format!(
                "the extension says .{expected}, the content is {kind}, .{extension}",
                expected = expected.as_str(),
                kind = kind.label(),
                extension = kind.as_str()
            );
            finding(Code::KindMismatch, &detail)
        }
        (Some(_), _) => None,
        // Slides, themes and templates are embedded as well.
        (None, None) if content_type.starts_with(OFFICE) => None,
        (None, _) => finding(other(content_type), content_type),
    }
}

fn other(content_type: &str) -> Code {
    let says = |word| content_type.contains(word);
    if says("sheet.binary") {
        Code::BinaryWorkbookType
    } else if says("addin") {
        Code::AddinType
    } else if says("macroenabled") {
        Code::MacroEnabledType
    } else if says("template") {
        Code::TemplateType
    } else if says("slideshow") {
        Code::SlideshowType
    } else {
        Code::UnknownMainType
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_goes_with_its_own_type_only() {
        let code = |declared: &str, kind| judge(declared, Some(kind), "main").map(|finding| finding.code);
        assert_eq!(code(WORD, Kind::Docx), None);
        assert_eq!(code(EXCEL, Kind::Docx), Some(Code::KindMismatch));
        for (declared, expected) in [
            ("application/vnd.ms-word.document.macroenabled.main+xml", Code::MacroEnabledType),
            ("application/vnd.ms-powerpoint.template.macroenabled.main+xml", Code::MacroEnabledType),
            ("application/vnd.ms-excel.addin.macroenabled.main+xml", Code::AddinType),
            ("application/vnd.ms-excel.sheet.binary.macroenabled.main", Code::BinaryWorkbookType),
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml", Code::TemplateType),
            ("application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml", Code::SlideshowType),
            ("application/xml", Code::UnknownMainType),
        ] {
            assert_eq!(code(declared, Kind::Pptx), Some(expected), "{declared}");
        }
    }
}
