//! Genuine Office documents, as small as they come, written out in full: every part is stored, none is compressed.

const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const TYPES: &str = "application/vnd.openxmlformats-officedocument";
const DRAWING: &str = "http://schemas.openxmlformats.org/drawingml/2006/main";
const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const PRESENTATION: &str = "http://schemas.openxmlformats.org/presentationml/2006/main";
const XML: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;

/// A text document with a paragraph for each line.
#[must_use]
pub fn docx(text: &str) -> Vec<u8> {
    package(&docx_parts(text))
}

/// A text document with a VBA project in it, which is refused.
#[must_use]
pub fn docx_with_macro(text: &str) -> Vec<u8> {
    let mut parts = docx_parts(text);
    parts.push(("word/vbaProject.bin".to_owned(), "a project".to_owned()));
    package(&parts)
}

/// A text document that tells about its author in its properties and in a comment, shows a picture from outside and has
/// an object embedded that is called after the author: accepted, with flags.
#[must_use]
pub fn docx_with_traces(text: &str, author: &str) -> Vec<u8> {
    package(&parts_with_traces(text, author))
}

/// The same, with a digital signature that any change makes invalid.
#[must_use]
pub fn docx_signed(text: &str, author: &str) -> Vec<u8> {
    let mut parts = parts_with_traces(text, author);
    let types = parts[0].1.replace(
        "</Types>",
        r#"<Override PartName="/_xmlsignatures/sig1.xml" ContentType="application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml"/></Types>"#,
    );
    parts[0].1 = types;
    parts.push(part("_xmlsignatures/sig1.xml", r#"<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>"#));
    package(&parts)
}

fn parts_with_traces(text: &str, author: &str) -> Vec<(String, String)> {
    let object = format!("word/embeddings/{}.bin", author.replace(' ', "-"));
    let author = escaped(author);
    let mut parts = docx_parts(text);
    let types = parts[0].1.replace(
        "</Types>",
        &format!(
            r#"<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/><Override PartName="/word/comments.xml" ContentType="{TYPES}.wordprocessingml.comments+xml"/><Override PartName="/{object}" ContentType="{TYPES}.oleObject"/></Types>"#
        ),
    );
    parts[0].1 = types;
    let roots = parts[1].1.replace(
        "</Relationships>",
        &format!(
            r#"<Relationship Id="c1" Type="{RELATIONSHIPS}/metadata/core-properties" Target="docProps/core.xml"/></Relationships>"#
        ),
    );
    parts[1].1 = roots;
    parts.push(part(
        "word/_rels/document.xml.rels",
        &format!(
            r#"<Relationships xmlns="{RELATIONSHIPS}"><Relationship Id="r1" Type="{OFFICE}/comments" Target="comments.xml"/><Relationship Id="r2" Type="{OFFICE}/image" Target="https://example.com/logo.png" TargetMode="External"/><Relationship Id="r3" Type="{OFFICE}/oleObject" Target="/{object}"/></Relationships>"#
        ),
    ));
    parts.push(part(
        "word/comments.xml",
        &format!(
            r#"<w:comments xmlns:w="{WORD}"><w:comment w:id="0" w:author="{author}" w:date="2026-11-02T09:00:00Z"><w:p><w:r><w:t>To be settled by {author}</w:t></w:r></w:p></w:comment></w:comments>"#
        ),
    ));
    parts.push(part(
        "docProps/core.xml",
        &format!(
            r#"<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>{author}</dc:creator></cp:coreProperties>"#
        ),
    ));
    parts.push((object, "an object".to_owned()));
    parts
}

/// A workbook with one cell.
#[must_use]
pub fn xlsx(text: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let cell = format!(r#"<c r="A1" t="inlineStr"><is><t>{}</t></is></c>"#, escaped(text));
    package(&[
        content_types(&[
            ("/xl/workbook.xml", "spreadsheetml.sheet.main"),
            ("/xl/worksheets/sheet1.xml", "spreadsheetml.worksheet"),
        ]),
        relationships("_rels/.rels", &[("officeDocument", "xl/workbook.xml")]),
        part(
            "xl/workbook.xml",
            &format!(
                r#"<workbook xmlns="{main}" xmlns:r="{OFFICE}"><sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>"#
            ),
        ),
        relationships("xl/_rels/workbook.xml.rels", &[("worksheet", "worksheets/sheet1.xml")]),
        part(
            "xl/worksheets/sheet1.xml",
            &format!(r#"<worksheet xmlns="{main}"><sheetData><row r="1">{cell}</row></sheetData></worksheet>"#),
        ),
    ])
}

/// A presentation with one slide.
#[must_use]
pub fn pptx(text: &str) -> Vec<u8> {
    let names = format!(r#"xmlns:a="{DRAWING}" xmlns:r="{OFFICE}" xmlns:p="{PRESENTATION}""#);
    let map = r#"bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink""#;
    package(&[
        content_types(&[
            ("/ppt/presentation.xml", "presentationml.presentation.main"),
            ("/ppt/slideMasters/slideMaster1.xml", "presentationml.slideMaster"),
            ("/ppt/slideLayouts/slideLayout1.xml", "presentationml.slideLayout"),
            ("/ppt/slides/slide1.xml", "presentationml.slide"),
            ("/ppt/theme/theme1.xml", "theme"),
        ]),
        relationships("_rels/.rels", &[("officeDocument", "ppt/presentation.xml")]),
        part(
            "ppt/presentation.xml",
            &format!(
                r#"<p:presentation {names}><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="r1"/></p:sldMasterIdLst><p:sldIdLst><p:sldId id="256" r:id="r2"/></p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>"#
            ),
        ),
        relationships(
            "ppt/_rels/presentation.xml.rels",
            &[("slideMaster", "slideMasters/slideMaster1.xml"), ("slide", "slides/slide1.xml")],
        ),
        part(
            "ppt/slideMasters/slideMaster1.xml",
            &format!(
                r#"<p:sldMaster {names}><p:cSld>{}</p:cSld><p:clrMap {map}/><p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="r1"/></p:sldLayoutIdLst></p:sldMaster>"#,
                shapes("")
            ),
        ),
        relationships(
            "ppt/slideMasters/_rels/slideMaster1.xml.rels",
            &[("slideLayout", "../slideLayouts/slideLayout1.xml"), ("theme", "../theme/theme1.xml")],
        ),
        part(
            "ppt/slideLayouts/slideLayout1.xml",
            &format!(r#"<p:sldLayout {names}><p:cSld>{}</p:cSld></p:sldLayout>"#, shapes("")),
        ),
        relationships(
            "ppt/slideLayouts/_rels/slideLayout1.xml.rels",
            &[("slideMaster", "../slideMasters/slideMaster1.xml")],
        ),
        part("ppt/slides/slide1.xml", &format!(r#"<p:sld {names}><p:cSld>{}</p:cSld></p:sld>"#, shapes(text))),
        relationships("ppt/slides/_rels/slide1.xml.rels", &[("slideLayout", "../slideLayouts/slideLayout1.xml")]),
        part("ppt/theme/theme1.xml", &theme()),
    ])
}

/// A ZIP archive of stored entries, in this order.
#[must_use]
pub fn package(parts: &[(String, String)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in parts {
        let offset = u32_of(archive.len());
        // Version, flags, method, time, the day 1980-01-01, CRC, both sizes, length of the name, no extra field.
        let mut header = Vec::new();
        for field in [20_u16, 0, 0, 0, 0x21] {
            header.extend(field.to_le_bytes());
        }
        for field in [crc32fast::hash(content.as_bytes()), u32_of(content.len()), u32_of(content.len())] {
            header.extend(field.to_le_bytes());
        }
        header.extend(u16_of(name.len()).to_le_bytes());
        header.extend(0_u16.to_le_bytes());

        archive.extend(b"PK\x03\x04");
        archive.extend(&header);
        archive.extend(name.as_bytes());
        archive.extend(content.as_bytes());

        directory.extend(b"PK\x01\x02");
        directory.extend(20_u16.to_le_bytes());
        directory.extend(&header);
        // No comment, disk 0, no attributes.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let offset = u32_of(archive.len());
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        archive.extend(u16_of(parts.len()).to_le_bytes());
    }
    archive.extend(u32_of(directory.len()).to_le_bytes());
    archive.extend(offset.to_le_bytes());
    archive.extend(0_u16.to_le_bytes());
    archive
}

fn docx_parts(text: &str) -> Vec<(String, String)> {
    let paragraphs: String =
        escaped(text).split('\n').map(|line| format!("<w:p><w:r><w:t>{line}</w:t></w:r></w:p>")).collect();
    vec![
        content_types(&[("/word/document.xml", "wordprocessingml.document.main")]),
        relationships("_rels/.rels", &[("officeDocument", "word/document.xml")]),
        part(
            "word/document.xml",
            &format!(r#"<w:document xmlns:w="{WORD}"><w:body>{paragraphs}</w:body></w:document>"#),
        ),
    ]
}

fn content_types(overrides: &[(&str, &str)]) -> (String, String) {
    let overrides: String = overrides
        .iter()
        .map(|(name, kind)| format!(r#"<Override PartName="{name}" ContentType="{TYPES}.{kind}+xml"/>"#))
        .collect();
    part(
        "[Content_Types].xml",
        &format!(
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>{overrides}</Types>"#
        ),
    )
}

/// Relationships with the ids `r1`, `r2` and so on.
fn relationships(name: &str, targets: &[(&str, &str)]) -> (String, String) {
    let targets: String = targets
        .iter()
        .zip(1..)
        .map(|((kind, target), number)| {
            format!(r#"<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{target}"/>"#)
        })
        .collect();
    part(name, &format!(r#"<Relationships xmlns="{RELATIONSHIPS}">{targets}</Relationships>"#))
}

fn shapes(text: &str) -> String {
    let shape = format!(
        r#"<p:sp><p:nvSpPr><p:cNvPr id="2" name="Text"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="9144000" cy="914400"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr><p:txBody><a:bodyPr/><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:txBody></p:sp>"#,
        escaped(text)
    );
    format!(
        r#"<p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>{}</p:spTree>"#,
        if text.is_empty() { "" } else { &shape }
    )
}

fn theme() -> String {
    let colours: String = [
        ("dk1", "000000"),
        ("lt1", "FFFFFF"),
        ("dk2", "222222"),
        ("lt2", "EEEEEE"),
        ("accent1", "0F5C4A"),
        ("accent2", "5B626B"),
        ("accent3", "A4262C"),
        ("accent4", "8A5A00"),
        ("accent5", "1F6B3A"),
        ("accent6", "1C1F23"),
        ("hlink", "0F5C4A"),
        ("folHlink", "5B626B"),
    ]
    .iter()
    .map(|(name, value)| format!(r#"<a:{name}><a:srgbClr val="{value}"/></a:{name}>"#))
    .collect();
    let font = r#"<a:latin typeface="Arial"/><a:ea typeface=""/><a:cs typeface=""/>"#;
    let fill = r#"<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>"#.repeat(3);
    let line = format!("<a:ln>{}</a:ln>", r#"<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>"#).repeat(3);
    let effect = "<a:effectStyle><a:effectLst/></a:effectStyle>".repeat(3);
    format!(
        r#"<a:theme xmlns:a="{DRAWING}" name="Plain"><a:themeElements><a:clrScheme name="Plain">{colours}</a:clrScheme><a:fontScheme name="Plain"><a:majorFont>{font}</a:majorFont><a:minorFont>{font}</a:minorFont></a:fontScheme><a:fmtScheme name="Plain"><a:fillStyleLst>{fill}</a:fillStyleLst><a:lnStyleLst>{line}</a:lnStyleLst><a:effectStyleLst>{effect}</a:effectStyleLst><a:bgFillStyleLst>{fill}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"#
    )
}

fn part(name: &str, xml: &str) -> (String, String) {
    (name.to_owned(), format!("{XML}{xml}"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn u32_of(length: usize) -> u32 {
    u32::try_from(length).expect("test documents are small")
}

fn u16_of(length: usize) -> u16 {
    u16::try_from(length).expect("test documents have few parts with short names")
}
