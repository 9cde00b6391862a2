//! Deliveries that were sent, as ops see them.

use serde::{Deserialize, Serialize};

use super::{Audience, Note, Standing, Terms};
use crate::{
    file_name::FileName,
    id::{DeliveryId, DocumentId},
    list::{Cursor, Limit, given, search_text},
    named::named,
    problem::Problem,
    timestamp::Timestamp,
};

named! {
    /// How a delivery stands at a moment.
    #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
    DeliveryState on "state" {
        /// It has yet to begin.
        Waiting = "waiting", "Not yet";
        /// It gives what is in it.
        Open = "open", "Open";
        /// It has ended.
        Over = "over", "Over";
        /// It was taken back.
        Revoked = "revoked", "Revoked";
    }
}

/// Which deliveries to list: the state that stands in the URL of `/ops/deliveries`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryQuery {
    /// Part of the name of a document or of a recipient; empty for all.
    pub q: String,
    /// One state only.
    pub state: Option<DeliveryState>,
    /// After which row.
    pub cursor: Option<Cursor>,
    /// At most how many rows.
    pub limit: Limit,
}

impl Default for DeliveryQuery {
    fn default() -> Self {
        Self { q: String::new(), state: None, cursor: None, limit: Self::LIMIT }
    }
}

impl DeliveryQuery {
    /// Rows on a page when nothing else is asked for.
    pub const LIMIT: Limit = Limit::at_most(50);

    /// Parses the texts of a query string; empty means not given.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidQuery`](crate::ErrorCode::InvalidQuery) on the first parameter that is wrong.
    pub fn parse(q: &str, state: &str, cursor: &str, limit: &str) -> Result<Self, Problem> {
        Ok(Self {
            q: search_text(q)?,
            state: given(state)?,
            cursor: given(cursor)?,
            limit: given(limit)?.unwrap_or(Self::LIMIT),
        })
    }
}

/// A delivery in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryRow {
    /// The delivery.
    pub id: DeliveryId,
    /// Who sent it.
    pub sender: String,
    /// When.
    pub sent_at: Timestamp,
    /// Not before this moment; null: at once.
    pub from: Option<Timestamp>,
    /// Until just before this moment; null: without an end.
    pub until: Option<Timestamp>,
    /// How it stands.
    pub state: DeliveryState,
    /// How many documents are in it.
    pub document_count: u64,
    /// The name of one of them.
    pub first_document: Option<FileName>,
    /// How many audiences it has: everyone, organisations and people count one each.
    pub audience_count: u64,
    /// What one of them is called.
    pub first_audience: Option<String>,
}

/// A delivery on its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryDetail {
    /// As in a list.
    #[serde(flatten)]
    pub row: DeliveryRow,
    /// What its sender wrote.
    pub note: Note,
    /// The documents in it that are still there, by name.
    pub documents: Vec<DeliveredDocument>,
    /// The first [`DeliveryDetail::MAX_RECIPIENTS`] of its audiences, by name.
    pub recipients: Vec<Recipient>,
}

impl DeliveryDetail {
    /// Most recipients that are told; how many there are is in the row.
    pub const MAX_RECIPIENTS: i64 = 500;
}

/// A document of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveredDocument {
    /// The document.
    pub id: DocumentId,
    /// Its name.
    pub name: FileName,
}

/// An audience of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recipient {
    /// Which: `everyone`, or `organisation:` or `person:` with an id.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub audience: Audience,
    /// What it is called: the name of a person or an organisation.
    pub name: String,
    /// The address of a person.
    pub email: Option<String>,
}

impl DeliveryState {
    /// How it stands with these terms, revoked or not.
    #[must_use]
    pub fn of(terms: Terms, revoked: bool, now: Timestamp) -> Self {
        match terms.at(now) {
            _ if revoked => Self::Revoked,
            Standing::NotYet(_) => Self::Waiting,
            Standing::Open => Self::Open,
            Standing::Over(_) => Self::Over,
        }
    }
}
