//! Workbooks without their hidden sheets and comments, and without those who saved them.

use super::*;

const SHEET: &str = "xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main' \
    xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships'";

/// A workbook of three sheets, the second one hidden; `names` and `cells` are added to it and to the third one.
fn workbook(names: &str, cells: &str) -> Parts {
    let main = format!(
        "<workbook {SHEET}><bookViews><workbookView activeTab='2' firstSheet='1'/></bookViews><sheets>\
         <sheet name='One' r:id='s1.xml'/><sheet name='Li st' state='veryHidden' r:id='s2.xml'/><sheet name='Three' r:id='s3.xml'/>\
         </sheets><definedNames><definedName name='l' localSheetId='1'>1</definedName>\
         <definedName name='k' localSheetId='2'>Three!$A$1</definedName>{names}</definedNames></workbook>"
    );
    let mut parts = Parts::new(Kind::Xlsx, "w.xml", "spreadsheetml.sheet.main", &main);
    let cell = |place| format!("<c t='s'><v>{place}</v></c>");
    for (name, content) in [("s1.xml", cell(0)), ("s2.xml", cell(0) + &cell(2)), ("s3.xml", cell(1) + cells)] {
        parts.add(name, "spreadsheetml.worksheet", &format!("<worksheet {SHEET}>{content}</worksheet>"));
        parts.relate("w.xml", "worksheet", name);
    }
    let strings = ["a", "b", "secret"].map(|text| format!("<si><t>{text}</t></si>")).concat();
    parts.add("t.xml", "spreadsheetml.sharedStrings", &format!("<sst {SHEET}>{strings}</sst>"));
    parts.add("c.xml", "spreadsheetml.calcChain", &format!("<calcChain {SHEET}/>"));
    parts.add("b.xml", "spreadsheetml.table", &format!("<table {SHEET} displayName='Prices'/>"));
    parts
        .relate("w.xml", "sharedStrings", "t.xml")
        .relate("w.xml", "calcChain", "c.xml")
        .relate("s2.xml", "table", "b.xml");
    parts
}

#[test]
fn a_hidden_sheet_goes_with_its_names_and_texts() {
    let (report, copy) = workbook("<definedName name='u'>'li st'!$A$1</definedName>", "")
        .clean(&[Topic::HiddenSheets])
        .expect("possible");
    assert_eq!(report.dropped, ["_rels/s2.xml.rels", "s2.xml", "c.xml", "b.xml"]);
    assert_eq!(
        copy.part("w.xml").split_once("<bookViews>").map(|(_, rest)| rest),
        Some(
            "<workbookView activeTab='1' firstSheet='0'/></bookViews><sheets>\
             <sheet name='One' r:id='s1.xml'/><sheet name='Three' r:id='s3.xml'/></sheets><definedNames>\
             <definedName name='k' localSheetId='1'>Three!$A$1</definedName></definedNames></workbook>"
        )
    );
    assert!(copy.part("t.xml").ends_with("<si><t>a</t></si><si><t>b</t></si><si><t/></si></sst>"));
    assert!(!copy.part("_rels/w.xml.rels").contains("s2.xml"));
}

#[test]
fn a_hidden_sheet_that_is_drawn_on_stays() {
    for cells in [
        "<c><f>'Li st'!A1</f></c>",
        "<c><f>SUM(One:Three!A1)</f></c>",
        "<dataValidation><formula1>'LI ST'!$A$1:$A$9</formula1></dataValidation>",
        "<hyperlink location=\"'Li st'!A1\"/>",
        "<c><f>SUM(Prices[x])</f></c>",
        "<c><f>2*Indirectly</f></c>",
    ] {
        let names = "<definedName name='u'>'li st'!$A$1</definedName><definedName name='indirectly'>u+1</definedName>";
        assert!(workbook(names, cells).refusal(Topic::HiddenSheets).contains("draws on"), "{cells}");
    }
}

#[test]
fn frames_of_comments_go_and_other_shapes_stay() {
    let shape =
        |id: &str, kind: &str| format!("<v:shape id='{id}'><v:fill/><x:ClientData ObjectType='{kind}'/></v:shape>");
    for (shapes, left) in
        [(shape("a", "Note"), None), (shape("a", "Note") + &shape("b", "Button"), Some(shape("b", "Button")))]
    {
        let mut parts = workbook("", "<legacyDrawing r:id='d.vml'/>");
        let drawing = |shapes: &str| format!("<xml xmlns:v='urn:v' xmlns:x='urn:x'><v:shapetype/>{shapes}</xml>");
        parts.add("d.vml", "+application/vnd.openxmlformats-officedocument.vmlDrawing", &drawing(&shapes));
        parts.add("m.xml", "spreadsheetml.comments", "<comments/>");
        parts.relate("s3.xml", "vmlDrawing", "d.vml").relate("s3.xml", "comments", "m.xml");
        let (_, copy) = parts.clean(&[Topic::Comments]).expect("possible");
        assert!(!copy.names().contains(&"m.xml"));
        assert_eq!(copy.names().contains(&"d.vml"), left.is_some());
        assert_eq!(copy.part("s3.xml").contains("legacyDrawing"), left.is_some());
        if let Some(left) = left {
            assert_eq!(copy.part("d.vml"), drawing(&left));
        }
    }
}

#[test]
fn a_workbook_forgets_who_saved_it_and_where() {
    let main = format!(
        "<workbook {SHEET}><fileSharing readOnlyRecommended='1' userName='Ana Example'/><mc:AlternateContent xmlns:mc='urn:mc'>\
         <mc:Choice Requires='x15'><y:absPath xmlns:y='urn:y' url='/home/'/></mc:Choice></mc:AlternateContent><sheets/></workbook>"
    );
    let (_, copy) =
        Parts::new(Kind::Xlsx, "w.xml", "spreadsheetml.sheet.main", &main).clean(&[Topic::Metadata]).expect("possible");
    assert_eq!(
        copy.part("w.xml"),
        format!("<workbook {SHEET}><fileSharing readOnlyRecommended='1'/><sheets/></workbook>")
    );
}
