//! What a reader of the file will see besides its text: who wrote it, what is hidden in it, where it leads.
//!
//! The shape is the same for everything that is found: a [`Section`] for each [`Topic`], with a count and the first
//! [`Item`]s. So a report can be shown, stored and extended without knowing its topics.

mod certificate;
mod element;
mod embedded;
mod excel;
mod gathered;
mod links;
mod parts;
mod pictures;
mod powerpoint;
mod properties;
mod signatures;
#[cfg(test)]
mod tests;
mod topic;
mod word;
mod words;

use std::io::{self, Read, Seek};

use serde::{Deserialize, Serialize};

use crate::{kind::Kind, policy::Budget, zip::ReadSeek};

use gathered::Gathered;
use parts::Parts;
pub use topic::{Removal, Topic};

/// The type of a signature.
pub(crate) const SIGNATURE_TYPE: &str = "openxmlformats-package.digital-signature-xmlsignature+xml";

/// What a file shows of itself and of those who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Xray {
    /// The kind of the file.
    pub kind: Kind,
    /// The title in the properties, where there is one.
    pub title: Option<String>,
    /// Pages, as the program that saved the file counted them; only for texts.
    pub pages: Option<u64>,
    /// Sheets, hidden ones included; only for workbooks.
    pub sheets: Option<u64>,
    /// Slides, hidden ones included; only for presentations.
    pub slides: Option<u64>,
    /// Words of the text that is seen, counted in the file itself: the body of a text, the slides of a presentation; of a
    /// workbook, all texts, each once.
    pub words: u64,
    /// What was found, in the order of [`Topic::ALL`]; a topic of which there is nothing is left out.
    pub sections: Vec<Section>,
}

/// Everything that was found of one topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = XraySection))]
pub struct Section {
    /// The topic.
    pub topic: Topic,
    /// How many there are.
    pub count: u64,
    /// The first of them, at most [`Section::MOST_ITEMS`].
    pub items: Vec<Item>,
}

impl Section {
    /// Most items that are kept of one topic; the count goes on.
    pub const MOST_ITEMS: usize = 100;
}

/// One thing that was found. Texts are cut at [`Item::MOST_CHARS`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = XrayItem))]
pub struct Item {
    /// What it is, within its topic: a stable word such as `author`, `deletion`, `very_hidden`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// When it was made, as the file writes it (ISO 8601).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Where it is, as a person would find it: `Slide 3`, `Sheet “Costs”`; else the name of the part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The text, name, value or target itself.
    pub text: String,
}

impl Item {
    /// Most characters kept of each text; a longer one ends with an ellipsis.
    pub const MOST_CHARS: usize = 300;
}

impl Xray {
    /// What was found of one topic.
    #[must_use]
    pub fn section(&self, topic: Topic) -> Option<&Section> {
        self.sections.iter().find(|section| section.topic == topic)
    }

    /// How many were found of one topic.
    #[must_use]
    pub fn count(&self, topic: Topic) -> u64 {
        self.section(topic).map_or(0, |section| section.count)
    }
}

/// Takes the X-ray of a file that the inspector does not refuse. A part that cannot be read is left out.
///
/// # Errors
/// Only when `input` cannot be read.
pub(crate) fn xray(mut input: impl Read + Seek, kind: Kind, budget: &Budget) -> io::Result<Xray> {
    within(&mut input, kind, budget, 0)
}

/// The same for a file that lies in `depth` others.
fn within(input: &mut dyn ReadSeek, kind: Kind, budget: &Budget, depth: u32) -> io::Result<Xray> {
    let mut xray = Xray { kind, title: None, pages: None, sheets: None, slides: None, words: 0, sections: Vec::new() };
    let Some(mut parts) = Parts::open(input, budget)? else { return Ok(xray) };
    let mut gathered = Gathered::default();
    let properties = properties::read(&mut parts, &mut gathered)?;
    xray.title = properties.title;
    match kind {
        Kind::Docx => {
            xray.words = word::read(&mut parts, &mut gathered)?;
            xray.pages = properties.pages;
        }
        Kind::Xlsx => {
            let size = excel::read(&mut parts, &mut gathered)?;
            (xray.sheets, xray.words) = (Some(size.sheets), size.words);
        }
        Kind::Pptx => {
            let size = powerpoint::read(&mut parts, &mut gathered)?;
            (xray.slides, xray.words) = (Some(size.slides), size.words);
        }
    }
    signatures::read(&mut parts, &mut gathered)?;
    // Last, for by now the sheets and slides have their names.
    links::read(&mut parts, &mut gathered)?;
    pictures::read(&mut parts, budget, &mut gathered)?;
    embedded::read(&mut parts, budget, depth, &mut gathered)?;
    xray.sections = gathered.into_sections();
    Ok(xray)
}
