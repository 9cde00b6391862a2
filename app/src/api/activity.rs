//! The activity log.

use domain::{Page, activity::ActivityRow};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::{arguments, calls::Paged};
#[cfg(feature = "ssr")]
use {
    super::context::{backend, caller},
    domain::activity::ActivityQuery,
};

/// One page of the log, newest first.
#[server(
    prefix = "/api/fn",
    endpoint = "list_activity",
    input_derive = (Clone, Default, PartialEq, Eq, Serialize, Deserialize)
)]
pub async fn list_activity(
    #[server(default)] action: String,
    #[server(default)] q: String,
    #[server(default)] cursor: String,
    #[server(default)] limit: String,
) -> Result<Page<ActivityRow>, ApiError> {
    let query = ActivityQuery::parse(&action, &q, &cursor, &limit)?;
    Ok(backend()?.activity.list(&caller()?, &query).await?)
}

arguments! {
    ListActivity { action, q, cursor, limit }
}

impl Paged for ListActivity {
    fn cursor(&mut self) -> &mut String {
        &mut self.cursor
    }
}
