//! The activity log. Rows are written in the transaction of what they tell, and never changed. Only refusals that
//! anybody can cause are written later and share a row (see [`crate::bookkeeping`]).

use std::{
    fmt::{self, Display, Formatter},
    sync::Arc,
};

use async_trait::async_trait;
use domain::{
    AccountId, Cursor, Page, Timestamp,
    activity::{Action, ActivityQuery, ActivityRow},
    text::printed,
};
use sqlx::FromRow;

use crate::{
    caller::{Caller, Origin, Person},
    core::Core,
    db::{Sql, Tx, work},
    error::{Error, Result},
    later::Note,
    naming::{folded_lines, like_pattern},
    policy::{self, Permission},
};

/// Something to write down. Texts lose control characters and those that turn the direction of text on the
/// way in, so that a log line stays one line and reads as it was written (ASVS V16.4.1); secrets and link URLs have no place in any of them (V16.2.5).
#[derive(Clone, Debug)]
pub struct Event<'a> {
    action: Action,
    origin: &'a Origin,
    actor: Option<AccountId>,
    actor_label: String,
    subject: String,
    detail: String,
}

impl<'a> Event<'a> {
    /// Something that was done by nobody known.
    #[must_use]
    pub fn new(action: Action, origin: &'a Origin) -> Self {
        Self { action, origin, actor: None, actor_label: String::new(), subject: String::new(), detail: String::new() }
    }

    /// Done by this person.
    #[must_use]
    pub fn by(self, person: &Person) -> Self {
        self.by_account(person.id(), person.me.email.as_str())
    }

    /// Done by the account that goes by `label`.
    #[must_use]
    pub fn by_account(mut self, account: AccountId, label: &str) -> Self {
        self.actor = Some(account);
        self.actor_label = clean(label);
        self
    }

    /// Done in this name, which nothing vouches for: the address typed into a form.
    #[must_use]
    pub fn claimed_by(mut self, label: &str) -> Self {
        self.actor_label = clean(label);
        self
    }

    /// Done to this.
    #[must_use]
    pub fn to(mut self, subject: &str) -> Self {
        self.subject = clean(subject);
        self
    }

    /// With this to add.
    #[must_use]
    pub fn detail(mut self, detail: &str) -> Self {
        self.detail = clean(detail);
        self
    }

    pub(crate) fn action(&self) -> Action {
        self.action
    }

    pub(crate) fn label(&self) -> &str {
        &self.actor_label
    }

    pub(crate) fn details(&self) -> &str {
        &self.detail
    }

    pub(crate) fn address(&self) -> String {
        clean(&self.origin.address)
    }
}

fn clean(text: &str) -> String {
    printed(text, 300)
}

/// Reads the log.
#[derive(Clone)]
pub struct ActivityLog {
    core: Arc<Core>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    at: i64,
    action: String,
    actor_id: Option<String>,
    actor_label: String,
    subject: String,
    address: String,
    detail: String,
    times: i64,
    last_at: Option<i64>,
}

impl ActivityLog {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Writes down that a request which another site had sent was refused.
    pub fn refused_cross_site(&self, origin: &Origin) {
        self.core.record_folded(Event::new(Action::CrossSite, origin));
    }

    /// A page of the log, newest first. What waited to be written is in it.
    ///
    /// # Errors
    /// Not one of ops; a cursor that is not a time.
    pub async fn list(&self, caller: &Caller, query: &ActivityQuery) -> Result<Page<ActivityRow>> {
        policy::require(caller, Permission::ReadActivity)?;
        if let Err(error) = self.core.write_notes().await {
            tracing::warn!(%error, "what waits to be written goes on waiting");
        }
        let mut sql = Sql::new(
            "SELECT id, at, action, actor_id, actor_label, subject, address, detail, times, last_at \
             FROM activity WHERE 1 = 1",
        );
        if let Some(action) = query.action {
            sql.push(" AND action = ").bind(action.as_str().to_owned());
        }
        if !query.q.is_empty() {
            sql.push(" AND search LIKE ").bind(like_pattern(&query.q)).push(" ESCAPE '\\'");
        }
        if let Some(cursor) = &query.cursor {
            let at: i64 = cursor.key.parse().map_err(|_| domain::ErrorCode::InvalidQuery)?;
            sql.push(" AND (at, id) < (").bind(at).push(", ").bind(cursor.id.clone()).push(")");
        }
        sql.push(" ORDER BY at DESC, id DESC LIMIT ").bind(i64::from(ActivityQuery::LIMIT) + 1);
        let rows: Vec<Row> = sql.query_as().fetch_all(self.core.db.read()).await?;
        let rows = rows.into_iter().map(ActivityRow::try_from).collect::<Result<Vec<_>>>()?;
        Ok(page(rows, ActivityQuery::LIMIT as usize, |row| (row.at.millis().to_string(), row.id.to_string())))
    }
}

impl TryFrom<Row> for ActivityRow {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let damaged = |_| Error::Damaged(format!("activity row {}", row.id));
        Ok(Self {
            id: row.id.parse().map_err(damaged)?,
            at: Timestamp::from_millis(row.at),
            action: row.action.parse().map_err(damaged)?,
            actor: row.actor_id.as_deref().map(str::parse).transpose().map_err(damaged)?,
            actor_label: row.actor_label,
            subject: row.subject,
            address: row.address,
            detail: row.detail,
            times: u64::try_from(row.times).unwrap_or(1),
            last_at: row.last_at.filter(|_| row.times > 1).map(Timestamp::from_millis),
        })
    }
}

/// A row of the log: an event at the moment of its happening.
struct Entry {
    id: String,
    at: Timestamp,
    action: Action,
    actor: Option<AccountId>,
    actor_label: String,
    subject: String,
    address: String,
    detail: String,
}

impl Core {
    /// Writes an event down in the transaction of what it tells.
    pub(crate) async fn record(&self, tx: &mut Tx, event: Event<'_>) -> Result<()> {
        self.entry(event).insert(tx).await
    }

    /// Writes down an event that changes nothing else: a refusal.
    pub(crate) async fn record_alone(&self, event: Event<'_>) -> Result<()> {
        let entry = &self.entry(event);
        self.db.transact(|tx| work(entry.insert(tx))).await
    }

    /// Writes an event down that nothing depends on, without keeping the caller waiting. It tells of this moment.
    pub(crate) fn record_later(&self, event: Event<'_>) {
        self.later.write(self.entry(event));
    }

    fn entry(&self, event: Event<'_>) -> Entry {
        let address = event.address();
        Entry {
            id: self.uuid().to_string(),
            at: self.now(),
            action: event.action,
            actor: event.actor,
            actor_label: event.actor_label,
            subject: event.subject,
            address,
            detail: event.detail,
        }
    }
}

impl Entry {
    async fn insert(&self, tx: &mut Tx) -> Result<()> {
        sqlx::query(
            "INSERT INTO activity (id, at, action, actor_id, actor_label, subject, address, detail, search) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&self.id)
        .bind(self.at.millis())
        .bind(self.action.as_str())
        .bind(self.actor.map(|id| id.to_string()))
        .bind(&self.actor_label)
        .bind(&self.subject)
        .bind(&self.address)
        .bind(&self.detail)
        .bind(folded_lines(&[&self.actor_label, &self.subject]))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}

#[async_trait]
impl Note for Entry {
    async fn write(&self, tx: &mut Tx) -> Result<()> {
        self.insert(tx).await
    }
}

impl Display for Entry {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "activity {} of {} on {}", self.action.as_str(), self.actor_label, self.subject)
    }
}

/// Cuts `rows`, of which one more than `limit` was asked for, to a page; `key` gives the cursor of a row.
pub(crate) fn page<T>(mut rows: Vec<T>, limit: usize, key: impl Fn(&T) -> (String, String)) -> Page<T> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| {
        let (key, id) = key(row);
        Cursor { key, id }
    });
    Page { rows, next }
}
