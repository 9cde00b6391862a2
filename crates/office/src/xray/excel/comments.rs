//! Comments on cells, of both kinds: notes (ECMA-376 part 1, 18.7) and threads (`threadedComment` of [MS-XLSX]).

use std::{
    collections::{HashMap, HashSet},
    io,
};

use crate::xray::{
    Item, Topic,
    element::{self, Look, MOST_AUTHORS, attribute},
    gathered::Gathered,
    parts::Parts,
};

/// Reads all comments of a workbook.
pub(super) fn read(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<()> {
    for part in parts.placed("spreadsheetml.comments+xml") {
        notes(parts, part, gathered)?;
    }
    let people = element::authors(parts, "ms-excel.person+xml", "person", "displayName")?;
    let mut heard = HashSet::new();
    for part in parts.placed("threadedcomments+xml") {
        threads(parts, part, &people, &mut heard, gathered)?;
    }
    element::silent(&people, &heard, gathered);
    Ok(())
}

/// Notes. A thread has one as well, for programs that do not know threads: its author is `tc=` and the id of the
/// thread.
fn notes(parts: &mut Parts<'_>, part: usize, gathered: &mut Gathered) -> io::Result<()> {
    let sheet = parts.place(part).map(str::to_owned);
    let threaded =
        parts.owner(part).is_some_and(|sheet| parts.related(Some(sheet), "threadedcomment").next().is_some());
    let (mut authors, mut heard) = (Vec::<String>::new(), HashSet::new());
    element::read(
        parts,
        part,
        Look {
            begin: &mut |tag| match tag.name() {
                "author" => Ok(Some(Item::default().labelled("author"))),
                "comment" => {
                    let (author, cell) = (attribute(tag, "authorId")?, attribute(tag, "ref")?);
                    let place = place(sheet.as_deref(), cell.as_deref());
                    Ok(Some(Item::default().by(author.as_deref()).within(place.as_deref())))
                }
                _ => Ok(None),
            },
            text: &["author", "t"],
            done: &mut |item| {
                if item.label.is_some() {
                    if authors.len() < MOST_AUTHORS {
                        authors.push(item.text);
                    }
                    return;
                }
                let number = item.who.as_deref().and_then(|number| number.parse::<usize>().ok());
                let author = number.and_then(|number| authors.get(number)).map(String::as_str);
                heard.extend(number);
                if !(threaded && author.is_some_and(|name| name.starts_with("tc={"))) {
                    gathered.add(Topic::Comments, item.by(author));
                }
            },
        },
    )?;
    let silent = authors.iter().enumerate().filter(|(number, name)| !heard.contains(number) && !name.is_empty());
    for (_, name) in silent.filter(|(_, name)| !name.starts_with("tc={")) {
        gathered.add(Topic::Comments, Item::new(name).labelled("author").within(sheet.as_deref()));
    }
    Ok(())
}

fn threads(
    parts: &mut Parts<'_>,
    part: usize,
    people: &HashMap<String, String>,
    heard: &mut HashSet<String>,
    gathered: &mut Gathered,
) -> io::Result<()> {
    let sheet = parts.place(part).map(str::to_owned);
    element::read(
        parts,
        part,
        Look {
            begin: &mut |tag| {
                if tag.name() != "threadedComment" {
                    return Ok(None);
                }
                let id = tag.attribute("personId")?;
                let who = id.as_deref().and_then(|id| people.get(id)).map(String::as_str);
                heard.extend(id.as_deref().filter(|_| who.is_some()).map(str::to_owned));
                let (when, cell) = (attribute(tag, "dT")?, attribute(tag, "ref")?);
                let place = place(sheet.as_deref(), cell.as_deref());
                let item = Item::default().by(who).at(when.as_deref()).within(place.as_deref());
                let is_reply = tag.attribute("parentId")?.is_some();
                Ok(Some(if is_reply { item.labelled("reply") } else { item }))
            },
            text: &["text"],
            done: &mut |item| gathered.add(Topic::Comments, item),
        },
    )
}

/// `Sheet “Costs”, B7`.
fn place(sheet: Option<&str>, cell: Option<&str>) -> Option<String> {
    match (sheet, cell) {
        (Some(sheet), Some(cell)) => Some(format!("{sheet}, {cell}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}
