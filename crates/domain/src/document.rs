//! Documents as they are listed: kinds, rows and queries.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{
    file_name::FileName,
    hash::Sha256,
    id::{DocumentId, VersionId},
    list::{Cursor, Limit, given, search_text},
    problem::{ErrorCode, Problem},
    timestamp::Timestamp,
};

/// The three kinds of Office document that are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// A text (WordprocessingML).
    Docx,
    /// A workbook (SpreadsheetML).
    Xlsx,
    /// A presentation (PresentationML).
    Pptx,
}

impl DocumentKind {
    /// All of them, in the order in which filters offer them.
    pub const ALL: [Self; 3] = [Self::Docx, Self::Xlsx, Self::Pptx];

    /// The extension, which is also the name in columns, queries and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Pptx => "pptx",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Docx => "Word",
            Self::Xlsx => "Excel",
            Self::Pptx => "PowerPoint",
        }
    }

    /// The registered media type (IANA; ECMA-376 part 1).
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        }
    }

    /// The kind an extension stands for, in any case; `None` for any other.
    #[must_use]
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(extension))
    }
}

impl FromStr for DocumentKind {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        Self::from_extension(text).ok_or_else(|| Problem::new(ErrorCode::InvalidQuery).on("kind"))
    }
}

crate::column::text_column!(DocumentKind as_str);

/// The orders in which documents can be listed; each has its index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentSort {
    /// Most recently deposited first.
    #[default]
    Newest,
    /// Least recently deposited first.
    Oldest,
    /// By name, A to Z, numbers by their value.
    Name,
    /// By name, Z to A.
    NameDesc,
    /// Largest first.
    Largest,
    /// Smallest first.
    Smallest,
}

impl DocumentSort {
    /// All of them, in the order in which the page offers them.
    pub const ALL: [Self; 6] = [Self::Newest, Self::Oldest, Self::Name, Self::NameDesc, Self::Largest, Self::Smallest];

    /// The name in URLs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Oldest => "oldest",
            Self::Name => "name",
            Self::NameDesc => "name_desc",
            Self::Largest => "largest",
            Self::Smallest => "smallest",
        }
    }

    /// What people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Newest => "Newest first",
            Self::Oldest => "Oldest first",
            Self::Name => "Name, A to Z",
            Self::NameDesc => "Name, Z to A",
            Self::Largest => "Largest first",
            Self::Smallest => "Smallest first",
        }
    }
}

impl FromStr for DocumentSort {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        Self::ALL
            .into_iter()
            .find(|sort| sort.as_str() == text)
            .ok_or_else(|| Problem::new(ErrorCode::InvalidQuery).on("sort"))
    }
}

/// What to list: the state that stands in the URL of `/documents`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentQuery {
    /// Part of a name, in any case and with or without its accents; empty for all.
    pub q: String,
    /// One kind only.
    pub kind: Option<DocumentKind>,
    /// In which order.
    pub sort: DocumentSort,
    /// After which row.
    pub cursor: Option<Cursor>,
    /// At most how many rows.
    pub limit: Limit,
}

impl Default for DocumentQuery {
    fn default() -> Self {
        Self { q: String::new(), kind: None, sort: DocumentSort::default(), cursor: None, limit: Self::LIMIT }
    }
}

impl DocumentQuery {
    /// Rows on a page when nothing else is asked for.
    pub const LIMIT: Limit = Limit::at_most(50);

    /// Parses the texts of a query string; empty means not given.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidQuery`] on the first parameter that is wrong.
    pub fn parse(q: &str, kind: &str, sort: &str, cursor: &str, limit: &str) -> Result<Self, Problem> {
        Ok(Self {
            q: search_text(q)?,
            kind: given(kind)?,
            sort: given(sort)?.unwrap_or_default(),
            cursor: given(cursor)?,
            limit: given(limit)?.unwrap_or(Self::LIMIT),
        })
    }

    /// Whether anything narrows the list, which decides what an empty one says.
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        !self.q.is_empty() || self.kind.is_some()
    }
}

/// A document as its reader sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentRow {
    /// The document.
    pub id: DocumentId,
    /// The name under which it will be saved.
    pub name: FileName,
    /// Its kind.
    pub kind: DocumentKind,
    /// Bytes of the current version.
    pub size: u64,
    /// SHA-256 of the current version, in hexadecimal.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub sha256: Sha256,
    /// Which version is current, from 1.
    pub version: u32,
    /// Who deposited it.
    pub sender: String,
    /// When the current version was deposited.
    pub uploaded_at: Timestamp,
    /// Whether the asking account has never had the whole of the current version sent.
    pub is_new: bool,
    /// To how many people the current version was handed over; for ops only.
    pub handed_over_to: Option<u32>,
}

/// A document on its own page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentDetail {
    /// What the list shows of it.
    pub row: DocumentRow,
    /// When the whole current version had been handed over to the asking account.
    pub handed_over_at: Option<Timestamp>,
}

/// A link minted for one account and one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MintedLink {
    /// The last part of its URL; it opens for its account alone.
    pub token: String,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// Why a link that is the asker's own opens nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadBecause {
    /// Its time is over.
    Expired,
    /// The account's links were revoked.
    Revoked,
    /// A newer version has taken the place of this one.
    Superseded,
    /// The document was deleted.
    Deleted,
}

/// A dead link, explained to its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLink {
    /// Why.
    pub because: DeadBecause,
    /// When it stopped working, where that is a moment in the link itself.
    pub expired_at: Option<Timestamp>,
    /// The document to offer instead, while the asker may still see it.
    pub document: Option<DocumentId>,
    /// The version it was minted for.
    pub version: VersionId,
}

/// A size as people read it: decimal units with one digit, as browsers and file managers show them.
#[must_use]
pub fn size_words(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    let mut unit = 1;
    let mut scaled = u128::from(bytes) * 10 / 1000;
    while scaled >= 10_000 && unit < UNITS.len() - 1 {
        scaled /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", scaled / 10, scaled % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0198c0de-0000-7000-8000-000000000001";

    #[test]
    fn a_query_string_is_parsed_whole_or_the_wrong_parameter_is_named() {
        let query = DocumentQuery::parse(" q3 ", "DOCX", "largest", &format!("{ID}.1024"), "10").expect("valid");
        assert_eq!(query.q, "q3");
        assert_eq!(query.kind, Some(DocumentKind::Docx));
        assert_eq!(query.sort, DocumentSort::Largest);
        assert_eq!(query.cursor.map(|c| c.key).as_deref(), Some("1024"));

        for (field, query) in [
            ("kind", DocumentQuery::parse("", "pdf", "", "", "")),
            ("sort", DocumentQuery::parse("", "", "random", "", "")),
            ("cursor", DocumentQuery::parse("", "", "", "not-a-cursor", "")),
            ("limit", DocumentQuery::parse("", "", "", "", "0")),
            ("limit", DocumentQuery::parse("", "", "", "", "-1")),
            ("limit", DocumentQuery::parse("", "", "", "", "18446744073709551615")),
            ("q", DocumentQuery::parse(&"x".repeat(201), "", "", "", "")),
        ] {
            let problem = query.expect_err(field);
            assert_eq!((problem.code, problem.field.as_deref()), (ErrorCode::InvalidQuery, Some(field)));
        }
    }

    #[test]
    fn sizes_read_as_in_a_file_manager() {
        for (bytes, words) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_000, "1.0 kB"),
            (1_500_000, "1.5 MB"),
            (536_870_912, "536.8 MB"),
            (u64::MAX, "18446744.0 TB"),
        ] {
            assert_eq!(size_words(bytes), words);
        }
    }
}
