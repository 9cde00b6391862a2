//! XML parts, walked safely.
//!
//! A pull parser of one pass with bounds on everything that a file could make large. No entity is
//! ever declared, because any document type declaration ends the walk.

mod input;
mod scope;

use std::io::BufRead;

use quick_xml::{
    Error, Reader,
    events::{BytesDecl, BytesRef, BytesStart, Event},
    name::QName,
};

use crate::finding::Code;
use input::{Input, Obstacle};
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
    let input = match Input::new(input) {
        Ok(input) => input,
        Err(obstacle) => return obstacle.into_result(),
    };
    let mut reader = Reader::from_reader(input);
    let config = reader.config_mut();
    config.check_end_names = rigour == Rigour::Strict;
    config.allow_unmatched_ends = rigour == Rigour::Lenient;
    config.allow_dangling_amp = rigour == Rigour::Lenient;
    let mut walk = Walk { rigour, depth: 0, roots: 0, scope: Scope::default(), see };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        reader.get_mut().start_of_token();
        let event = match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) => return walk.end(),
            Ok(event) => event,
            Err(error) => return walk.judge(&error, reader.get_mut()),
        };
        walk.step(event)?;
    }
}

struct Walk<'s> {
    rigour: Rigour,
    depth: usize,
    roots: usize,
    scope: Scope,
    see: &'s mut dyn FnMut(Token<'_>) -> Result<(), Objection>,
}

impl Walk<'_> {
    fn step(&mut self, event: Event<'_>) -> Result<(), Objection> {
        match event {
            Event::Start(tag) => self.open(&tag),
            Event::Empty(tag) => {
                self.open(&tag)?;
                self.close(tag.name())
            }
            Event::End(tag) => self.close(tag.name()),
            Event::Text(text) => self.text(&text),
            Event::CData(text) => self.text(&text),
            Event::GeneralRef(reference) => self.reference(&reference),
            Event::Decl(declaration) => self.declaration(&declaration),
            Event::DocType(_) => Err(Objection::new(Code::XmlDoctype, "")),
            Event::Comment(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), Objection> {
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
        let mut attributes = tag.attributes();
        for (count, attribute) in attributes.with_checks(false).enumerate() {
            if count == MOST_ATTRIBUTES {
                return Err(Objection::new(Code::XmlTooComplex, "attributes"));
            }
            match attribute {
                Ok(attribute) => self.scope.declare(self.depth, attribute.key.0, &attribute.value)?,
                Err(_) if self.rigour == Rigour::Lenient => {}
                Err(_) => return Err(Objection::malformed("attribute")),
            }
        }
        (self.see)(Token::Open(Tag { start: tag, name: local(tag.name()), scope: &self.scope }))
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

    fn judge(&self, error: &Error, input: &mut Input<'_>) -> Result<(), Objection> {
        match error {
            Error::Io(_) => input.obstacle().map_or(Ok(()), Obstacle::into_result),
            Error::Encoding(_) => Err(Objection::new(Code::XmlEncoding, "not UTF-8")),
            // What is ill-formed must not hide a declaration that another parser would see.
            _ if self.rigour == Rigour::Lenient && self.roots > 0 => Ok(()),
            _ => Err(Objection::malformed("syntax")),
        }
    }
}

#[cfg(test)]
mod tests;
