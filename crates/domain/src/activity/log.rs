//! The log as it is read.

use serde::{Deserialize, Serialize};

use super::Action;
use crate::{
    id::{AccountId, ActivityId},
    list::{Cursor, Limit, given, search_text},
    problem::Problem,
    timestamp::Timestamp,
};

/// Which activity to list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityQuery {
    /// One kind of event only.
    pub action: Option<Action>,
    /// Part of the actor's address or of the subject's name; empty for all.
    pub q: String,
    /// After which row.
    pub cursor: Option<Cursor>,
    /// At most how many rows.
    pub limit: Limit,
}

impl Default for ActivityQuery {
    fn default() -> Self {
        Self { action: None, q: String::new(), cursor: None, limit: Self::LIMIT }
    }
}

impl ActivityQuery {
    /// Rows on a page when nothing else is asked for.
    pub const LIMIT: Limit = Limit::at_most(100);

    /// Parses the texts of a query string; empty means not given.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidQuery`] on the first parameter that is wrong.
    pub fn parse(action: &str, q: &str, cursor: &str, limit: &str) -> Result<Self, Problem> {
        Ok(Self {
            action: given(action)?,
            q: search_text(q)?,
            cursor: given(cursor)?,
            limit: given(limit)?.unwrap_or(Self::LIMIT),
        })
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityRow {
    /// The row.
    pub id: ActivityId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub action: Action,
    /// Who, where an account was known.
    pub actor: Option<AccountId>,
    /// Who, as they were called then: an address, or the address that was typed.
    pub actor_label: String,
    /// To what: a document's name, a person's address.
    pub subject: String,
    /// From where on the network.
    pub address: String,
    /// Anything else, as short words: a reason code, a range.
    pub detail: String,
    /// How often it happened; refusals that anybody can cause share a row, and what an account does over and over.
    pub times: u64,
    /// When it happened last, if more than once.
    pub last_at: Option<Timestamp>,
}
