//! The parts that name other parts: relationships, and the list of content types.

use std::{collections::HashSet, io};

use super::{
    draft::Draft,
    element::Element,
    rewrite::{Editor, Fate},
};
use crate::zip;

/// Takes relationships out of a `.rels` part (ECMA-376 part 2, 9.3).
pub(super) struct Relationships<'p> {
    /// The ids of those that go.
    pub(super) severed: &'p HashSet<String>,
}

impl Editor for Relationships<'_> {
    fn open(&mut self, element: &Element<'_>, _draft: &mut Draft<'_>) -> io::Result<Fate> {
        let gone = element.attribute("Id").is_some_and(|id| self.severed.contains(&*id));
        Ok(if gone { Fate::Drop } else { Fate::Keep })
    }
}

/// Takes dropped parts out of `[Content_Types].xml` (ECMA-376 part 2, 10.1.2.2).
pub(super) struct Types<'p> {
    /// The names of the parts that are gone, as [`zip::key`] makes them.
    pub(super) dropped: &'p HashSet<String>,
}

impl Editor for Types<'_> {
    fn open(&mut self, element: &Element<'_>, _draft: &mut Draft<'_>) -> io::Result<Fate> {
        let part = element.attribute("PartName").filter(|_| element.name == "Override");
        let gone = part.is_some_and(|part| self.dropped.contains(&zip::key(&part)));
        Ok(if gone { Fate::Drop } else { Fate::Keep })
    }
}
