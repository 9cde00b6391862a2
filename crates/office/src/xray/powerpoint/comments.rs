//! Comments on slides: the older kind (ECMA-376 part 1, 19.4) and the threads of newer versions ([MS-PPTX]).

use std::{collections::HashMap, io};

use crate::xray::{
    Item, Topic,
    element::{self, Look, attribute},
    gathered::Gathered,
    parts::Parts,
};

/// Authors whose names are kept.
const MOST_AUTHORS: usize = 10_000;

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
        let authors = authors(parts, form)?;
        for part in parts.placed(form.comments) {
            comments(parts, part, form, &authors, gathered)?;
        }
    }
    Ok(())
}

/// The names of the authors, by their ids.
fn authors(parts: &mut Parts<'_>, form: &Form) -> io::Result<HashMap<String, String>> {
    let mut authors = HashMap::new();
    for part in parts.of_type(form.authors) {
        element::read(
            parts,
            part,
            Look {
                begin: &mut |tag| {
                    if tag.name() == form.author
                        && let (Some(id), Some(name)) = (tag.attribute("id")?, attribute(tag, "name")?)
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

fn comments(
    parts: &mut Parts<'_>,
    part: usize,
    form: &Form,
    authors: &HashMap<String, String>,
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
                let who = tag.attribute("authorId")?.and_then(|id| authors.get(&*id)).map(String::as_str);
                let when = attribute(tag, form.time)?;
                let item = Item::default().by(who).at(when.as_deref()).within(place.as_deref());
                Ok(Some(if is_reply { item.labelled("reply") } else { item }))
            },
            text: &[form.text],
            done: &mut |item| gathered.add(Topic::Comments, item),
        },
    )
}
