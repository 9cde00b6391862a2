//! What a clean copy is without.

use office::{Cleaned, Removed};

use crate::words;

/// `Removed: comments (3), tracked changes (12).`, and what has become of signatures that were not to be removed.
#[must_use]
pub fn removed(cleaned: &Cleaned) -> String {
    let said = without(cleaned);
    match cleaned.broken_signatures {
        0 => said,
        1 => format!("{said} The signature in the copy is not valid any more."),
        _ => format!("{said} The signatures in the copy are not valid any more."),
    }
}

fn without(cleaned: &Cleaned) -> String {
    let named =
        |removed: &Removed| format!("{} ({})", inside(words::name(removed.topic)), words::number(removed.count));
    let names: Vec<String> = cleaned.removed.iter().filter(|removed| removed.count > 0).map(named).collect();
    if names.is_empty() { "There was nothing to remove.".to_owned() } else { format!("Removed: {}.", names.join(", ")) }
}

/// A name as it stands inside a sentence.
fn inside(name: &str) -> String {
    let mut rest = name.chars();
    rest.next().map(|first| first.to_lowercase().chain(rest).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use office::Topic;

    use super::*;

    #[test]
    fn what_was_removed_is_named_and_counted() {
        let comments = Removed { topic: Topic::Comments, count: 1_200 };
        let notes = Removed { topic: Topic::SpeakerNotes, count: 0 };
        let metadata = Removed { topic: Topic::Metadata, count: 4 };
        let cleaned = Cleaned { removed: vec![comments, notes, metadata], ..Cleaned::default() };
        assert_eq!(removed(&cleaned), "Removed: comments (1,200), author and properties (4).");
        assert_eq!(removed(&Cleaned::default()), "There was nothing to remove.");
        let signed = Cleaned { removed: vec![comments], broken_signatures: 1, ..Cleaned::default() };
        assert_eq!(removed(&signed), "Removed: comments (1,200). The signature in the copy is not valid any more.");
    }
}
