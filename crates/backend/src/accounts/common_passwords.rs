//! Passwords that are refused because attackers try them first (ASVS V6.2.4, V6.2.11).

use std::collections::HashSet;
use std::sync::LazyLock;

/// Every password of at least eight characters in the frequency list of Dropbox's zxcvbn 4.4.2
/// (about 30,000 leaked passwords, MIT licence), lower-cased and sorted.
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// Whether a password is on the list in any case, or is little more than the product's, the portal's
/// or the person's own name.
pub(super) fn is_common(password: &str, email: &str, portal_name: &str) -> bool {
    let folded = password.to_lowercase();
    if COMMON.contains(folded.as_str()) || folded == email {
        return true;
    }
    // What is left when digits and punctuation around the word are taken away: `Strongroom2026!`.
    let word = folded.trim_matches(|c: char| !c.is_alphabetic());
    let local_part = email.split('@').next().unwrap_or_default();
    ["strongroom", portal_name.to_lowercase().as_str(), local_part].contains(&word)
        || COMMON.contains(word) && is_short(&folded, word)
}

/// A listed word with at most two characters around it is still that word.
fn is_short(folded: &str, word: &str) -> bool {
    folded.chars().count() <= word.chars().count() + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_holds_what_attackers_try_first() {
        assert!(COMMON.len() >= 3000);
        for password in
            ["12345678", "Password", "QWERTYUIOP", "sunshine", "password1!", "Strongroom2026!", "ana.lopez99"]
        {
            assert!(is_common(password, "ana.lopez@example.com", "Acme Documents"), "{password}");
        }
    }

    #[test]
    fn length_beats_composition() {
        for password in
            ["correct horse battery staple", "zwölf gelbe boote", "strongroom is where i keep it", "xk29fj3m"]
        {
            assert!(!is_common(password, "ana.lopez@example.com", "Acme Documents"), "{password}");
        }
    }
}
