use proptest::prelude::*;
use quick_xml::{Reader, events::Event};

use super::*;

fn walked(bytes: &[u8], rigour: Rigour) -> Result<String, Code> {
    walked_in_pieces(bytes, rigour, usize::MAX)
}

fn walked_in_pieces(bytes: &[u8], rigour: Rigour, piece: usize) -> Result<String, Code> {
    let mut seen = String::new();
    let outcome = walk(&mut Pieces(bytes, piece), rigour, &mut |token| {
        match token {
            Token::Open(tag) => seen.push_str(&format!("<{}>", tag.name())),
            Token::Close(name) => seen.push_str(&format!("</{name}>")),
            Token::Text(text) => seen.push_str(text),
        }
        Ok(())
    });
    outcome.map(|()| seen).map_err(|objection| objection.code)
}

/// Input that shows a few bytes at a time.
struct Pieces<'a>(&'a [u8], usize);

impl std::io::Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.len().min(self.1).min(buffer.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Pieces<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        Ok(&self.0[..self.0.len().min(self.1)])
    }

    fn consume(&mut self, count: usize) {
        self.0 = &self.0[count..];
    }
}

fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
    let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
    units.flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn names_lose_their_prefix_and_references_are_resolved() {
    let text =
        br#"<?xml version="1.0" encoding="UTF-8"?><w:a xmlns:w="urn:w"><w:b c="1"/>x &amp; &#x41;<![CDATA[<]]></w:a>"#;
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
fn ill_formed_parts_are_refused_and_well_formed_ones_are_not() {
    for text in differential::ILL_FORMED {
        assert_eq!(walked(text.as_bytes(), Rigour::Strict), Err(Code::XmlMalformed), "{text}");
    }
    for text in differential::WELL_FORMED {
        assert!(walked(text.as_bytes(), Rigour::Strict).is_ok(), "{text}");
    }
}

#[test]
fn a_declaration_tells_the_encoding_that_is_in_use() {
    let declared = |encoding: &str| format!("<?xml version='1.0' encoding='{encoding}'?><a/>");
    let judged = |bytes: &[u8]| walked(bytes, Rigour::Strict).err();
    for (encoding, little, big, neither) in [
        ("UTF-16", None, None, Some(Code::XmlMalformed)),
        ("utf-16le", None, Some(Code::XmlMalformed), Some(Code::XmlMalformed)),
        ("UTF-16BE", Some(Code::XmlMalformed), None, Some(Code::XmlMalformed)),
        ("UTF-8", Some(Code::XmlMalformed), Some(Code::XmlMalformed), None),
        ("iso-8859-1", Some(Code::XmlEncoding), Some(Code::XmlEncoding), Some(Code::XmlEncoding)),
    ] {
        let text = declared(encoding);
        assert_eq!(judged(&utf16(&text, false)), little, "{encoding}");
        assert_eq!(judged(&utf16(&text, true)), big, "{encoding}");
        assert_eq!(judged(text.as_bytes()), neither, "{encoding}");
        assert_eq!(judged(format!("\u{feff}{text}").as_bytes()), neither, "{encoding}");
    }
    // Expat takes any version; the specification and other parsers do not.
    for version in ["2.0", "1.", "", "1.x"] {
        assert_eq!(judged(declared("utf-8").replace("1.0", version).as_bytes()), Some(Code::XmlMalformed));
    }
}

#[test]
fn a_document_type_weighs_more_than_what_is_ill_formed_in_front_of_it() {
    for text in ["x", "&x;", "<!-- -- -->", "<?XML?>", " <?xml?>", "<![CDATA[]]>", "<?p:q?>", "<?xml version='2'?>"] {
        let judged = |rest: &str| walked(format!("{text}{rest}").as_bytes(), Rigour::Strict).err();
        assert_eq!(judged("<!DOCTYPE a><a/>"), Some(Code::XmlDoctype), "{text}");
        assert_eq!(judged("<a/><!DOCTYPE a>"), Some(Code::XmlMalformed), "{text}");
    }
}

#[test]
fn old_vml_drawings_are_walked_as_far_as_they_go() {
    let text = b"<xml><div><font>x<br clear=all nowrap></font></div>&nbsp;<b>y</b></xml>";
    assert!(walked(text, Rigour::Lenient).is_ok_and(|seen| seen.ends_with("<b>y</b></xml>")));
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

#[test]
fn tokens_that_are_divided_are_read_whole() {
    let text = "\u{feff}<?xml version='1.0'?><!-- a > b --><a b='>ä😀'>\u{feff}x&amp;y<![CDATA[]]>]]&#x41;<c/></a>\n";
    let utf16 = utf16(&text[3..], true);
    for bytes in [text.as_bytes(), &utf16] {
        for piece in 2..40 {
            let seen = walked_in_pieces(bytes, Rigour::Strict, piece);
            assert_eq!(seen.as_deref(), Ok("<a>\u{feff}x&y]]A<c></c></a>"), "pieces of {piece}");
        }
    }
}

#[test]
fn what_stands_in_front_of_broken_bytes_is_judged_first() {
    for piece in [2, 3, 1_000] {
        let judged = |bytes| walked_in_pieces(bytes, Rigour::Strict, piece).err();
        assert_eq!(judged(b"<!DOCTYPE a><a>\xff</a>"), Some(Code::XmlDoctype));
        assert_eq!(judged(b"<a></b>\0"), Some(Code::XmlMalformed));
        assert_eq!(judged(b"<a/>\xef\xbb\xbfx\xff"), Some(Code::XmlMalformed));
        assert_eq!(judged(b"<a>\xef\xbb\xbfx\xff"), Some(Code::XmlEncoding));
    }
}

#[test]
fn long_tokens_pass_up_to_the_bound() {
    let text = format!("<a b='{}'>{}</a>", "x".repeat(15 << 20), "y".repeat(5 << 20));
    let seen = walked(text.as_bytes(), Rigour::Strict).expect("within the bound");
    assert_eq!(seen.len(), "<a></a>".len() + (5 << 20));
}

proptest! {
    #[test]
    fn random_markup_is_judged_alike_however_it_arrives(
        pieces in prop::collection::vec(prop::sample::select(MARKUP), 0..40),
        length in 2..20_usize,
    ) {
        let text = pieces.concat();
        let [strictly, leniently] = [Rigour::Strict, Rigour::Lenient].map(|rigour| {
            let whole = walked(text.as_bytes(), rigour);
            assert_eq!(whole, walked_in_pieces(text.as_bytes(), rigour, length), "{text}");
            whole
        });
        if strictly.is_ok() {
            prop_assert_eq!(strictly, leniently);
        }
    }

    #[test]
    fn what_is_well_formed_is_seen_as_another_parser_sees_it(
        pieces in prop::collection::vec(prop::sample::select(MARKUP), 0..12),
    ) {
        let text = format!("<a>{}</a>", pieces.concat());
        if let Ok(seen) = walked(text.as_bytes(), Rigour::Strict) {
            prop_assert_eq!(Some(seen), parsed(&text), "{}", text);
        }
    }

    #[test]
    fn what_is_left_out_is_judged_nevertheless(
        pieces in prop::collection::vec(prop::sample::select(CELLS), 0..12),
        length in 2..40_usize,
    ) {
        let text = format!("<a>{}</a>", pieces.concat());
        let outcome = watch(&mut Pieces(text.as_bytes(), length), Rigour::Strict, &mut PastCells);
        let seen = walked(text.as_bytes(), Rigour::Strict);
        prop_assert_eq!(outcome.err().map(|objection| objection.code), seen.err(), "{}", text);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..500), length in 2..20_usize) {
        for rigour in [Rigour::Strict, Rigour::Lenient] {
            prop_assert_eq!(walked(&bytes, rigour), walked_in_pieces(&bytes, rigour, length));
        }
    }
}

struct PastCells;

impl Watch for PastCells {
    fn see(&mut self, _: Token<'_>) -> Result<(), Objection> {
        Ok(())
    }

    fn ignores(&self) -> Ignored {
        Ignored::ValuesAndTexts
    }
}

/// The same walk by the parser with which copies are made. `None` when it is ill-formed.
fn parsed(text: &str) -> Option<String> {
    let mut reader = Reader::from_str(text);
    let (mut seen, mut open, mut roots) = (String::new(), 0_usize, 0);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                tag.attributes().with_checks(false).collect::<Result<Vec<_>, _>>().ok()?;
                seen.push_str(&format!("<{}>", tag.local_name().as_ref()));
                roots += usize::from(open == 0);
                open += 1;
            }
            Event::Empty(tag) => {
                tag.attributes().with_checks(false).collect::<Result<Vec<_>, _>>().ok()?;
                seen.push_str(&format!("<{0}></{0}>", tag.local_name().as_ref()));
                roots += usize::from(open == 0);
            }
            Event::End(tag) => {
                seen.push_str(&format!("</{}>", tag.local_name().as_ref()));
                open -= 1;
            }
            Event::Text(text) if open > 0 => seen.push_str(&text),
            Event::CData(text) if open > 0 => seen.push_str(&text),
            Event::GeneralRef(reference) if open > 0 && &*reference == "amp" => seen.push('&'),
            Event::GeneralRef(reference) if open > 0 => seen.push(reference.resolve_char_ref().ok()??),
            Event::Text(text) if text.bytes().all(|byte| byte.is_ascii_whitespace()) => {}
            Event::CData(text) if text.bytes().all(|byte| byte.is_ascii_whitespace()) => {}
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            Event::Eof => return (open == 0 && roots <= 1).then_some(seen),
            _ => return None,
        }
    }
}

/// What sheets are made of, well and badly.
const CELLS: &[&str] = &[
    "<c r=\"A1\"><v>1</v></c>",
    "<c r=\"A1\" s=\"1\" t=\"s\"><v></v></c>",
    "<c r=\"A1\" t=\"inlineStr\"><is><t>a</t></is></c>",
    "<c r=\"A1\"/>",
    "<c r=\"A1\"",
    "<c r=\"",
    "<c ",
    "A1\"",
    " s=\"1\"",
    " t=\"s\"",
    ">",
    "<v>",
    "1",
    "&amp;",
    "&",
    "]]>",
    "</v>",
    "</v></c>",
    "</c>",
    "<row>",
    "</row>",
];

/// What markup is made of, well and badly.
const MARKUP: &[&str] = &[
    "<a>",
    "</a>",
    "<b/>",
    "<x:c d='1'>",
    "</x:c>",
    "<a b=\"<>\">",
    "<a b>",
    "text",
    "ä😀",
    "\u{feff}",
    "&amp;",
    "&#65;",
    "&x;",
    "&",
    "<",
    ">",
    "<!",
    "<!-- - -->",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?p?>",
    "<?",
    "<!DOCTYPE a>",
    "\0",
    "'",
    " ",
    "<a b='1' c = \"2\" />",
    "<a b='1'c='2'>",
    "<a ='1'>",
    "<a/ >",
    "</a >",
    "<a b=1>",
    "<a\tb='\n'\r>",
    "</a b='1'>",
    "<a/b>",
    "<>",
    "</>",
    "<a=b>",
    "<a b='&lt;'/>",
    "<a b=''/>",
];
