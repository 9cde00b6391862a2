//! The whole inspection, the X-ray and the clean copy, over packages whose archive is well made and whose parts are
//! anything. So the fuzzer does not spend its time on checksums.

#![no_main]

use std::{collections::BTreeMap, io::Cursor};

use libfuzzer_sys::fuzz_target;
use office::{Kind, Policy, Topic, Verdict, clean, examine, fuzzing, inspect};

/// Ends a section of the fuzzer's bytes; it occurs in no UTF-8. The first section tells the kind of the file and the
/// policy, the others are a part each: the first byte is an index into [`NAMES`], the others are the content.
const END: u8 = 0xFF;
/// In the first byte of a section: the policy is strict, or the part is stored.
const FLAG: u8 = 0x80;

/// `seeds.py` reads them here.
const NAMES: [&str; 32] = [
    "[Content_Types].xml",
    "_rels/.rels",
    "customXml/item1.xml",
    "docProps/app.xml",
    "docProps/core.xml",
    "docProps/custom.xml",
    "ppt/_rels/presentation.xml.rels",
    "ppt/comments/comment1.xml",
    "ppt/embeddings/oleObject1.bin",
    "ppt/notesSlides/notesSlide1.xml",
    "ppt/presentation.xml",
    "ppt/slides/_rels/slide1.xml.rels",
    "ppt/slides/slide1.xml",
    "word/_rels/document.xml.rels",
    "word/_rels/settings.xml.rels",
    "word/comments.xml",
    "word/document.xml",
    "word/embeddings/a.docx",
    "word/embeddings/oleObject1.bin",
    "word/footnotes.xml",
    "word/header1.xml",
    "word/media/image1.png",
    "word/settings.xml",
    "word/styles.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/comments1.xml",
    "xl/connections.xml",
    "xl/drawings/vmlDrawing1.vml",
    "xl/externalLinks/externalLink1.xml",
    "xl/sharedStrings.xml",
    "xl/workbook.xml",
    "xl/worksheets/sheet1.xml",
];

fuzz_target!(|bytes: &[u8]| {
    let mut sections = bytes.split(|byte| *byte == END);
    let Some(&[head, ..]) = sections.next() else { return };
    let kind = Kind::ALL[usize::from(head & !FLAG) % Kind::ALL.len()];
    let policy = Policy { strict: head & FLAG != 0, ..Policy::default() };
    let bytes = written(kind, sections.filter_map(<[u8]>::split_first));
    let examination = examine(Cursor::new(&bytes), kind, &policy).expect("a cursor never fails");
    // The archive is beyond reproach, except that it may be a bomb.
    let structural = |code: &str| code.starts_with("zip");
    let outside = |part: Option<&str>| part.is_none_or(|part| !part.contains('!'));
    for finding in &examination.report.findings {
        assert!(!structural(finding.code.as_str()) || !outside(finding.part.as_deref()), "{finding:?}");
    }
    assert_eq!(examination.xray.is_none(), examination.verdict == Verdict::Refused);
    if examination.verdict != Verdict::Refused {
        cleaned(&bytes, kind, &policy);
    }
});

/// The parts over the smallest package of this kind.
fn written<'a>(kind: Kind, sections: impl Iterator<Item = (&'a u8, &'a [u8])>) -> Vec<u8> {
    let (main, declared) = match kind {
        Kind::Docx => ("word/document.xml", "wordprocessingml.document"),
        Kind::Xlsx => ("xl/workbook.xml", "spreadsheetml.sheet"),
        Kind::Pptx => ("ppt/presentation.xml", "presentationml.presentation"),
    };
    let types = format!(
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
        <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
        <Default Extension="xml" ContentType="application/xml"/><Override PartName="/{main}"
        ContentType="application/vnd.openxmlformats-officedocument.{declared}.main+xml"/></Types>"#
    );
    let relationships = format!(
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a"
        Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="{main}"/>
        </Relationships>"#
    );
    let mut parts = BTreeMap::from([
        (NAMES[0], (types.as_bytes(), true)),
        (NAMES[1], (relationships.as_bytes(), true)),
        (main, (&b"<main/>"[..], true)),
    ]);
    for (head, content) in sections {
        parts.insert(NAMES[usize::from(head & !FLAG) % NAMES.len()], (content, head & FLAG == 0));
    }
    fuzzing::archive(parts.into_iter().map(|(name, (content, deflated))| (name, content, deflated)))
}

/// A clean copy is never refused.
fn cleaned(bytes: &[u8], kind: Kind, policy: &Policy) {
    let topics: Vec<Topic> = Topic::ALL.iter().copied().filter(|topic| topic.is_removable()).collect();
    let mut copy = Vec::new();
    if clean(Cursor::new(bytes), &mut copy, kind, &topics, policy).is_ok() {
        let report = inspect(Cursor::new(&copy), kind, policy).expect("a cursor never fails");
        assert_ne!(report.verdict(), Verdict::Refused, "{report:?}");
    }
}
