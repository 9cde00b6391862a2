//! X-rays of packages built in memory: what is left out, what is bounded, and input that makes no sense.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use proptest::prelude::*;

use super::*;
use crate::zip::writer::{Around, Member, archive, word};

const WORD: &str = "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'";
const TYPES: &str = "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>\
    <Default Extension='rels' ContentType='application/vnd.openxmlformats-package.relationships+xml'/>\
    <Default Extension='xml' ContentType='application/xml'/>";
const FORMAT: &str = "application/vnd.openxmlformats-officedocument";

/// The smallest document with this body.
fn with_body(body: &str) -> Vec<u8> {
    let mut members = word();
    members[2] = Member::new("word/document.xml", format!("<w:document {WORD}>{body}</w:document>").as_bytes());
    archive(&members, &Around::default())
}

/// A package of parts with their types and contents; `relations` are owner, kind and target.
fn package(parts: &[(&str, &str, &str)], relations: &[(&str, &str, &str)]) -> Vec<u8> {
    let types =
        parts.iter().map(|(name, kind, _)| format!("<Override PartName='/{name}' ContentType='{FORMAT}.{kind}+xml'/>"));
    let types = format!("{TYPES}{}</Types>", types.collect::<String>());
    let mut members = vec![Member::new("[Content_Types].xml", types.as_bytes())];
    let mut owners: Vec<&str> = relations.iter().map(|(owner, ..)| *owner).collect();
    owners.dedup();
    for owner in owners {
        let own = relations.iter().enumerate().filter(|(_, (of, ..))| *of == owner);
        let own = own.map(|(number, (_, kind, target))| {
            format!("<Relationship Id='r{number}' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}' Target='/{target}'/>")
        });
        let text = format!(
            "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>{}</Relationships>",
            own.collect::<String>()
        );
        let (folder, file) =
            owner.rsplit_once('/').map_or((String::new(), owner), |(folder, file)| (format!("{folder}/"), file));
        members.push(Member::new(&format!("{folder}_rels/{file}.rels"), text.as_bytes()));
    }
    members.extend(parts.iter().map(|(name, _, content)| Member::new(name, content.as_bytes())));
    archive(&members, &Around::default())
}

/// Something of every topic that a presentation can have.
fn presentation() -> Vec<u8> {
    let text = |text: &str| format!("<p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody>");
    let shape = |attributes: &str, kind: &str, content: &str| {
        format!(
            "<p:sp><p:nvSpPr><p:cNvPr id='1' name='n' {attributes}/><p:nvPr><p:ph type='{kind}'/></p:nvPr></p:nvSpPr>{}</p:sp>",
            text(content)
        )
    };
    let slide = |name: &str, attributes: &str, shapes: &str| {
        format!(
            "<p:{name} xmlns:p='http://schemas.openxmlformats.org/presentationml/2006/main' xmlns:a='urn:a' {attributes}>{shapes}</p:{name}>"
        )
    };
    package(
        &[
            (
                "ppt/presentation.xml",
                "presentationml.presentation.main",
                "<p:presentation xmlns:p='urn:p' xmlns:r='urn:r'><p:sldIdLst><p:sldId id='1' r:id='r2'/><p:sldId id='2' r:id='r1'/></p:sldIdLst></p:presentation>",
            ),
            (
                "ppt/slides/slide1.xml",
                "presentationml.slide",
                &slide("sld", "show='0'", &shape("", "title", "Second slide")),
            ),
            (
                "ppt/slides/slide2.xml",
                "presentationml.slide",
                &slide("sld", "", &(shape("", "title", "First slide") + &shape("hidden='1'", "body", "not seen"))),
            ),
            (
                "ppt/notesSlides/n.xml",
                "presentationml.notesSlide",
                &slide("notes", "", &(shape("", "sldNum", "2") + &shape("", "body", "Say it"))),
            ),
        ],
        &[
            ("", "officeDocument", "ppt/presentation.xml"),
            ("ppt/presentation.xml", "slide", "ppt/slides/slide1.xml"),
            ("ppt/presentation.xml", "slide", "ppt/slides/slide2.xml"),
            ("ppt/slides/slide1.xml", "notesSlide", "ppt/notesSlides/n.xml"),
        ],
    )
}

fn taken(bytes: &[u8], kind: Kind) -> Xray {
    xray(Cursor::new(bytes), kind, &Budget::default()).expect("a cursor never fails")
}

fn texts(xray: &Xray, topic: Topic) -> Vec<(&str, &str)> {
    let items = xray.section(topic).map_or(&[][..], |section| &section.items);
    items.iter().map(|item| (item.place.as_deref().unwrap_or_default(), item.text.as_str())).collect()
}

/// Every bound that is promised.
fn is_bounded(xray: &Xray) -> bool {
    let fits =
        |text: &str| text.chars().count() <= Item::MOST_CHARS && text.chars().all(|character| !character.is_control());
    let fields = |item: &Item| [item.label.clone(), item.who.clone(), item.when.clone(), item.place.clone()];
    xray.title.as_deref().is_none_or(fits)
        && xray.sections.iter().all(|section| {
            section.count >= 1
                && section.items.len() <= Section::MOST_ITEMS
                && section
                    .items
                    .iter()
                    .all(|item| fits(&item.text) && fields(item).iter().flatten().all(|text| fits(text)))
        })
}

#[test]
fn the_smallest_document_shows_nothing() {
    let xray = taken(&archive(&word(), &Around::default()), Kind::Docx);
    assert_eq!((xray.words, xray.sections), (0, vec![]));
}

#[test]
fn slides_are_numbered_as_they_are_shown() {
    let xray = taken(&presentation(), Kind::Pptx);
    assert_eq!((xray.slides, xray.words), (Some(2), 2));
    assert_eq!(texts(&xray, Topic::HiddenSlides), [("Slide 2", "Second slide")]);
    assert_eq!(texts(&xray, Topic::HiddenText), [("Slide 1", "not seen")]);
    assert_eq!(texts(&xray, Topic::SpeakerNotes), [("Slide 2", "Say it")]);
}

#[test]
fn alternatives_for_older_programs_are_not_counted_twice() {
    let change = "<w:p><w:ins w:id='1' w:author='Ana Example'><w:r><w:t>new text</w:t></w:r></w:ins></w:p>";
    let body = format!(
        "<mc:AlternateContent xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'>
         <mc:Choice Requires='wps'>{change}</mc:Choice><mc:Fallback>{change}</mc:Fallback></mc:AlternateContent>{change}"
    );
    let xray = taken(&with_body(&body), Kind::Docx);
    assert_eq!((xray.words, xray.count(Topic::TrackedChanges)), (4, 2));
}

#[test]
fn formulas_and_former_formats_are_no_runs_of_the_text() {
    let body =
        "<w:p><w:r><w:rPr><w:rPrChange w:id='1' w:author='Ben Example'><w:rPr><w:vanish/></w:rPr></w:rPrChange></w:rPr>
        <w:t>shown </w:t></w:r><m:r xmlns:m='urn:m'><m:t>x</m:t></m:r></w:p>";
    let xray = taken(&with_body(body), Kind::Docx);
    assert_eq!((xray.words, xray.count(Topic::HiddenText)), (2, 0));
    assert_eq!(texts(&xray, Topic::TrackedChanges), [("", "shown")]);
}

#[test]
fn a_note_is_its_text_and_not_where_it_is_anchored() {
    let note = "<comments><authors><author>Ana Example</author></authors><commentList><comment ref='B2' authorId='0'>
        <text><r><t>Check </t></r><r><t>this</t></r></text><commentPr><anchor><col>07</col></anchor></commentPr>
        </comment></commentList></comments>";
    let workbook = "<workbook xmlns:r='urn:r'><sheets><sheet name='Plan' sheetId='1' r:id='r1'/></sheets></workbook>";
    let bytes = package(
        &[
            ("xl/workbook.xml", "spreadsheetml.sheet.main", workbook),
            ("xl/worksheets/sheet1.xml", "spreadsheetml.worksheet", "<worksheet/>"),
            ("xl/comments1.xml", "spreadsheetml.comments", note),
        ],
        &[
            ("", "officeDocument", "xl/workbook.xml"),
            ("xl/workbook.xml", "worksheet", "xl/worksheets/sheet1.xml"),
            ("xl/worksheets/sheet1.xml", "comments", "xl/comments1.xml"),
        ],
    );
    let xray = taken(&bytes, Kind::Xlsx);
    assert_eq!(texts(&xray, Topic::Comments), [("Sheet “Plan”, B2", "Check this")]);
}

#[test]
fn revision_ids_are_those_of_the_settings_or_else_the_marked_passages() {
    let body = format!("<w:document {WORD}><w:p w:rsidR='1'><w:r w:rsidRPr='2'/><w:r w:x='2'/></w:p></w:document>");
    let settings = format!(
        "<w:settings {WORD}><w:rsids><w:rsidRoot w:val='1'/><w:rsid w:val='2'/><w:rsid w:val='3'/></w:rsids></w:settings>"
    );
    let with = |settings: &str| {
        let bytes = package(
            &[
                ("word/document.xml", "wordprocessingml.document.main", &body),
                ("word/settings.xml", "wordprocessingml.settings", settings),
            ],
            &[("", "officeDocument", "word/document.xml")],
        );
        let xray = taken(&bytes, Kind::Docx);
        let texts = texts(&xray, Topic::RevisionIds).into_iter().map(|(_, text)| text.to_owned()).collect::<Vec<_>>();
        (xray.count(Topic::RevisionIds), texts)
    };
    assert_eq!(with(&settings), (3, vec!["3".to_owned(), "2".to_owned()]));
    assert_eq!(with("<settings/>"), (2, vec!["2".to_owned()]));
}

#[test]
fn relationships_of_a_missing_part_are_not_those_of_the_package() {
    let hidden = "<workbook><sheets><sheet name='x' sheetId='1' state='hidden'/></sheets></workbook>";
    let parts = [
        ("xl/decoy.xml", "spreadsheetml.sheet.main", "<workbook/>"),
        ("xl/workbook.xml", "spreadsheetml.sheet.main", hidden),
    ];
    let relations = [("missing.xml", "officeDocument", "xl/decoy.xml"), ("", "officeDocument", "xl/workbook.xml")];
    assert_eq!(texts(&taken(&package(&parts, &relations), Kind::Xlsx), Topic::HiddenSheets), [("", "x")]);
}

#[test]
fn many_and_long_things_are_counted_and_cut() {
    let change = |text: &str| {
        format!("<w:ins w:author='{0}' w:date='{0}'><w:r><w:t>{text}</w:t></w:r></w:ins>", "n".repeat(2_000))
    };
    let inside = format!("{}{}", "<w:del>".repeat(200), "</w:del>".repeat(200));
    let formats =
        format!("<w:r><w:rPr>{}</w:rPr><w:t>{}</w:t></w:r>", "<w:rPrChange/>".repeat(5_000), "x".repeat(100_000));
    let body = format!("<w:p>{}{inside}{formats}</w:p>", change(&"y".repeat(5_000)).repeat(1_000));
    let xray = taken(&with_body(&body), Kind::Docx);
    assert_eq!(xray.count(Topic::TrackedChanges), 6_200);
    assert!(is_bounded(&xray));
}

#[test]
fn a_part_that_cannot_be_read_is_left_out() {
    let mut members = word();
    members[2] = Member { packed: Some(b"\xff\xff".to_vec()), ..members[2].clone() };
    members.push(Member::new("word/a.xml", b"<a>"));
    assert_eq!(taken(&archive(&members, &Around::default()), Kind::Docx).sections, []);
    assert_eq!(taken(b"no archive", Kind::Docx).sections, []);
}

/// An input that fails after some bytes.
struct Failing {
    inner: Cursor<Vec<u8>>,
    good: u64,
}

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.good.saturating_sub(self.inner.position());
        if left == 0 {
            return Err(io::Error::other("the disk is gone"));
        }
        let count = buffer.len().min(left.try_into().unwrap_or(usize::MAX));
        self.inner.read(&mut buffer[..count])
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[test]
fn a_failing_input_is_an_error() {
    let bytes = presentation();
    let length = bytes.len() as u64;
    for good in (0..length).step_by(97) {
        let input = Failing { inner: Cursor::new(bytes.clone()), good };
        assert!(xray(input, Kind::Pptx, &Budget::default()).is_err(), "{good} of {length}");
    }
}

proptest! {
    #[test]
    fn random_bytes_are_no_reason_to_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000), kind in 0..3_usize) {
        prop_assert_eq!(taken(&bytes, Kind::ALL[kind]).sections, vec![]);
    }

    #[test]
    fn mutated_packages_stay_within_the_bounds(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        kind in 0..3_usize,
    ) {
        let mut bytes = presentation();
        for (index, value) in changes {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        prop_assert!(is_bounded(&taken(&bytes, Kind::ALL[kind])));
    }

    #[test]
    fn any_arrangement_of_elements_is_read_within_the_bounds(
        pieces in prop::collection::vec((0..24_usize, "[a-z \u{202e}\u{1}é東]{0,12}"), 0..120),
    ) {
        // Elements in any order, each closed at the end.
        const NAMES: [&str; 24] = [
            "p", "r", "rPr", "pPr", "t", "delText", "ins", "del", "moveFrom", "moveTo", "rPrChange", "pPrChange",
            "vanish", "rStyle", "pStyle", "tab", "br", "instrText", "fldChar", "fldSimple", "tr", "sectPr", "cellIns", "x",
        ];
        let (mut body, mut open) = (String::new(), Vec::new());
        for (name, text) in &pieces {
            let name = NAMES[*name];
            let text: String = text.chars().filter(|character| !character.is_control()).collect();
            body += &format!("<w:{name} w:val='{text}' w:author='{text}' w:fldCharType='begin'>{text}");
            if open.len() < 20 && name.len().is_multiple_of(2) {
                open.push(name);
            } else {
                body += &format!("</w:{name}>");
            }
        }
        body.extend(open.iter().rev().map(|name| format!("</w:{name}>")));
        prop_assert!(is_bounded(&taken(&with_body(&body), Kind::Docx)));
    }
}
