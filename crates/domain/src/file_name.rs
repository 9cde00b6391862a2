//! The name of a deposited file.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    account::is_unprintable,
    document::DocumentKind,
    problem::{ErrorCode, Problem},
};

/// A file name that is safe to show, to send in a header and to save: 1 to 255 bytes, no path, no
/// control or direction-changing characters, no trailing dot or space, ending in `.docx`, `.xlsx` or `.pptx`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct FileName(String);

impl FileName {
    /// Most bytes accepted: what common file systems take.
    pub const MAX_BYTES: usize = 255;

    /// Parses the name that a client declared. Nothing is repaired: a name that is not acceptable is refused,
    /// so that the document never appears under a name its sender did not give.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidFileName`], or [`ErrorCode::UnsupportedKind`] when only the extension is wrong.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let forbidden =
            |c: char| is_unprintable(c) || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
        let bad = text.is_empty()
            || text.len() > Self::MAX_BYTES
            || text.chars().any(forbidden)
            || text.starts_with([' ', '.'])
            || text.ends_with([' ', '.']);
        if bad {
            return Err(Problem::new(ErrorCode::InvalidFileName).on("file"));
        }
        if kind_of(text).is_none() {
            return Err(Problem::new(ErrorCode::UnsupportedKind).on("file"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind that the extension claims; whether the bytes agree is for `office` to say.
    #[must_use]
    pub fn kind(&self) -> DocumentKind {
        kind_of(&self.0).expect("the extension was checked when the name was parsed")
    }
}

fn kind_of(name: &str) -> Option<DocumentKind> {
    name.rsplit_once('.').and_then(|(_, extension)| DocumentKind::from_extension(extension))
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for FileName {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        Self::parse(&text)
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_names_as_people_give_them() {
        for (text, kind) in [
            ("Q3 report.v2.DOCX", DocumentKind::Docx),
            ("Übersicht — 预算 📈.xlsx", DocumentKind::Xlsx),
            ("O'Neil & Söhne (final).pptx", DocumentKind::Pptx),
        ] {
            assert_eq!(FileName::parse(text).expect(text).kind(), kind);
        }
    }

    #[test]
    fn refuses_tricks_with_the_extension_and_paths() {
        for text in [
            "",
            ".docx",
            "../up.docx",
            "a/b.docx",
            "a\\b.docx",
            "C:evil.docx",
            "a.docx.",
            "a.docx ",
            "a\u{0}.docx",
            "a\r\nSet-Cookie: x.docx",
            "\u{202E}xcod.exe.docx",
            "con\u{200B}tract.docx",
            "a\"b.docx",
        ] {
            assert_eq!(FileName::parse(text).map_err(|p| p.code), Err(ErrorCode::InvalidFileName), "{text:?}");
        }
        for text in ["report", "report.pdf", "report.docx.exe", "report.docm", "report.doc"] {
            assert_eq!(FileName::parse(text).map_err(|p| p.code), Err(ErrorCode::UnsupportedKind), "{text:?}");
        }
        assert!(FileName::parse(&format!("{}.docx", "a".repeat(251))).is_err());
    }
}
