//! Reading the log.

use std::sync::Arc;

use domain::{
    AccountId, ActivityId, ErrorCode, Page, Timestamp,
    activity::{Action, ActivityQuery, ActivityRow, Event},
};
use sqlx::FromRow;

use super::Entry;
use crate::{
    caller::{Caller, Origin},
    core::Core,
    db::{Sql, page},
    error::{Error, Result},
    naming::like_pattern,
    policy::{self, Permission},
};

/// Reads the log.
#[derive(Clone)]
pub struct ActivityLog {
    core: Arc<Core>,
}

#[derive(FromRow)]
struct Row {
    id: ActivityId,
    at: Timestamp,
    action: Action,
    /// `None` in rows from before events were data: what they tell is a remark.
    event: Option<String>,
    actor_id: Option<AccountId>,
    actor_label: String,
    subject: String,
    address: String,
    remark: String,
    times: i64,
    last_at: Option<Timestamp>,
}

impl ActivityLog {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Writes down that a request which another site had sent was refused.
    pub fn refused_cross_site(&self, origin: &Origin) {
        self.core.record_folded(Entry::new(Event::CrossSite, origin));
    }

    /// A page of the log, newest first. What waited to be written is in it.
    ///
    /// # Errors
    /// Not one of ops; a cursor that is not a time.
    pub async fn list(&self, caller: &Caller, query: &ActivityQuery) -> Result<Page<ActivityRow>> {
        policy::require(caller, Permission::ReadActivity)?;
        self.core.catch_up().await;
        let rows: Vec<Row> = list_sql(query)?.query_as().fetch_all(self.core.db.read()).await?;
        let rows = rows.into_iter().map(ActivityRow::try_from).collect::<Result<Vec<_>>>()?;
        Ok(page(rows, query.limit, |row| (row.at.millis().to_string(), row.id.to_string())))
    }
}

/// The query of a page and one row more.
pub(super) fn list_sql(query: &ActivityQuery) -> Result<Sql> {
    let mut sql = Sql::new(
        "SELECT a.id, a.at, a.action, a.event, a.actor_id, p.actor_label, p.subject, p.address, p.remark, \
         a.times, a.last_at FROM activity a JOIN activity_particulars p ON p.activity_id = a.id WHERE 1 = 1",
    );
    if let Some(action) = query.action {
        sql.push(" AND a.action = ").bind(action);
    }
    if !query.q.is_empty() {
        sql.push(" AND p.search LIKE ").bind(like_pattern(&query.q)).push(" ESCAPE '\\'");
    }
    if let Some(cursor) = &query.cursor {
        let at: i64 = cursor.key.parse().map_err(|_| ErrorCode::InvalidQuery)?;
        sql.push(" AND (a.at, a.id) < (").bind(at).push(", ").bind(cursor.id.clone()).push(")");
    }
    sql.push(" ORDER BY a.at DESC, a.id DESC").limit(query.limit);
    Ok(sql)
}

impl Row {
    /// What the kind of the event does not say.
    fn detail(&self) -> Result<String> {
        let Some(event) = &self.event else { return Ok(self.remark.clone()) };
        let event: Event = serde_json::from_str(event)
            .map_err(|error| Error::Damaged(format!("the event of activity row {}: {error}", self.id)))?;
        Ok(match (event.detail(), &self.remark) {
            (detail, remark) if remark.is_empty() => detail,
            (detail, remark) if detail.is_empty() => remark.clone(),
            (detail, remark) => format!("{detail}: {remark}"),
        })
    }
}

impl TryFrom<Row> for ActivityRow {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            at: row.at,
            action: row.action,
            actor: row.actor_id,
            detail: row.detail()?,
            actor_label: row.actor_label,
            subject: row.subject,
            address: row.address,
            times: u64::try_from(row.times).unwrap_or(1),
            last_at: row.last_at.filter(|_| row.times > 1),
        })
    }
}
