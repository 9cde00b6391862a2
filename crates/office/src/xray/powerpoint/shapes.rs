//! The shapes of a slide or a notes page, with their texts.

use crate::{
    xml::{Objection, Tag, Token},
    xray::{element::attribute, gathered::Clip},
};

/// PresentationML, transitional and strict.
const NAMESPACES: [&str; 2] =
    ["http://schemas.openxmlformats.org/presentationml/2006/main", "http://purl.oclc.org/ooxml/presentationml/main"];

/// Groups in groups. Genuine slides have a few; what lies deeper belongs to the group at this depth.
const DEEPEST: usize = 32;

/// A shape, picture, table, connector or group.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub(super) hidden: bool,
    pub(super) text: String,
    name: String,
    /// What the layout has the shape for (ECMA-376 part 1, 19.7.10).
    placeholder: Option<String>,
}

impl Shape {
    pub(super) fn is_title(&self) -> bool {
        matches!(self.placeholder.as_deref(), Some("title" | "ctrTitle"))
    }

    pub(super) fn is_body(&self) -> bool {
        self.placeholder.as_deref() == Some("body")
    }

    /// Its text, or else its name.
    pub(super) fn says(&self) -> &str {
        if self.text.is_empty() { &self.name } else { &self.text }
    }
}

/// A shape that is not closed yet.
struct Open {
    depth: usize,
    shape: Shape,
    text: Clip,
    /// Its own properties came; others belong to what lies in it.
    known: bool,
}

/// Follows the elements of a slide.
#[derive(Default)]
pub(super) struct Shapes {
    depth: usize,
    open: Vec<Open>,
    /// How deep the text is that is being read.
    text: Option<usize>,
}

impl Shapes {
    /// The text that this token shows to the audience, if it does.
    pub(super) fn text<'t>(&self, token: &Token<'t>) -> Option<&'t str> {
        match token {
            Token::Text(text) if self.text.is_some() && !self.is_hidden() => Some(text),
            _ => None,
        }
    }

    /// One token. Answers with a shape when it ends; what lies in a hidden shape is not hidden a second time.
    pub(super) fn see(&mut self, token: &Token<'_>) -> Result<Option<Shape>, Objection> {
        match token {
            Token::Open(tag) => {
                self.depth += 1;
                self.element(*tag)?;
            }
            Token::Close(name) => {
                let closed = self.close(name);
                self.depth = self.depth.saturating_sub(1);
                return Ok(closed);
            }
            Token::Text(text) if self.text.is_some() => self.push(text),
            Token::Text(_) => {}
        }
        Ok(None)
    }

    fn element(&mut self, tag: Tag<'_>) -> Result<(), Objection> {
        match tag.name() {
            "sp" | "pic" | "graphicFrame" | "cxnSp" | "grpSp"
                if self.open.len() < DEEPEST && NAMESPACES.contains(&tag.namespace()) =>
            {
                let (shape, text) = (Shape::default(), Clip::default());
                self.open.push(Open { depth: self.depth, shape, text, known: false });
            }
            "cNvPr" => {
                let inside_hidden = self.open.iter().rev().skip(1).any(|open| open.shape.hidden);
                if let Some(open) = self.open.last_mut().filter(|open| !open.known) {
                    open.known = true;
                    open.shape.name = attribute(tag, "name")?.unwrap_or_default();
                    let hidden = tag.attribute("hidden")?.is_some_and(|value| matches!(&*value, "1" | "true" | "on"));
                    open.shape.hidden = hidden && !inside_hidden;
                }
            }
            "ph" => {
                // Without a type it is for an object (19.3.1.36).
                let kind = attribute(tag, "type")?.unwrap_or_else(|| "obj".to_owned());
                if let Some(open) = self.open.last_mut() {
                    open.shape.placeholder = Some(kind);
                }
            }
            "t" if self.text.is_none() => self.text = Some(self.depth),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Option<Shape> {
        if self.text == Some(self.depth) {
            self.text = None;
        }
        if matches!(name, "p" | "br") {
            self.push(" ");
        }
        let closed = self.open.pop_if(|open| open.depth == self.depth)?;
        Some(Shape { text: closed.text.finish(), ..closed.shape })
    }

    /// A text belongs to its shape and to the groups that the shape is in.
    fn push(&mut self, text: &str) {
        for open in &mut self.open {
            open.text.push(text);
        }
    }

    fn is_hidden(&self) -> bool {
        self.open.iter().any(|open| open.shape.hidden)
    }
}
