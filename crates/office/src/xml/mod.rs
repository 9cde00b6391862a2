//! XML parts, walked safely.
//!
//! A pull parser of one pass with bounds on everything that a file could make large. No entity is
//! ever declared, because any document type declaration ends the walk.

mod input;
mod plain;
mod scope;

use std::io::BufRead;

use quick_xml::{
    Reader,
    events::{BytesDecl, BytesRef, BytesStart, Event},
    name::QName,
};

use crate::{finding::Code, zip::bytes};
pub(crate) use input::Input;
use plain::Plain;
use scope::Scope;
pub(crate) use scope::Tag;

/// Elements in elements. Genuine documents stay below 100.
const DEEPEST: usize = 512;
/// Attributes of one element, namespace declarations included. Genuine documents stay below 100.
const MOST_ATTRIBUTES: usize = 256;

/// How an ill-formed part is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rigour {
    /// As the specification says.
    Strict,
    /// Excel has written VML drawings with unclosed HTML elements and undeclared entities. They are
    /// walked as far as they go.
    Lenient,
}

/// A step of the walk.
pub(crate) enum Token<'a> {
    /// A start tag, or an empty element, which is followed by its `Close`.
    Open(Tag<'a>),
    /// The end of the element of this local name.
    Close(&'a str),
    /// Text, with references resolved; may come in pieces.
    Text(&'a str),
}

/// Why a walk ended early.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Objection {
    pub(crate) code: Code,
    pub(crate) detail: &'static str,
}

impl Objection {
    pub(crate) const fn new(code: Code, detail: &'static str) -> Self {
        Self { code, detail }
    }

    const fn malformed(detail: &'static str) -> Self {
        Self::new(Code::XmlMalformed, detail)
    }
}

fn local(name: QName<'_>) -> &str {
    // Names are short: a plain loop is faster than a search made for long texts.
    let colon = name.0.bytes().rposition(|byte| byte == b':');
    colon.and_then(|colon| name.0.get(colon + 1..)).unwrap_or(name.0)
}

/// Walks a part and shows every token to `see`, which may object. An I/O error of `input` ends the
/// walk quietly: the owner of the input knows more about it.
pub(crate) fn walk(
    input: &mut dyn BufRead,
    rigour: Rigour,
    see: &mut dyn FnMut(Token<'_>) -> Result<(), Objection>,
) -> Result<(), Objection> {
    let mut input = match Input::new(input) {
        Ok(input) => input,
        Err(obstacle) => return obstacle.into_result(),
    };
    let mut walk = Walk { rigour, depth: 0, roots: 0, scope: Scope::default(), names: Names::default(), see };
    loop {
        let read = match walk.window(input.text(), input.has_ended())? {
            Flow::On(read) => read,
            Flow::Over => return Ok(()),
        };
        if input.has_ended() {
            return walk.end();
        }
        if let Err(obstacle) = input.advance(read) {
            return obstacle.into_result();
        }
    }
}

/// How a walk goes on after a token or a window.
enum Flow {
    /// With what follows after so many bytes.
    On(usize),
    /// Not at all: nothing more can be read.
    Over,
}

struct Walk<'s> {
    rigour: Rigour,
    depth: usize,
    roots: usize,
    scope: Scope,
    names: Names,
    see: &'s mut dyn FnMut(Token<'_>) -> Result<(), Objection>,
}

impl Walk<'_> {
    /// Walks the tokens that are whole in this window.
    fn window(&mut self, text: &str, is_last: bool) -> Result<Flow, Objection> {
        let mut read = 0;
        while let Some(rest) = text.get(read..).filter(|rest| !rest.is_empty()) {
            if let Some((token, length)) = plain::next(rest) {
                self.plain(token)?;
                read += length;
            } else if rest.starts_with(['<', '&']) {
                match self.parse(rest, is_last)? {
                    Some(Flow::On(length)) => read += length,
                    Some(Flow::Over) => return Ok(Flow::Over),
                    None => break,
                }
            } else if is_last {
                self.text(rest)?;
                read = text.len();
            } else {
                break;
            }
        }
        Ok(Flow::On(read))
    }

    /// Has the parser read the token at the start of `text`, if it is whole.
    fn parse(&mut self, text: &str, is_last: bool) -> Result<Option<Flow>, Objection> {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        // The names of the open elements are kept here: the parser starts anew each time.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = self.rigour == Rigour::Lenient;
        let event = reader.read_event();
        let length = bytes::index(reader.buffer_position());
        // After `<!` and less, the parser cannot tell what begins.
        let may_go_on = !is_last && (length == text.len() || text.len() < 3);
        match event {
            Ok(Event::Text(_)) | Err(_) if may_go_on => Ok(None),
            Ok(event) => self.step(event).map(|()| Some(Flow::On(length))),
            // What is ill-formed must not hide a declaration that another parser would see.
            Err(_) if self.rigour == Rigour::Lenient && self.roots > 0 => Ok(Some(Flow::Over)),
            Err(_) => Err(Objection::malformed("syntax")),
        }
    }

    fn plain(&mut self, token: Plain<'_>) -> Result<(), Objection> {
        match token {
            Plain::Start(start) => {
                self.open(&start.tag, start.declares)?;
                self.names.push(start.tag.name().0);
                Ok(())
            }
            Plain::Empty(start) => {
                self.open(&start.tag, start.declares)?;
                self.close(start.tag.name())
            }
            Plain::End(name) => self.end_tag(QName(name)),
            Plain::Text(text) => self.text(text),
        }
    }

    fn step(&mut self, event: Event<'_>) -> Result<(), Objection> {
        match event {
            Event::Start(tag) => {
                self.open(&tag, true)?;
                self.names.push(tag.name().0);
                Ok(())
            }
            Event::Empty(tag) => {
                self.open(&tag, true)?;
                self.close(tag.name())
            }
            Event::End(tag) => self.end_tag(tag.name()),
            Event::Text(text) => self.text(&text),
            Event::CData(text) => self.text(&text),
            Event::GeneralRef(reference) => self.reference(&reference),
            Event::Decl(declaration) => self.declaration(&declaration),
            Event::DocType(_) => Err(Objection::new(Code::XmlDoctype, "")),
            Event::Comment(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>, look_at_attributes: bool) -> Result<(), Objection> {
        if self.depth == 0 {
            self.roots += 1;
            if self.roots > 1 && self.rigour == Rigour::Strict {
                return Err(Objection::malformed("more than one root element"));
            }
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Objection::new(Code::XmlTooComplex, "depth"));
        }
        if look_at_attributes {
            self.attributes(tag)?;
        }
        (self.see)(Token::Open(Tag { start: tag, name: local(tag.name()), scope: &self.scope }))
    }

    fn attributes(&mut self, tag: &BytesStart<'_>) -> Result<(), Objection> {
        for (count, attribute) in tag.attributes().with_checks(false).enumerate() {
            if count == MOST_ATTRIBUTES {
                return Err(Objection::new(Code::XmlTooComplex, "attributes"));
            }
            match attribute {
                Ok(attribute) => self.scope.declare(self.depth, attribute.key.0, &attribute.value)?,
                Err(_) if self.rigour == Rigour::Lenient => {}
                Err(_) => return Err(Objection::malformed("attribute")),
            }
        }
        Ok(())
    }

    fn end_tag(&mut self, name: QName<'_>) -> Result<(), Objection> {
        if !self.names.pop(name.0) && self.rigour == Rigour::Strict {
            return Err(Objection::malformed("an end tag that ends nothing"));
        }
        self.close(name)
    }

    fn close(&mut self, name: QName<'_>) -> Result<(), Objection> {
        self.scope.leave(self.depth);
        self.depth = self.depth.saturating_sub(1);
        (self.see)(Token::Close(local(name)))
    }

    fn text(&mut self, text: &str) -> Result<(), Objection> {
        if self.depth > 0 {
            return (self.see)(Token::Text(text));
        }
        let blank = text.chars().all(|character| character.is_ascii_whitespace());
        if blank { Ok(()) } else { Err(Objection::malformed("text outside of the root element")) }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Objection> {
        let mut buffer = [0; 4];
        let text = match reference.resolve_char_ref() {
            Ok(Some(character)) => character.encode_utf8(&mut buffer),
            Ok(None) => match &**reference {
                "amp" => "&",
                "lt" => "<",
                "gt" => ">",
                "quot" => "\"",
                "apos" => "'",
                _ => "",
            },
            Err(_) => "",
        };
        if text.is_empty() {
            return if self.rigour == Rigour::Lenient { Ok(()) } else { Err(Objection::malformed("reference")) };
        }
        self.text(text)
    }

    /// A declared encoding must be the one in use, which the first bytes told. Programs write
    /// `utf-16` into UTF-8 by mistake, and every reader has to ignore that.
    fn declaration(&self, declaration: &BytesDecl<'_>) -> Result<(), Objection> {
        let known = ["utf-8", "utf8", "utf-16", "us-ascii", "ascii"];
        match declaration.encoding() {
            None => Ok(()),
            Some(Ok(name)) if known.iter().any(|known| name.trim().eq_ignore_ascii_case(known)) => Ok(()),
            Some(_) => Err(Objection::new(Code::XmlEncoding, "")),
        }
    }

    fn end(self) -> Result<(), Objection> {
        if self.depth > 0 && self.rigour == Rigour::Strict {
            return Err(Objection::malformed("it ends early"));
        }
        Ok(())
    }
}

/// The names of the open elements, one after the other.
#[derive(Default)]
struct Names {
    joined: String,
    starts: Vec<usize>,
}

impl Names {
    fn push(&mut self, name: &str) {
        self.starts.push(self.joined.len());
        self.joined.push_str(name);
    }

    /// Takes the innermost name off; whether it is this one.
    fn pop(&mut self, name: &str) -> bool {
        let Some(start) = self.starts.pop() else { return false };
        let matches = self.joined.get(start..) == Some(name);
        self.joined.truncate(start);
        matches
    }
}

#[cfg(test)]
mod tests;
