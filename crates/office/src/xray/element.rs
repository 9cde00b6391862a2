//! Items that are elements with a text: comments, properties, speaker notes.

use std::{
    collections::{HashMap, HashSet},
    io,
};

use super::{
    Item, Topic,
    gathered::{Clip, Gathered},
    parts::Parts,
};
use crate::xml::{Objection, Tag, Token};

/// Authors whose names are kept.
pub(super) const MOST_AUTHORS: usize = 10_000;

/// What a reader of elements looks for in a part.
pub(super) struct Look<'a> {
    /// Begins an item at an element, or not.
    pub(super) begin: &'a mut dyn FnMut(Tag<'_>) -> Result<Option<Item>, Objection>,
    /// The elements that hold the text of an item; empty where any does.
    pub(super) text: &'a [&'a str],
    /// Takes an item with its text.
    pub(super) done: &'a mut dyn FnMut(Item),
}

/// Reads the items of a part. Items may lie in each other; a text belongs to the innermost.
pub(super) fn read(parts: &mut Parts<'_>, part: usize, mut look: Look<'_>) -> io::Result<()> {
    let mut reader = Reader::default();
    parts.walk(part, &mut |token| reader.see(&token, &mut look))
}

/// Follows the elements of a part.
#[derive(Default)]
struct Reader {
    depth: usize,
    open: Vec<Open>,
    /// How deep the text is that is being read.
    text: Option<usize>,
}

/// An item whose element is not closed yet.
struct Open {
    depth: usize,
    item: Item,
    text: Clip,
}

impl Reader {
    fn see(&mut self, token: &Token<'_>, look: &mut Look<'_>) -> Result<(), Objection> {
        match token {
            Token::Open(tag) => {
                self.depth += 1;
                if let Some(item) = (look.begin)(*tag)? {
                    self.open.push(Open { depth: self.depth, item, text: Clip::default() });
                }
                if self.text.is_none() && (look.text.is_empty() || look.text.contains(&tag.name())) {
                    self.text = Some(self.depth);
                }
            }
            Token::Close(name) => {
                if let Some(open) = self.open.pop_if(|open| open.depth == self.depth) {
                    (look.done)(Item { text: open.text.finish(), ..open.item });
                }
                if self.text == Some(self.depth) {
                    self.text = None;
                }
                if *name == "p"
                    && let Some(open) = self.open.last_mut()
                {
                    open.text.push(" ");
                }
                self.depth = self.depth.saturating_sub(1);
            }
            Token::Text(text) => {
                if self.text.is_some()
                    && let Some(open) = self.open.last_mut()
                {
                    open.text.push(text);
                }
            }
        }
        Ok(())
    }
}

/// The names of those who wrote comments, by their ids: of every part whose type ends so, the elements of this name,
/// and of these the attribute that has the name.
pub(super) fn authors(
    parts: &mut Parts<'_>,
    content_type: &str,
    element: &str,
    name: &str,
) -> io::Result<HashMap<String, String>> {
    let mut authors = HashMap::new();
    for part in parts.of_type(content_type) {
        read(
            parts,
            part,
            Look {
                begin: &mut |tag| {
                    if tag.name() == element
                        && let (Some(id), Some(name)) = (tag.attribute("id")?, attribute(tag, name)?)
                        && authors.len() < MOST_AUTHORS
                    {
                        authors.insert(id.into_owned(), name);
                    }
                    Ok(None)
                },
                text: &[],
                done: &mut |_| {},
            },
        )?;
    }
    Ok(authors)
}

/// Takes note of those who are listed as authors and have no comment, in the order of their names.
pub(super) fn silent(authors: &HashMap<String, String>, heard: &HashSet<String>, gathered: &mut Gathered) {
    let silent = authors.iter().filter(|(id, name)| !heard.contains(*id) && !name.is_empty());
    let mut silent: Vec<&String> = silent.map(|(_, name)| name).collect();
    silent.sort_unstable();
    for name in silent {
        gathered.add(Topic::Comments, Item::new(name).labelled("author"));
    }
}

/// The value of an attribute, as an item may hold it.
pub(super) fn attribute(tag: Tag<'_>, name: &str) -> Result<Option<String>, Objection> {
    Ok(tag.prefixed_attribute(name)?.map(|value| Clip::of(&value)))
}
