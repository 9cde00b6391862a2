use proptest::prelude::*;

use super::*;
use crate::clean::rewrite::{Links, rewrite};

const BEFORE: &str = "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main' \
    xmlns:m='http://schemas.openxmlformats.org/officeDocument/2006/math' \
    xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships' xmlns:x='urn:x'>";
const AFTER: &str = "</w:document>";

fn edited(topics: &[Topic], body: &str) -> String {
    let text = format!("{BEFORE}{body}{AFTER}");
    let mut output = Vec::new();
    let notes = DeletedNotes::default();
    let shown = Shown::default();
    let mut editor = Word::new(topics.iter().copied().collect(), &notes, &shown);
    let outcome = rewrite(&mut text.as_bytes(), &mut output, &Links::default(), &mut editor).expect("well-formed");
    let output = String::from_utf8(output).expect("text");
    assert_eq!(outcome.changed, output != text, "{body}");
    let body = output.strip_prefix(BEFORE).and_then(|output| output.strip_suffix(AFTER));
    body.expect("the root stays as it is").to_owned()
}

fn accepted(body: &str) -> String {
    edited(&[Topic::TrackedChanges], body)
}

/// A paragraph, with a deleted end where `mark` says so.
fn paragraph(style: &str, mark: &str, content: &str) -> String {
    let mark = if mark.is_empty() { String::new() } else { format!("<w:rPr><w:{mark} w:id='1'/></w:rPr>") };
    format!("<w:p><w:pPr><w:pStyle w:val='{style}'/>{mark}</w:pPr>{content}</w:p>")
}

/// The same where the deleted end has been taken out and the paragraph has stayed.
fn kept(style: &str, content: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val='{style}'/><w:rPr></w:rPr></w:pPr>{content}</w:p>")
}

const A: &str = "<w:r><w:t>a</w:t></w:r>";
const B: &str = "<w:r><w:t>b</w:t></w:r>";

#[test]
fn insertions_stay_and_deletions_go() {
    for (before, after) in [
        ("<w:p><w:ins w:id='1'><w:r><w:t>a</w:t></w:r></w:ins></w:p>", "<w:p><w:r><w:t>a</w:t></w:r></w:p>"),
        ("<w:p><w:del w:id='1'><w:r><w:delText>a</w:delText></w:r></w:del>x</w:p>", "<w:p>x</w:p>"),
        ("<w:p><w:ins><w:del><w:r/></w:del><w:r>&amp;</w:r></w:ins></w:p>", "<w:p><w:r>&amp;</w:r></w:p>"),
        (
            "<w:p><w:moveFromRangeStart/><w:moveFrom><w:r/></w:moveFrom><w:moveFromRangeEnd/></w:p>
             <w:p><w:moveToRangeStart/><w:moveTo><w:r/></w:moveTo><w:moveToRangeEnd/></w:p>",
            "<w:p></w:p>\n             <w:p><w:r/></w:p>",
        ),
        ("<w:r><w:rPr><w:b/><w:rPrChange><w:rPr/></w:rPrChange></w:rPr></w:r>", "<w:r><w:rPr><w:b/></w:rPr></w:r>"),
        (
            "<w:sectPr><w:pgSz/><w:sectPrChange><w:sectPr/></w:sectPrChange></w:sectPr>",
            "<w:sectPr><w:pgSz/></w:sectPr>",
        ),
        (
            "<w:p><m:r><w:rPr><w:del/></w:rPr><m:t>x</m:t></m:r><m:r><m:t>y</m:t></m:r></w:p>",
            "<w:p><m:r><m:t>y</m:t></m:r></w:p>",
        ),
        ("<w:p><w:hyperlink r:id='r1'><w:del><w:r/></w:del></w:hyperlink></w:p>", "<w:p></w:p>"),
        ("<w:p><w:pPr><w:rPr><w:ins/></w:rPr></w:pPr></w:p>", "<w:p><w:pPr><w:rPr></w:rPr></w:pPr></w:p>"),
        ("<w:trackRevisions/><x:del><x:ins/></x:del>", "<x:del><x:ins/></x:del>"),
    ] {
        assert_eq!(accepted(before), after);
    }
}

#[test]
fn deleted_rows_and_cells_go_and_a_table_without_rows_goes_with_them() {
    let cell = |mark: &str, text: &str| format!("<w:tc><w:tcPr><w:tcW/>{mark}</w:tcPr><w:p>{text}</w:p></w:tc>");
    let row = |mark: &str, cells: &str| format!("<w:tr><w:trPr>{mark}</w:trPr>{cells}</w:tr>");
    let table = |rows: &str| format!("<w:tbl><w:tblPr/><w:tblGrid/>{rows}</w:tbl>");
    let plain = row("", &cell("", "a"));
    let gone = row("<w:del w:id='1'/>", &cell("", "b"));
    assert_eq!(accepted(&table(&[&*plain, &*gone].concat())), table(&plain));
    assert_eq!(accepted(&table(&gone)), "");
    let deleted = cell("<w:cellDel w:id='1'/>", "b");
    assert_eq!(accepted(&table(&row("", &(cell("", "a") + &deleted)))), table(&plain));
    assert_eq!(accepted(&table(&row("", &deleted))), "");
    assert_eq!(accepted(&table(&row("<w:ins/>", &cell("<w:cellIns/>", "a")))), table(&plain));
    assert_eq!(accepted(&table(&row("", &cell("", &table(&gone))))), table(&row("", &cell("", ""))));
}

#[test]
fn a_paragraph_with_a_deleted_end_joins_the_next() {
    let both = paragraph("Two", "", &[A, B].concat());
    for mark in ["del", "moveFrom"] {
        assert_eq!(accepted(&(paragraph("One", mark, A) + &paragraph("Two", "", B))), both);
    }
    let chain = paragraph("One", "del", A) + &paragraph("X", "del", "") + &paragraph("Two", "", B);
    assert_eq!(accepted(&chain), both);
    let marks = "<w:bookmarkEnd w:id='1'/>";
    let apart = [&paragraph("One", "del", A), marks, &paragraph("Two", "", B)].concat();
    assert_eq!(accepted(&apart), paragraph("Two", "", &[A, marks, B].concat()));
    assert_eq!(accepted(&(paragraph("One", "del", A) + "<w:p/>")), format!("<w:p>{A}</w:p>"));
}

#[test]
fn a_paragraph_with_a_deleted_end_stays_where_none_follows() {
    let one = paragraph("One", "del", A);
    for after in ["", "<w:tbl><w:tr/></w:tbl>", "<w:sectPr/>"] {
        assert_eq!(accepted(&[&one, after].concat()), kept("One", A) + after);
    }
    let empty = paragraph("One", "del", "<w:del><w:r/></w:del>");
    assert_eq!(accepted(&(empty.clone() + "<w:tbl><w:tr/></w:tbl>")), "<w:tbl><w:tr/></w:tbl>");
    assert_eq!(accepted(&format!("<w:tc>{empty}</w:tc>")), format!("<w:tc>{}</w:tc>", kept("One", "")));
    let section = "<w:p><w:pPr><w:rPr><w:del/></w:rPr><w:sectPr/></w:pPr></w:p>";
    assert_eq!(accepted(&(section.to_owned() + "<w:p/>")), section.replace("<w:del/>", "") + "<w:p/>");
}

#[test]
fn a_text_box_in_a_joined_paragraph_keeps_its_own_paragraphs() {
    let text_box = |content: &str| format!("<w:r><w:pict><x:box>{content}</x:box></w:pict></w:r>");
    let inner = paragraph("In", "del", A) + &paragraph("In2", "", B);
    let before = paragraph("One", "del", &text_box(&inner)) + &paragraph("Two", "", B);
    let inner = paragraph("In2", "", &[A, B].concat());
    assert_eq!(accepted(&before), paragraph("Two", "", &(text_box(&inner) + B)));
}

#[test]
fn a_paragraph_too_long_to_wait_stays_on_its_own() {
    let long = format!("<w:r><w:t>{}</w:t></w:r><w:r/>", "x".repeat(5 << 20));
    let before = paragraph("One", "del", &long) + &paragraph("Two", "", B);
    assert_eq!(accepted(&before), kept("One", &long) + &paragraph("Two", "", B));
}

#[test]
fn what_is_too_long_to_wait_is_decided_early() {
    let grid = format!("<w:tblGrid>{}</w:tblGrid>", "<w:gridCol/>".repeat(400_000));
    let table = format!("<w:tbl>{grid}<w:tr><w:trPr><w:del/></w:trPr></w:tr></w:tbl>");
    assert_eq!(accepted(&table), format!("<w:tbl>{grid}</w:tbl>"));
    let tabs = "<w:tab/>".repeat(600_000);
    let long = |mark: &str| format!("<w:p><w:pPr>{tabs}<w:rPr>{mark}</w:rPr></w:pPr></w:p>");
    let before = paragraph("One", "del", A) + &long("<w:del/>") + "<w:p/>";
    assert_eq!(accepted(&before), kept("One", A) + &long("") + "<w:p/>");
}

#[test]
fn comments_go_with_the_runs_that_only_refer_to_them() {
    for (before, after) in [
        (
            "<w:p><w:commentRangeStart w:id='0'/><w:r>a</w:r><w:commentRangeEnd w:id='0'/>\
             <w:r><w:rPr><w:rStyle/></w:rPr><w:commentReference w:id='0'/></w:r></w:p>",
            "<w:p><w:r>a</w:r></w:p>",
        ),
        ("<w:r><w:t>a</w:t><w:commentReference w:id='0'/></w:r>", "<w:r><w:t>a</w:t></w:r>"),
        ("<w:r><w:commentReference w:id='0'/><w:t>a</w:t></w:r>", "<w:r><w:t>a</w:t></w:r>"),
        ("<w:r><w:rPr/></w:r><x:commentReference/>", "<w:r><w:rPr/></w:r><x:commentReference/>"),
    ] {
        assert_eq!(edited(&[Topic::Comments], before), after);
    }
}

#[test]
fn revision_ids_go_and_everything_else_of_the_tag_stays() {
    let before = "<w:p  w:rsidR=\"00A1\" x:rsidR='1'\n w:rsidRDefault='00B2' x:id = '2' ><w:r w:rsidRPr='1'/></w:p >\
                  <w:rsids><w:rsidRoot w:val='1'/></w:rsids>";
    let after = "<w:p x:rsidR='1' x:id = '2' ><w:r/></w:p>";
    assert_eq!(edited(&[Topic::RevisionIds], before), after);
    assert_eq!(edited(&[Topic::Comments, Topic::TrackedChanges], "<w:p w:rsidR='1'/>"), "<w:p w:rsidR='1'/>");
}

#[test]
fn content_controls_are_unbound_from_what_goes() {
    let custom = "<w:dataBinding w:storeItemID='{00000000-0000-0000-0000-000000000001}'/>";
    let title = "<w:dataBinding w:storeItemID='{6c3c8bc8-f283-45ae-878a-bab7291924a1}'/>";
    let both = [custom, title].concat();
    assert_eq!(edited(&[Topic::CustomXml], &both), title);
    assert_eq!(edited(&[Topic::Metadata], &both), custom);
    assert_eq!(edited(&[Topic::Comments], &both), both);
}

#[test]
fn what_is_not_concerned_is_the_same_to_the_byte() {
    let body = "<?x y?><!-- c --><w:p\t w:a = \"1\" ><![CDATA[<&]]>&#x41;&lt;\r\n<w:r/ ></w:p>".replace("/ >", " />");
    let all = [Topic::Comments, Topic::TrackedChanges, Topic::RevisionIds, Topic::CustomXml, Topic::Metadata];
    assert_eq!(edited(&all, &body), body);
}

/// Names that decide about something, and some that do not.
const NAMES: &[&str] = &[
    "w:p",
    "w:p",
    "w:pPr",
    "w:rPr",
    "w:r",
    "w:ins",
    "w:del",
    "w:moveFrom",
    "w:tbl",
    "w:tblPr",
    "w:tr",
    "w:trPr",
    "w:tc",
    "w:tcPr",
    "w:cellDel",
    "w:hyperlink",
    "w:sectPr",
    "w:sdt",
    "w:bookmarkStart",
    "w:commentReference",
    "w:rPrChange",
    "w:dataBinding",
    "m:r",
    "x:p",
];

/// Elements in any order and depth.
fn markup() -> impl Strategy<Value = String> {
    let name = || prop::sample::select(NAMES).prop_map(str::to_owned);
    let leaf =
        prop_oneof![name().prop_map(|name| format!("<{name}/>")), Just("x &amp; y".to_owned()), Just(" ".to_owned())];
    leaf.prop_recursive(6, 60, 5, move |inner| {
        let content = prop::collection::vec(inner, 0..5);
        (name(), content).prop_map(|(name, content)| format!("<{name} w:rsidR='1'>{}</{name}>", content.concat()))
    })
}

proptest! {
    #[test]
    fn any_markup_stays_well_formed_and_is_clean_after_one_pass(body in markup()) {
        let all = [Topic::Comments, Topic::TrackedChanges, Topic::RevisionIds, Topic::CustomXml, Topic::Metadata];
        let once = edited(&all, &body);
        prop_assert!(!["<w:del", "<w:ins", "<w:moveFrom", "rsid", "commentReference", "dataBinding"].iter().any(|gone| once.contains(gone)));
        prop_assert_eq!(edited(&all, &once), once);
    }

    #[test]
    fn any_markup_without_changes_stays_as_it_is(body in markup()) {
        let text = body.replace("<w:del", "<w:a").replace("</w:del", "</w:a").replace("w:ins", "w:b").replace("w:moveFrom", "w:c");
        let text = text.replace("w:cellDel", "w:d").replace("w:rPrChange", "w:e");
        prop_assert_eq!(accepted(&text), text);
    }
}
