//! What has been found so far, within its bounds.

use std::collections::{BTreeMap, HashSet};

use super::{Item, Section, Topic};
use crate::finding::is_direction_mark;

/// Things that are told apart; beyond, each occurrence counts.
const MOST_KNOWN: usize = 10_000;

/// The sections of a report in the making.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// Topics are ordered as in [`Topic::ALL`].
    sections: BTreeMap<Topic, Section>,
    /// What is counted once only: labels and texts.
    known: HashSet<(Option<String>, String)>,
}

impl Gathered {
    /// Takes note of one thing.
    pub(super) fn add(&mut self, topic: Topic, item: Item) {
        self.add_several(topic, 1, item);
    }

    /// Takes note of one thing, unless one of this label and text is there.
    pub(super) fn add_once(&mut self, topic: Topic, item: Item) {
        let key = (item.label.clone(), item.text.clone());
        if self.known.contains(&key) {
            return;
        }
        if self.known.len() < MOST_KNOWN {
            self.known.insert(key);
        }
        self.add(topic, item);
    }

    /// Takes note of `count` things that one item describes.
    pub(super) fn add_several(&mut self, topic: Topic, count: u64, item: Item) {
        let section = self.sections.entry(topic).or_insert_with(|| Section { topic, count: 0, items: Vec::new() });
        section.count = section.count.saturating_add(count);
        if section.items.len() < Section::MOST_ITEMS {
            section.items.push(item);
        }
    }

    /// Takes over what was found of one topic in a file inside the file.
    pub(super) fn absorb(&mut self, section: Section, file: &str) {
        let more = section.count.saturating_sub(section.items.len() as u64);
        let mut rest = Some(more).filter(|more| *more > 0);
        for item in section.items {
            let place = item.place.as_deref().map_or_else(|| file.to_owned(), |place| format!("{file}: {place}"));
            let count = 1 + rest.take().unwrap_or_default();
            self.add_several(section.topic, count, item.within(Some(&place)));
        }
    }

    /// The sections that have something in them.
    pub(super) fn into_sections(self) -> Vec<Section> {
        self.sections.into_values().filter(|section| section.count > 0).collect()
    }
}

impl Item {
    /// An item that is its text.
    pub(super) fn new(text: &str) -> Self {
        Self { text: Clip::of(text), ..Self::default() }
    }

    pub(super) fn labelled(mut self, label: &str) -> Self {
        self.label = Some(label.to_owned());
        self
    }

    /// Whose it is; an empty name is none.
    pub(super) fn by(mut self, who: Option<&str>) -> Self {
        self.who = filled(who);
        self
    }

    /// When it was made; an empty time is none, and neither is the year zero, which LibreOffice writes where it knows
    /// no time.
    pub(super) fn at(mut self, when: Option<&str>) -> Self {
        self.when = filled(when).filter(|when| !when.starts_with('0'));
        self
    }

    /// Where it is; an empty place is none.
    pub(super) fn within(mut self, place: Option<&str>) -> Self {
        self.place = filled(place);
        self
    }
}

fn filled(text: Option<&str>) -> Option<String> {
    text.map(Clip::of).filter(|text| !text.is_empty())
}

/// A text of at most [`Item::MOST_CHARS`] characters that can disturb neither a terminal nor a page: white space
/// becomes single spaces, and characters that move the cursor or turn the direction are left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Clip {
    text: String,
    chars: usize,
    /// White space came, and waits for something to follow it.
    space: bool,
}

impl Clip {
    /// All of `text` that fits.
    pub(super) fn of(text: &str) -> String {
        let mut clip = Self::default();
        clip.push(text);
        clip.finish()
    }

    /// Appends a piece. Once the clip is full, this costs nothing.
    pub(super) fn push(&mut self, piece: &str) {
        for character in piece.chars() {
            if self.chars > Item::MOST_CHARS {
                return;
            }
            if character.is_whitespace() {
                self.space = self.chars > 0;
            } else if !character.is_control() && !is_direction_mark(character) {
                if std::mem::take(&mut self.space) {
                    self.append(' ');
                }
                self.append(character);
            }
        }
    }

    /// The text, with an ellipsis where something is missing; empty when nothing of it can be seen.
    pub(super) fn finish(self) -> String {
        if self.text.chars().all(has_no_width) { String::new() } else { self.text }
    }

    fn append(&mut self, character: char) {
        self.chars += 1;
        match self.chars {
            ..=Item::MOST_CHARS => self.text.push(character),
            _ if self.text.ends_with('…') => {}
            _ => {
                // The ellipsis takes the place of the last character.
                self.text.pop();
                self.text.push('…');
            }
        }
    }
}

/// Characters that join or divide others. Some writers leave one where a text has none.
const fn has_no_width(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_is_one_printable_line() {
        assert_eq!(Clip::of("  a\r\n\tb \u{1b}[2J\u{202e}c  "), "a b [2Jc");
        assert_eq!(Clip::of(" \u{0}\n"), "");
        assert_eq!(Clip::of("\u{200d}\u{feff}"), "");
        assert_eq!(Clip::of("👩\u{200d}🔬"), "👩\u{200d}🔬");
    }

    #[test]
    fn a_clip_never_grows_beyond_its_bound_and_says_so() {
        let exact = "ä".repeat(Item::MOST_CHARS);
        assert_eq!(Clip::of(&exact), exact);
        let mut clip = Clip::default();
        for _ in 0..1_000 {
            clip.push("ä b");
        }
        let text = clip.finish();
        assert_eq!(text.chars().count(), Item::MOST_CHARS);
        assert!(text.ends_with('…'));
    }

    #[test]
    fn what_is_empty_is_left_out() {
        let item = Item::new("x").by(Some(" ")).at(Some("0-00-00T00:00:00Z")).within(None);
        assert_eq!(item, Item::new("x"));
        assert_eq!(Item::default().at(Some("2026-03-04")).when.as_deref(), Some("2026-03-04"));
    }

    #[test]
    fn the_same_link_is_one_however_often_it_occurs() {
        let mut gathered = Gathered::default();
        for number in 0..30_000 {
            gathered.add_once(Topic::ExternalLinks, Item::new("same").labelled("hyperlink"));
            gathered.add_once(Topic::ExternalLinks, Item::new(&number.to_string()).labelled("hyperlink"));
        }
        gathered.add_once(Topic::ExternalLinks, Item::new("same").labelled("picture"));
        assert!(gathered.known.len() <= MOST_KNOWN);
        assert_eq!(gathered.into_sections()[0].count, 30_002);
    }

    #[test]
    fn the_count_goes_on_when_the_items_do_not() {
        let mut gathered = Gathered::default();
        for _ in 0..1_000 {
            gathered.add(Topic::Comments, Item::new("x"));
        }
        gathered.add_several(Topic::Metadata, 0, Item::new("nothing"));
        let sections = gathered.into_sections();
        assert_eq!(sections.len(), 1);
        assert_eq!((sections[0].count, sections[0].items.len()), (1_000, Section::MOST_ITEMS));
    }
}
