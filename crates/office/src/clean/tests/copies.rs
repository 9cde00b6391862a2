//! What is true of every copy.

use proptest::prelude::*;

use super::*;
use crate::zip::writer::word;

#[test]
fn pictures_that_only_deleted_text_has_shown_go() {
    let body = format!(
        "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main' xmlns:r='{OFFICE}' xmlns:a='urn:a'><w:p>\
         <w:del><w:r><a:blip r:embed='a.png'/><a:blip r:embed='b.png'/></w:r></w:del><w:r><a:blip r:embed='b.png'/></w:r></w:p></w:document>"
    );
    let mut parts = Parts::new(Kind::Docx, "d.xml", "wordprocessingml.document.main", &body);
    parts.parts.extend(["a.png", "b.png", "c.png"].map(|name| (name.to_owned(), name.to_owned())));
    parts.relate("d.xml", "image", "a.png").relate("d.xml", "image", "b.png").relate("d.xml", "image", "c.png");
    let (report, copy) = parts.clean(&[Topic::TrackedChanges]).expect("possible");
    assert_eq!(
        (report.changed, report.dropped),
        (vec!["_rels/d.xml.rels".to_owned(), "d.xml".to_owned()], vec!["a.png".to_owned()])
    );
    assert!(copy.part("_rels/d.xml.rels").contains("c.png"));
}

#[test]
fn notes_that_only_deleted_text_refers_to_go() {
    let word = "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'";
    let reference = |id| format!("<w:r><w:footnoteReference w:id='{id}'/></w:r>");
    let deleted = [reference(2), reference(3)].concat();
    let body = format!("<w:document {word}><w:p><w:del>{deleted}</w:del>{}</w:p></w:document>", reference(3));
    let notes = [1, 2, 3].map(|id| format!("<w:footnote w:id='{id}'><w:p/></w:footnote>"));
    let part = |notes: &[String]| format!("<w:footnotes {word}>{}</w:footnotes>", notes.concat());
    let mut parts = Parts::new(Kind::Docx, "d.xml", "wordprocessingml.document.main", &body);
    parts.add("f.xml", "wordprocessingml.footnotes", &part(&notes)).relate("d.xml", "footnotes", "f.xml");
    let (_, copy) = parts.clean(&[Topic::TrackedChanges]).expect("possible");
    let [first, _, third] = notes;
    assert_eq!(copy.part("f.xml"), part(&[first, third]));
}

#[test]
fn what_is_seen_cannot_be_removed_and_a_refused_file_has_no_copy() {
    let bytes = archive(&word(), &Around::default());
    let attempt =
        |bytes: &[u8], topics| clean(Cursor::new(bytes), FailsWhenWritten, Kind::Docx, topics, &Policy::default());
    assert!(matches!(attempt(&bytes, &[Topic::HiddenText]), Err(CleanError::NotRemovable(Topic::HiddenText))));
    assert!(matches!(attempt(&bytes[..99], &[Topic::Metadata]), Err(CleanError::Refused(_))));
    assert!(matches!(attempt(&bytes, &[]), Err(CleanError::Io(_))));
}

/// An output that nothing may be written to.
struct FailsWhenWritten;

impl Write for FailsWhenWritten {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("written to"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_rewritten_part_is_never_compressed_like_a_bomb() {
    let row = "<w:p><w:del/></w:p>";
    let body = format!(
        "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>{}{}</w:document>",
        row.repeat(10),
        "<w:p></w:p>".repeat(60_000)
    );
    let mut members = word();
    members[2] = Member::new("word/document.xml", body.as_bytes());
    let (report, copy) =
        cleaned(&archive(&members, &Around::default()), Kind::Docx, &[Topic::TrackedChanges]).expect("possible");
    assert_eq!(report.changed, ["word/document.xml"]);
    assert!(copy.bytes.len() < 40_000, "{}", copy.bytes.len());
}

fn member() -> impl Strategy<Value = Member> {
    let content = prop::collection::vec(any::<u8>(), 0..3_000);
    let descriptor = prop::option::of((any::<bool>(), any::<bool>()));
    ("word/media/[a-z]{1,8}\\.png", content, any::<bool>(), descriptor).prop_map(
        |(name, content, deflated, descriptor)| {
            let member = Member::new(&name, &[&b"\x89PNG"[..], &content].concat());
            let member = if deflated { member.deflated() } else { member };
            Member { flags: if descriptor.is_some() { 8 } else { 0 }, descriptor, ..member }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn copies_of_any_package_pass_and_keep_what_is_not_concerned(
        media in prop::collection::vec(member(), 0..6),
        text in "[a-zé<>&\"' ]{0,2000}",
        rotation in 0..4_usize,
    ) {
        let mut members = word();
        let body = format!(
            "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:p w:rsidR='1'><w:r><w:t>{}</w:t></w:r></w:p></w:document>",
            quick_xml::escape::escape(&text)
        );
        members[2] = Member::new("word/document.xml", body.as_bytes()).deflated();
        for member in media {
            if members.iter().all(|known| known.name != member.name) {
                members.push(member);
            }
        }
        let count = members.len();
        members.rotate_left(rotation % count);
        let bytes = archive(&members, &Around::default());
        let (report, copy) = cleaned(&bytes, Kind::Docx, &[Topic::RevisionIds]).expect("possible");
        prop_assert_eq!(report.changed, ["word/document.xml"]);
        prop_assert!(report.dropped.is_empty());
        let before = Copy::read(bytes.clone());
        for ((old, new), member) in before.parts.iter().zip(&copy.parts).zip(&members) {
            prop_assert_eq!(&old.0, &new.0);
            if old.0 == "word/document.xml" {
                prop_assert_eq!(new.1.clone(), old.1.replace(" w:rsidR='1'", ""));
            } else {
                prop_assert_eq!(&old.1, &new.1);
                let packed = member.packed.as_ref().unwrap_or(&member.content);
                prop_assert!(copy.bytes.windows(packed.len().max(1)).any(|window| window == &packed[..]) || packed.is_empty());
            }
        }
        let (again, same) = cleaned(&copy.bytes, Kind::Docx, &[Topic::RevisionIds]).expect("possible");
        prop_assert!(again.changed.is_empty() && again.dropped.is_empty());
        prop_assert_eq!(&same.bytes, &copy.bytes);
        let (_, raw) = cleaned(&bytes, Kind::Docx, &[]).expect("possible");
        prop_assert_eq!(raw.bytes, bytes);
    }
}

#[test]
fn the_document_stays_whatever_else_leads_to_it() {
    let mut parts = Parts::new(Kind::Docx, "word/document.xml", "wordprocessingml.document.main", "<a/>");
    parts.relate("word/document.xml", "customXml", "word/document.xml");
    let (_, copy) = parts.clean(&[Topic::CustomXml]).expect("a copy");
    assert_eq!(copy.part("word/document.xml"), "<a/>");
}

#[test]
fn relationships_of_one_id_cannot_be_told_apart() {
    let mut parts = Parts::new(Kind::Docx, "word/document.xml", "wordprocessingml.document.main", "<a/>");
    parts.relate("", "metadata/thumbnail", "word/document.xml");
    assert_eq!(parts.refusal(Topic::Metadata), "Two relationships of one part have the same id.");
}

#[test]
fn relationships_of_one_id_do_not_matter_where_none_of_them_goes() {
    let mut parts = Parts::new(Kind::Docx, "word/document.xml", "wordprocessingml.document.main", "<a/>");
    parts.parts.push(("a.png".to_owned(), "a".to_owned()));
    parts.relate("word/document.xml", "image", "a.png").relate("word/document.xml", "image", "a.png");
    parts.add("c.xml", "wordprocessingml.comments", "<b/>").relate("word/document.xml", "comments", "c.xml");
    let (report, copy) = parts.clean(&[Topic::Comments]).expect("possible");
    assert_eq!(report.dropped, ["c.xml"]);
    assert_eq!(copy.part("word/_rels/document.xml.rels").matches("a.png").count(), 4);
}
