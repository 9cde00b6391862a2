//! What is well-formed, compared with what expat says.

use std::{
    env,
    io::{Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};

use super::{Objection, Rigour, walk, walk::VERSION};
use crate::finding::Code;

const PARSER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/expat.py");
const RANDOM: usize = 40_000;

/// A process that runs expat.
struct Expat {
    child: Child,
    requests: ChildStdin,
    answers: ChildStdout,
}

impl Expat {
    fn start() -> Self {
        let python = env::var_os("STRONGROOM_PYTHON").unwrap_or_else(|| "python3".into());
        let mut command = Command::new(python);
        let started = command.arg(PARSER).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = started.expect("Python runs: `cargo xtask test` sees to it");
        let (requests, answers) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        Self { child, requests, answers }
    }

    fn takes(&mut self, document: &[u8]) -> bool {
        let length = u32::try_from(document.len()).expect("short documents");
        self.requests.write_all(&[&length.to_le_bytes(), document].concat()).expect("Python is listening");
        let mut answer = [0];
        self.answers.read_exact(&mut answer).expect("Python answers");
        answer == *b"y"
    }

    /// Fails when the two disagree. A document type, a bound or another encoding is a reason of our own, and so is a
    /// version that the specification does not know and expat does not look at.
    fn agrees(&mut self, document: &[u8]) {
        let ours = judged(document);
        let theirs = self.takes(document);
        let agreed = match ours {
            Ok(()) => theirs,
            Err(Objection { code: Code::XmlMalformed, detail }) => !theirs || detail == VERSION,
            Err(_) => true,
        };
        assert!(agreed, "we say {ours:?}, expat {theirs}: {}", String::from_utf8_lossy(document));
    }

    fn ends(self) {
        let Self { mut child, requests, .. } = self;
        drop(requests);
        assert!(child.wait().is_ok_and(|status| status.success()));
    }
}

fn judged(document: &[u8]) -> Result<(), Objection> {
    walk(&mut &*document, Rigour::Strict, &mut |_| Ok(()))
}

fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
    let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
    units.flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
#[ignore = "needs the Python that `cargo xtask test` sets up"]
fn expat_takes_the_same_documents_for_well_formed() {
    let mut expat = Expat::start();
    for case in WELL_FORMED.iter().chain(ILL_FORMED) {
        expat.agrees(case.as_bytes());
        for big_endian in [false, true] {
            expat.agrees(&utf16(case, big_endian));
        }
    }
    every_character(&mut expat);
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    for _ in 0..RANDOM {
        let document = documents().new_tree(&mut runner).expect("no filter").current();
        expat.agrees(document.as_bytes());
        if document.len().is_multiple_of(4) {
            expat.agrees(&utf16(&document, document.len().is_multiple_of(8)));
        }
    }
    expat.ends();
}

/// Every character of the first plane, and some of others: in a text, by its number, at the start and inside of a name.
fn every_character(expat: &mut Expat) {
    let first_plane = (0..=0xFFFF).filter_map(char::from_u32);
    let others = ['\u{10000}', '\u{1FFFE}', '\u{1FFFF}', '\u{20000}', '\u{EFFFF}', '\u{10FFFF}'];
    for character in first_plane.chain(others) {
        // A name can hold many, but one that is wrong spoils it for the others.
        expat.agrees(format!("<{character}/>").as_bytes());
        expat.agrees(format!("<a{character}/>").as_bytes());
        expat.agrees(format!("<a>{character}&#{};</a>", u32::from(character)).as_bytes());
        expat.agrees(format!("<a b='{character}'><?p {character}?><!--{character}--></a>").as_bytes());
    }
    for number in [0xD800_u32, 0xDFFF, 0xFFFE, 0x11_0000, u32::MAX] {
        expat.agrees(format!("<a>&#{number};</a>").as_bytes());
        expat.agrees(format!("<a b='&#x{number:x};'/>").as_bytes());
    }
}

/// Documents of pieces that are right, wrong, and misplaced.
fn documents() -> impl Strategy<Value = String> {
    let piece = || prop::sample::select(PIECES);
    let content = prop::collection::vec(piece(), 0..6).prop_map(|pieces| pieces.concat());
    let wrapped = (content, prop::sample::select(FRAMES), any::<prop::sample::Index>(), piece(), 0..4);
    wrapped.prop_map(|(content, frame, place, other, change)| {
        let mut document = frame.replace("..", &content);
        let places: Vec<usize> = document.char_indices().map(|(place, _)| place).collect();
        let Some(&place) = (!places.is_empty()).then(|| place.get(&places)) else { return document };
        match change {
            // As it is, shortened, without a character, with something else in it.
            0 => document.truncate(place),
            1 => drop(document.remove(place)),
            2 => document.insert_str(place, other),
            _ => {}
        }
        document
    })
}

const FRAMES: &[&str] = &[
    "..",
    "<a>..</a>",
    "<a>..</a>",
    "<a xmlns:x='urn:x' xmlns:y='urn:y' xmlns:z='urn:x'>..</a>",
    "<?xml version='1.0' encoding='UTF-8' standalone=\"yes\"?>\r\n<a xmlns='urn:d' xmlns:x='urn:x'>..</a>\n<!--e-->",
    "<!-- .. --><a/>",
    "<a b=\"..\" c='d'/>",
    "<a><![CDATA[..]]></a>",
    "<?p ..?><a/>",
    "<?xml version='1.0' encoding='us-ascii'?><a>..</a>",
    "<?xml ..?><a/>",
    "<a ../>",
];

const PIECES: &[&str] = &[
    "<b>",
    "</b>",
    "<b></b>",
    "<b/>",
    "<b />",
    "</b >",
    "< b>",
    "<b/ >",
    "</ b>",
    "<x:b>",
    "</x:b>",
    "<x:b/>",
    "<q:b/>",
    "<x:b:c/>",
    "<:b/>",
    "<x:/>",
    "<x:1/>",
    "<xml:b/>",
    "<xmlns:b/>",
    "<1/>",
    "<-b/>",
    "<b.-1/>",
    "<b a='1' a='2'/>",
    "<b x:c='' z:c=''/>",
    "<b x:c='' y:c=''/>",
    "<b x:c='' c=''/>",
    "<b q:c=''/>",
    "<b xml:lang='e'/>",
    "<b c=1/>",
    "<b c/>",
    "<b c='1'd='2'/>",
    "<b c = '1'\n d=\"2\"/>",
    "<b c='<'/>",
    "<b c='>'/>",
    "<b c='&'/>",
    "<b c='&amp;&#65;'/>",
    "<b c='\t\n'/>",
    "<b xmlns:p='urn:p' p:c='' x:c=''/>",
    "<p:b xmlns:p='urn:p'/>",
    "<b xmlns:p=''/>",
    "<b xmlns=''/>",
    "<b xmlns:xml='urn:x'/>",
    "<b xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
    "<b xmlns:xmlns='urn:x'/>",
    "<b xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
    "<b xmlns='http://www.w3.org/2000/xmlns/'/>",
    "<b xmlns:p='http://www.w3.org/2000/xmlns/'/>",
    "<b xmlns:p='urn:&#120;' p:c='' x:c=''/>",
    "<b xmlns:p='urn:x' xmlns:p=''/>",
    " version='1.0'",
    " version=\"1.1\"",
    " encoding='UTF-8'",
    " encoding='utf-16'",
    " encoding='ascii'",
    " standalone='no'",
    " standalone='maybe'",
    " encoding=''",
    " version",
    " c='1'",
    " x:c='1'",
    " xmlns:x='urn:x'",
    "xmlns='urn:y'",
    "text",
    "]",
    "]]",
    ">",
    "]]>",
    "&",
    "&amp;",
    "&lt",
    "&x;",
    "&#x;",
    "&#65;",
    "&#X41;",
    "&#x41;",
    "&#0;",
    "&#+65;",
    "& ",
    "&#xD800;",
    "&#1114112;",
    "&#00000000000065;",
    "<",
    "<!",
    "<!-- -->",
    "<!-- -- -->",
    "<!--->",
    "<!-->",
    "--",
    "-->",
    "<!---->",
    "<![CDATA[x]]>",
    "<![CDATA[",
    "<![cdata[x]]>",
    "<![CDATA[]]]]>",
    "<?p?>",
    "<?p x?>",
    "<? p?>",
    "<?p",
    "<?xml?>",
    "<?XML x?>",
    "<?xml version='1.0'?>",
    "<?x:p x?>",
    "<?xml-s x?>",
    "?>",
    "'",
    "\"",
    " ",
    "\n",
    "\t",
    "\r",
    "\u{feff}",
    "\u{1}",
    "\u{7f}",
    "\u{b}",
    "\u{fffe}",
    "\u{fffd}",
    "\u{85}",
    "ä",
    "<ä/>",
    "<\u{d7}/>",
    "<\u{10000}/>",
    "😀",
    "=",
    "/",
    "/>",
];

/// One of each kind, on both sides. They are judged in the ordinary tests, too.
pub(super) const WELL_FORMED: &[&str] = &[
    "<a/>",
    "<?xml version='1.0'?><a/>",
    "<?xml version = \"1.0\" encoding='utf-8' standalone='no' ?><a/>",
    "<?xml version='1.1'?><a/>",
    "<!--c--><?p?> <a/> <?p q?><!--c-->\r\n",
    "<a b='>' c=\"'\"></a >",
    "<a b = '1'\tc\n=\r'2'/>",
    "<a xmlns:x='urn:x' xmlns:y='urn:y' x:b='' y:b='' b=''/>",
    "<a xmlns='urn:x' xmlns:x='urn:x' x:b='' b=''/>",
    "<a xmlns='urn:x'><b xmlns=''/></a>",
    "<a xml:space='preserve'/>",
    "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
    "<a>&lt;&gt;&amp;&quot;&apos;&#9;&#x10FFFF;</a>",
    "<a><![CDATA[<&]] >]]]]><![CDATA[>]]></a>",
    "<a>] ]> ]]&gt;</a>",
    "<a><!-- - ->--></a>",
    "<a><?p <&?x ?></a>",
    "<ä:ö xmlns:ä='urn:x'/>",
    "<a>\u{7f}\u{85}\u{fffd}\u{10ffff}\u{feff}</a>",
    "<_.-1·/>",
];

pub(super) const ILL_FORMED: &[&str] = &[
    "",
    " ",
    "<!--c-->",
    "x",
    "<a>",
    "</a>",
    "<a></b>",
    "<a><b></a></b>",
    "<a/><b/>",
    "x<a/>",
    "<a/>x",
    "&#32;<a/>",
    "<a/>&#32;",
    "<![CDATA[ ]]><a/>",
    "<a/><![CDATA[]]>",
    "\u{feff}\u{feff}<a/>",
    "< a/>",
    "<a / >",
    "<a/ >",
    "</ a>",
    "<1/>",
    "<a!/>",
    "<\u{d7}/>",
    "<\u{10000}/>",
    "<:a/>",
    "<a:/>",
    "<a:b:c xmlns:a='urn:a'/>",
    "<a xmlns:b='urn:b'><b:1/></a>",
    "<a b/>",
    "<a b=c/>",
    "<a b='1'c='2'/>",
    "<a b='1' b='2'/>",
    "<a b='<'/>",
    "<a b='&'/>",
    "<a b='&c;'/>",
    "<a b='&#1;'/>",
    "<a b='\u{1}'/>",
    "<a 1b=''/>",
    "<a xmlns:x='urn:x' xmlns:y='urn:x' x:b='' y:b=''/>",
    "<a xmlns:x='urn:x' xmlns:y='urn:&#120;' x:b='' y:b=''/>",
    "<a xmlns='u' xmlns='v'/>",
    "<x:a/>",
    "<a x:b=''/>",
    "<a><b xmlns:x='urn:x'/><x:c/></a>",
    "<xmlns:a/>",
    "<a xmlns:x=''/>",
    "<a xmlns:xml='urn:x'/>",
    "<a xmlns:xmlns='urn:x'/>",
    "<a xmlns:x='http://www.w3.org/XML/1998/namespace'/>",
    "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
    "<a>&</a>",
    "<a>&b;</a>",
    "<a>&#;</a>",
    "<a>&#X41;</a>",
    "<a>&#+65;</a>",
    "<a>&#xFFFE;</a>",
    "<a>&#xD800;</a>",
    "<a>&#x110000;</a>",
    "<a>&amp</a>",
    "<a>]]></a>",
    "<a>\u{b}</a>",
    "<a>\u{ffff}</a>",
    "<a><!-- -- --></a>",
    "<a><!-- ---></a>",
    "<a><!--></a>",
    "<a><!-- \u{2} --></a>",
    "<a><?p \u{2}?></a>",
    "<a><? p?></a>",
    "<a><?p:q?></a>",
    "<a><?p",
    "<a><![CDATA[",
    "<a><![cdata[]]></a>",
    "<a><!ENTITY b 'c'></a>",
    "<a><?xml version='1.0'?></a>",
    "<a><?XmL?></a>",
    " <?xml version='1.0'?><a/>",
    "<!--c--><?xml version='1.0'?><a/>",
    "<?xml?><a/>",
    "<?xml encoding='utf-8'?><a/>",
    "<?xml version='1.0'encoding='utf-8'?><a/>",
    "<?xml version='1.0' standalone='yes' encoding='utf-8'?><a/>",
    "<?xml version='1.0' standalone='maybe'?><a/>",
    "<?xml version='1.0' encoding='utf-8' x='y'?><a/>",
    "<?xml version='1.0' version='1.0'?><a/>",
    "<?xml version=1.0?><a/>",
    "<?xml version='1 0'?><a/>",
    "<?xml version='1.0' encoding='us-ascii'?><a>ä</a>",
];
