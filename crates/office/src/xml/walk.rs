//! The walk from token to token, and what only shows between them: nesting, namespaces, one root.

use super::{
    DEEPEST, Ignored, Objection, Rigour, Tag, Token, Watch, cell,
    characters::is_blank,
    declaration::{Declaration, Fit, fit},
    grammar::{self, Attribute, Ill, Name, Start},
    input::Encoding,
    names::Names,
    scope::{Parts, Scope},
};
use crate::finding::Code;

/// The detail of an objection to a version that is not 1.0 and no later one like it.
pub(super) const VERSION: &str = "the version of XML";

/// How a walk goes on after a token or a window.
pub(super) enum Step {
    /// At this place.
    To(usize),
    /// When more of the part has come.
    Wait,
    /// Not at all: nothing more can be read.
    Over,
}

pub(super) struct Walk<'s, W: ?Sized> {
    rigour: Rigour,
    encoding: Encoding,
    /// Whether nothing has been read so far.
    fresh: bool,
    /// Whether the part says that it is ASCII.
    ascii: bool,
    depth: usize,
    roots: usize,
    /// The first that is ill-formed in front of the root element. It waits until there can be no document type any
    /// more, which weighs more.
    early: Option<Objection>,
    scope: Scope,
    names: Names,
    /// Those of the last start tag.
    attributes: Vec<Attribute>,
    watch: &'s mut W,
}

impl<'s, W: Watch + ?Sized> Walk<'s, W> {
    pub(super) fn new(rigour: Rigour, encoding: Encoding, watch: &'s mut W) -> Self {
        let (scope, names, attributes) = (Scope::default(), Names::default(), Vec::new());
        let (fresh, ascii, depth, roots, early) = (true, false, 0, 0, None);
        Self { rigour, encoding, fresh, ascii, depth, roots, early, scope, names, attributes, watch }
    }

    /// Walks the tokens that are whole in this window.
    pub(super) fn window(&mut self, window: &str, is_last: bool) -> Result<Step, Objection> {
        let mut text = self.readable(window);
        let mut at = 0;
        while at < text.len() {
            let ends_here = is_last && text.len() == window.len();
            match self.token(text, at, ends_here)? {
                Step::To(next) => at = next,
                Step::Wait => break,
                Step::Over => return Ok(Step::Over),
            }
            self.fresh = false;
            if self.depth == 0 {
                text = self.readable(window);
            }
        }
        if text.len() < window.len() {
            return Err(Objection::malformed("a character that the declared encoding does not have"));
        }
        Ok(Step::To(at))
    }

    /// The end of the part.
    pub(super) fn end(self) -> Result<(), Objection> {
        match self.early {
            Some(early) => Err(early),
            None if self.rigour == Rigour::Lenient => Ok(()),
            None if self.depth > 0 => Err(Objection::malformed("it ends early")),
            None if self.roots == 0 => Err(Objection::malformed("no element")),
            None => Ok(()),
        }
    }

    /// What the declared encoding permits to read.
    fn readable<'t>(&self, window: &'t str) -> &'t str {
        if !self.ascii {
            return window;
        }
        let foreign = window.bytes().position(|byte| !byte.is_ascii());
        foreign.and_then(|foreign| window.get(..foreign)).unwrap_or(window)
    }

    fn token(&mut self, text: &str, at: usize, is_last: bool) -> Result<Step, Objection> {
        match text.as_bytes().get(at..).unwrap_or_default() {
            [b'<', b'/', ..] => self.end_tag(text, at, is_last),
            [b'<', b'?', ..] => self.instruction(text, at, is_last),
            [b'<', b'!', ..] => self.declared(text, at, is_last),
            [b'<', b'c', b' ', ..] => self.cells(text, at, is_last),
            [b'<', _, ..] => self.start_tag(text, at, is_last),
            [b'<'] => self.wait(is_last),
            [b'&', ..] => self.reference(text, at, is_last),
            _ => self.text(text, at, is_last),
        }
    }

    /// As many cells as follow each other, or whatever else begins as they do.
    fn cells(&mut self, text: &str, at: usize, is_last: bool) -> Result<Step, Objection> {
        let (mut end, ignored) = (at, self.watch.ignores());
        // The text of a cell is three elements deep.
        if ignored != Ignored::Nothing && self.depth > 0 && self.depth + 3 <= DEEPEST {
            while let Some(next) = cell::end(text.as_bytes(), end, ignored) {
                end = next;
            }
        }
        if end > at { Ok(Step::To(end)) } else { self.start_tag(text, at, is_last) }
    }

    fn start_tag(&mut self, text: &str, at: usize, is_last: bool) -> Result<Step, Objection> {
        self.attributes.clear();
        let start = match grammar::start_tag(text, at, &mut self.attributes) {
            Ok(Some(start)) => start,
            Ok(None) => return self.wait(is_last),
            Err(Ill::TooManyAttributes) => return Err(Objection::new(Code::XmlTooComplex, "attributes")),
            Err(Ill::Formed(detail)) if self.rigour == Rigour::Strict => return Err(self.malformed(detail)),
            Err(Ill::Formed(_)) => {
                self.attributes.clear();
                match grammar::loose_start_tag(text, at, &mut self.attributes) {
                    Some(start) => start,
                    None => return self.wait(is_last),
                }
            }
        };
        self.open(text, start)?;
        if start.is_empty {
            self.close(start.name.local(text))?;
        } else {
            self.names.push(text, start.name);
        }
        Ok(Step::To(start.end))
    }

    fn open(&mut self, text: &str, start: Start) -> Result<(), Objection> {
        if self.depth == 0 {
            self.root()?;
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Objection::new(Code::XmlTooComplex, "depth"));
        }
        if start.declares {
            self.declare(text)?;
        }
        if self.rigour == Rigour::Strict {
            self.check_names(text, start.name)?;
        }
        let parts = Parts { text, name: start.name, attributes: &self.attributes, scope: &self.scope };
        self.watch.see(Token::Open(Tag { local: start.name.local(text), parts: &parts }))
    }

    fn root(&mut self) -> Result<(), Objection> {
        if let Some(early) = self.early {
            return Err(early);
        }
        self.roots += 1;
        if self.roots > 1 && self.rigour == Rigour::Strict {
            return Err(Objection::malformed("more than one root element"));
        }
        Ok(())
    }

    fn declare(&mut self, text: &str) -> Result<(), Objection> {
        for attribute in &self.attributes {
            if let Some(prefix) = attribute.name.declares(text) {
                let value = text.get(attribute.value..attribute.value_end).unwrap_or_default();
                self.scope.declare(self.depth, prefix, value, self.rigour)?;
            }
        }
        Ok(())
    }

    fn check_names(&mut self, text: &str, name: Name) -> Result<(), Objection> {
        let scope = &mut self.scope;
        let mut is_known = scope.knows(text, name);
        for attribute in &self.attributes {
            is_known &= scope.knows(text, attribute.name) || attribute.name.declares(text).is_some();
        }
        if !is_known {
            return Err(Objection::malformed("a prefix that nobody declares"));
        }
        if self.attributes.len() > 1 && !scope.are_distinct(text, &self.attributes) {
            return Err(Objection::malformed("an attribute occurs twice"));
        }
        Ok(())
    }

    fn end_tag(&mut self, text: &str, at: usize, is_last: bool) -> Result<Step, Objection> {
        if let Some((local, end)) = self.names.innermost_at(text, at + 2) {
            self.names.drop_innermost();
            self.close(text.get(local..end).unwrap_or_default())?;
            return Ok(Step::To(end + 1));
        }
        let name = grammar::loose_name(text, at + 2);
        let mut end = name.end;
        match grammar::after_blanks(text.as_bytes(), &mut end) {
            Some(b'>') => {}
            Some(_) if self.rigour == Rigour::Strict => return Err(self.malformed("an end tag")),
            Some(_) => match grammar::behind(text, end, ">") {
                Some(behind) => end = behind - 1,
                None => return self.wait(is_last),
            },
            None => return self.wait(is_last),
        }
        if !self.names.pop(text, name.start, name.end) && self.rigour == Rigour::Strict {
            return Err(self.malformed("an end tag that ends nothing"));
        }
        self.close(name.local(text))?;
        Ok(Step::To(end + 1))
    }

    fn close(&mut self, local: &str) -> Result<(), Objection> {
        self.scope.leave(self.depth);
        self.depth = self.depth.saturating_sub(1);
        self.watch.see(Token::Close(local))
    }

    fn text(&mut self, text: &str, at: usize, is_last: bool) -> Result<Step, Objection> {
        if self.depth == 0 {
            return self.between(text, at);
        }
        let end = match grammar::text_end(text, at) {
            Ok(None) if !is_last => return Ok(Step::Wait),
            Ok(end) => end.unwrap_or(text.len()),
            Err(ill) => match self.forgive(ill, || text.get(at..)?.find(['<', '&']).map(|length| at + length))? {
                Some(end) => end,
                None if is_last => text.len(),
                None => return Ok(Step::Wait),
            },
        };
        self.watch.see(Token::Text(text.get(at..end).unwrap_or_default()))?;
        Ok(Step::To(end))
    }

    /// Text outside of the root element, which should be space.
    fn between(&mut self, text: &str, at: usize) -> Result<Step, Objection> {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        let end = rest.iter().position(|byte| *byte == b'<').unwrap_or(rest.len());
        if !rest.iter().take(end).all(|byte| is_blank(*byte)) {
            self.outside()?;
        }
        Ok(Step::To(at + end))
    }

    /// Something stands outside of the root element that may not.
    fn outside(&mut self) -> Result<(), Objection> {
        let objection = Objection::malformed("text outside of the root element");
        if self.roots > 0 {
            return Err(objection);
        }
        self.early.get_or_insert(objection);
        Ok(())
    }

    fn reference(&mut self, text: &str, at: usize, is_last: bool) -> Result<Step, Objection> {
        if self.depth == 0 {
            self.outside()?;
            return Ok(Step::To(at + 1));
        }
        match grammar::reference(text, at) {
            Ok(Some((character, end))) => {
                self.watch.see(Token::Text(character.encode_utf8(&mut [0; 4])))?;
                Ok(Step::To(end))
            }
            Ok(None) => self.wait(is_last),
            Err(Ill::Formed(detail)) if self.rigour == Rigour::Strict => Err(self.malformed(detail)),
            // An entity of HTML, or a character that stands for itself.
            Err(_) => match grammar::reference_end(text, at) {
                Some(end) if text.as_bytes().get(end) == Some(&b';') => Ok(Step::To(end + 1)),
                _ => {
                    self.watch.see(Token::Text("&"))?;
                    Ok(Step::To(at + 1))
                }
            },
        }
    }

    fn instruction(&mut self, text: &str, at: usize, is_last: bool) -> Result<Step, Objection> {
        let behind = || grammar::behind(text, at + 2, "?>");
        let (target, end) = match grammar::instruction(text, at) {
            Ok(Some((target, end))) => (target.of(text), end),
            Ok(None) => return self.wait(is_last),
            Err(ill) => match self.forgive(ill, behind)? {
                Some(end) => ("", end),
                None => return self.wait(is_last),
            },
        };
        if target == "xml" {
            self.declaration(text.get(at + 5..end - 2).unwrap_or_default())?;
        } else if target.eq_ignore_ascii_case("xml") {
            self.complain("an instruction called xml")?;
        }
        Ok(Step::To(end))
    }

    fn declaration(&mut self, written: &str) -> Result<(), Objection> {
        let declaration = Declaration::read(written);
        let fit = declaration.encoding.map_or(Fit::Well, |name| fit(name, self.encoding));
        if fit == Fit::Unknown {
            return Err(Objection::new(Code::XmlEncoding, ""));
        }
        if !self.fresh {
            return self.complain("an XML declaration that is not at the start");
        }
        if !declaration.is_sound {
            return self.complain("the XML declaration");
        }
        if !declaration.is_version_known {
            return self.complain(VERSION);
        }
        if fit == Fit::Contradicts {
            return self.complain("another encoding than declared");
        }
        self.ascii = fit == Fit::InAscii && self.rigour == Rigour::Strict;
        Ok(())
    }

    /// What begins with `<!`.
    fn declared(&mut self, text: &str, at: usize, is_last: bool) -> Result<Step, Objection> {
        const COMMENT: &str = "<!--";
        const CDATA: &str = "<![CDATA[";
        const DOCTYPE: &str = "<!doctype";
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        // Programs that take lower case for a document type exist.
        let begins = |mark: &str| rest.iter().zip(mark.as_bytes()).all(|(one, other)| one.eq_ignore_ascii_case(other));
        if [COMMENT, CDATA, DOCTYPE].into_iter().any(|mark| rest.len() < mark.len() && begins(mark)) {
            return self.wait(is_last);
        }
        if begins(COMMENT) {
            self.comment(text, at, is_last)
        } else if rest.starts_with(CDATA.as_bytes()) {
            self.cdata(text, at + CDATA.len(), is_last)
        } else if begins(DOCTYPE) {
            Err(Objection::new(Code::XmlDoctype, ""))
        } else {
            self.stuck("a declaration")
        }
    }

    fn comment(&mut self, text: &str, at: usize, is_last: bool) -> Result<Step, Objection> {
        let end = match grammar::comment_end(text, at) {
            Ok(end) => end,
            Err(ill) => self.forgive(ill, || grammar::behind(text, at + 4, "-->"))?,
        };
        end.map_or_else(|| self.wait(is_last), |end| Ok(Step::To(end)))
    }

    fn cdata(&mut self, text: &str, start: usize, is_last: bool) -> Result<Step, Objection> {
        let Some(end) = grammar::behind(text, start, "]]>") else { return self.wait(is_last) };
        if self.depth == 0 {
            self.outside()?;
        } else {
            self.watch.see(Token::Text(text.get(start..end - 3).unwrap_or_default()))?;
        }
        Ok(Step::To(end))
    }

    /// A token does not end in the window.
    fn wait(&self, is_last: bool) -> Result<Step, Objection> {
        if is_last { self.stuck("it ends in the middle of markup") } else { Ok(Step::Wait) }
    }

    /// The walk cannot go on.
    fn stuck(&self, detail: &'static str) -> Result<Step, Objection> {
        // What is ill-formed must not hide a document type that another parser would see.
        if self.rigour == Rigour::Lenient && self.roots > 0 { Ok(Step::Over) } else { Err(self.malformed(detail)) }
    }

    /// Something is ill-formed, and may be read nevertheless.
    fn forgive<T>(&mut self, ill: Ill, read: impl FnOnce() -> Option<T>) -> Result<Option<T>, Objection> {
        let Ill::Formed(detail) = ill else { return Err(Objection::new(Code::XmlTooComplex, "attributes")) };
        self.complain(detail)?;
        Ok(read())
    }

    fn complain(&mut self, detail: &'static str) -> Result<(), Objection> {
        match self.rigour {
            Rigour::Lenient => Ok(()),
            Rigour::Strict if self.roots > 0 => Err(Objection::malformed(detail)),
            Rigour::Strict => {
                self.early.get_or_insert(Objection::malformed(detail));
                Ok(())
            }
        }
    }

    /// The first that was ill-formed.
    fn malformed(&self, detail: &'static str) -> Objection {
        self.early.unwrap_or(Objection::malformed(detail))
    }
}
