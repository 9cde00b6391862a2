//! What people take for the same, and in which order they look for it.

use super::*;

fn finds(q: &str, name: &str) -> bool {
    folded(name).contains(&folded(q))
}

#[test]
fn a_search_finds_what_looks_the_same() {
    for (q, name) in [
        ("Ubersicht", "Übersicht.docx"),
        ("übersicht", "U\u{308}BERSICHT.docx"),
        ("U\u{308}bersicht", "Übersicht.docx"),
        ("STRASSE", "Hauptstraße 5.docx"),
        ("lodz", "Łódź.xlsx"),
        ("istanbul", "İSTANBUL.docx"),
        ("ısparta", "Isparta.docx"),
        ("ΣΊΣΥΦΟΣ", "Σίσυφος.docx"),
        ("елка", "Ёлка.docx"),
        ("o'neil - q3", "O’Neil – Q3.docx"),
        ("Q3 final", "Q3\u{A0} final.docx"),
        ("می خواهم", "می خواهم.docx"),
        ("میخواهم", "می\u{200C}خواهم.docx"),
        ("Q3", "Ｑ３ 報告.pptx"),
        ("office", "o\u{FB03}ce.docx"),
        ("שלום", "שָׁלוֹם.docx"),
    ] {
        assert!(finds(q, name), "{q} in {name}: {} in {}", folded(q), folded(name));
    }
}

#[test]
fn letters_that_differ_stay_apart() {
    for (q, name) in [("か", "が.docx"), ("กา", "กี.docx"), ("का", "कि.docx"), ("ba", "Übersicht.docx")]
    {
        assert!(!finds(q, name), "{q} in {name}");
    }
}

#[test]
fn folding_again_changes_nothing_and_nothing_grows_out_of_an_index() {
    for name in ["Übersicht – ‘ẞ’ ŉ ΐ İ.docx", &"\u{FDFA}".repeat(85), &"ΐ".repeat(127), &"한글".repeat(40)]
    {
        let once = folded(name);
        assert_eq!(folded(&once), once, "{name}");
        assert!(once.len() <= FOLDED_BYTES && sort_key(name).len() <= KEY_BYTES.div_ceil(2) * 5, "{name}");
    }
}

#[test]
fn a_name_typed_on_another_keyboard_reads_the_same() {
    for (name, typed) in [
        ("Übersicht.docx", "U\u{308}bersicht.docx"),
        ("O’Neil – “final”.docx", "o'neil - \"FINAL\".docx"),
        ("Q3\u{A0}2026.xlsx", " Q3 2026.xlsx "),
        ("a  b.docx", "a b.docx"),
        ("می\u{200C}خواهم.docx", "میخواهم.docx"),
    ] {
        assert!(read_the_same(name, typed), "{name} and {typed}");
    }
    for (name, other) in
        [("Übersicht.docx", "Ubersicht.docx"), ("a.docx", "a.doc"), ("Z 2.docx", "Z 02.docx"), ("a.docx", "")]
    {
        assert!(!read_the_same(name, other), "{name} and {other}");
    }
}

#[test]
fn names_sort_as_people_sort() {
    let sorted = [
        "#1.docx",
        "2 Offers.docx",
        "10 Offers.docx",
        "eclair.docx",
        "éclair.docx",
        "Éclair.docx",
        "eclairs.docx",
        "Z 2.docx",
        "Z 10.docx",
        "Z 10a.docx",
        "Z 100.docx",
        "Übersicht.docx",
        "Яблоко.docx",
        "東京.docx",
    ];
    let mut expected = sorted.to_vec();
    // Ü is a u with an accent.
    expected.retain(|name| !name.starts_with('Ü'));
    expected.insert(7, "Übersicht.docx");
    let mut names = sorted.to_vec();
    names.reverse();
    names.sort_by_key(|name| sort_key(name));
    assert_eq!(names, expected);
}

#[test]
fn a_key_is_digits_and_a_name_that_goes_on_comes_later() {
    for (shorter, longer) in [("a", "ab"), ("Z 2", "Z 2 b"), ("", "a")] {
        assert!(sort_key(shorter) < sort_key(longer), "{shorter} and {longer}");
    }
    assert!(sort_key("Übersicht 10.docx").bytes().all(|byte| byte.is_ascii_digit()));
}
