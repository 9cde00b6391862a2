//! The name of a deposited file.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    document::DocumentKind,
    problem::{ErrorCode, Problem},
    text::Unfit,
};

/// A file name that is safe to show, to send in a header and to save: 1 to 255 bytes, no path, no control,
/// direction-changing or invisible characters, no space or dot at an end, and `.docx`, `.xlsx` or `.pptx` behind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct FileName(String);

impl FileName {
    /// Most bytes accepted: what common file systems take.
    pub const MAX_BYTES: usize = 255;

    /// Parses the name that a client declared. Nothing is repaired: a name that is not acceptable is refused with the
    /// reason, so that the document never appears under a name its sender did not give.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidFileName`], or [`ErrorCode::UnsupportedKind`] when only the extension is wrong.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if let Some(fault) = fault_of(text) {
            let message = format!("The file’s name {fault}. Rename it and send it again.");
            return Err(Problem { message, ..Problem::new(ErrorCode::InvalidFileName).on("file") });
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

/// What is wrong with a name, as the rest of a sentence about it.
fn fault_of(name: &str) -> Option<String> {
    const ENDS: [char; 2] = [' ', '.'];
    let end = |c: Option<char>| if c == Some('.') { "dot" } else { "space" };
    if name.is_empty() {
        return Some("is empty".to_owned());
    }
    if name.len() > FileName::MAX_BYTES {
        return Some(format!(
            "has {} bytes in UTF-8, where letters outside ASCII take two to four; {} bytes is the most that is kept",
            name.len(),
            FileName::MAX_BYTES
        ));
    }
    if let Some(fault) = name.chars().find_map(fault_of_character) {
        return Some(fault);
    }
    if name.starts_with(ENDS) {
        return Some(format!("begins with a {}", end(name.chars().next())));
    }
    name.ends_with(ENDS).then(|| format!("ends with a {}", end(name.chars().next_back())))
}

fn fault_of_character(c: char) -> Option<String> {
    let what = match Unfit::of(c) {
        Some(Unfit::Control) => "a control character",
        Some(Unfit::TurnsDirection) => "a character that changes the direction of text",
        Some(Unfit::Invisible) => "a character that nobody sees",
        None => {
            let is_reserved = matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
            return is_reserved.then(|| format!("contains the character {c} which many systems keep for themselves"));
        }
    };
    Some(format!("contains {what} (U+{:04X})", u32::from(c)))
}

fn kind_of(name: &str) -> Option<DocumentKind> {
    name.rsplit_once('.').and_then(|(_, extension)| DocumentKind::from_extension(extension))
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

crate::column::text_column!(FileName as_str, FileName::parse);

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
            ("گزارش می\u{200C}خواهم.docx", DocumentKind::Docx),
            ("שלום\u{200F} 2.docx", DocumentKind::Docx),
            ("क्\u{200D}ष.xlsx", DocumentKind::Xlsx),
            ("U\u{308}bersicht.xlsx", DocumentKind::Xlsx),
            ("👩\u{200D}👧 نامه.pptx", DocumentKind::Pptx),
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
    }

    #[test]
    fn a_refusal_says_its_true_reason_and_the_limit() {
        let long = format!("{}.docx", "é".repeat(126));
        for (text, reason) in [
            ("", "is empty"),
            (&*long, "has 257 bytes in UTF-8"),
            (&*long, "255 bytes is the most that is kept"),
            ("a\tb.docx", "contains a control character (U+0009)"),
            ("\u{202E}xcod.exe.docx", "contains a character that changes the direction of text (U+202E)"),
            ("con\u{200B}tract.docx", "contains a character that nobody sees (U+200B)"),
            ("what?.docx", "contains the character ? which"),
            (".docx", "begins with a dot"),
            ("a.docx ", "ends with a space"),
        ] {
            let problem = FileName::parse(text).expect_err(text);
            assert!(problem.message.contains(reason), "{text:?}: {}", problem.message);
        }
        assert!(FileName::parse(&format!("{}.docx", "é".repeat(125))).is_ok());
    }
}
