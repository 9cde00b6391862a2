//! What a formula refers to (ECMA-376 part 1, 18.17), as far as sheets that go are concerned.

use std::collections::{HashMap, HashSet};

/// The sheets and names that will not be there.
#[derive(Debug, Default)]
pub(super) struct Missing {
    /// The place of every sheet, by its name in lower case, and whether it goes.
    pub(super) sheets: HashMap<String, (usize, bool)>,
    /// Tables of those sheets, and names that refer to them, in lower case.
    pub(super) words: HashSet<String>,
}

impl Missing {
    /// Whether the text refers to anything that goes. Texts in quotation marks count as well: `INDIRECT` reads them.
    pub(super) fn is_used_in(&self, formula: &str) -> bool {
        let formula = formula.to_lowercase();
        let sheets = formula.match_indices('!').map(|(at, _)| formula.get(..at).unwrap_or_default());
        sheets.into_iter().any(|before| self.is_sheet(&sheet_at_end(before))) || self.has_word(&formula)
    }

    /// Whether this is the name of a sheet that goes, or a range of sheets with one in it.
    pub(super) fn is_sheet(&self, name: &str) -> bool {
        let goes = |name: &str| self.sheets.get(name).is_some_and(|(_, goes)| *goes);
        let place = |name: &str| self.sheets.get(name).map(|(place, _)| *place);
        if let Some((first, last)) = name.split_once(':')
            && let (Some(first), Some(last)) = (place(first), place(last))
        {
            let range = first.min(last)..=first.max(last);
            return self.sheets.values().any(|(place, goes)| *goes && range.contains(place));
        }
        goes(name)
    }

    fn has_word(&self, formula: &str) -> bool {
        let divides = |character: char| !(character.is_alphanumeric() || matches!(character, '_' | '.' | '\\' | '?'));
        !self.words.is_empty() && formula.split(divides).any(|word| self.words.contains(word))
    }
}

/// The sheet that is named where an exclamation mark follows; empty for those of other workbooks.
fn sheet_at_end(text: &str) -> String {
    let name = match text.strip_suffix('\'') {
        Some(quoted) => unquoted_at_end(quoted),
        None => {
            let divides = |character: char| character.is_whitespace() || "()+-*/^&=<>,;{}\"'!%@#".contains(character);
            text.rsplit(divides).next().unwrap_or_default().to_owned()
        }
    };
    match name.rsplit_once(']') {
        // `[0]` is the workbook itself.
        Some((workbook, sheet)) => {
            if workbook.ends_with("[0") {
                sheet.to_owned()
            } else {
                String::new()
            }
        }
        None => name,
    }
}

/// What follows the last quote that is not one of a pair.
fn unquoted_at_end(text: &str) -> String {
    let mut end = text.len();
    while let Some(at) = text.get(..end).and_then(|text| text.rfind('\'')) {
        if !text[..at].ends_with('\'') {
            return text[at + 1..].replace("''", "'");
        }
        end = at - 1;
    }
    text.replace("''", "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing() -> Missing {
        let sheets = [("one", false), ("two", true), ("three", false), ("my 'list'", true), ("a\"b", true)];
        let sheets = sheets.into_iter().enumerate();
        Missing {
            sheets: sheets.map(|(place, (name, goes))| (name.to_owned(), (place, goes))).collect(),
            words: HashSet::from(["rate".to_owned()]),
        }
    }

    #[test]
    fn references_to_what_goes_are_found() {
        for formula in [
            "Two!A1",
            "=SUM(1,TWO!A1:B2)",
            "'Two'!A1",
            "IF(x>'My ''List'''!$A$1,1,2)",
            "'a\"b'!A1",
            "SUM(One:Three!A1)",
            "SUM('One:Three'!A1)",
            "INDIRECT(\"Two!A1\")",
            "[0]Two!A1",
            "2*Rate",
        ] {
            assert!(missing().is_used_in(formula), "{formula}");
        }
    }

    #[test]
    fn other_references_are_not() {
        for formula in [
            "One!A1",
            "[1]Two!A1",
            "'C:\\[Two.xlsx]Two'!A1",
            "SUM(A1:B2)",
            "\"Two\"",
            "Two",
            "Rates+Prorate",
            "!",
            "'!",
        ] {
            assert!(!missing().is_used_in(formula), "{formula}");
        }
    }
}
