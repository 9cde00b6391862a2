//! What the name and the type of a part say.

use super::magic;
use crate::{
    finding::{Code, Finding},
    report::Report,
};

/// Types of macro projects and what belongs to them.
const MACRO_TYPES: &[&str] = &["vnd.ms-office.vbaproject", "vnd.ms-word.vbadata"];
/// Types of Excel 4 macro sheets.
const MACRO_SHEET_TYPES: &[&str] = &["vnd.ms-excel.macrosheet", "vnd.ms-excel.intlmacrosheet"];
const ACTIVE_X_TYPE: &str = "vnd.ms-office.activex";
/// Web extensions and their task panes.
const WEB_EXTENSION_TYPE: &str = "vnd.ms-office.webextension";
const OLE_TYPE: &str = "vnd.openxmlformats-officedocument.oleobject";

/// Reports parts that are programs by their type alone. Also for types that are declared for parts
/// which do not exist.
pub(crate) fn check_type(part: &str, content_type: &str, report: &mut Report) {
    let says = |types: &[&str]| types.iter().any(|known| content_type.contains(known));
    let code = if says(MACRO_TYPES) {
        Code::MacroPart
    } else if says(MACRO_SHEET_TYPES) {
        Code::MacroSheet
    } else if says(&[ACTIVE_X_TYPE]) {
        Code::ActiveX
    } else if magic::is_program_type(content_type) {
        Code::EmbeddedExecutable
    } else if says(&[WEB_EXTENSION_TYPE]) {
        Code::WebExtension
    } else {
        return;
    };
    report.add(Finding::new(code, Some(part), ""));
}

/// Reports parts that are programs by their name or by their type.
pub(crate) fn check(part: &str, content_type: &str, is_main: bool, report: &mut Report) {
    let path = part.to_lowercase();
    let file = path.rsplit('/').next().unwrap_or_default();
    let mut add = |code| report.add(Finding::new(code, Some(part), ""));
    if matches!(file, "vbaproject.bin" | "vbadata.xml" | "jsaproject.bin" | "jdedata.bin") {
        add(Code::MacroPart);
    }
    let folder = |name| path.split('/').rev().skip(1).any(|segment| segment == name);
    if folder("macrosheets") {
        add(Code::MacroSheet);
    }
    if folder("activex") {
        add(Code::ActiveX);
    }
    if magic::is_program_name(&path) {
        add(Code::EmbeddedExecutable);
    }
    // Every binary workbook has a type that says macro-enabled, with macros or without.
    let macro_type = content_type.contains("macroenabled") && !content_type.contains("sheet.binary");
    if magic::is_macro_name(&path) || (macro_type && !is_main) {
        add(Code::EmbeddedMacro);
    }
    check_type(part, content_type, report);
}

/// Whether the part is an embedded object by its folder or type, whatever it contains.
pub(crate) fn is_embedded(part: &str, content_type: &str) -> bool {
    content_type.contains(OLE_TYPE) || part.to_lowercase().contains("embeddings/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(part: &str, content_type: &str) -> Vec<Code> {
        let mut report = Report::default();
        check(part, content_type, false, &mut report);
        report.findings.into_iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn programs_are_found_by_name_or_type() {
        assert_eq!(codes("word/vbaProject.bin", ""), [Code::MacroPart]);
        assert_eq!(codes("word/a.bin", "application/vnd.ms-office.vbaproject"), [Code::MacroPart]);
        assert_eq!(codes("xl/jsaProject.bin", ""), [Code::MacroPart]);
        assert_eq!(codes("xl/macrosheets/sheet1.xml", ""), [Code::MacroSheet]);
        assert_eq!(codes("xl/a.xml", "application/vnd.ms-excel.intlmacrosheet+xml"), [Code::MacroSheet]);
        assert_eq!(codes("word/activeX/activeX1.bin", ""), [Code::ActiveX]);
        assert_eq!(codes("word/embeddings/a.docm", ""), [Code::EmbeddedMacro]);
        assert_eq!(codes("word/embeddings/a.exe", ""), [Code::EmbeddedExecutable]);
    }

    #[test]
    fn ordinary_parts_are_nothing_to_report() {
        for part in ["word/document.xml", "xl/printerSettings/printerSettings1.bin", "xl/ctrlProps/ctrlProp1.xml"] {
            assert_eq!(codes(part, "application/xml"), []);
        }
    }
}
