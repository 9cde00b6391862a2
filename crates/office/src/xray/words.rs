//! Counting words.

/// Counts the words of a text that comes in pieces.
///
/// A word is a run without white space that has a letter or a digit in it. Chinese and Japanese are written without
/// spaces: each of their characters counts as a word, as Word itself counts them.
#[derive(Debug, Default)]
pub(super) struct Words {
    count: u64,
    /// The run that is being read has been counted.
    counted: bool,
}

impl Words {
    /// The next piece; a word may continue in it.
    pub(super) fn push(&mut self, piece: &str) {
        for character in piece.chars() {
            if character.is_whitespace() {
                self.counted = false;
            } else if is_ideograph_or_kana(character) {
                self.count += 1;
                self.counted = false;
            } else if !self.counted && character.is_alphanumeric() {
                self.count += 1;
                self.counted = true;
            }
        }
    }

    /// The end of a paragraph, cell or line: no word continues behind it.
    pub(super) fn end(&mut self) {
        self.counted = false;
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }
}

const fn is_ideograph_or_kana(character: char) -> bool {
    matches!(character,
        '\u{3005}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(pieces: &[&str]) -> u64 {
        let mut words = Words::default();
        pieces.iter().for_each(|piece| words.push(piece));
        words.count()
    }

    #[test]
    fn a_word_needs_a_letter_or_a_digit() {
        assert_eq!(count(&["One – two, don’t; 3.5 % … naïve-looking ÄÖÜ"]), 6);
        assert_eq!(count(&["", " \n\t\u{a0}—"]), 0);
    }

    #[test]
    fn pieces_do_not_divide_words_and_paragraphs_do() {
        assert_eq!(count(&["Strong", "room", " portal"]), 2);
        let mut words = Words::default();
        words.push("Strong");
        words.end();
        words.push("room");
        assert_eq!(words.count(), 2);
    }

    #[test]
    fn scripts_without_spaces_count_their_characters() {
        assert_eq!(count(&["東京"]), 2);
        assert_eq!(count(&["Excelの表、カタカナ"]), 1 + 2 + 4);
        assert_eq!(count(&["안녕하세요 여러분"]), 2);
    }
}
