//! The three kinds of file that are accepted.

use serde::{Deserialize, Serialize};

/// What the extension of a file claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = OfficeKind))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A text (WordprocessingML).
    Docx,
    /// A workbook (SpreadsheetML).
    Xlsx,
    /// A presentation (PresentationML).
    Pptx,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Docx, Self::Xlsx, Self::Pptx];

    /// The extension, without a dot.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Pptx => "pptx",
        }
    }

    /// What people call it, with its article.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Docx => "a Word document",
            Self::Xlsx => "an Excel workbook",
            Self::Pptx => "a PowerPoint presentation",
        }
    }

    /// The kind an extension stands for, in any case.
    #[must_use]
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(extension))
    }
}
