//! Texts that go on showing what they have shown.

use super::*;

const WORD: &str = "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main' \
    xmlns:w14='http://schemas.microsoft.com/office/word/2010/wordml'";
const STORE: &str = "{11111111-2222-3333-4444-555555555555}";

/// A document with this body, and data whose elements `a` and so on have these texts.
fn document(body: &str, data: &[&str]) -> Parts {
    let main = format!("<w:document {WORD}><w:body>{body}</w:body></w:document>");
    let mut parts = Parts::new(Kind::Docx, "word/document.xml", "wordprocessingml.document.main", &main);
    let data: String = data.iter().zip('a'..).map(|(text, name)| format!("<{name}>{text}</{name}>")).collect();
    parts.add("customXml/item1.xml", "+application/xml", &format!("<x:data xmlns:x='urn:x'>{data}</x:data>"));
    parts.add(
        "customXml/itemProps1.xml",
        "customXmlProperties",
        &format!("<ds:datastoreItem xmlns:ds='urn:ds' ds:itemID='{STORE}'/>"),
    );
    parts.add(
        "docProps/core.xml",
        "+application/vnd.openxmlformats-package.core-properties+xml",
        "<p:coreProperties xmlns:p='urn:p' xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>Real title</dc:title></p:coreProperties>",
    );
    parts.relate("", "metadata/core-properties", "docProps/core.xml");
    parts.relate("word/document.xml", "customXml", "customXml/item1.xml");
    parts.relate("customXml/item1.xml", "customXmlProps", "customXml/itemProps1.xml");
    parts
}

fn bound(name: char) -> String {
    format!(
        "<w:dataBinding w:prefixMappings=\"xmlns:q='urn:x'\" w:xpath='/q:data[1]/{name}[1]' w:storeItemID='{STORE}'/>"
    )
}

fn control(properties: &str, content: &str) -> String {
    format!("<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>")
}

fn run(text: &str) -> String {
    format!("<w:r><w:t>{text}</w:t></w:r>")
}

/// The body of the copy without what an X-ray calls unseen.
fn copied(parts: &Parts) -> String {
    let unseen: Vec<Topic> =
        Topic::ALL.iter().copied().filter(|topic| topic.removal() == crate::Removal::Unseen).collect();
    let (_, copy) = parts.clean(&unseen).expect("possible");
    assert!(!copy.names().iter().any(|name| name.starts_with("customXml/")));
    let main = copy.part("word/document.xml").split_once("<w:body>").and_then(|(_, rest)| rest.split_once("</w:body>"));
    main.expect("a body").0.to_owned()
}

#[test]
fn a_control_shows_the_data_that_it_was_bound_to() {
    let shown = |text: &str| format!("<w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r>");
    let properties = |form: &str, name: char| format!("{form}{}", bound(name));
    let list = "<w:comboBox><w:listItem w:displayText='Shown' w:value='v'/></w:comboBox>";
    let checked = "<w14:checkbox><w14:checked w14:val='0'/><w14:checkedState w14:val='2612'/></w14:checkbox>";
    let date = "<w:date w:fullDate='2020-01-01T00:00:00Z'><w:dateFormat w:val='d.M.yyyy'/></w:date>";
    for (form, text, before, after) in [
        ("<w:text/>", "Real", run("stale"), shown("Real")),
        ("<w:text/>", "Real", format!("{}{}", run("st"), run("ale")), format!("{}<w:r></w:r>", shown("Real"))),
        ("<w:text/>", "Same  text", run("Same text"), run("Same text")),
        ("", "a &amp; b", run("stale"), shown("a &amp; b")),
        ("", "&lt;pkg/&gt;", run("rich"), run("rich")),
        (
            "<w:text w:multiLine='1'/>",
            "a\nb",
            run("stale"),
            "<w:r><w:t xml:space=\"preserve\">a</w:t><w:br/><w:t xml:space=\"preserve\">b</w:t></w:r>".to_owned(),
        ),
        (list, "v", run("stale"), shown("Shown")),
        (list, "other", run("stale"), shown("other")),
        (checked, "true", run("☐"), shown("☒")),
        (date, "2024-03-05", run("1.1.2020"), shown("5.3.2024")),
        (date, "2020-01-01", run("New Year"), run("New Year")),
        ("<w:picture/>", "aGk=", run("picture"), run("picture")),
        ("<w:text/>", "", run("stale"), shown("")),
        ("<w:text/>", "Real", String::new(), shown("Real")),
    ] {
        let body = |properties: &str, content: &str| format!("<w:p>{}</w:p>", control(properties, content));
        let parts = document(&body(&properties(form, 'a'), &before), &[text]);
        assert_eq!(copied(&parts), body(form, &after), "{form} {text}");
    }
}

#[test]
fn a_placeholder_gives_way_to_the_data_and_blocks_keep_one_paragraph() {
    let paragraph = |text: &str| {
        format!("<w:p><w:pPr/><w:r><w:rPr><w:rStyle w:val='PlaceholderText'/></w:rPr><w:t>{text}</w:t></w:r></w:p>")
    };
    let before =
        control(&format!("<w:showingPlcHdr/>{}", bound('b')), &(paragraph("Click here") + &paragraph("twice")));
    let after = control("", "<w:p><w:pPr/><w:r><w:rPr></w:rPr><w:t xml:space=\"preserve\">Real</w:t></w:r></w:p>");
    assert_eq!(copied(&document(&before, &["x", "Real"])), after);
    // Nothing is bound to it: what is written there is shown.
    let missing = control(&bound('c'), &paragraph("Click here"));
    assert_eq!(copied(&document(&missing, &["x", "Real"])), control("", &paragraph("Click here")));
}

#[test]
fn a_control_bound_to_a_property_shows_the_property() {
    let binding = "<w:dataBinding w:prefixMappings=\"xmlns:p='urn:p' xmlns:d='http://purl.org/dc/elements/1.1/'\" \
        w:xpath='/p:coreProperties[1]/d:title[1]' w:storeItemID='{6c3c8bc8-f283-45ae-878a-bab7291924a1}'/>";
    let parts = document(&format!("<w:p>{}</w:p>", control(&format!("<w:text/>{binding}"), &run("stale"))), &[]);
    assert!(copied(&parts).contains(">Real title<"));
    let (_, copy) = parts.clean(&[Topic::CustomXml]).expect("possible");
    assert!(copy.part("word/document.xml").contains("stale"), "what is not removed goes on deciding");
}

#[test]
fn controls_are_counted_whatever_is_dropped_before_them() {
    let stale = |name| control(&bound(name), &run("stale"));
    let body = format!(
        "<w:p><w:del w:id='1'>{}</w:del>{}<w:ins w:id='2'>{}</w:ins></w:p>",
        stale('a'),
        control("<w:text/>", &run("free")),
        stale('b')
    );
    let body = copied(&document(&body, &["one", "two"]));
    assert!(
        body.contains(">free<") && body.contains(">two<") && !body.contains("one") && !body.contains("stale"),
        "{body}"
    );
}

#[test]
fn a_field_of_a_property_that_goes_becomes_its_text() {
    let mark = |kind: &str| format!("<w:r><w:fldChar w:fldCharType='{kind}'/></w:r>");
    let instruction = |text: &str| format!("<w:r><w:rPr><w:b/></w:rPr><w:instrText>{text}</w:instrText></w:r>");
    let field = |code: &str, result: &str| {
        [mark("begin"), instruction(code), mark("separate"), result.to_owned(), mark("end")].concat()
    };
    let nested = [
        mark("begin"),
        instruction("IF "),
        field("AUTHOR", &run("Ana")),
        instruction(" = x"),
        mark("separate"),
        run("yes"),
        mark("end"),
    ]
    .concat();
    let unnested =
        [mark("begin"), instruction("IF "), run("Ana"), instruction(" = x"), mark("separate"), run("yes"), mark("end")]
            .concat();
    for (before, after) in [
        (field(" TITLE ", &run("shown")), run("shown")),
        (field("DOCPROPERTY Client", &run("shown")), run("shown")),
        (field("PAGE", &run("3")), field("PAGE", &run("3"))),
        (format!("<w:fldSimple w:instr='AUTHOR'><w:fldData>x</w:fldData>{}</w:fldSimple>", run("Ana")), run("Ana")),
        (nested, unnested),
        // A field in the instruction of one that becomes its result goes with it.
        (
            field(
                &format!("DOCVARIABLE </w:instrText></w:r>{}<w:r><w:instrText>", field("AUTHOR", &run("x"))),
                &run("y"),
            ),
            run("y"),
        ),
    ] {
        assert_eq!(copied(&document(&format!("<w:p>{before}</w:p>"), &[])), format!("<w:p>{after}</w:p>"));
    }
}

#[test]
fn the_program_stays_because_others_decide_by_it() {
    let mut parts = document("", &[]);
    let properties = "<Properties><Company>Example</Company><Application>Microsoft Office Word</Application><AppVersion>12.0000</AppVersion></Properties>";
    parts.add("docProps/app.xml", "extended-properties", properties);
    parts.relate("", "extended-properties", "docProps/app.xml");
    let (_, copy) = parts.clean(&[Topic::Metadata]).expect("possible");
    assert_eq!(copy.part("docProps/app.xml"), properties.replace("<Company>Example</Company>", ""));
}
