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

/// The formulas that are being read. The newer elements of Excel hold a formula in a formula:
/// `x14:formula1` is nothing but a wrapper of `xm:f`.
#[derive(Default)]
pub(super) struct Formulas {
    /// The text of all open formulas, the innermost last.
    text: String,
    open: Vec<Open>,
}

struct Open {
    /// Where its text starts.
    start: usize,
    /// How many elements deep in the formula; 1 is its own text.
    depth: usize,
}

impl Formulas {
    /// A start tag of this local name.
    pub(super) fn open(&mut self, name: &str) {
        if let Some(around) = self.open.last_mut() {
            around.depth += 1;
        }
        if is_formula(name) {
            self.open.push(Open { start: self.text.len(), depth: 1 });
        }
    }

    /// Whether no formula is being read.
    pub(super) fn is_idle(&self) -> bool {
        self.open.is_empty()
    }

    /// Text between tags.
    pub(super) fn text(&mut self, text: &str) {
        if let Some(Open { start, depth: 1 }) = self.open.last()
            && self.text.len() - start + text.len() <= LONGEST
        {
            self.text.push_str(text);
        }
    }

    /// An end tag; whether it ends a formula that starts a program.
    pub(super) fn close(&mut self) -> bool {
        let Some(Open { start, .. }) = self.open.pop_if(|open| open.depth == 1) else {
            self.leave();
            return false;
        };
        self.leave();
        let found = is_dde(self.text.get(start..).unwrap_or_default());
        self.text.truncate(start);
        found
    }

    /// One element less in the formula around.
    fn leave(&mut self) {
        if let Some(around) = self.open.last_mut() {
            around.depth -= 1;
        }
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
