//! Document properties (ECMA-376 part 2, 11; part 1, 22.2).

use std::io;

use super::{
    draft::Draft,
    element::Element,
    rewrite::{Editor, Fate},
};

/// What the core properties say of those who wrote the file.
pub(super) const CORE: &[&str] = &[
    "category",
    "contentStatus",
    "contentType",
    "created",
    "creator",
    "description",
    "identifier",
    "keywords",
    "lastModifiedBy",
    "lastPrinted",
    "modified",
    "revision",
    "subject",
    "title",
    "version",
];

/// What the extended properties say of them. Counts of pages and words, which anyone can make, stay; and so do the program
/// and its version, by which others decide how they show the file.
pub(super) const EXTENDED: &[&str] =
    &["Company", "HeadingPairs", "HLinks", "HyperlinkBase", "Manager", "Template", "TitlesOfParts", "TotalTime"];

/// A signature of the properties themselves (22.2.2.5).
pub(super) const SIGNATURE: &[&str] = &["DigSig"];

/// Names of sheets, slides and fonts, and how many there are of each (22.2.2.8, 22.2.2.28).
pub(super) const TITLES: &[&str] = &["HeadingPairs", "HiddenSlides", "Slides", "TitlesOfParts"];

/// Takes properties out by their names.
pub(super) struct Properties<'p> {
    pub(super) unwanted: &'p [&'static str],
}

impl Editor for Properties<'_> {
    fn open(&mut self, element: &Element<'_>, _draft: &mut Draft<'_>) -> io::Result<Fate> {
        let gone = element.depth == 1 && self.unwanted.contains(&element.name);
        Ok(if gone { Fate::Drop } else { Fate::Keep })
    }
}
