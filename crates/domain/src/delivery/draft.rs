//! A delivery that is about to be sent.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Audience, Terms};
use crate::{
    id::DocumentId,
    problem::{ErrorCode, Problem},
};

/// What the sender writes to the recipients: up to 2,000 characters in lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, max_length = 2000))]
#[serde(try_from = "String", into = "String")]
pub struct Note(String);

impl Note {
    /// Most characters accepted.
    pub const MAX_CHARS: usize = 2_000;

    /// The text; empty for none.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Note {
    type Err = Problem;

    /// # Errors
    /// [`ErrorCode::InvalidNote`] when it is too long, or has control characters besides line ends and tabs.
    fn from_str(text: &str) -> Result<Self, Problem> {
        let text = text.trim().replace("\r\n", "\n");
        let unfit = |c: char| c.is_control() && c != '\n' && c != '\t';
        if text.chars().count() > Self::MAX_CHARS || text.chars().any(unfit) {
            return Err(Problem::new(ErrorCode::InvalidNote).on("note"));
        }
        Ok(Self(text))
    }
}

impl TryFrom<String> for Note {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        text.parse()
    }
}

impl From<Note> for String {
    fn from(note: Note) -> Self {
        note.0
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

crate::column::text_column!(Note as_str);

/// Documents, whom they are for, and on which terms. Each of both is there once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    documents: BTreeSet<DocumentId>,
    audiences: BTreeSet<Audience>,
    /// When it gives them.
    pub terms: Terms,
    /// What is said beside.
    pub note: Note,
    /// Whether it is also for people who join an organisation later.
    pub later_members: bool,
}

impl Draft {
    /// Most documents of one delivery.
    pub const MAX_DOCUMENTS: usize = 200;
    /// Most audiences of one delivery.
    pub const MAX_AUDIENCES: usize = 10_000;

    /// A delivery of these documents to these audiences, at once and without an end.
    ///
    /// # Errors
    /// [`ErrorCode::NothingToDeliver`] on `documents`, [`ErrorCode::NobodyToDeliverTo`] on `audiences`, when there are
    /// none or too many.
    pub fn of(
        documents: impl IntoIterator<Item = DocumentId>,
        audiences: impl IntoIterator<Item = Audience>,
    ) -> Result<Self, Problem> {
        let documents: BTreeSet<_> = documents.into_iter().collect();
        let audiences: BTreeSet<_> = audiences.into_iter().collect();
        if documents.is_empty() || documents.len() > Self::MAX_DOCUMENTS {
            return Err(Problem::new(ErrorCode::NothingToDeliver).on("documents"));
        }
        if audiences.is_empty() || audiences.len() > Self::MAX_AUDIENCES {
            return Err(Problem::new(ErrorCode::NobodyToDeliverTo).on("audiences"));
        }
        Ok(Self { documents, audiences, terms: Terms::default(), note: Note::default(), later_members: true })
    }

    /// The same on these terms.
    #[must_use]
    pub fn on(self, terms: Terms) -> Self {
        Self { terms, ..self }
    }

    /// The same with a note.
    #[must_use]
    pub fn saying(self, note: Note) -> Self {
        Self { note, ..self }
    }

    /// The same; of organisations for those alone who belong to them when it is sent.
    #[must_use]
    pub fn for_present_members(self) -> Self {
        Self { later_members: false, ..self }
    }

    /// What is delivered.
    #[must_use]
    pub const fn documents(&self) -> &BTreeSet<DocumentId> {
        &self.documents
    }

    /// To whom.
    #[must_use]
    pub const fn audiences(&self) -> &BTreeSet<Audience> {
        &self.audiences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> DocumentId {
        "0198c0de-0000-7000-8000-000000000001".parse().expect("an id")
    }

    #[test]
    fn a_delivery_has_documents_and_somebody_to_receive_them_each_once() {
        let draft = Draft::of([id(), id()], [Audience::Everyone, Audience::Everyone]).expect("valid");
        assert_eq!((draft.documents().len(), draft.audiences().len()), (1, 1));
        let field = |draft: Result<Draft, Problem>| draft.expect_err("refused").field;
        assert_eq!(field(Draft::of([], [Audience::Everyone])).as_deref(), Some("documents"));
        assert_eq!(field(Draft::of([id()], [])).as_deref(), Some("audiences"));
    }

    #[test]
    fn a_note_has_lines_and_no_other_control() {
        assert_eq!("  One.\r\nTwo.\n".parse::<Note>().expect("valid").as_str(), "One.\nTwo.");
        assert!("a".repeat(2_000).parse::<Note>().is_ok());
        for text in ["a\u{1b}[2J".to_owned(), "a".repeat(2_001)] {
            assert_eq!(text.parse::<Note>().expect_err("refused").code, ErrorCode::InvalidNote);
        }
    }
}
