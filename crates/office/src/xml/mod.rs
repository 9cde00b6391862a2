//! XML parts, walked safely.
//!
//! A pull parser of one pass with bounds on everything that a file could make large. No entity is
//! ever declared, because any document type declaration ends the walk. What it walks to the end is
//! well-formed, as XML 1.0 and its namespaces have it.

mod cell;
mod characters;
mod declaration;
#[cfg(test)]
mod differential;
mod grammar;
mod input;
mod names;
mod scope;
mod walk;

use std::io::BufRead;

use crate::finding::Code;
pub(crate) use input::Input;
pub(crate) use scope::Tag;
use walk::{Step, Walk};

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

/// What looks at the tokens of a part.
pub(crate) trait Watch {
    /// Looks at a token, and may object.
    fn see(&mut self, token: Token<'_>) -> Result<(), Objection>;

    /// Which of the next cells of a sheet may be left out.
    fn ignores(&self) -> Ignored {
        Ignored::Nothing
    }
}

/// Cells that are not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ignored {
    Nothing,
    /// Those that have nothing but a value.
    Values,
    /// Those that have nothing but a value or a text of their own.
    ValuesAndTexts,
}

/// Walks a part and shows every token to `see`, which may object. An I/O error of `input` ends the
/// walk quietly: the owner of the input knows more about it.
pub(crate) fn walk(
    input: &mut dyn BufRead,
    rigour: Rigour,
    see: &mut dyn FnMut(Token<'_>) -> Result<(), Objection>,
) -> Result<(), Objection> {
    struct All<'s>(&'s mut dyn FnMut(Token<'_>) -> Result<(), Objection>);
    impl Watch for All<'_> {
        fn see(&mut self, token: Token<'_>) -> Result<(), Objection> {
            (self.0)(token)
        }
    }
    watch::<dyn Watch>(input, rigour, &mut All(see))
}

/// The same, without what there is no use for.
pub(crate) fn watch<W: Watch + ?Sized>(
    input: &mut dyn BufRead,
    rigour: Rigour,
    watch: &mut W,
) -> Result<(), Objection> {
    let mut input = match Input::new(input) {
        Ok(input) => input.checked(rigour == Rigour::Strict),
        Err(obstacle) => return obstacle.into_result(),
    };
    let mut walk = Walk::new(rigour, input.encoding(), watch);
    loop {
        let read = match walk.window(input.text(), input.has_ended())? {
            Step::To(read) => read,
            Step::Wait => 0,
            Step::Over => return Ok(()),
        };
        if input.has_ended() {
            return walk.end();
        }
        if let Err(obstacle) = input.advance(read) {
            return obstacle.into_result();
        }
    }
}

#[cfg(test)]
mod tests;
