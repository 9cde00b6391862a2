//! The package: content types, relationships, and where their targets lead.

pub(crate) mod content_types;
pub(crate) mod paths;
pub(crate) mod relationships;
pub(crate) mod roles;
pub(crate) mod target;

use crate::xml::{Objection, Tag, Token};

/// Shows the elements of a part whose elements must all be of one namespace. Anything foreign would be
/// read by one program and ignored by another.
pub(crate) struct Uniform<'n> {
    namespace: &'n str,
    root: &'n str,
    invalid: Objection,
    depth: usize,
}

impl<'n> Uniform<'n> {
    pub(crate) fn new(namespace: &'n str, root: &'n str, invalid: Objection) -> Self {
        Self { namespace, root, invalid, depth: 0 }
    }

    /// The element below the root that starts with this token.
    pub(crate) fn element<'a>(&mut self, token: &Token<'a>) -> Result<Option<Tag<'a>>, Objection> {
        match token {
            Token::Open(tag) => {
                self.depth += 1;
                let placed = self.depth > 1 || tag.name() == self.root;
                if tag.namespace() != self.namespace || !placed {
                    return Err(self.invalid);
                }
                Ok((self.depth > 1).then_some(*tag))
            }
            Token::Close(_) => {
                self.depth = self.depth.saturating_sub(1);
                Ok(None)
            }
            Token::Text(_) => Ok(None),
        }
    }
}
