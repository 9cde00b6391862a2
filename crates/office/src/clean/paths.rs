//! Where pictures came from: programs write the path of the file into its description. What is left of it is the name.

use std::io;

use super::{
    draft::Draft,
    element::Element,
    rewrite::{Editor, Fate},
};
use crate::package::paths::{ATTRIBUTES, DRAWN, without_folders};

/// Another editor, and paths besides.
pub(super) struct Paths<'p> {
    pub(super) inner: Box<dyn Editor + 'p>,
}

impl Editor for Paths<'_> {
    fn open(&mut self, element: &Element<'_>, draft: &mut Draft<'_>) -> io::Result<Fate> {
        self.inner.open(element, draft)
    }

    fn pass_over(&mut self, element: &Element<'_>) {
        self.inner.pass_over(element);
    }

    fn tag(&mut self, element: &Element<'_>) -> Option<String> {
        let tag = self.inner.tag(element);
        if element.name == "signatureline" {
            let text = tag.as_deref().unwrap_or(element.raw());
            let without = element
                .replaced(text, &|name, value| (name == "suggestedsigneremail" && !value.is_empty()).then(String::new));
            return without.or(tag);
        }
        if !DRAWN.contains(&element.name) {
            return tag;
        }
        let text = tag.as_deref().unwrap_or(element.raw());
        let shortened = element.replaced(text, &|name, value| {
            if ATTRIBUTES.contains(&name) { without_folders(value) } else { None }
        });
        shortened.or(tag)
    }

    fn close(&mut self, depth: usize, draft: &mut Draft<'_>) -> io::Result<bool> {
        self.inner.close(depth, draft)
    }
}
