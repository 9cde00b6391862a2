//! The activity log.

use domain::{Page, activity::ActivityRow};
use leptos::prelude::*;

use super::ApiError;
#[cfg(feature = "ssr")]
use {
    super::context::{backend, caller},
    domain::activity::ActivityQuery,
};

/// One page of the log, newest first.
#[server(prefix = "/api/fn", endpoint = "list_activity")]
pub async fn list_activity(
    #[server(default)] action: String,
    #[server(default)] q: String,
    #[server(default)] cursor: String,
) -> Result<Page<ActivityRow>, ApiError> {
    let query = ActivityQuery::parse(&action, &q, &cursor)?;
    Ok(backend()?.activity.list(&caller()?, &query).await?)
}
