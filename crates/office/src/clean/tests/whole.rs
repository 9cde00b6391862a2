//! What a copy cannot be without stays, whatever the package says of its types.

use super::*;

const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";
const NAMESPACE: &str = "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'";

/// Types of which a whole part can go, with the topic that it goes with.
const TYPES: [(&str, Topic); 16] = [
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml", Topic::Comments),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.commentsExtended+xml; charset=utf-8",
        Topic::Comments,
    ),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.people+xml", Topic::Metadata),
    ("application/vnd.openxmlformats-package.core-properties+xml", Topic::Metadata),
    ("application/vnd.openxmlformats-officedocument.extended-properties+xml", Topic::Metadata),
    ("application/vnd.openxmlformats-officedocument.custom-properties+xml", Topic::CustomProperties),
    ("application/vnd.openxmlformats-officedocument.customXmlProperties+xml", Topic::CustomXml),
    ("Application/VND.openxmlformats-officedocument.SPREADSHEETML.revisionLog+XML", Topic::TrackedChanges),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.revisionHeaders+xml", Topic::TrackedChanges),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.userNames+xml", Topic::TrackedChanges),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings", Topic::Metadata),
    ("application/vnd.openxmlformats-officedocument.presentationml.notesSlide+xml", Topic::SpeakerNotes),
    ("application/vnd.openxmlformats-officedocument.presentationml.tags+xml", Topic::CustomProperties),
    ("application/vnd.ms-excel.threadedComments+xml", Topic::Comments),
    ("application/vnd.ms-excel.person+xml", Topic::Comments),
    ("application/vnd.ms-powerpoint.authors+xml", Topic::Comments),
];

/// A document whose extensions have this type; the parts that a type by name is wanted for have `override_type`.
fn document(declared: &str, overrides: &[&str]) -> Vec<u8> {
    let overrides: String =
        overrides.iter().map(|name| format!("<Override PartName='/{name}' ContentType='{declared}'/>")).collect();
    let types = format!(
        "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>\
         <Default Extension='XML' ContentType='{declared}'/>{}\
         <Override PartName='/word/document.xml' ContentType='{WORD}.document.main+xml'/>{overrides}</Types>",
        if overrides.is_empty() {
            "<Default Extension='rels' ContentType='application/vnd.openxmlformats-package.relationships+xml'/>"
        } else {
            ""
        }
    );
    let rels = |relations: &[(&str, &str)]| {
        let relations: String = relations
            .iter()
            .map(|(kind, target)| format!("<Relationship Id='{kind}' Type='{OFFICE}/{kind}' Target='{target}'/>"))
            .collect();
        format!(
            "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>{relations}</Relationships>"
        )
    };
    let members = [
        ("[Content_Types].xml", types),
        ("_rels/.rels", rels(&[("officeDocument", "word/document.xml"), ("comments", "word/document.xml")])),
        ("word/document.xml", format!("<w:document {NAMESPACE}><w:p/></w:document>")),
        (
            "word/_rels/document.xml.rels",
            rels(&[
                ("styles", "styles.xml"),
                ("customXml", "styles.xml"),
                ("diagramData", "d.xml"),
                ("comments", "c.xml"),
            ]),
        ),
        ("word/styles.xml", format!("<w:styles {NAMESPACE}/>")),
        ("word/d.xml", "<title><title/></title>".to_owned()),
        ("word/c.xml", format!("<w:comments {NAMESPACE}><w:comment w:id='1' w:author='Ana Example'/></w:comments>")),
    ];
    archive(&members.map(|(name, content)| Member::new(name, content.as_bytes())), &Around::default())
}

fn unseen() -> Vec<Topic> {
    Topic::ALL.iter().copied().filter(|topic| topic.removal() == crate::Removal::Unseen).collect()
}

#[test]
fn the_type_of_an_extension_makes_no_part_a_topic() {
    for (declared, topic) in TYPES {
        let bytes = document(declared, &[]);
        for topics in [vec![topic], unseen()] {
            let (report, copy) =
                cleaned(&bytes, Kind::Docx, &topics).unwrap_or_else(|error| panic!("{declared}: {error:?}"));
            for name in ["[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/_rels/document.xml.rels"] {
                assert!(copy.names().contains(&name), "{declared}: {name} is gone");
            }
            assert_eq!(copy.part("word/styles.xml"), format!("<w:styles {NAMESPACE}/>"), "{declared}");
            assert_eq!(copy.part("word/d.xml"), "<title><title/></title>", "{declared}");
            // This one is read as comments, whatever its type.
            let comments = topics.contains(&Topic::Comments);
            assert_eq!(copy.names().contains(&"word/c.xml"), !comments, "{declared}");
            assert_eq!(report.removed.iter().any(|removed| removed.topic == Topic::Comments), comments, "{declared}");
        }
    }
}

#[test]
fn a_type_by_name_makes_none_of_the_parts_of_the_package_a_topic() {
    let own = ["[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels"];
    for (declared, topic) in TYPES {
        let bytes = document(declared, &own);
        let (_, copy) = cleaned(&bytes, Kind::Docx, &[topic]).unwrap_or_else(|error| panic!("{declared}: {error:?}"));
        for name in own {
            assert!(copy.names().contains(&name), "{declared}: {name} is gone");
        }
    }
}

#[test]
fn what_only_its_folder_says_is_no_custom_xml() {
    let mut parts = Parts::new(Kind::Docx, "customXml/document.xml", "wordprocessingml.document.main", "<a/>");
    parts.add("customXml/styles.xml", "wordprocessingml.styles", "<b/>");
    parts.add("customXml/item1.xml", "+application/xml", "<c/>");
    parts.parts.extend(["customXml/a.png", "customXml/left.xml"].map(|name| (name.to_owned(), "<d/>".to_owned())));
    parts.relate("customXml/document.xml", "styles", "customXml/styles.xml");
    parts.relate("customXml/document.xml", "image", "customXml/a.png");
    parts.relate("customXml/document.xml", "customXml", "customXml/item1.xml");
    let (report, _) = parts.clean(&[Topic::CustomXml]).expect("possible");
    assert_eq!(report.dropped, ["customXml/item1.xml", "customXml/left.xml"]);
}

#[test]
fn a_part_that_goes_takes_nothing_with_it_that_is_needed() {
    let mut parts = Parts::new(Kind::Docx, "d.xml", "wordprocessingml.document.main", "<a/>");
    parts.add("c.xml", "wordprocessingml.comments", "<b/>").add("s.xml", "wordprocessingml.styles", "<b/>");
    parts.parts.push(("p.png".to_owned(), "p".to_owned()));
    parts.relate("d.xml", "comments", "c.xml").relate("d.xml", "styles", "s.xml").relate("d.xml", "image", "p.png");
    parts
        .relate("c.xml", "officeDocument", "d.xml")
        .relate("c.xml", "styles", "s.xml")
        .relate("c.xml", "image", "p.png");
    let (report, _) = parts.clean(&[Topic::Comments]).expect("possible");
    assert_eq!(report.dropped, ["_rels/c.xml.rels", "c.xml"]);
}

#[test]
fn a_copy_that_is_not_whole_is_an_error() {
    let bytes = document("application/xml", &[]);
    let mut input = Cursor::new(&bytes);
    let package = Package::open(&mut input, &Budget::default()).expect("a package");
    let without = |names: &[&str], list: Option<(&str, &str)>| {
        let mut written = Written::default();
        let kept = (0..package.archive.entries.len()).filter(|index| !names.contains(&package.name(*index)));
        kept.for_each(|index| written.add(index));
        if let Some((name, content)) = list {
            let index = package.archive.find(name).expect("there");
            written.list(index, name).expect("kept").extend_from_slice(content.as_bytes());
        }
        written.check(&package).is_ok()
    };
    assert!(without(&[], None));
    for name in ["[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/c.xml", "word/styles.xml"] {
        assert!(!without(&[name], None), "{name}");
    }
    let relationships = "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'/>";
    assert!(!without(&[], Some(("_rels/.rels", relationships))));
    assert!(without(&["word/c.xml"], Some(("word/_rels/document.xml.rels", relationships))));
    let types = "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>";
    assert!(!without(&[], Some(("[Content_Types].xml", types))));
    assert!(!without(&[], Some(("[Content_Types].xml", "<Types"))));
}
