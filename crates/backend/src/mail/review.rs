//! The outbox as ops see it: what waits, what failed, and sending it again. Never what a mail says.

use domain::{
    ErrorCode, MailId, Page,
    activity::{Event, Resent},
    mail::{MailOverview, MailQuery, MailRow, MailState},
};
use sqlx::FromRow;

use super::{Outbox, relay_state};
use crate::{
    accounts::{moment, parse_id},
    activity::Entry,
    caller::{Caller, Person},
    core::Core,
    db::{Database, Sql, Tx, page, work},
    error::{Error, Result},
    policy::{self, Permission},
};

#[derive(FromRow)]
struct Row {
    id: String,
    kind: String,
    state: String,
    recipient: String,
    attempts: i64,
    last_error: Option<String>,
    created_at: i64,
    next_at: i64,
    sent_at: Option<i64>,
}

impl Outbox {
    /// A page of mails, newest first.
    ///
    /// # Errors
    /// Not one of ops; a cursor that is not a time.
    pub async fn list(&self, caller: &Caller, query: &MailQuery) -> Result<Page<MailRow>> {
        policy::require(caller, Permission::ManageMail)?;
        let mut sql = Sql::new(
            "SELECT id, kind, state, recipient, attempts, last_error, created_at, next_at, sent_at FROM mails WHERE 1 = 1",
        );
        if let Some(state) = query.state {
            sql.push(" AND state = ").bind(state.as_str().to_owned());
        }
        if let Some(cursor) = &query.cursor {
            let at: i64 = cursor.key.parse().map_err(|_| ErrorCode::InvalidQuery)?;
            sql.push(" AND (created_at, id) < (").bind(at).push(", ").bind(cursor.id.clone()).push(")");
        }
        sql.push(" ORDER BY created_at DESC, id DESC LIMIT ").bind(i64::from(MailQuery::LIMIT) + 1);
        let rows: Vec<Row> = sql.query_as().fetch_all(self.core.db.read()).await?;
        let mut rows = rows.into_iter().map(MailRow::try_from).collect::<Result<Vec<_>>>()?;
        if let Some(trouble) = relay_state::trouble(self.core.db.read()).await? {
            for row in rows.iter_mut().filter(|row| row.state == MailState::Queued) {
                row.next_at = row.next_at.max(trouble.next_at);
            }
        }
        Ok(page(rows, MailQuery::LIMIT as usize, |row| (row.created_at.millis().to_string(), row.id.to_string())))
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
            "UPDATE mails SET state = 'queued', attempts = 0, next_at = $2, queued_at = $2, claimed_until = 0 \
             WHERE id = $1 AND state = 'dead' AND letter IS NOT NULL RETURNING recipient",
        )
        .bind(id.to_string())
        .bind(self.now().millis())
        .fetch_optional(&mut **tx)
        .await?;
        let (recipient,) = queued.ok_or(ErrorCode::NotFound)?;
        self.record(
            tx,
            Entry::new(Event::MailResent { mails: Resent::One }, &caller.origin).by(person).about(&recipient),
        )
        .await
    }

    async fn send_all_again(&self, tx: &mut Tx, caller: &Caller, person: &Person) -> Result<u64> {
        let now = self.now().millis();
        self.open_relay(tx).await?;
        let dead = sqlx::query(
            "UPDATE mails SET state = 'queued', attempts = 0, next_at = $1, queued_at = $1, claimed_until = 0 \
             WHERE state = 'dead' AND letter IS NOT NULL",
        )
        .bind(now)
        .execute(&mut **tx)
        .await?
        .rows_affected();
        let event = Event::MailResent { mails: Resent::Failed(dead) };
        self.record(tx, Entry::new(event, &caller.origin).by(person)).await?;
        Ok(dead)
    }

    async fn try_now(&self, tx: &mut Tx, caller: &Caller, person: &Person) -> Result<u64> {
        self.open_relay(tx).await?;
        let waiting = sqlx::query(
            "UPDATE mails SET next_at = CASE WHEN next_at > $1 THEN $1 ELSE next_at END WHERE state = 'queued'",
        )
        .bind(self.now().millis())
        .execute(&mut **tx)
        .await?
        .rows_affected();
        let event = Event::MailResent { mails: Resent::Waiting(waiting) };
        self.record(tx, Entry::new(event, &caller.origin).by(person)).await?;
        Ok(waiting)
    }
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

impl TryFrom<Row> for MailRow {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let damaged = |_| Error::Damaged(format!("mail row {}", row.id));
        Ok(Self {
            id: parse_id(&row.id)?,
            kind: row.kind.parse().map_err(damaged)?,
            state: row.state.parse().map_err(damaged)?,
            recipient: row.recipient,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            last_error: row.last_error,
            created_at: moment(row.created_at),
            next_at: moment(row.next_at),
            sent_at: row.sent_at.map(moment),
        })
    }
}
