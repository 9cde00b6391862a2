//! VML drawings of sheets, in which Excel keeps the frames of comments (ECMA-376 part 4, 19.4).

use std::io;

use crate::{
    clean::{
        CleanError,
        draft::Draft,
        element::Element,
        package::Package,
        rewrite::{Editor, Fate},
    },
    xml::Token,
};

/// What a VML drawing holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::clean) enum Drawing {
    /// No frame of a comment.
    Other,
    /// Frames of comments, and nothing else.
    Notes,
    /// Frames of comments among other shapes.
    Mixed,
}

/// Looks for frames of comments in a drawing.
pub(in crate::clean) fn notes_in(package: &mut Package<'_>, index: usize) -> Result<Drawing, CleanError> {
    let (mut shapes, mut notes) = (0_u64, 0_u64);
    package.walk(index, &mut |token| {
        let Token::Open(tag) = token else { return };
        match tag.name() {
            "shape" | "group" | "rect" | "oval" | "line" | "image" => shapes += 1,
            "ClientData" if matches!(tag.attribute("ObjectType"), Ok(Some(kind)) if kind == "Note") => notes += 1,
            _ => {}
        }
    })?;
    Ok(match notes {
        0 => Drawing::Other,
        _ if notes == shapes => Drawing::Notes,
        _ => Drawing::Mixed,
    })
}

/// Takes the frames of comments out of a drawing with other shapes.
pub(in crate::clean) struct NoteShapes;

impl Editor for NoteShapes {
    fn open(&mut self, element: &Element<'_>, _draft: &mut Draft<'_>) -> io::Result<Fate> {
        Ok(match element.name {
            "shape" => Fate::Frame,
            "ClientData" if element.attribute("ObjectType").is_some_and(|kind| kind == "Note") => Fate::DropFrame,
            "ClientData" => Fate::Keep,
            // What a shape is shows at its end.
            _ if element.depth > 1 => Fate::Trim,
            _ => Fate::Keep,
        })
    }
}
