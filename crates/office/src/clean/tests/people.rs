//! Names, paths, servers and addresses of people in places where nobody looks.

use super::*;

const WORD: &str = "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'";
const SHEET: &str = "xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' \
    xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships'";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x03tEXtA\0b\xe0\x85\xe4\xa9\0\0\0\0IEND\xaeB`\x82";

fn document(body: &str) -> Parts {
    Parts::new(
        Kind::Docx,
        "word/document.xml",
        "wordprocessingml.document.main",
        &format!("<w:document {WORD}>{body}</w:document>"),
    )
}

/// The content of the document without this topic.
fn without(topic: Topic, body: &str) -> String {
    let (_, copy) = document(body).clean(&[topic]).expect("possible");
    let text = copy.part("word/document.xml").strip_suffix("</w:document>").and_then(|text| text.split_once('>'));
    text.expect("the root stays").1.to_owned()
}

fn workbook(sheet: &str, book: &str) -> Parts {
    let main = format!("<workbook {SHEET}>{book}<sheets><sheet name='One' r:id='s1.xml'/></sheets></workbook>");
    let mut parts = Parts::new(Kind::Xlsx, "w.xml", "spreadsheetml.sheet.main", &main);
    parts.add("s1.xml", "spreadsheetml.worksheet", &format!("<worksheet {SHEET}>{sheet}</worksheet>"));
    parts.relate("w.xml", "worksheet", "s1.xml");
    parts
}

#[test]
fn permissions_of_people_go_and_those_of_groups_stay() {
    let group = "<w:permStart w:id='2' w:edGrp='everyone'/>text<w:permEnd w:id='2'/>";
    let person = "<w:permStart w:id='1' w:ed='EXAMPLE\\ana'/>text<w:permEnd w:id='1'/>";
    assert_eq!(without(Topic::Metadata, &format!("{person}{group}")), format!("text{group}"));
    assert_eq!(without(Topic::CustomProperties, "<w:docVars><w:docVar w:name='a' w:val='b'/></w:docVars>x"), "x");
}

#[test]
fn paths_of_pictures_become_names() {
    let drawn = |descr: &str| format!("<wp:docPr xmlns:wp='urn:wp' id='1' name='Picture 1' descr='{descr}'/>");
    assert_eq!(without(Topic::Metadata, &drawn("C:\\Users\\ana\\a.png")), drawn("a.png"));
    let shape = "<v:shape xmlns:v='urn:v' xmlns:o='urn:o' alt='A cat'><v:imagedata o:title='{}'/><o:signatureline o:suggestedsigner='Ana' o:suggestedsigneremail='{}'/></v:shape>";
    let with = |title: &str, address: &str| shape.replacen("{}", title, 1).replacen("{}", address, 1);
    assert_eq!(without(Topic::Metadata, &with("/Users/ana/a.png", "ana@example.com")), with("a.png", ""));
}

#[test]
fn a_printer_goes_and_the_setup_of_the_page_stays() {
    let setup = |printer: &str| format!("<pageSetup orientation='landscape'{printer}/>");
    let mut parts = workbook(&setup(" r:id='p.bin'"), "");
    parts.parts.push(("p.bin".to_owned(), "p".to_owned()));
    parts.relate("s1.xml", "printerSettings", "p.bin");
    let (report, copy) = parts.clean(&[Topic::Metadata]).expect("possible");
    assert_eq!(report.dropped, ["p.bin"]);
    assert_eq!(copy.part("s1.xml"), format!("<worksheet {SHEET}>{}</worksheet>", setup("")));
}

#[test]
fn views_that_excel_has_made_for_people_go_and_views_by_name_stay() {
    let id = |digit: &str| format!("{{{0}{0}{0}{0}}}", digit.repeat(8));
    let view =
        |name: &str, digit, more: &str| format!("<customWorkbookView name='{name}' guid='{}'{more}/>", id(digit));
    let of_sheet = |digit| format!("<customSheetView guid='{}'/>", id(digit));
    let name = |digit: &str| {
        format!("<definedName name='Z_{}_.wvu.PrintArea' hidden='1'>One!$A$1</definedName>", digit.repeat(32))
    };
    let personal = view("Ana - Personal View", "A", " personalView='1'");
    let both = workbook(
        &format!("<customSheetViews>{}{}</customSheetViews>", of_sheet("A"), of_sheet("B")),
        &format!(
            "<customWorkbookViews>{personal}{}</customWorkbookViews>{}{}",
            view("Print", "B", ""),
            name("A"),
            name("B")
        ),
    );
    let (_, copy) = both.clean(&[Topic::Metadata]).expect("possible");
    assert!(copy.part("s1.xml").contains(&format!("<customSheetViews>{}</customSheetViews>", of_sheet("B"))));
    assert!(copy.part("w.xml").contains(&format!(
        "<customWorkbookViews>{}</customWorkbookViews>{}<sheets>",
        view("Print", "B", ""),
        name("B")
    )));
    let one = workbook(
        &format!("<customSheetViews>{}</customSheetViews>", of_sheet("A")),
        &format!("<customWorkbookViews>{personal}</customWorkbookViews>"),
    );
    let (_, copy) = one.clean(&[Topic::Metadata]).expect("possible");
    assert_eq!(copy.part("s1.xml"), format!("<worksheet {SHEET}></worksheet>"));
    assert!(!copy.part("w.xml").contains("custom"));
}

#[test]
fn scenarios_and_ranges_stay_without_those_who_made_them() {
    let sheet = |range: &str, scenario: &str| {
        format!(
            "<protectedRanges><protectedRange name='r'{range}/></protectedRanges><scenarios><scenario name='s'{scenario} count='1'/></scenarios>"
        )
    };
    let before = sheet(" securityDescriptor='O:S-1-5'", " user='Ana' comment='Created by Ana on 1/2/2026'");
    let (_, copy) = workbook(&before, "").clean(&[Topic::Metadata]).expect("possible");
    assert_eq!(copy.part("s1.xml"), format!("<worksheet {SHEET}>{}</worksheet>", sheet("", "")));
}

/// A document with a picture and a workbook in it.
fn with_binaries() -> Vec<Member> {
    let mut inner = workbook("", "");
    inner.add(
        "docProps/core.xml",
        "+application/vnd.openxmlformats-package.core-properties+xml",
        "<coreProperties><creator>Ana Example</creator></coreProperties>",
    );
    inner.relate("", "metadata/core-properties", "docProps/core.xml");
    let mut members = document("<w:p/>").members();
    members.push(Member::new("word/media/a.png", PNG));
    members.push(Member::new("word/embeddings/a.xlsx", &archive(&inner.members(), &Around::default())).deflated());
    members
}

#[test]
fn a_file_inside_the_file_is_cleaned_too_and_reported() {
    let bytes = archive(&with_binaries(), &Around::default());
    let (report, copy) = cleaned(&bytes, Kind::Docx, &[Topic::Metadata]).expect("possible");
    assert_eq!(report.changed, ["word/embeddings/a.xlsx"]);
    assert_eq!(report.removed, [Removed { topic: Topic::Metadata, count: 1 }]);
    let examined = examine(Cursor::new(&copy.bytes), Kind::Docx, &Policy::default()).expect("a cursor never fails");
    assert_eq!(examined.xray.expect("accepted").count(Topic::Metadata), 0);
    let (again, same) = cleaned(&copy.bytes, Kind::Docx, &[Topic::Metadata]).expect("possible");
    assert_eq!((again, same.bytes), (Cleaned::default(), copy.bytes));
}

#[test]
fn a_picture_is_another_one_only_when_asked_for() {
    let bytes = archive(&with_binaries(), &Around::default());
    let (report, _) = cleaned(&bytes, Kind::Docx, &[Topic::PictureData]).expect("possible");
    assert_eq!((report.changed, report.removed[0].count), (vec!["word/media/a.png".to_owned()], 1));
    let (report, _) = cleaned(&bytes, Kind::Docx, &[Topic::Comments]).expect("possible");
    assert_eq!(report, Cleaned::default());
}

#[test]
fn signatures_are_broken_by_any_change_and_go_when_asked() {
    let signed = |body: &str| {
        let mut parts = document(body);
        let kind = "+application/vnd.openxmlformats-package.digital-signature";
        parts.add("_xmlsignatures/origin.sigs", &format!("{kind}-origin"), "");
        parts.add("package/s.psdsxs", &format!("{kind}-xmlsignature+xml"), "<Signature/>");
        parts.relate("", "digital-signature/origin", "_xmlsignatures/origin.sigs");
        parts.relate("_xmlsignatures/origin.sigs", "digital-signature/signature", "package/s.psdsxs");
        parts
    };
    let changed = signed("<w:p w:rsidR='1'/>");
    let (report, copy) = changed.clean(&[Topic::RevisionIds]).expect("possible");
    assert_eq!((report.broken_signatures, copy.names().contains(&"package/s.psdsxs")), (1, true));
    let (report, _) = changed.clean(&[Topic::RevisionIds, Topic::Signatures]).expect("possible");
    assert_eq!(report.broken_signatures, 0);
    assert_eq!(
        report.dropped,
        ["_xmlsignatures/_rels/origin.sigs.rels", "_xmlsignatures/origin.sigs", "package/s.psdsxs"]
    );
    let (report, _) = signed("<w:p/>").clean(&[Topic::RevisionIds]).expect("possible");
    assert_eq!(report, Cleaned::default());
}
