//! The log as it is read.

use serde::{Deserialize, Serialize};

use super::Action;
use crate::{
    document::Cursor,
    id::{AccountId, ActivityId},
    problem::{ErrorCode, Problem},
    timestamp::Timestamp,
};

/// Which activity to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityQuery {
    /// One kind of event only.
    pub action: Option<Action>,
    /// Part of the actor's address or of the subject's name; empty for all.
    pub q: String,
    /// After which row.
    pub cursor: Option<Cursor>,
}

impl ActivityQuery {
    /// Rows on a page.
    pub const LIMIT: u32 = 100;

    /// Parses the texts of a query string; empty means not given.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidQuery`] on the first parameter that is wrong.
    pub fn parse(action: &str, q: &str, cursor: &str) -> Result<Self, Problem> {
        let q = q.trim();
        if q.chars().count() > 200 || q.chars().any(char::is_control) {
            return Err(Problem::new(ErrorCode::InvalidQuery).on("q"));
        }
        Ok(Self {
            action: Some(action).filter(|text| !text.is_empty()).map(str::parse).transpose()?,
            q: q.to_owned(),
            cursor: Some(cursor).filter(|text| !text.is_empty()).map(str::parse).transpose()?,
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
