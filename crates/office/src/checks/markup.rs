//! What the XML of a part says: fields, formulas, actions and connections.

use super::{fields::Fields, formulas::Formulas};
use crate::{
    finding::{Code, Finding},
    package::target::{Place, place},
    report::Report,
    xml::{Ignored, Objection, Tag, Token, Watch},
};

/// Looks at every token of one part.
pub(crate) struct Markup<'a> {
    part: &'a str,
    report: &'a mut Report,
    /// Whether the part is the list of data connections.
    connections: bool,
    fields: Fields,
    formulas: Formulas,
}

impl<'a> Markup<'a> {
    pub(crate) fn new(part: &'a str, content_type: &str, report: &'a mut Report) -> Self {
        let connections = content_type.ends_with("connections+xml");
        Self { part, report, connections, fields: Fields::default(), formulas: Formulas::default() }
    }

    /// A token. Elements are known by their local name where a decoy of another namespace could only
    /// add a finding, and by their namespace where it could hide one.
    fn see(&mut self, token: &Token<'_>) -> Result<(), Objection> {
        match token {
            Token::Open(tag) => {
                self.formulas.open(tag.name());
                if let Some((code, detail)) = self.fields.open(*tag)? {
                    self.add(code, &detail);
                }
                self.element(*tag)
            }
            Token::Close(name) => {
                if self.formulas.close() {
                    self.add(Code::DdeFormula, "");
                }
                if let Some((code, detail)) = self.fields.close(name) {
                    self.add(code, &detail);
                }
                Ok(())
            }
            Token::Text(text) => {
                self.formulas.text(text);
                if let Some((code, detail)) = self.fields.text(text) {
                    self.add(code, &detail);
                }
                Ok(())
            }
        }
    }

    /// The end of the part.
    pub(crate) fn finish(mut self) {
        for (code, detail) in self.fields.finish() {
            self.add(code, &detail);
        }
    }

    fn element(&mut self, tag: Tag<'_>) -> Result<(), Objection> {
        match tag.name() {
            "ddeLink" => self.add(Code::DdeLink, ""),
            "macrosheet" => self.add(Code::MacroSheet, ""),
            "connectString" | "udl" => {
                self.add(Code::MailMergeSource, "");
                self.connection_string(&tag.prefixed_attribute("val")?.unwrap_or_default());
            }
            "imagedata" | "fill" => self.vml_image(tag)?,
            "hlinkClick" | "hlinkHover" | "hlinkMouseOver" => self.action(tag)?,
            "connection" if self.connections => {
                self.add(Code::DataConnection, "");
                self.connection(tag)?;
            }
            "webPr" | "textPr" | "dbPr" if self.connections => self.connection(tag)?,
            _ => {}
        }
        Ok(())
    }

    fn action(&mut self, tag: Tag<'_>) -> Result<(), Objection> {
        let action = tag.prefixed_attribute("action")?.unwrap_or_default().trim().to_ascii_lowercase();
        if action.starts_with("ppaction://program") {
            self.add(Code::ActionProgram, &action);
        } else if action.starts_with("ppaction://macro") {
            self.add(Code::ActionMacro, &action);
        }
        Ok(())
    }

    fn connection(&mut self, tag: Tag<'_>) -> Result<(), Objection> {
        for name in ["sourceFile", "odcFile", "url"] {
            if let Some(target) = tag.attribute(name)?
                && place(&target) == Place::Unc
            {
                self.add(Code::UncPath, &target);
            }
        }
        self.connection_string(&tag.attribute("connection")?.unwrap_or_default());
        Ok(())
    }

    /// `Provider=x;Data Source=\\server\share\a.accdb;…`. With slashes it is the address of a database:
    /// `//host/service`.
    fn connection_string(&mut self, text: &str) {
        let values = text.split(';').filter_map(|setting| setting.split_once('='));
        let mut values = values.map(|(_, value)| value.trim_matches(['"', '\'', ' ']));
        if let Some(server) = values.find(|value| !value.starts_with("//") && place(value) == Place::Unc) {
            self.add(Code::UncPath, server);
        }
    }

    /// VML names pictures without a relationship, too.
    fn vml_image(&mut self, tag: Tag<'_>) -> Result<(), Objection> {
        let source = tag.attribute("src")?.unwrap_or_default();
        match place(&source) {
            Place::Unc => self.add(Code::UncPath, &source),
            Place::Web | Place::Other => self.add(Code::ExternalImage, &source),
            Place::Mail | Place::Here | Place::Relative | Place::Local => {}
        }
        Ok(())
    }

    fn add(&mut self, code: Code, detail: &str) {
        self.report.add(Finding::new(code, Some(self.part), detail));
    }
}

impl Watch for Markup<'_> {
    fn see(&mut self, token: Token<'_>) -> Result<(), Objection> {
        Markup::see(self, &token)
    }

    /// Cells are read where they are part of a formula or an instruction.
    fn ignores(&self) -> Ignored {
        if self.formulas.is_idle() && self.fields.is_idle() { Ignored::ValuesAndTexts } else { Ignored::Nothing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{self, Rigour};

    const WORD: &str = "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'";

    fn codes(text: &str) -> Vec<Code> {
        let mut report = Report::default();
        let mut markup = Markup::new("part", "x/connections+xml", &mut report);
        xml::watch(&mut text.as_bytes(), Rigour::Strict, &mut markup).expect("well-formed");
        markup.finish();
        report.findings.into_iter().map(|finding| finding.code).collect()
    }

    /// A body of runs: `{` begins a field, `|` separates, `}` ends, `+` divides runs, a part in `<>` is
    /// result text.
    fn fields(runs: &str) -> Vec<Code> {
        let mut body = String::new();
        let mut text = "instrText";
        for piece in runs.split_inclusive(['{', '|', '}', '+', '<', '>']) {
            let (instruction, mark) = match piece.chars().last() {
                Some(mark) if "{|}+<>".contains(mark) => (&piece[..piece.len() - 1], mark),
                _ => (piece, '+'),
            };
            if !instruction.is_empty() {
                body.push_str(&format!("<w:r><w:{text}>{instruction}</w:{text}></w:r>"));
            }
            let mut mark_as = |kind| body.push_str(&format!("<w:r><w:fldChar w:fldCharType='{kind}'/></w:r>"));
            match mark {
                '{' => mark_as("begin"),
                '|' => mark_as("separate"),
                '}' => mark_as("end"),
                '<' => text = "t",
                '>' => text = "instrText",
                _ => {}
            }
        }
        codes(&format!("<w:document {WORD}><w:p>{body}</w:p></w:document>"))
    }

    #[test]
    fn dde_is_found_however_it_is_divided_and_nested() {
        for runs in [
            "{ DDEAUTO c:\\x}",
            "{D+D+E+AUTO \"c:\\x\" |<result>}",
            "{ dde  excel}",
            "{ \"DDE\" x}",
            "DDEAUTO c:\\x",
            "{DDE x",
            "{ IF 1=1 {DDE x}}",
            "{ {QUOTE 68 68 69} x}",
            "{ {QUOTE 68 68 69 |<DDE>} x}",
            "{ {SET a|<DDE>} x}",
            "{ D{ X|<D>}E x}",
            "{ {REF a |<harmless>}{REF b} c:\\x}",
            "{ D{REF a}}",
        ] {
            assert_eq!(fields(runs), [Code::DdeField], "{runs}");
        }
        let simple = format!("<w:p {WORD}><w:fldSimple w:instr=' &#68;DE x'/></w:p>");
        assert_eq!(codes(&simple), [Code::DdeField]);
        let deleted = format!("<w:p {WORD}><w:del><w:r><w:delInstrText>DDE x</w:delInstrText></w:r></w:del></w:p>");
        assert_eq!(codes(&deleted), [Code::DdeField]);
    }

    #[test]
    fn foreign_elements_do_not_divide_a_field() {
        let text = format!(
            "<w:p {WORD} xmlns:x='urn:x'><w:r><w:fldChar w:fldCharType='begin'/><w:instrText>D</w:instrText>
             <x:fldChar x:fldCharType='end'/><w:instrText>DE x</w:instrText></w:r></w:p>"
        );
        assert_eq!(codes(&text), [Code::DdeField]);
    }

    #[test]
    fn pulling_fields_are_flagged_and_ordinary_fields_are_not() {
        assert_eq!(fields("{ INCLUDE+TEXT \"a.docx\" |<x>}"), [Code::PullingField]);
        assert_eq!(fields("{ LINK Excel.Sheet.12 a.xlsx}"), [Code::PullingField]);
        for runs in [
            "{ PAGE |<1>}",
            "{={NUMPAGES|<2>}-1}",
            "{IF{PAGE|<1>}=1 a b}",
            "{ DOC{X}}",
            "{ HYPERLINK \"https://example.com/dde\" |<DDE x>}",
            "{ TOC \\o {PAGE|<1>}}",
            "{}",
        ] {
            assert_eq!(fields(runs), [], "{runs}");
        }
    }

    #[test]
    fn fields_lead_where_hyperlinks_may_lead() {
        for runs in [
            "{ HYPERLINK \"file:///C:\\\\a.docx\" }",
            "{ HYPERLINK \\h javascript:x}",
            "{ HYPERLINK \\o \"https://example.com\" \"b.docx\" |<b>}",
            "{ hyperlink \"\\\\\\\\server\\\\share\" }",
        ] {
            assert_eq!(fields(runs), [Code::UnusualHyperlink], "{runs}");
        }
        for runs in [
            "{ HYPERLINK \"https://example.com/a b\" \\l \"x\" }",
            "{ HYPERLINK https://example.com }",
            "{ HYPERLINK \"mailto:+ana@example.com\" }",
            "{ HYPERLINK \\l \"_Toc1\" }",
            "{ HYPERLINK \"\" \\l _Toc1 }",
            "{ HYPERLINK }",
        ] {
            assert_eq!(fields(runs), [], "{runs}");
        }
    }

    #[test]
    fn programs_in_workbooks_and_slides_are_found() {
        assert_eq!(codes("<c><f>cmd|&apos;/C calc&apos;!A0</f></c>"), [Code::DdeFormula]);
        assert_eq!(codes("<c><f>cmd|<x><f/>\"</x>&apos;/C calc&apos;!A0</f></c>"), [Code::DdeFormula]);
        assert_eq!(codes("<a><formula1><f>cmd|&apos;/C calc&apos;!A0</f></formula1></a>"), [Code::DdeFormula]);
        assert_eq!(codes("<a><f>cmd|<f/>&apos;/C calc&apos;!A0</f><f>a!b</f></a>"), [Code::DdeFormula]);
        assert_eq!(codes("<externalLink><ddeLink ddeService='cmd'/></externalLink>"), [Code::DdeLink]);
        assert_eq!(codes("<a><hlinkClick action=' ppaction://Program'/></a>"), [Code::ActionProgram]);
        assert_eq!(codes("<a><hlinkHover action='ppaction://macro?name=x'/></a>"), [Code::ActionMacro]);
        assert_eq!(codes("<a><hlinkClick action='ppaction://hlinksldjump'/></a>"), []);
        let unc = "<connections><connection odcFile='\\\\server\\a.odc'/></connections>";
        assert_eq!(codes(unc), [Code::DataConnection, Code::UncPath]);
        assert_eq!(codes("<xm:macrosheet xmlns:xm='urn:x'/>"), [Code::MacroSheet]);
    }

    #[test]
    fn servers_are_found_in_connections_and_drawings() {
        let database = |source: &str| {
            codes(&format!(
                "<c><connection/><dbPr connection='Provider=x;Data Source=&quot;{source}&quot;;Mode=Read'/></c>"
            ))
        };
        assert_eq!(database("\\\\server\\a.accdb"), [Code::DataConnection, Code::UncPath]);
        assert_eq!(database("C:\\a.accdb"), [Code::DataConnection]);
        assert_eq!(database("//db.example.com:1521/sales"), [Code::DataConnection]);
        assert_eq!(codes("<v><imagedata src='//server/a.png'/></v>"), [Code::UncPath]);
        assert_eq!(codes("<v><imagedata src='https://example.com/a.png'/></v>"), [Code::ExternalImage]);
        assert_eq!(codes("<v><imagedata src='a.png'/><fill/></v>"), []);
    }
}
