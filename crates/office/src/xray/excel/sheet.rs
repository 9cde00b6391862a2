//! A sheet: hidden rows and columns, and the texts that are written in its cells.

use std::io;

use super::formulas::Formulas;
use crate::{
    xml::{Ignored, Objection, Tag, Token},
    xray::{Item, Topic, gathered::Gathered, parts::Parts, words::Words},
};

/// The columns of a sheet.
const COLUMNS: u64 = 16_384;

/// What is hidden on a sheet.
#[derive(Debug, Default)]
struct Hidden {
    rows: u64,
    columns: u64,
    /// Rows without an entry are hidden, too.
    others: bool,
}

/// Reads a sheet.
pub(super) fn read(parts: &mut Parts<'_>, part: usize, words: &mut Words, gathered: &mut Gathered) -> io::Result<()> {
    let (mut hidden, mut text) = (Hidden::default(), false);
    let place = parts.place(part).map(str::to_owned);
    let mut formulas = Formulas::default();
    // Values are numbers, and those of texts are found among the shared ones.
    parts.walk_past(part, Ignored::Values, &mut |token| {
        match token {
            Token::Open(tag) => {
                text = tag.name() == "t";
                hidden.see(tag)?;
                left_behind(tag, place.as_deref(), gathered)?;
                formulas.open(tag.name());
            }
            Token::Close("is") => words.end(),
            Token::Close(name) => {
                text = false;
                formulas.close(name, place.as_deref(), gathered);
            }
            Token::Text(piece) if text => words.push(piece),
            Token::Text(piece) => formulas.push(piece),
        }
        Ok(())
    })?;
    if let Some(text) = hidden.describe() {
        let item = Item::new(&text).labelled("rows_and_columns").within(parts.place(part));
        gathered.add_several(Topic::HiddenCells, hidden.count(), item);
    }
    Ok(())
}

/// What people have left on a sheet: scenarios, ranges that they may change, its place on the web, added properties
/// (18.3.1.76, 18.3.1.71, 18.3.1.97, 18.3.1.22).
fn left_behind(tag: Tag<'_>, place: Option<&str>, gathered: &mut Gathered) -> Result<(), Objection> {
    let (topic, attribute, label) = match tag.name() {
        "scenario" => (Topic::Metadata, "user", "scenario_by"),
        "protectedRange" => (Topic::Metadata, "securityDescriptor", "may_edit"),
        "webPublishItem" => (Topic::Metadata, "destinationFile", "published_to"),
        "customPr" => (Topic::CustomProperties, "name", "sheet_property"),
        _ => return Ok(()),
    };
    if let Some(value) = tag.attribute(attribute)?.filter(|value| !value.is_empty()) {
        gathered.add(topic, Item::new(&value).labelled(label).within(place));
    }
    Ok(())
}

impl Hidden {
    /// ECMA-376 part 1, 18.3.1.73 (rows), 18.3.1.13 (columns), 18.3.1.81 (rows without an entry).
    fn see(&mut self, tag: Tag<'_>) -> Result<(), Objection> {
        match tag.name() {
            "row" => self.rows += u64::from(is_set(tag, "hidden")?),
            "col" if is_set(tag, "hidden")? => {
                let [first, last] = [column(tag, "min")?, column(tag, "max")?];
                self.columns = (self.columns + (last + 1).saturating_sub(first)).min(COLUMNS);
            }
            "sheetFormatPr" => self.others |= is_set(tag, "zeroHeight")?,
            _ => {}
        }
        Ok(())
    }

    fn count(&self) -> u64 {
        self.rows + self.columns + u64::from(self.others)
    }

    /// In words; nothing when nothing is hidden.
    fn describe(&self) -> Option<String> {
        let number = |count, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let others = self.others.then(|| "all unused rows".to_owned());
        let hidden = [number(self.rows, "row", "rows"), number(self.columns, "column", "columns"), others];
        let hidden: Vec<String> = hidden.into_iter().flatten().collect();
        (!hidden.is_empty()).then(|| hidden.join(", "))
    }
}

fn is_set(tag: Tag<'_>, name: &str) -> Result<bool, Objection> {
    Ok(tag.attribute(name)?.is_some_and(|value| matches!(&*value, "1" | "true" | "on")))
}

/// The number of a column, within what a sheet has.
fn column(tag: Tag<'_>, name: &str) -> Result<u64, Objection> {
    let number = tag.attribute(name)?.and_then(|value| value.trim().parse().ok());
    Ok(number.unwrap_or(1_u64).clamp(1, COLUMNS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{self, Rigour};

    fn hidden(elements: &str) -> Hidden {
        let mut hidden = Hidden::default();
        let text = format!("<worksheet>{elements}</worksheet>");
        xml::walk(&mut text.as_bytes(), Rigour::Strict, &mut |token| match token {
            Token::Open(tag) => hidden.see(tag),
            _ => Ok(()),
        })
        .expect("well-formed");
        hidden
    }

    #[test]
    fn rows_and_columns_are_counted() {
        let hidden = hidden(
            "<cols><col min='2' max='4' hidden='1'/><col min='7' max='7'/></cols>
             <sheetData><row hidden='true'/><row hidden='0'/><row/></sheetData>",
        );
        assert_eq!(hidden.describe().as_deref(), Some("1 row, 3 columns"));
        assert_eq!(hidden.count(), 4);
    }

    #[test]
    fn columns_are_never_more_than_a_sheet_has() {
        let hidden = hidden(
            &"<col min='1' max='99999999999999999999' hidden='1'/><col min='1' max='99999999' hidden='1'/>".repeat(3),
        );
        assert_eq!(hidden.columns, COLUMNS);
        assert_eq!(self::hidden("<col min='9' max='2' hidden='1'/>").describe(), None);
    }

    #[test]
    fn rows_may_be_hidden_without_an_entry() {
        let hidden = hidden("<sheetFormatPr zeroHeight='1'/>");
        assert_eq!((hidden.describe().as_deref(), hidden.count()), (Some("all unused rows"), 1));
    }
}
