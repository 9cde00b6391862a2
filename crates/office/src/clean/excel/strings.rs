//! Shared strings (ECMA-376 part 1, 18.4) that only sheets which go have used. Cells name a string by its place, so it
//! becomes empty instead of going.

use std::{io, mem};

use crate::{
    clean::{
        CleanError,
        draft::Draft,
        element::{Element, Vocabulary},
        package::Package,
        rewrite::{Editor, Fate},
    },
    xml::Token,
};

/// Strings that are kept track of: 2 MiB of bits.
const MOST: usize = 1 << 24;

/// Places in the list of shared strings.
#[derive(Debug, Default)]
pub(in crate::clean) struct Used {
    bits: Vec<u64>,
}

impl Used {
    pub(super) fn has(&self, place: usize) -> bool {
        self.bits.get(place / 64).is_some_and(|bits| bits & (1 << (place % 64)) != 0)
    }

    fn insert(&mut self, place: usize) {
        let at = place / 64;
        if at >= self.bits.len() {
            self.bits.resize(at + 1, 0);
        }
        self.bits[at] |= 1 << (place % 64);
    }

    /// What is not used elsewhere.
    pub(super) fn without(mut self, other: &Self) -> Self {
        for (bits, used) in self.bits.iter_mut().zip(&other.bits) {
            *bits &= !used;
        }
        self
    }

    pub(in crate::clean) fn is_empty(&self) -> bool {
        self.bits.iter().all(|bits| *bits == 0)
    }

    /// Takes note of the strings that the cells of a sheet show.
    pub(super) fn read(&mut self, package: &mut Package<'_>, sheet: usize) -> Result<(), CleanError> {
        let (mut shared, mut in_value, mut text, mut too_far) = (false, false, String::new(), false);
        package.walk(sheet, &mut |token| match token {
            Token::Open(tag) if tag.name() == "c" => {
                shared = matches!(tag.attribute("t"), Ok(Some(kind)) if kind == "s");
            }
            Token::Open(tag) => in_value = shared && tag.name() == "v",
            // A number has few digits.
            Token::Text(piece) if in_value && text.len() < 32 => text.push_str(piece),
            Token::Close("v") if in_value => {
                in_value = false;
                match mem::take(&mut text).trim().parse() {
                    Ok(place) if place < MOST => self.insert(place),
                    Ok(_) => too_far = true,
                    Err(_) => {}
                }
            }
            _ => {}
        })?;
        match too_far {
            true => Err(CleanError::Impossible("The workbook has more texts than a copy can keep track of.")),
            false => Ok(()),
        }
    }
}

/// Empties strings.
pub(in crate::clean) struct Strings<'p> {
    gone: &'p Used,
    seen: usize,
}

impl<'p> Strings<'p> {
    pub(in crate::clean) fn new(gone: &'p Used) -> Self {
        Self { gone, seen: 0 }
    }
}

impl Editor for Strings<'_> {
    fn open(&mut self, element: &Element<'_>, draft: &mut Draft<'_>) -> io::Result<Fate> {
        if !element.is(Vocabulary::Sheet, "si") {
            return Ok(Fate::Keep);
        }
        self.seen += 1;
        if !self.gone.has(self.seen - 1) {
            return Ok(Fate::Keep);
        }
        let prefix = element.qualified().strip_suffix("si").unwrap_or_default();
        draft.write(&format!("<{prefix}si><{prefix}t/></{prefix}si>"))?;
        Ok(Fate::Done)
    }
}
