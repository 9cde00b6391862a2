//! Characters that a name may not have, and characters that keyboards write differently.

/// What keeps a character out of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It moves the cursor, breaks the line or rings the bell.
    Control,
    /// It makes the letters after it run the other way, so that a name reads as another.
    TurnsDirection,
    /// Nobody sees it and no script needs it, so that two names look the same.
    Invisible,
}

impl Unfit {
    /// Why this character is unfit; `None` for what names are made of in every script: letters, marks, pictures, the
    /// joiners of Persian and Indic words, and the marks that only tell in which direction a neutral character runs.
    pub(crate) const fn of(c: char) -> Option<Self> {
        match c {
            '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{2028}' | '\u{2029}' => Some(Self::Control),
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{206F}' => Some(Self::TurnsDirection),
            '\u{200B}' | '\u{2060}'..='\u{2065}' | '\u{FEFF}' => Some(Self::Invisible),
            _ => None,
        }
    }
}

/// A text of unknown origin as it may stand in a line of a log or a report: no character of it breaks the line, moves
/// what stands beside it or hides, and it has `most` characters at most.
#[must_use]
pub fn printed(text: &str, most: usize) -> String {
    text.chars().take(most).map(|c| if Unfit::of(c).is_some() { '\u{FFFD}' } else { c }).collect()
}

/// Whether there is anything to see of a text that has no [`Unfit`] character.
pub(crate) fn is_visible(text: &str) -> bool {
    text.chars().any(|c| !c.is_whitespace() && !matches!(c, '\u{200C}'..='\u{200F}' | '\u{61C}' | '\u{AD}'))
}

/// The character that every keyboard has, for quotes, apostrophes, dashes and spaces that programs set in its place.
#[must_use]
pub const fn as_typed(c: char) -> char {
    match c {
        '\u{2018}'..='\u{201B}' | '\u{2032}' | '\u{2BC}' | '\u{B4}' | '`' => '\'',
        '\u{201C}'..='\u{201F}' | '\u{2033}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => ' ',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_has_its_letters_joiners_and_marks() {
        let names = ["می\u{200C}خواهم", "क्\u{200D}ष", "שלום\u{200F}", "นาที่", "e\u{301}", "👩\u{200D}👧", "東京"];
        for name in names {
            assert_eq!(name.chars().find_map(Unfit::of), None, "{name}");
        }
    }

    #[test]
    fn a_character_is_unfit_for_one_reason() {
        for (c, reason) in [
            ('\0', Unfit::Control),
            ('\u{85}', Unfit::Control),
            ('\u{2028}', Unfit::Control),
            ('\u{202E}', Unfit::TurnsDirection),
            ('\u{2067}', Unfit::TurnsDirection),
            ('\u{200B}', Unfit::Invisible),
            ('\u{FEFF}', Unfit::Invisible),
        ] {
            assert_eq!(Unfit::of(c), Some(reason), "{c:?}");
        }
        assert!('\0'.is_control() && (char::MIN..=char::MAX).all(|c| !c.is_control() || Unfit::of(c).is_some()));
    }

    #[test]
    fn a_printed_text_stays_in_its_line_and_its_direction() {
        assert_eq!(printed("a\r\nb\u{1B}[2Jc", 300), "a\u{FFFD}\u{FFFD}b\u{FFFD}[2Jc");
        assert_eq!(printed("gpj.\u{202E}docx\u{2067}\u{200B}", 300), "gpj.\u{FFFD}docx\u{FFFD}\u{FFFD}");
        assert_eq!(printed("Größe שלום", 5), "Größe");
    }

    #[test]
    fn joiners_alone_are_nothing_to_see() {
        assert!(!is_visible("\u{200C} \u{200F}"));
        assert!(is_visible("\u{200F}א"));
    }
}
