use super::*;

fn walked(bytes: &[u8], rigour: Rigour) -> Result<String, Code> {
    let mut seen = String::new();
    let mut input = bytes;
    walk(&mut input, rigour, &mut |token| {
        match token {
            Token::Open(tag) => seen.push_str(&format!("<{}>", tag.name())),
            Token::Close(name) => seen.push_str(&format!("</{name}>")),
            Token::Text(text) => seen.push_str(text),
        }
        Ok(())
    })
    .map_err(|objection| objection.code)?;
    Ok(seen)
}

fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
    let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
    units.flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn names_lose_their_prefix_and_references_are_resolved() {
    let text = br#"<?xml version="1.0" encoding="UTF-8"?><w:a><w:b c="1"/>x &amp; &#x41;<![CDATA[<]]></w:a>"#;
    assert_eq!(walked(text, Rigour::Strict).as_deref(), Ok("<a><b></b>x & A<</a>"));
}

#[test]
fn both_encodings_with_a_mark_are_read() {
    let long = format!("<a>{}</a>", "ä😀".repeat(20_000));
    for big_endian in [false, true] {
        assert_eq!(walked(&utf16(&long, big_endian), Rigour::Strict), Ok(long.clone()));
    }
    assert_eq!(walked("\u{feff}<a>ä</a>".as_bytes(), Rigour::Strict).as_deref(), Ok("<a>ä</a>"));
}

#[test]
fn other_encodings_are_refused() {
    let unmarked: Vec<u8> = utf16("<a/>", false).split_off(2);
    let utf32: Vec<u8> = "\u{feff}<a/>".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let declared = br#"<?xml version="1.0" encoding="UTF-7"?><a/>"#;
    for bytes in [&unmarked[..], &utf32, declared, b"<a>\xff</a>", &utf16("<a/>", false)[..9]] {
        assert_eq!(walked(bytes, Rigour::Strict), Err(Code::XmlEncoding), "{bytes:?}");
    }
}

#[test]
fn any_document_type_is_refused_in_any_encoding() {
    let text = "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>";
    for bytes in [text.as_bytes().to_vec(), utf16(text, true), utf16(text, false), text.to_lowercase().into_bytes()] {
        for rigour in [Rigour::Strict, Rigour::Lenient] {
            assert_eq!(walked(&bytes, rigour), Err(Code::XmlDoctype));
        }
    }
    assert_eq!(walked(b"<!--x--><?p?>\n<!DOCTYPE a><a/>", Rigour::Strict), Err(Code::XmlDoctype));
}

#[test]
fn ill_formed_parts_are_refused() {
    for text in ["<a>", "<a></b>", "<a/><b/>", "x<a/>", "<a/>x", "<a b/>", "<a>&b;</a>", "<a", "</a>", "<a>&</a>"] {
        assert_eq!(walked(text.as_bytes(), Rigour::Strict), Err(Code::XmlMalformed), "{text}");
    }
}

#[test]
fn old_vml_drawings_are_walked_as_far_as_they_go() {
    let text = b"<xml><div><font>x<br clear=all nowrap></font></div>&nbsp;<b>y</b></xml>";
    assert!(walked(text, Rigour::Lenient).is_ok_and(|seen| seen.ends_with("<b>y</b></xml>")));
}

#[test]
fn empty_parts_are_nothing_to_object_to() {
    assert_eq!(walked(b"", Rigour::Strict).as_deref(), Ok(""));
}

#[test]
fn resources_are_bounded() {
    let attributes: String = (0..1_000).map(|n| format!(" a{n}='1'")).collect();
    let tests = [
        format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000)),
        format!("<a{attributes}/>"),
        "x".repeat(20 << 20),
    ];
    for (index, text) in tests.iter().enumerate() {
        let text = if index == 2 { format!("<a b='{text}'/>") } else { text.clone() };
        assert_eq!(walked(text.as_bytes(), Rigour::Strict), Err(Code::XmlTooComplex));
    }
}
