//! What the XML of a part says: fields, formulas, actions and connections.

use std::borrow::Cow;

use super::{
    fields::Fields,
    formulas::{self, Formulas},
    links,
    unasked::{Link, Links},
};
use crate::{
    finding::{Code, Finding},
    package::target::{Place, place},
    report::Report,
    xml::{Ignored, Objection, Tag, Token, Watch},
    zip,
};

/// Looks at every token of one part.
pub(crate) struct Markup<'a> {
    part: &'a str,
    report: &'a mut Report,
    links: &'a mut Links,
    /// Whether the part is the list of data connections.
    connections: bool,
    /// The id of the connection that is being read.
    connection: String,
    /// Whether the part is a pivot table that is refreshed at opening.
    refreshed: bool,
    /// The relationship of a chart to the workbook that has its numbers.
    workbook: String,
    /// Whether the part changes the ribbon.
    ribbon: bool,
    /// Whether the part brings a web extension.
    extension: bool,
    fields: Fields,
    formulas: Formulas,
}

impl<'a> Markup<'a> {
    pub(crate) fn new(part: &'a str, content_type: &str, links: &'a mut Links, report: &'a mut Report) -> Self {
        Self {
            part,
            report,
            links,
            connections: content_type.ends_with("connections+xml"),
            connection: String::new(),
            refreshed: false,
            workbook: String::new(),
            ribbon: false,
            extension: false,
            fields: Fields::default(),
            formulas: Formulas::default(),
        }
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
                let found = self.formulas.close();
                self.add_all(found);
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
                if let Some(server) = server_of(&tag.prefixed_attribute("val")?.unwrap_or_default()) {
                    self.add(Code::UncPath, server);
                }
            }
            "imagedata" | "fill" | "stroke" | "image" => self.vml_image(tag)?,
            "hlinkClick" | "hlinkHover" | "hlinkMouseOver" => self.action(tag)?,
            "entryMacro" | "exitMacro" => {
                let name = tag.prefixed_attribute("val")?.unwrap_or_default();
                if !name.trim().is_empty() {
                    self.add(Code::MacroButton, &name);
                }
            }
            "sp" | "pic" | "cxnSp" | "graphicFrame" | "controlPr" | "objectPr" => {
                self.macro_name(tag.attribute("macro")?);
                self.formula(tag.attribute("textlink")?);
            }
            "cfvo" => self.formula(tag.attribute("val")?),
            "cacheField" | "calculatedItem" => self.formula(tag.attribute("formula")?),
            "oleObject" => self.formula(tag.attribute("link")?),
            "definedName" => self.formula(tag.attribute("refersTo")?),
            "formControlPr" => {
                for name in ["fmlaLink", "fmlaRange", "fmlaGroup", "fmlaTxbx"] {
                    self.formula(tag.attribute(name)?);
                }
                self.macro_name(tag.attribute("fmlaMacro")?);
            }
            "schema" => self.expansion_pack(tag.prefixed_attribute("manifestLocation")?),
            "webVideoPr" => {
                let html = tag.prefixed_attribute("embeddedHtml")?.unwrap_or_default();
                self.add(Code::ExternalLink, &html);
            }
            "customUI" => {
                self.ribbon = true;
                self.add(Code::CustomRibbon, "");
                self.callbacks(tag);
            }
            _ if self.ribbon => self.callbacks(tag),
            "webextension" => {
                self.extension = true;
                self.add(Code::WebExtension, "");
            }
            "taskpane" => self.add(Code::WebExtension, ""),
            "reference" if self.extension => self.catalogue(tag)?,
            "shape" | "rect" | "roundrect" | "oval" | "line" | "polyline" | "curve" | "arc" | "group" => {
                self.vml_hyperlink(tag)?;
            }
            _ => self.refresh(tag)?,
        }
        Ok(())
    }

    /// What a workbook or a chart says about its links.
    fn refresh(&mut self, tag: Tag<'_>) -> Result<(), Objection> {
        match tag.name() {
            "connection" if self.connections => {
                self.add(Code::DataConnection, "");
                self.connection = tag.attribute("id")?.unwrap_or_default().into_owned();
                let interval = tag.attribute("interval")?.unwrap_or_default();
                if is_true(tag.attribute("refreshOnLoad")?.as_deref()) || !matches!(interval.trim(), "" | "0") {
                    self.links.mark(Link::Connection(self.connection.clone()));
                }
                self.connection(tag)?;
            }
            "webPr" | "textPr" | "dbPr" | "olapPr" | "oledbPr" | "dataFeedPr" if self.connections => {
                self.connection(tag)?;
            }
            "queryTable" if is_true(tag.attribute("refreshOnLoad")?.as_deref()) => {
                let id = tag.attribute("connectionId")?.unwrap_or_default();
                self.links.mark(Link::Connection(id.into_owned()));
            }
            "pivotCacheDefinition" => self.refreshed = is_true(tag.attribute("refreshOnLoad")?.as_deref()),
            "cacheSource" if self.refreshed => {
                let id = tag.attribute("connectionId")?.unwrap_or_default();
                self.links.mark(Link::Connection(id.into_owned()));
            }
            "worksheetSource" | "rangeSet" if self.refreshed => {
                let id = tag.foreign_attribute("id")?.unwrap_or_default();
                self.links.mark(Link::Relationship(zip::key(self.part), id.into_owned()));
            }
            "workbookPr" => {
                let when = tag.attribute("updateLinks")?.unwrap_or_default();
                if when.trim().eq_ignore_ascii_case("always") {
                    self.links.mark(Link::Workbooks);
                }
            }
            // The newer charts have an attribute for what others have an element for.
            "externalData" => {
                self.workbook = tag.foreign_attribute("id")?.unwrap_or_default().into_owned();
                if is_true(tag.prefixed_attribute("autoUpdate")?.as_deref()) {
                    self.chart_is_updated();
                }
            }
            "autoUpdate" if tag.attribute("val")?.is_none_or(|value| is_true(Some(&value))) => self.chart_is_updated(),
            _ => {}
        }
        Ok(())
    }

    fn chart_is_updated(&mut self) {
        self.links.mark(Link::Relationship(zip::key(self.part), self.workbook.clone()));
    }

    /// An attribute that holds a formula.
    fn formula(&mut self, formula: Option<Cow<'_, str>>) {
        if let Some(formula) = formula {
            self.add_all(formulas::judge(&formula));
        }
    }

    /// The macro of a shape or a control.
    fn macro_name(&mut self, name: Option<Cow<'_, str>>) {
        if let Some(name) = name.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
            self.add(formulas::macro_code(name), name);
        }
    }

    /// What a ribbon calls: macros by their names, whatever they are to do.
    fn callbacks(&mut self, tag: Tag<'_>) {
        if tag.carries(|name| name.starts_with("on") || name.starts_with("get") || name == "loadImage") {
            self.add(Code::ActionMacro, tag.name());
        }
    }

    /// Where a web extension comes from: a shop, a catalogue, or a folder.
    fn catalogue(&mut self, tag: Tag<'_>) -> Result<(), Objection> {
        let store = tag.attribute("store")?.unwrap_or_default();
        if place(&store) == Place::Unc {
            self.add(Code::UncPath, &store);
        }
        Ok(())
    }

    /// Where Word finds the programs of a schema.
    fn expansion_pack(&mut self, location: Option<Cow<'_, str>>) {
        let Some(location) = location else { return };
        match place(&location) {
            Place::Unc => self.add(Code::UncPath, &location),
            Place::Web | Place::Other => self.add(Code::ExternalLink, &location),
            Place::Mail | Place::Here | Place::Relative | Place::Local => {}
        }
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
                self.server(&target);
            }
        }
        for name in ["connection", "localConnection"] {
            if let Some(server) = server_of(&tag.attribute(name)?.unwrap_or_default()) {
                self.server(server);
            }
        }
        Ok(())
    }

    /// A connection to a file server: Excel asks before it connects, and the file may say that it is to do so at opening.
    fn server(&mut self, target: &str) {
        let link = Link::Connection(self.connection.clone());
        self.links.wait(link, self.part, target, Code::UncPath, Code::ServerLink);
    }

    /// VML names pictures without a relationship, too.
    fn vml_image(&mut self, tag: Tag<'_>) -> Result<(), Objection> {
        for name in ["src", "href", "althref"] {
            if let Some(source) = tag.prefixed_attribute(name)?
                && let Some(code) = links::picture(place(&source))
            {
                self.add(code, &source);
            }
        }
        Ok(())
    }

    /// VML knows hyperlinks without a relationship, too.
    fn vml_hyperlink(&mut self, tag: Tag<'_>) -> Result<(), Objection> {
        if let Some(target) = tag.attribute("href")?
            && let Some(code) = links::hyperlink(place(&target))
        {
            self.add(code, &target);
        }
        Ok(())
    }

    fn add_all(&mut self, found: formulas::Found) {
        found.into_iter().for_each(|(code, detail)| self.add(code, &detail));
    }

    fn add(&mut self, code: Code, detail: &str) {
        self.report.add(Finding::new(code, Some(self.part), detail));
    }
}

fn is_true(value: Option<&str>) -> bool {
    value.is_some_and(|value| matches!(value.trim(), "1" | "true" | "on"))
}

/// The file server in a connection string: `Provider=x;Data Source=\\server\share\a.accdb;…`. With slashes it is the
/// address of a database: `//host/service`.
fn server_of(text: &str) -> Option<&str> {
    let values = text.split(';').filter_map(|setting| setting.split_once('='));
    let mut values = values.map(|(_, value)| value.trim_matches(['"', '\'', ' ']));
    values.find(|value| !value.starts_with("//") && place(value) == Place::Unc)
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
        let (mut report, mut links) = (Report::default(), Links::default());
        let mut markup = Markup::new("part", "x/connections+xml", &mut links, &mut report);
        xml::watch(&mut text.as_bytes(), Rigour::Strict, &mut markup).expect("well-formed");
        markup.finish();
        links.settle(&mut report);
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
        assert_eq!(codes("<xm:macrosheet xmlns:xm='urn:x'/>"), [Code::MacroSheet]);
    }

    #[test]
    fn connections_to_servers_are_refused_when_they_are_refreshed_at_opening() {
        let connection = |attributes: &str, more: &str| {
            codes(&format!(
                "<c><connection id='7' {attributes} odcFile='\\\\server\\a.odc'><webPr url='file://server/a'/></connection>{more}</c>"
            ))
        };
        let (asked, loaded) = ([Code::DataConnection, Code::ServerLink], [Code::DataConnection, Code::UncPath]);
        assert_eq!(connection("", ""), asked);
        assert_eq!(connection("refreshOnLoad='0' interval='0'", "<queryTable connectionId='7'/>"), asked);
        assert_eq!(connection("", "<queryTable connectionId='8' refreshOnLoad='1'/>"), asked);
        assert_eq!(
            connection("", "<pivotCacheDefinition><cacheSource connectionId='7'/></pivotCacheDefinition>"),
            asked
        );
        assert_eq!(connection("refreshOnLoad='1'", ""), loaded);
        assert_eq!(connection("interval='5'", ""), loaded);
        assert_eq!(connection("", "<queryTable connectionId='7' refreshOnLoad='true'/>"), loaded);
        let pivot = "<pivotCacheDefinition refreshOnLoad='1'><cacheSource connectionId='7'/></pivotCacheDefinition>";
        assert_eq!(connection("", pivot), loaded);
    }

    #[test]
    fn macros_are_found_in_every_spelling() {
        for text in [
            "<a><pic macro='[1]!X'/></a>",
            "<a><sp macro='X'/></a>",
            "<a><controlPr macro=\"'C:\\a.xlsm'!X\"/></a>",
            "<v><ClientData><FmlaMacro>[1]!X</FmlaMacro></ClientData></v>",
        ] {
            assert_eq!(codes(text), [Code::ActionMacro], "{text}");
        }
        for text in [
            "<a><sp macro='[0]!X' textlink=''/></a>",
            "<v><ClientData><FmlaMacro> [0]!X</FmlaMacro></ClientData></v>",
            "<w:ffData xmlns:w='urn:w'><w:entryMacro w:val='X'/></w:ffData>",
        ] {
            assert_eq!(codes(text), [Code::MacroButton], "{text}");
        }
        let ribbon = "<mso:customUI xmlns:mso='urn:x'><mso:button onAction='X'/></mso:customUI>";
        assert_eq!(codes(ribbon), [Code::CustomRibbon, Code::ActionMacro]);
        assert_eq!(codes("<customUI onLoad='X'/>"), [Code::CustomRibbon, Code::ActionMacro]);
        assert_eq!(codes("<customUI><tab idMso='TabHome' visible='false'/></customUI>"), [Code::CustomRibbon]);
        for text in
            ["<sp macro='' textlink=''/>", "<a><FmlaMacro/></a>", "<a onAction='X'/>", "<a><sp textlink='A1'/></a>"]
        {
            assert_eq!(codes(text), [], "{text}");
        }
        assert_eq!(fields("{ MACROBUTTON AllCaps [x]}"), [Code::MacroButton]);
        assert_eq!(fields("{ MACROBUTTON nomacro [Click here]}"), []);
    }

    #[test]
    fn formulas_are_found_in_attributes() {
        let fetching = "_xlfn.WEBSERVICE(A1)";
        for text in [
            format!("<cfvo type='formula' val='{fetching}'/>"),
            format!("<sp textlink='{fetching}'/>"),
            format!("<calculatedItem formula='{fetching}'/>"),
            format!("<definedName refersTo='{fetching}'/>"),
            format!("<formControlPr fmlaLink='{fetching}'/>"),
            format!("<x><FmlaRange>{fetching}</FmlaRange></x>"),
        ] {
            assert_eq!(codes(&text), [Code::FetchingFormula], "{text}");
        }
        assert_eq!(codes("<oleObject link=\"cmd|'/C calc'!A0\"/>"), [Code::DdeFormula]);
    }

    #[test]
    fn web_extensions_are_flagged_and_those_of_file_servers_refused() {
        let extension = |store: &str| {
            codes(&format!("<we:webextension xmlns:we='urn:we'><we:reference store='{store}'/></we:webextension>"))
        };
        assert_eq!(extension("EXCatalog"), [Code::WebExtension]);
        for store in ["//server/share", "\\\\server\\share", "file://server/share"] {
            assert_eq!(extension(store), [Code::WebExtension, Code::UncPath], "{store}");
        }
        assert_eq!(codes("<taskpane visibility='1'/>"), [Code::WebExtension]);
        assert_eq!(codes("<a><reference store='//server/share'/></a>"), []);
    }

    #[test]
    fn fields_that_pull_are_judged_like_relationships_to_the_same_place() {
        for (field, expected) in [
            ("{ LINK Word.Document \"http://example.com/a.docx\" }", Code::ExternalObject),
            ("{ LINK Excel.Sheet.12 \\\\server\\a.xlsx \"Sheet1!A1:B2\" \\a }", Code::ExternalObject),
            ("{ LINK htmlfile \"mhtml:http://example.com/a!x\" }", Code::ExternalObject),
            ("{ LINK Excel.Sheet.12 \"C:\\\\a.xlsx\" A1:B2 }", Code::PullingField),
            ("{ INCLUDEPICTURE \"\\\\\\\\server\\\\a.png\" \\d }", Code::UncPath),
            ("{ INCLUDEPICTURE \\\\server\\a.png }", Code::UncPath),
            ("{ INCLUDEPICTURE \\d \"file://server/a.png\" }", Code::UncPath),
            ("{ INCLUDEPICTURE //server/a.png }", Code::UncPath),
            ("{ INCLUDEPICTURE \"https://example.com/a.png\" \\* MERGEFORMATINET }", Code::ExternalImage),
            ("{ INCLUDETEXT \"\\\\\\\\server\\\\a.docx\" }", Code::UncPath),
            ("{ INCLUDETEXT \"a.xml\" \\x \"//b\" }", Code::PullingField),
            ("{ DATABASE \\d \"\\\\\\\\server\\\\a.mdb\" \\s \"SELECT 1\" }", Code::UncPath),
            ("{ DATABASE \\c \"DSN=x;DBQ=\\\\\\\\server\\\\a.mdb\" }", Code::UncPath),
            ("{ RD \"\\\\\\\\server\\\\a.docx\" }", Code::UncPath),
        ] {
            assert_eq!(fields(field), [expected], "{field}");
        }
        assert_eq!(fields("{ INCLUDE{QUOTE 80}ICTURE x}"), [Code::DdeField]);
    }

    #[test]
    fn servers_are_found_in_connections_and_drawings() {
        let database = |source: &str| {
            codes(&format!(
                "<c><connection/><dbPr connection='Provider=x;Data Source=&quot;{source}&quot;;Mode=Read'/></c>"
            ))
        };
        assert_eq!(database("\\\\server\\a.accdb"), [Code::DataConnection, Code::ServerLink]);
        assert_eq!(database("C:\\a.accdb"), [Code::DataConnection]);
        assert_eq!(database("//db.example.com:1521/sales"), [Code::DataConnection]);
        assert_eq!(codes("<v><imagedata src='//server/a.png'/></v>"), [Code::UncPath]);
        assert_eq!(codes("<v><imagedata src='https://example.com/a.png'/></v>"), [Code::ExternalImage]);
        assert_eq!(codes("<v><stroke o:href='file://server/a.png' xmlns:o='urn:o'/></v>"), [Code::UncPath]);
        assert_eq!(codes("<v><imagedata src='a.png'/><fill/></v>"), []);
        assert_eq!(codes("<v><rect href='\\\\server\\a.docx'/></v>"), [Code::UnusualHyperlink]);
        assert_eq!(codes("<v><shape href='https://example.com'/></v>"), []);
        let pack = |location: &str| codes(&format!("<a><schema manifestLocation='{location}'/></a>"));
        assert_eq!(pack("\\\\server\\a.xml"), [Code::UncPath]);
        assert_eq!(pack("https://example.com/a.xml"), [Code::ExternalLink]);
    }
}
