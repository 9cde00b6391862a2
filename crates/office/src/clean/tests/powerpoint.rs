//! Presentations without their hidden slides and their notes.

use super::*;

const SLIDE: &str = "xmlns:p='http://schemas.openxmlformats.org/presentationml/2006/main' \
    xmlns:a='urn:a' xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships'";

fn presentation() -> Parts {
    let main = format!(
        "<p:presentation {SLIDE}><p:sldIdLst><p:sldId id='256' r:id='s1.xml'/><p:sldId id='257' r:id='s2.xml'/></p:sldIdLst>\
         <p:custShowLst><p:custShow name='c' id='0'><p:sldLst><p:sld r:id='s2.xml'/><p:sld r:id='s1.xml'/></p:sldLst></p:custShow></p:custShowLst>\
         <x:sldIdLst xmlns:x='urn:x'><x:sldId id='256'/><x:sldId id='257'/></x:sldIdLst></p:presentation>"
    );
    let mut parts = Parts::new(Kind::Pptx, "p.xml", "presentationml.presentation.main", &main);
    let link = "<a:rPr><a:hlinkClick r:id='s2.xml' action='ppaction://hlinksldjump'/></a:rPr>";
    parts.add("s1.xml", "presentationml.slide", &format!("<p:sld {SLIDE}>{link}<a:blip r:embed='a.png'/></p:sld>"));
    parts.add("s2.xml", "presentationml.slide", &format!("<p:sld show='0' {SLIDE}/>"));
    parts.add("n1.xml", "presentationml.notesSlide", "<p:notes xmlns:p='urn:p'/>");
    parts.add("n2.xml", "presentationml.notesSlide", "<p:notes xmlns:p='urn:p'/>");
    parts.parts.extend(["a.png", "b.png"].map(|name| (name.to_owned(), name.to_owned())));
    parts.relate("p.xml", "slide", "s1.xml").relate("p.xml", "slide", "s2.xml");
    parts.relate("s1.xml", "slide", "s2.xml").relate("s1.xml", "image", "a.png").relate(
        "s1.xml",
        "notesSlide",
        "n1.xml",
    );
    parts.relate("s2.xml", "image", "a.png").relate("s2.xml", "image", "b.png").relate(
        "s2.xml",
        "notesSlide",
        "n2.xml",
    );
    parts
}

#[test]
fn a_hidden_slide_goes_with_what_it_alone_uses() {
    let (report, copy) = presentation().clean(&[Topic::HiddenSlides]).expect("possible");
    assert_eq!(
        copy.names(),
        [
            "[Content_Types].xml",
            "_rels/.rels",
            "_rels/p.xml.rels",
            "_rels/s1.xml.rels",
            "p.xml",
            "s1.xml",
            "n1.xml",
            "a.png"
        ]
    );
    assert_eq!(report.dropped, ["_rels/s2.xml.rels", "s2.xml", "n2.xml", "b.png"]);
    for (name, part) in copy.parts.iter().filter(|(name, _)| name != "a.png") {
        assert!(!part.contains("s2.xml") && !part.contains("257"), "{name}: {part}");
    }
    assert!(copy.part("s1.xml").contains("<a:rPr></a:rPr>"));
    assert!(copy.part("p.xml").contains("<p:sldLst><p:sld r:id='s1.xml'/></p:sldLst>"));
}

#[test]
fn speaker_notes_go_and_the_slides_stay_as_they_are() {
    let (report, copy) = presentation().clean(&[Topic::SpeakerNotes]).expect("possible");
    assert_eq!(report.changed, ["[Content_Types].xml", "_rels/s1.xml.rels", "_rels/s2.xml.rels"]);
    assert_eq!(report.dropped, ["n1.xml", "n2.xml"]);
    assert!(!copy.part("_rels/s1.xml.rels").contains("notesSlide"));
}

#[test]
fn a_presentation_of_hidden_slides_keeps_them() {
    let mut parts = presentation();
    for (name, content) in &mut parts.parts {
        if name == "s1.xml" {
            *content = content.replace("<p:sld ", "<p:sld show='false' ");
        }
    }
    assert!(parts.refusal(Topic::HiddenSlides).starts_with("Every slide"));
}

#[test]
fn a_comment_of_today_goes_with_the_extension_that_names_it() {
    let mut parts = presentation();
    let extension = |content: &str| format!("<p:extLst><p:ext uri='u'>{content}</p:ext></p:extLst>");
    for (name, content) in &mut parts.parts {
        match name.as_str() {
            "s1.xml" => {
                *content =
                    format!("<p:sld {SLIDE}>{}</p:sld>", extension("<c:commentRel xmlns:c='urn:c' r:id='m.xml'/>"))
            }
            "s2.xml" => *content = format!("<p:sld {SLIDE}>{}</p:sld>", extension("<c:creationId xmlns:c='urn:c'/>")),
            _ => {}
        }
    }
    parts.add("m.xml", "+application/vnd.ms-powerpoint.comments+xml", "<cmLst/>").relate("s1.xml", "comments", "m.xml");
    let (report, copy) = parts.clean(&[Topic::Comments]).expect("possible");
    assert_eq!(report.dropped, ["m.xml"]);
    assert_eq!(copy.part("s1.xml"), format!("<p:sld {SLIDE}></p:sld>"));
    assert!(!report.changed.contains(&"s2.xml".to_owned()));
}
