//! The styles of a text, as far as they hide it (ECMA-376 part 1, 17.7).

use std::{collections::HashMap, io};

use super::NAMESPACES;
use crate::{
    xml::{Objection, Tag, Token},
    xray::{gathered::Clip, parts::Parts},
};

/// Styles that are kept. Genuine texts have some hundred.
const MOST_STYLES: usize = 10_000;
/// Styles that a style is based on, one on another.
const MOST_BASES: usize = 64;

/// What each style says of hiding.
#[derive(Debug, Default)]
pub(super) struct Styles {
    by_id: HashMap<String, Style>,
    /// The style of paragraphs that name none.
    usual: Option<String>,
}

#[derive(Debug, Default)]
struct Style {
    base: Option<String>,
    hides: Option<bool>,
}

impl Styles {
    pub(super) fn read(parts: &mut Parts<'_>) -> io::Result<Self> {
        let mut reader = Reader::default();
        for part in parts.of_type("wordprocessingml.styles+xml") {
            parts.walk(part, &mut |token| reader.see(&token))?;
        }
        Ok(reader.styles)
    }

    /// Whether a style hides its text, by itself or by the styles that it is based on.
    pub(super) fn hides(&self, id: &str) -> bool {
        let first = self.by_id.get(id);
        let bases = std::iter::successors(first, |style| self.by_id.get(style.base.as_ref()?));
        bases.take(MOST_BASES).find_map(|style| style.hides).unwrap_or(false)
    }

    /// Whether the text of a paragraph without a style is hidden.
    pub(super) fn usual_hides(&self) -> bool {
        self.usual.as_deref().is_some_and(|id| self.hides(id))
    }
}

/// Follows the elements of the styles part.
#[derive(Default)]
struct Reader {
    styles: Styles,
    /// The style that is being read, and how deep it is.
    current: Option<(String, Style)>,
    depth: usize,
}

impl Reader {
    fn see(&mut self, token: &Token<'_>) -> Result<(), Objection> {
        match token {
            Token::Open(tag) => {
                self.depth += 1;
                if NAMESPACES.contains(&tag.namespace()) {
                    self.element(*tag)?;
                }
            }
            Token::Close(_) => {
                // A style is a child of the root.
                if self.depth == 2
                    && let Some((id, style)) = self.current.take()
                    && self.styles.by_id.len() < MOST_STYLES
                {
                    self.styles.by_id.insert(id, style);
                }
                self.depth = self.depth.saturating_sub(1);
            }
            Token::Text(_) => {}
        }
        Ok(())
    }

    fn element(&mut self, tag: Tag<'_>) -> Result<(), Objection> {
        match (tag.name(), &mut self.current) {
            ("style", current) if self.depth == 2 => {
                let id = Clip::of(&tag.prefixed_attribute("styleId")?.unwrap_or_default());
                let is_default = tag.prefixed_attribute("default")?.is_some_and(|value| is_on(&value));
                if is_default && tag.prefixed_attribute("type")?.as_deref() == Some("paragraph") {
                    self.styles.usual = Some(id.clone());
                }
                *current = Some((id, Style::default()));
            }
            ("basedOn", Some((_, style))) if self.depth == 3 => {
                style.base = tag.prefixed_attribute("val")?.map(|id| Clip::of(&id));
            }
            // In the `rPr` of the style itself; those of the regions of a table style lie deeper.
            ("vanish", Some((_, style))) if self.depth == 4 => style.hides = Some(toggle(tag)?),
            _ => {}
        }
        Ok(())
    }
}

/// Whether a property that is on or off is on; without a value it is (17.17.4).
pub(super) fn toggle(tag: Tag<'_>) -> Result<bool, Objection> {
    Ok(tag.prefixed_attribute("val")?.is_none_or(|value| is_on(&value)))
}

fn is_on(value: &str) -> bool {
    !matches!(value.trim(), "0" | "false" | "off")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{self, Rigour};

    fn styles(elements: &str) -> Styles {
        let text = format!("<w:styles xmlns:w='{}'>{elements}</w:styles>", NAMESPACES[0]);
        let mut reader = Reader::default();
        xml::walk(&mut text.as_bytes(), Rigour::Strict, &mut |token| reader.see(&token)).expect("well-formed");
        reader.styles
    }

    #[test]
    fn a_style_hides_by_itself_or_by_its_base() {
        let styles = styles(
            "<w:style w:styleId='a'><w:rPr><w:vanish/></w:rPr></w:style>
             <w:style w:styleId='b'><w:basedOn w:val='a'/></w:style>
             <w:style w:styleId='c'><w:basedOn w:val='b'/><w:rPr><w:vanish w:val='0'/></w:rPr></w:style>
             <w:style w:styleId='d' w:type='paragraph' w:default='1'/>",
        );
        assert_eq!(["a", "b", "c", "d", "e"].map(|id| styles.hides(id)), [true, true, false, false, false]);
        assert!(!styles.usual_hides());
    }

    #[test]
    fn styles_based_on_each_other_end() {
        let styles = styles(
            "<w:style w:styleId='a'><w:basedOn w:val='b'/></w:style>
             <w:style w:styleId='b'><w:basedOn w:val='a'/></w:style>",
        );
        assert!(!styles.hides("a"));
    }
}
