//! Where formulas lead: the functions that open or fetch something (ECMA-376 part 1, 18.17.7).

use crate::{
    package::target::{Place, place as leads_to},
    xray::{Item, Topic, gathered::Gathered},
};

/// Longer than any formula that Excel takes (8,192 characters).
const LONGEST: usize = 1 << 15;
/// The functions, and what their targets are.
const FUNCTIONS: [(&str, &str); 3] = [("HYPERLINK", "hyperlink"), ("IMAGE", "picture"), ("WEBSERVICE", "other")];

/// Follows the formulas of a sheet.
#[derive(Debug, Default)]
pub(super) struct Formulas {
    formula: Option<String>,
}

impl Formulas {
    pub(super) fn open(&mut self, name: &str) {
        if matches!(name, "f" | "formula" | "formula1" | "formula2") {
            self.formula = Some(String::new());
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        if let Some(formula) = self.formula.as_mut().filter(|formula| formula.len() < LONGEST) {
            formula.push_str(text);
        }
    }

    pub(super) fn close(&mut self, name: &str, place: Option<&str>, gathered: &mut Gathered) {
        if !matches!(name, "f" | "formula" | "formula1" | "formula2") {
            return;
        }
        for (label, target) in self.formula.take().iter().flat_map(|formula| targets(formula)) {
            gathered.add_once(Topic::ExternalLinks, Item::new(&target).labelled(label).within(place));
        }
    }
}

/// The targets that a formula names as texts, as far as they lead out of the file.
fn targets(formula: &str) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if !formula.contains('"') {
        return found;
    }
    let upper = formula.to_ascii_uppercase();
    for (function, label) in FUNCTIONS {
        for (at, _) in upper.match_indices(function) {
            let before = upper.get(..at).and_then(|before| before.chars().next_back());
            if before.is_some_and(|before| before.is_alphanumeric() || before == '_') || in_text(formula, at) {
                continue;
            }
            let rest = formula.get(at + function.len()..).map_or("", str::trim_start);
            let Some(target) = rest.strip_prefix('(').and_then(|rest| argument(rest.trim_start())) else { continue };
            if leads_to(&target) != Place::Here {
                found.push((label, target));
            }
        }
    }
    found
}

/// Whether a place of a formula is within a text in quotation marks.
fn in_text(formula: &str, at: usize) -> bool {
    formula.get(..at).is_some_and(|before| before.matches('"').count() % 2 == 1)
}

/// The first argument, where it is a text or is put together of texts and others, for which an ellipsis stands.
fn argument(rest: &str) -> Option<String> {
    let (mut target, mut at, mut depth) = (String::new(), 0, 0_u32);
    let mut has_text = false;
    while let Some(character) = rest.get(at..).and_then(|rest| rest.chars().next()) {
        match character {
            '"' => {
                let mut text = rest.get(at + 1..)?;
                loop {
                    let (piece, after) = text.split_once('"')?;
                    target.push_str(piece);
                    text = after;
                    if let Some(after) = text.strip_prefix('"') {
                        target.push('"');
                        text = after;
                    } else {
                        break;
                    }
                }
                has_text = true;
                at = rest.len() - text.len();
                continue;
            }
            ',' | ';' | ')' if depth == 0 => break,
            '(' => depth += 1,
            ')' => depth -= 1,
            '&' => {}
            other if other.is_whitespace() => {}
            _ if target.ends_with('…') => {}
            _ => target.push('…'),
        }
        at += character.len_utf8();
    }
    has_text.then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_found_wherever_the_function_stands() {
        for (formula, label, target) in [
            ("HYPERLINK(\"https://example.com/a\",\"b\")", "hyperlink", "https://example.com/a"),
            ("IF(A1>0,hyperlink ( \"mailto:ana@example.com\" ),\"\")", "hyperlink", "mailto:ana@example.com"),
            (
                "HYPERLINK(\"https://example.com/?q=\"&A1&\"&x=\"\"1\"\"\")",
                "hyperlink",
                "https://example.com/?q=…&x=\"1\"",
            ),
            ("_xlfn.WEBSERVICE(\"https://example.com/\"&ENCODEURL(A1))", "other", "https://example.com/…"),
            ("_xlfn.IMAGE(\"\\\\server\\a.png\")", "picture", "\\\\server\\a.png"),
        ] {
            assert_eq!(targets(formula), [(label, target.to_owned())], "{formula}");
        }
        for formula in [
            "HYPERLINK(\"#Sheet2!A1\",\"b\")",
            "HYPERLINK(A1)",
            "\"HYPERLINK(\"\"x\"\")\"",
            "MYHYPERLINK(\"x\")",
            "HYPERLINK(\"x",
            "SUM(A1)",
        ] {
            assert_eq!(targets(formula), [], "{formula}");
        }
    }
}
