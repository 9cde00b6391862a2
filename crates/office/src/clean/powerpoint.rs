//! Hidden slides (ECMA-376 part 1, 19.3.1.38).

use std::{collections::HashSet, io};

use super::{
    CleanError,
    draft::Draft,
    element::{Element, Vocabulary},
    package::Package,
    rewrite::{Editor, Fate},
};
use crate::xml::Token;

/// More than any presentation has slides.
const MOST_IDS: usize = 100_000;

/// The slides that are left out when presenting.
#[derive(Debug, Default)]
pub(super) struct HiddenSlides {
    /// Their parts.
    pub(super) parts: HashSet<usize>,
    /// What the presentation calls them. Its sections name them so.
    pub(super) ids: HashSet<String>,
}

impl HiddenSlides {
    pub(super) fn find(package: &mut Package<'_>) -> Result<Self, CleanError> {
        let mut hidden = Self::default();
        let slides = package.of_type("presentationml.slide+xml");
        for &slide in &slides {
            if is_hidden(package, slide)? {
                hidden.parts.insert(slide);
            }
        }
        if !slides.is_empty() && hidden.parts.len() == slides.len() {
            return Err(CleanError::Impossible("Every slide is hidden: without them nothing would be left."));
        }
        let Some(main) = package.main().filter(|_| !hidden.parts.is_empty()) else { return Ok(hidden) };
        let leads_to_hidden = |target: Option<usize>| target.is_some_and(|target| hidden.parts.contains(&target));
        let edges = package.edges(main).iter().filter(|edge| leads_to_hidden(edge.target));
        let edges: HashSet<String> = edges.map(|edge| edge.id.clone()).collect();
        let mut ids = HashSet::new();
        package.walk(main, &mut |token| {
            if let Token::Open(tag) = token
                && tag.name() == "sldId"
                && let (Ok(Some(id)), Ok(Some(edge))) = (tag.attribute("id"), tag.foreign_attribute("id"))
                && edges.contains(&*edge)
                && ids.len() < MOST_IDS
            {
                ids.insert(id.into_owned());
            }
        })?;
        hidden.ids = ids;
        Ok(hidden)
    }
}

/// Whether the root element says that the slide is not shown.
fn is_hidden(package: &mut Package<'_>, slide: usize) -> Result<bool, CleanError> {
    let mut hidden = false;
    package.walk(slide, &mut |token| {
        if let Token::Open(tag) = token
            && tag.name() == "sld"
            && let Ok(Some(show)) = tag.attribute("show")
        {
            hidden = matches!(show.trim(), "0" | "false");
        }
    })?;
    Ok(hidden)
}

/// Takes slides out of the sections of a presentation (\[MS-PPTX\] 2.2.4). Where the presentation names them by a
/// relationship, they go with it.
pub(super) struct Sections<'p> {
    pub(super) gone: &'p HashSet<String>,
}

impl Editor for Sections<'_> {
    fn open(&mut self, element: &Element<'_>, _draft: &mut Draft<'_>) -> io::Result<Fate> {
        let in_section = element.name == "sldId" && element.vocabulary != Vocabulary::Slide;
        let gone = in_section && element.attribute("id").is_some_and(|id| self.gone.contains(&*id));
        Ok(if gone { Fate::Drop } else { Fate::Keep })
    }
}
