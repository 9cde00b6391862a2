//! What was measured, beside what was aimed at.

use std::fmt::Write as _;

/// All results, in the order in which they are shown.
#[derive(Default)]
pub(super) struct Table {
    rows: Vec<Row>,
}

struct Row {
    what: String,
    aim: String,
    measured: String,
    met: Option<bool>,
    how: String,
}

/// What a number should be.
#[derive(Clone, Copy)]
pub(super) enum Aim {
    AtLeast(f64),
    AtMost(f64),
    /// Shown for its own sake.
    None,
}

impl Aim {
    fn is_met(self, value: f64) -> Option<bool> {
        match self {
            Self::AtLeast(bound) => Some(value >= bound),
            Self::AtMost(bound) => Some(value <= bound),
            Self::None => None,
        }
    }

    fn words(self, unit: &str) -> String {
        match self {
            Self::AtLeast(bound) => format!("≥ {} {unit}", number(bound)),
            Self::AtMost(bound) => format!("≤ {} {unit}", number(bound)),
            Self::None => "–".to_owned(),
        }
    }
}

impl Table {
    pub(super) fn add(&mut self, what: impl Into<String>, aim: Aim, value: f64, unit: &str, how: impl Into<String>) {
        self.rows.push(Row {
            what: what.into(),
            aim: aim.words(unit).trim_end().to_owned(),
            measured: format!("{} {unit}", number(value)).trim_end().to_owned(),
            met: aim.is_met(value),
            how: how.into(),
        });
    }

    /// What could not be measured here.
    pub(super) fn leave_out(&mut self, what: &str, why: &str) {
        let dash = || "–".to_owned();
        self.rows.push(Row { what: what.to_owned(), aim: dash(), measured: dash(), met: None, how: why.to_owned() });
    }

    /// As Markdown that also reads well on a terminal.
    pub(super) fn text(&self) -> String {
        let heading = ["Measured", "Aim", "Result", "Met", "How"].map(str::to_owned);
        let mut lines = vec![heading];
        for Row { what, aim, measured, met, how } in &self.rows {
            let met = met.map_or("–", |met| if met { "yes" } else { "no" });
            lines.push([what.clone(), aim.clone(), measured.clone(), met.to_owned(), how.clone()]);
        }
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 5] = std::array::from_fn(width);
        lines.insert(1, widths.map(|width| "-".repeat(width)));
        let mut text = String::new();
        for line in lines {
            for (cell, width) in line.iter().zip(widths) {
                let _ = write!(text, "| {cell:<width$} ");
            }
            text.push_str("|\n");
        }
        text
    }
}

/// As many digits as a person reads: `1234`, `56.7`, `0.83`.
fn number(value: f64) -> String {
    match value {
        value if value.fract() == 0.0 || value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aim_that_is_missed_says_so() {
        let mut table = Table::default();
        table.add("Lists", Aim::AtLeast(1000.0), 999.4, "/s", "16 connections");
        table.add("Memory", Aim::AtMost(64.0), 12.34, "MiB", "");
        table.add("Upload", Aim::None, 0.5, "", "");
        let text = table.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[2], "| Lists    | ≥ 1000 /s | 999 /s   | no  | 16 connections |");
        assert!(lines[3].contains("| 12.3 MiB | yes |"), "{text}");
        assert!(lines[4].contains("| –         | 0.50     | –   |"), "{text}");
    }
}
