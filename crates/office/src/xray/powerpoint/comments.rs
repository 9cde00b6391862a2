//! Comments on slides: the older kind (ECMA-376 part 1, 19.4) and the threads of newer versions ([MS-PPTX]).

use std::{
    collections::{HashMap, HashSet},
    io,
};

use crate::xray::{
    Item, Topic,
    element::{self, Look, attribute},
    gathered::Gathered,
    parts::Parts,
};

/// Where each kind of comments keeps its authors and its text.
struct Form {
    authors: &'static str,
    author: &'static str,
    comments: &'static str,
    time: &'static str,
    text: &'static str,
}

const FORMS: [Form; 2] = [
    Form {
        authors: "presentationml.commentauthors+xml",
        author: "cmAuthor",
        comments: "presentationml.comments+xml",
        time: "dt",
        text: "text",
    },
    Form {
        authors: "ms-powerpoint.authors+xml",
        author: "author",
        comments: "ms-powerpoint.comments+xml",
        time: "created",
        text: "t",
    },
];

/// Reads all comments of a presentation.
pub(super) fn read(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<()> {
    for form in &FORMS {
        let authors = element::authors(parts, form.authors, form.author, "name")?;
        let mut heard = HashSet::new();
        for part in parts.placed(form.comments) {
            comments(parts, part, form, &authors, &mut heard, gathered)?;
        }
        element::silent(&authors, &heard, gathered);
    }
    Ok(())
}

fn comments(
    parts: &mut Parts<'_>,
    part: usize,
    form: &Form,
    authors: &HashMap<String, String>,
    heard: &mut HashSet<String>,
    gathered: &mut Gathered,
) -> io::Result<()> {
    let place = parts.place(part).map(str::to_owned);
    element::read(
        parts,
        part,
        Look {
            begin: &mut |tag| {
                let is_reply = tag.name() == "reply";
                if !is_reply && tag.name() != "cm" {
                    return Ok(None);
                }
                let id = tag.attribute("authorId")?;
                let who = id.as_deref().and_then(|id| authors.get(id)).map(String::as_str);
                heard.extend(id.as_deref().filter(|_| who.is_some()).map(str::to_owned));
                let when = attribute(tag, form.time)?;
                let item = Item::default().by(who).at(when.as_deref()).within(place.as_deref());
                Ok(Some(if is_reply { item.labelled("reply") } else { item }))
            },
            text: &[form.text],
            done: &mut |item| gathered.add(Topic::Comments, item),
        },
    )
}
