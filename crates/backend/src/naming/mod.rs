//! Names as people see them, whatever bytes they are written with.
//!
//! Databases compare bytes, each in its own way: SQLite's `LOWER` knows ASCII alone, and the order of PostgreSQL
//! depends on the locale of its cluster. So what is searched and sorted by is worked out here and stored beside the
//! name: [`folded`] for searching, [`sort_key`] for sorting.

mod refold;

use std::{fmt::Write as _, sync::LazyLock};

use domain::text::as_typed;
use icu_casemap::CaseMapper;
use icu_collator::{
    Collator, CollatorBorrowed, CollatorPreferences, options::CollatorOptions, preferences::CollationNumericOrdering,
};
use icu_normalizer::{
    ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed, properties::CanonicalCombiningClassMapBorrowed,
};
use icu_properties::{CodePointSetData, props::DefaultIgnorableCodePoint};

pub(crate) use refold::refold;

/// Most bytes of a text to search in. PostgreSQL refuses an entry of an index with more than 2,704 bytes, and a few
/// characters fold to ten times their length.
const FOLDED_BYTES: usize = 1_000;

/// Most bytes of a key to sort by, before they become digits; see [`FOLDED_BYTES`]. Names of 255 bytes stay below it
/// unless they are made not to.
const KEY_BYTES: usize = 600;

/// The order of names: numbers by their value, then letters, then accents, then case (the root of CLDR).
static ORDER: LazyLock<CollatorBorrowed<'static>> = LazyLock::new(|| {
    let mut preferences = CollatorPreferences::default();
    preferences.numeric_ordering = Some(CollationNumericOrdering::True);
    Collator::try_new(preferences, CollatorOptions::default()).expect("the order of the root locale is compiled in")
});

/// A text to search in, or for: no case, no accents, no invisible characters, one spelling for what looks the same.
pub(crate) fn folded(text: &str) -> String {
    let mut folded: String = plain(text, |c| !is_accent(c)).chars().map(without_stroke).collect();
    folded.truncate(folded.floor_char_boundary(FOLDED_BYTES));
    folded
}

/// The text to search for events and people in: each part folded, on a line of its own. A search has no line breaks, so
/// it never matches across two parts.
pub(crate) fn folded_lines(parts: &[&str]) -> String {
    parts.iter().map(|part| folded(part)).collect::<Vec<_>>().join("\n")
}

/// A `LIKE … ESCAPE '\'` pattern that finds what people see in `text` anywhere in a folded text.
pub(crate) fn like_pattern(text: &str) -> String {
    let escaped = folded(text).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// Whether two names read the same: neither case counts, nor how an accent, a quote, a dash or a space is written.
pub(crate) fn read_the_same(a: &str, b: &str) -> bool {
    plain(a, |_| true) == plain(b, |_| true)
}

/// What sorts as people sort: "Z 2" before "Z 10", "é" beside "e". Digits alone, because every collation that a
/// database may have agrees on the order of digits, and on little else.
pub(crate) fn sort_key(name: &str) -> String {
    let mut key = Vec::new();
    let Ok(()) = ORDER.write_sort_key_to(name, &mut key);
    key.truncate(KEY_BYTES);
    let mut digits = String::with_capacity(key.len().div_ceil(2) * 5);
    for pair in key.chunks(2) {
        let number = u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]);
        _ = write!(digits, "{number:05}");
    }
    digits
}

/// Case folded and composed, without invisible characters, and of the others those that `keep` wants.
fn plain(text: &str, keep: impl Fn(char) -> bool) -> String {
    let invisible = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let letters: String = DecomposingNormalizerBorrowed::new_nfkd()
        .normalize_iter(text.chars().map(as_typed))
        .filter(|c| keep(*c) && !invisible.contains(*c))
        .collect();
    let composed: String = ComposingNormalizerBorrowed::new_nfkc()
        .normalize_iter(CaseMapper::new().fold_string(&letters).chars().map(as_typed))
        .collect();
    // A page shows several spaces as one.
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a mark only modifies a letter: the accents of Latin, Greek and Cyrillic, the points of Hebrew, Arabic and
/// Syriac. The vowels of Thai and Lao and what belongs to Indic and Japanese letters have other classes.
fn is_accent(c: char) -> bool {
    matches!(CanonicalCombiningClassMapBorrowed::new().get_u8(c), 10..=36 | 202..=240)
}

/// Letters whose stroke, or missing dot, Unicode does not set apart as a mark.
const fn without_stroke(c: char) -> char {
    match c {
        'ø' => 'o',
        'ł' => 'l',
        'đ' => 'd',
        'ħ' => 'h',
        'ŧ' => 't',
        'ı' => 'i',
        c => c,
    }
}

#[cfg(test)]
mod tests;
