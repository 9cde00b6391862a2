//! What a presentation shows besides its slides.

mod comments;
mod shapes;

use std::io;

use super::{Item, Topic, element::attribute, gathered::Gathered, parts::Parts, words::Words};
use crate::xml::Token;
use shapes::Shapes;

/// Slides whose place is kept.
const MOST_SLIDES: usize = 10_000;

/// The numbers of a presentation.
#[derive(Debug, Default)]
pub(super) struct Size {
    pub(super) slides: u64,
    pub(super) words: u64,
}

/// Reads a presentation.
pub(super) fn read(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<Size> {
    let slides = order(parts)?;
    let mut words = Words::default();
    for &part in &slides {
        slide(parts, part, &mut words, gathered)?;
    }
    for part in parts.placed("presentationml.notesslide+xml") {
        notes(parts, part, gathered)?;
    }
    comments::read(parts, gathered)?;
    tags(parts, gathered)?;
    changes(parts, gathered)?;
    Ok(Size { slides: slides.len() as u64, words: words.count() })
}

/// The slides in the order in which they are shown (ECMA-376 part 1, 19.2.1.34), named `Slide 1` and so on.
fn order(parts: &mut Parts<'_>) -> io::Result<Vec<usize>> {
    let Some(main) = parts.main() else { return Ok(Vec::new()) };
    let mut ids = Vec::new();
    parts.walk(main, &mut |token| {
        if let Token::Open(tag) = token
            && tag.name() == "sldId"
            && let Some(id) = tag.foreign_attribute("id")?
            && ids.len() < MOST_SLIDES
        {
            ids.push(id.into_owned());
        }
        Ok(())
    })?;
    let by_id = parts.by_id(main);
    let slides: Vec<usize> = ids.iter().filter_map(|id| by_id.get(id.as_str()).copied()).collect();
    for (index, &slide) in slides.iter().enumerate() {
        parts.call(slide, format!("Slide {}", index + 1));
    }
    Ok(slides)
}

fn slide(parts: &mut Parts<'_>, part: usize, words: &mut Words, gathered: &mut Gathered) -> io::Result<()> {
    let place = parts.place(part).map(str::to_owned);
    let mut hidden = false;
    let mut shapes = Shapes::default();
    let mut title = None;
    parts.walk(part, &mut |token| {
        if let Token::Open(tag) = token
            && tag.name() == "sld"
        {
            hidden = tag.attribute("show")?.is_some_and(|show| matches!(&*show, "0" | "false" | "off"));
        }
        if let Some(text) = shapes.text(&token)
            && !hidden
        {
            words.push(text);
        }
        if let Token::Close("p" | "br") = token {
            words.end();
        }
        if let Some(shape) = shapes.see(&token)? {
            if shape.hidden {
                let item = Item::new(shape.says()).labelled("shape").within(place.as_deref());
                gathered.add(Topic::HiddenText, item);
            }
            if shape.is_title() {
                title.get_or_insert(shape.text);
            }
        }
        Ok(())
    })?;
    if hidden {
        let item = Item::new(&title.unwrap_or_default()).within(place.as_deref());
        gathered.add(Topic::HiddenSlides, item);
    }
    Ok(())
}

/// What stands in the body of a notes page; the picture of the slide, its number and the date are no notes.
fn notes(parts: &mut Parts<'_>, part: usize, gathered: &mut Gathered) -> io::Result<()> {
    let place = parts.place(part).map(str::to_owned);
    let mut shapes = Shapes::default();
    parts.walk(part, &mut |token| {
        if let Some(shape) = shapes.see(&token)?
            && shape.is_body()
            && !shape.text.is_empty()
        {
            gathered.add(Topic::SpeakerNotes, Item::new(&shape.text).within(place.as_deref()));
        }
        Ok(())
    })
}

/// What add-ins have noted (19.3.3.1).
fn tags(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<()> {
    for part in parts.placed("presentationml.tags+xml") {
        let place = parts.place(part).map(str::to_owned);
        parts.walk(part, &mut |token| {
            if let Token::Open(tag) = token
                && tag.name() == "tag"
            {
                let (name, value) =
                    (attribute(tag, "name")?.unwrap_or_default(), attribute(tag, "val")?.unwrap_or_default());
                let item = Item::new(&format!("{name} = {value}")).labelled("tag").within(place.as_deref());
                gathered.add(Topic::CustomProperties, item);
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Who changed what, which PowerPoint keeps while several people work on the same file ([MS-PPTX] 2.7), and the versions
/// that they had.
fn changes(parts: &mut Parts<'_>, gathered: &mut Gathered) -> io::Result<()> {
    for part in parts.of_type("ms-powerpoint.changesinfo+xml") {
        parts.walk(part, &mut |token| {
            if let Token::Open(tag) = token
                && tag.name() == "chgData"
            {
                let (name, address) = (attribute(tag, "name")?, attribute(tag, "userId")?);
                let item = Item::new(&address.unwrap_or_default()).labelled("revision_log").by(name.as_deref());
                gathered.add_once(Topic::TrackedChanges, item);
            }
            Ok(())
        })?;
    }
    let mut clients = 0;
    for part in parts.of_type("ms-powerpoint.revisioninfo+xml") {
        parts.walk(part, &mut |token| {
            clients += u64::from(matches!(token, Token::Open(tag) if tag.name() == "client"));
            Ok(())
        })?;
    }
    if clients > 0 {
        gathered.add_several(Topic::RevisionIds, clients, Item::new(&clients.to_string()).labelled("listed"));
    }
    Ok(())
}
