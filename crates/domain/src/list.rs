//! What every list has: pages, where the next one begins, and query strings that are parsed.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    file_name::FileName,
    id::DocumentId,
    problem::{ErrorCode, Problem},
};

/// Longest search text, in characters.
const MAX_SEARCH_CHARS: usize = 200;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows, in order.
    pub rows: Vec<T>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<Cursor>,
}

/// Where the previous page ended: what its last row is sorted by, and its id to break ties.
///
/// Written `id.key` in URLs. A cursor is not a secret and grants nothing: it only skips rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor {
    /// What the last row is sorted by, as text: a time, a size, a name.
    pub key: String,
    /// The last row's id, as text.
    pub id: String,
}

impl FromStr for Cursor {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let (id, key) = text.split_once('.').ok_or_else(|| wrong("cursor"))?;
        DocumentId::from_str(id).map_err(|_| wrong("cursor"))?;
        if key.len() > 4 * FileName::MAX_BYTES {
            return Err(wrong("cursor"));
        }
        Ok(Self { key: key.to_owned(), id: id.to_owned() })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.id, self.key)
    }
}

impl TryFrom<String> for Cursor {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        text.parse()
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.to_string()
    }
}

/// At most how many rows a page has: 1 to [`Limit::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Limit(u32);

impl Limit {
    /// The most that can be asked for.
    pub const MAX: u32 = 200;

    /// A limit that the program itself sets.
    ///
    /// # Panics
    /// When it is no limit. In a constant this is an error of compilation.
    #[must_use]
    pub const fn at_most(rows: u32) -> Self {
        assert!(1 <= rows && rows <= Self::MAX, "a page has 1 to 200 rows");
        Self(rows)
    }

    /// In rows.
    #[must_use]
    pub const fn rows(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Limit {
    type Error = Problem;

    fn try_from(rows: u32) -> Result<Self, Problem> {
        if (1..=Self::MAX).contains(&rows) { Ok(Self(rows)) } else { Err(wrong("limit")) }
    }
}

impl From<Limit> for u32 {
    fn from(limit: Limit) -> Self {
        limit.0
    }
}

impl FromStr for Limit {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        text.parse::<u32>().map_err(|_| wrong("limit"))?.try_into()
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A parameter of a query string; empty means not given.
pub(crate) fn given<T: FromStr>(text: &str) -> Result<Option<T>, T::Err> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some) }
}

/// What somebody looks for; empty for everything.
pub(crate) fn search_text(q: &str) -> Result<String, Problem> {
    let q = q.trim();
    if q.chars().count() > MAX_SEARCH_CHARS || q.chars().any(char::is_control) {
        return Err(wrong("q"));
    }
    Ok(q.to_owned())
}

fn wrong(parameter: &str) -> Problem {
    Problem::new(ErrorCode::InvalidQuery).on(parameter)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0198c0de-0000-7000-8000-000000000001";

    #[test]
    fn a_cursor_keeps_a_key_with_dots_in_it() {
        let cursor = Cursor { key: "q3.report.docx".into(), id: ID.into() };
        assert_eq!(cursor.to_string().parse::<Cursor>().expect("parses"), cursor);
    }

    #[test]
    fn a_page_has_one_to_two_hundred_rows_in_json_too() {
        for (text, rows) in
            [("1", Some(1)), ("200", Some(200)), ("0", None), ("201", None), ("-1", None), ("1e2", None)]
        {
            assert_eq!(text.parse::<Limit>().ok().map(Limit::rows), rows, "{text}");
            assert_eq!(serde_json::from_str::<Limit>(text).ok().map(Limit::rows), rows, "{text} in JSON");
        }
    }
}
