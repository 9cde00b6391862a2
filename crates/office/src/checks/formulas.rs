//! Formulas of Excel: which of them start another program.

/// Excel permits 8,192 characters.
const LONGEST: usize = 64 * 1024;

/// Whether the text of an element of this name is a formula.
fn is_formula(name: &str) -> bool {
    matches!(
        name,
        "f" | "definedName"
            | "formula"
            | "formula1"
            | "formula2"
            | "oldFormula"
            | "calculatedColumnFormula"
            | "totalsRowFormula"
    )
}

/// The formula that is being read.
#[derive(Default)]
pub(super) struct Formulas {
    text: String,
    /// How many elements deep in a formula; 1 is its own text.
    depth: usize,
}

impl Formulas {
    /// A start tag of this local name.
    pub(super) fn open(&mut self, name: &str) {
        if self.depth > 0 {
            self.depth += 1;
        } else if is_formula(name) {
            self.text.clear();
            self.depth = 1;
        }
    }

    /// Text between tags.
    pub(super) fn text(&mut self, text: &str) {
        if self.depth == 1 && self.text.len() + text.len() <= LONGEST {
            self.text.push_str(text);
        }
    }

    /// An end tag; whether it ends a formula that starts a program.
    pub(super) fn close(&mut self) -> bool {
        let ends = self.depth == 1;
        self.depth = self.depth.saturating_sub(1);
        ends && is_dde(&self.text)
    }
}

/// `program|topic!item`: a bar outside of strings, quoted names and brackets, and later an
/// exclamation mark.
fn is_dde(formula: &str) -> bool {
    if !formula.contains('|') {
        return false;
    }
    let mut bar = false;
    let mut brackets = 0_usize;
    let mut quote = None;
    for character in formula.chars() {
        match (quote, character) {
            (Some(open), character) if character == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if brackets == 0 => quote = Some(character),
            (None, '[') => brackets += 1,
            (None, ']') => brackets = brackets.saturating_sub(1),
            (None, '|') if brackets == 0 => bar = true,
            (None, '!') if bar => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dde_is_told_from_texts_and_names_with_a_bar() {
        for formula in ["cmd|'/C calc'!A0", "=MSEXCEL|'\\..\\cmd'!''", "1+cmd|x!y", "'cmd'|'x'!A1", "SUM(a|b!c)"] {
            assert!(is_dde(formula), "{formula}");
        }
        for formula in ["\"a|b\"&Sheet1!A1", "'a|b'!A1", "Table1[[#All],[a|b]]&Sheet1!A1", "Sheet1!A1", "'it''s|x'!A1"]
        {
            assert!(!is_dde(formula), "{formula}");
        }
    }
}
