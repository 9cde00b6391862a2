//! As text for a terminal.

use office::{Examination, Section};

use crate::words;

/// The widest that the left column becomes, in characters.
const WIDEST: usize = 48;

/// The verdict, the findings and the report of one file, in lines. No control character of the file or of its name
/// comes through.
#[must_use]
pub fn text(name: &str, examination: &Examination) -> String {
    let mut lines = vec![format!("{name}: {}", words::verdict(examination.verdict))];
    for finding in words::by_weight(&examination.report.findings) {
        lines.push(format!("  {}", finding.message));
        lines.push(format!("    {} ({})", words::grounds(finding), finding.code.as_str()));
    }
    let facts = words::facts(examination);
    if !facts.is_empty() {
        lines.push(format!("  {facts}"));
    }
    for section in examination.xray.iter().flat_map(|xray| &xray.sections) {
        topic(section, &mut lines);
    }
    lines.iter().map(|line| printable(line.trim_end()) + "\n").collect()
}

/// Two columns: what an item is, and what it says.
fn topic(section: &Section, lines: &mut Vec<String>) {
    lines.push(format!("  {}: {}", words::name(section.topic), words::number(section.count)));
    let rows: Vec<_> = section.items.iter().map(|item| (words::details(item), words::text(item))).collect();
    let width = rows.iter().map(|(details, _)| details.chars().count()).max().unwrap_or_default().min(WIDEST);
    for (details, text) in rows {
        let gap = if width > 0 { "  " } else { "" };
        lines.push(format!("    {details:width$}{gap}{text}"));
    }
    let more = words::left_out(section);
    if more > 0 {
        lines.push(format!("    and {} more", words::number(more)));
    }
}

/// What the inspector hands over is printable; what was stored or sent in between need not be.
fn printable(line: &str) -> String {
    let disturbs = |character: char| {
        character.is_control()
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    line.chars().map(|character| if disturbs(character) { '�' } else { character }).collect()
}
