//! The outbox as ops see it: what waits, what failed, and sending it again. Never what a mail says.

use domain::{
    ErrorCode, MailId, Page, Timestamp,
    activity::{Event, Resent},
    mail::{MailKind, MailOverview, MailQuery, MailRow, MailState},
};
use sqlx::FromRow;

use super::{Outbox, relay_state};
use crate::{
    activity::Entry,
    caller::{Caller, Person},
    core::Core,
    db::{Database, Sql, Tx, page, work},
    error::{Error, Result},
    jobs::{Job, Kind, queue},
    policy::{self, Permission},
};

#[derive(FromRow)]
struct Row {
    id: MailId,
    kind: MailKind,
    state: MailState,
    recipient: String,
    #[sqlx(try_from = "i64")]
    attempts: u32,
    last_error: Option<String>,
    created_at: Timestamp,
    next_at: Timestamp,
    sent_at: Option<Timestamp>,
}

/// A mail, and when it is tried.
const LISTED: &str = "SELECT m.id, m.kind, m.state, m.recipient, COALESCE(j.attempts, 0) AS attempts, j.last_error, \
     m.created_at, COALESCE(j.next_at, m.created_at) AS next_at, m.sent_at \
     FROM mails m LEFT JOIN jobs j ON j.kind = 'deliver_mail' AND j.id = m.id WHERE 1 = 1";

impl Outbox {
    /// A page of mails, newest first.
    ///
    /// # Errors
    /// Not one of ops; a cursor that is not a time.
    pub async fn list(&self, caller: &Caller, query: &MailQuery) -> Result<Page<MailRow>> {
        policy::require(caller, Permission::ManageMail)?;
        let sql = list_sql(Sql::new(LISTED), query)?;
        let rows: Vec<Row> = sql.query_as().fetch_all(self.core.db.read()).await?;
        let mut rows = rows.into_iter().map(MailRow::from).collect::<Vec<_>>();
        if let Some(trouble) = relay_state::trouble(self.core.db.read()).await? {
            for row in rows.iter_mut().filter(|row| row.state == MailState::Queued) {
                row.next_at = row.next_at.max(trouble.next_at);
            }
        }
        Ok(page(rows, MailQuery::LIMIT, |row| (row.created_at.millis().to_string(), row.id.to_string())))
    }

    /// How many mails wait and have failed, and what is wrong with the relay.
    ///
    /// # Errors
    /// Not one of ops.
    pub async fn overview(&self, caller: &Caller) -> Result<MailOverview> {
        policy::require(caller, Permission::ManageMail)?;
        overview(&self.core.db, self.core.transport.keeps_mail()).await
    }

    /// Puts a mail that was given up back into the queue, under its old Message-ID.
    ///
    /// # Errors
    /// Not one of ops; [`ErrorCode::NotFound`] when there is no such mail, or it was not given up.
    pub async fn send_again(&self, caller: &Caller, id: MailId) -> Result<()> {
        let person = policy::require(caller, Permission::ManageMail)?;
        let core = &self.core;
        core.db.transact(|tx| work(core.send_again(tx, caller, person, id))).await
    }

    /// Puts every mail that was given up back into the queue; returns how many that are.
    ///
    /// # Errors
    /// Not one of ops.
    pub async fn send_all_again(&self, caller: &Caller) -> Result<u64> {
        let person = policy::require(caller, Permission::ManageMail)?;
        let core = &self.core;
        core.db.transact(|tx| work(core.send_all_again(tx, caller, person))).await
    }

    /// Lets what waits be tried at once; returns how many mails that are.
    ///
    /// # Errors
    /// Not one of ops.
    pub async fn try_now(&self, caller: &Caller) -> Result<u64> {
        let person = policy::require(caller, Permission::ManageMail)?;
        let core = &self.core;
        core.db.transact(|tx| work(core.try_now(tx, caller, person))).await
    }
}

impl Core {
    async fn send_again(&self, tx: &mut Tx, caller: &Caller, person: &Person, id: MailId) -> Result<()> {
        self.open_relay(tx).await?;
        let queued: Option<(String,)> = sqlx::query_as(
            "UPDATE mails SET state = 'queued' WHERE id = $1 AND state = 'dead' AND letter IS NOT NULL RETURNING recipient",
        )
        .bind(id)
        .fetch_optional(&mut **tx)
        .await?;
        let (recipient,) = queued.ok_or(ErrorCode::NotFound)?;
        queue::revive(tx, &Job::DeliverMail { mail: id }, self.now()).await?;
        self.record(
            tx,
            Entry::new(Event::MailResent { mails: Resent::One }, &caller.origin).by(person).about(&recipient),
        )
        .await
    }

    async fn send_all_again(&self, tx: &mut Tx, caller: &Caller, person: &Person) -> Result<u64> {
        self.open_relay(tx).await?;
        sqlx::query(
            "UPDATE jobs SET dead_at = NULL, attempts = 0, next_at = $2, created_at = $2 WHERE kind = $1 \
             AND dead_at IS NOT NULL AND EXISTS (SELECT 1 FROM mails m WHERE m.id = jobs.id AND m.letter IS NOT NULL)",
        )
        .bind(Kind::DeliverMail.as_str())
        .bind(self.now())
        .execute(&mut **tx)
        .await?;
        let dead = sqlx::query(
            "UPDATE mails SET state = 'queued' WHERE state = 'dead' AND EXISTS \
             (SELECT 1 FROM jobs j WHERE j.kind = $1 AND j.id = mails.id AND j.dead_at IS NULL)",
        )
        .bind(Kind::DeliverMail.as_str())
        .execute(&mut **tx)
        .await?
        .rows_affected();
        let event = Event::MailResent { mails: Resent::Failed(dead) };
        self.record(tx, Entry::new(event, &caller.origin).by(person)).await?;
        Ok(dead)
    }

    async fn try_now(&self, tx: &mut Tx, caller: &Caller, person: &Person) -> Result<u64> {
        self.open_relay(tx).await?;
        let waiting = queue::hurry(tx, Kind::DeliverMail, self.now()).await?;
        let event = Event::MailResent { mails: Resent::Waiting(waiting) };
        self.record(tx, Entry::new(event, &caller.origin).by(person)).await?;
        Ok(waiting)
    }
}

fn list_sql(mut sql: Sql, query: &MailQuery) -> Result<Sql> {
    if let Some(state) = query.state {
        sql.push(" AND m.state = ").bind(state.as_str().to_owned());
    }
    if let Some(cursor) = &query.cursor {
        let at: i64 = cursor.key.parse().map_err(|_| ErrorCode::InvalidQuery)?;
        sql.push(" AND (m.created_at, m.id) < (").bind(at).push(", ").bind(cursor.id.clone()).push(")");
    }
    sql.push(" ORDER BY m.created_at DESC, m.id DESC").limit(MailQuery::LIMIT);
    Ok(sql)
}

/// How mail goes in general, for ops and for `strongroom doctor`.
///
/// # Errors
/// Only failures of the database.
pub async fn overview(db: &Database, into_folder: bool) -> Result<MailOverview> {
    let count = |state: MailState| async move {
        let (count,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM mails WHERE state = $1")
            .bind(state.as_str())
            .fetch_one(db.read())
            .await?;
        Ok::<_, Error>(u32::try_from(count).unwrap_or(u32::MAX))
    };
    Ok(MailOverview {
        queued: count(MailState::Queued).await?,
        dead: count(MailState::Dead).await?,
        trouble: relay_state::trouble(db.read()).await?,
        into_folder,
    })
}

impl From<Row> for MailRow {
    fn from(row: Row) -> Self {
        let Row { id, kind, state, recipient, attempts, last_error, created_at, next_at, sent_at } = row;
        Self { id, kind, state, recipient, attempts, last_error, created_at, next_at, sent_at }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use sqlx::any::AnyPoolOptions;

    use super::*;

    #[derive(FromRow)]
    struct Step {
        detail: String,
    }

    /// A page of everything, and one with every part.
    pub(crate) fn statements() -> [String; 2] {
        [("", ""), ("dead", "0198c0de-0000-7000-8000-0000000000fe.1")].map(|(state, cursor)| {
            let query = MailQuery::parse(state, cursor).expect("valid");
            list_sql(Sql::new(LISTED), &query).expect("valid").text().to_owned()
        })
    }

    #[tokio::test]
    async fn a_page_is_read_from_an_index_and_each_job_by_its_key() {
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new().max_connections(1).connect("sqlite::memory:").await.expect("opens");
        sqlx::migrate!("../../migrations").run(&pool).await.expect("migrates");
        for (state, index) in [("", "mails_by_time"), ("queued", "mails_by_state"), ("dead", "mails_by_state")] {
            for cursor in ["", "0198c0de-0000-7000-8000-0000000000fe.1"] {
                let query = MailQuery::parse(state, cursor).expect("valid");
                let mut sql = Sql::new("EXPLAIN QUERY PLAN ");
                sql.push(LISTED);
                let sql = list_sql(sql, &query).expect("valid");
                let plan: Vec<Step> = sql.query_as().fetch_all(&pool).await.expect("explains");
                let plan = plan.into_iter().map(|step| step.detail).collect::<Vec<_>>().join("\n");
                assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{state} {cursor}:\n{plan}");
                assert!(plan.contains("SEARCH j USING INDEX sqlite_autoindex_jobs_1"), "{state} {cursor}:\n{plan}");
            }
        }
    }
}
