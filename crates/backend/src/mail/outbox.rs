//! The outbox: a table of mails, and the worker that drains it.

use std::{sync::Arc, time::Duration};

use domain::{Email, activity::Action};
use sqlx::FromRow;

use super::{Letter, OutgoingMail, SendError};
use crate::{
    accounts::moment,
    activity::Event,
    caller::Origin,
    core::Core,
    db::Tx,
    error::{Error, Result},
};

/// What one turn of the worker came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worked {
    /// A mail left.
    Sent,
    /// A mail did not leave; it waits for its next attempt, or was given up.
    Failed,
    /// No mail is due.
    Idle,
}

/// Mail on its way out.
#[derive(Clone)]
pub struct Outbox {
    core: Arc<Core>,
}

/// How long a worker may take over one mail; then another may claim it.
const CLAIM: Duration = Duration::from_secs(120);
/// The wait after the first failure; it doubles from there.
const FIRST_WAIT: Duration = Duration::from_secs(15);
/// The longest wait between attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// Attempts after which a mail is given up: about 17 hours of a server that does not answer.
const ATTEMPTS: i64 = 24;

#[derive(FromRow)]
struct Due {
    id: String,
    message_id: String,
    recipient: String,
    subject: String,
    text_body: String,
    html_body: String,
    attempts: i64,
    created_at: i64,
}

impl Outbox {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Sends the mail that is due longest, if one is. No transaction is open while it is on the wire; the
    /// claim keeps other workers off it, and frees it if this one dies.
    ///
    /// # Errors
    /// Only failures of the database; a mail that cannot be sent is [`Worked::Failed`].
    pub async fn deliver_next(&self) -> Result<Worked> {
        let Some(due) = self.claim().await? else { return Ok(Worked::Idle) };
        let mail = OutgoingMail {
            message_id: due.message_id.clone(),
            from: self.core.settings.mail_from.clone(),
            to: due.recipient.clone(),
            subject: due.subject.clone(),
            text: due.text_body.clone(),
            html: due.html_body.clone(),
            date: moment(due.created_at),
        };
        match self.core.transport.send(&mail).await {
            Ok(()) => {
                self.mark_sent(&due).await?;
                Ok(Worked::Sent)
            }
            Err(error) => {
                tracing::warn!(mail = %due.id, attempt = due.attempts, permanent = error.permanent, cause = %error.text, "a mail did not leave");
                self.mark_failed(&due, &error).await?;
                Ok(Worked::Failed)
            }
        }
    }

    /// How many mails wait, and how many were given up.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn counts(&self) -> Result<(i64, i64)> {
        let count = |state: &'static str| async move {
            let (count,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM mails WHERE state = $1")
                .bind(state)
                .fetch_one(self.core.db.read())
                .await?;
            Ok::<_, Error>(count)
        };
        Ok((count("queued").await?, count("dead").await?))
    }

    /// Claims the next due mail by moving it out of the way for as long as sending may take.
    async fn claim(&self) -> Result<Option<Due>> {
        let now = self.core.now();
        let mut tx = self.core.db.write().await?;
        let due = sqlx::query_as(
            "UPDATE mails SET attempts = attempts + 1, next_at = $2 \
             WHERE state = 'queued' AND next_at <= $1 AND id = (SELECT id FROM mails WHERE state = 'queued' AND next_at <= $1 \
             ORDER BY next_at, id LIMIT 1) \
             RETURNING id, message_id, recipient, subject, text_body, html_body, attempts, created_at",
        )
        .bind(now.millis())
        .bind(now.after(CLAIM).millis())
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(due)
    }

    async fn mark_sent(&self, due: &Due) -> Result<()> {
        let mut tx = self.core.db.write().await?;
        sqlx::query(
            "UPDATE mails SET state = 'sent', sent_at = $2, text_body = '', html_body = '', last_error = NULL WHERE id = $1",
        )
        .bind(&due.id)
        .bind(self.core.now().millis())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn mark_failed(&self, due: &Due, error: &SendError) -> Result<()> {
        let core = &self.core;
        let dead = error.permanent || due.attempts >= ATTEMPTS;
        let mut tx = core.db.write().await?;
        sqlx::query("UPDATE mails SET state = $2, next_at = $3, last_error = $4 WHERE id = $1")
            .bind(&due.id)
            .bind(if dead { "dead" } else { "queued" })
            .bind(core.now().after(backoff(due.attempts)).millis())
            .bind(&error.text)
            .execute(&mut *tx)
            .await?;
        if dead {
            let origin = Origin::local();
            let event = Event::new(Action::MailFailed, &origin).to(&due.recipient).detail(&error.text);
            core.record(&mut tx, event).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

fn backoff(attempts: i64) -> Duration {
    let doublings = u32::try_from((attempts - 1).clamp(0, 16)).unwrap_or(16);
    FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT)
}

impl Core {
    /// Puts a letter into the outbox, in the transaction of what it tells.
    pub(crate) async fn send(&self, tx: &mut Tx, to: &Email, letter: Letter<'_>) -> Result<()> {
        let written = letter
            .write(&self.settings.portal_name, &self.settings.base_url)
            .map_err(|error| Error::Damaged(format!("a mail template: {error}")))?;
        let id = self.uuid();
        let now = self.now().millis();
        sqlx::query(
            "INSERT INTO mails (id, message_id, recipient, subject, text_body, html_body, state, attempts, next_at, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 'queued', 0, $7, $7)",
        )
        .bind(id.to_string())
        .bind(format!("<{id}@{}>", mail_domain(&self.settings.mail_from)))
        .bind(to.as_str())
        .bind(written.subject)
        .bind(written.text)
        .bind(written.html)
        .bind(now)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}

/// The domain of the sender, which is what a Message-ID ends in.
fn mail_domain(from: &str) -> &str {
    from.rsplit('@').next().unwrap_or("strongroom").trim_end_matches('>')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_an_hour() {
        let waits: Vec<u64> = [1, 2, 3, 9, 24].map(|attempt| backoff(attempt).as_secs()).into();
        assert_eq!(waits, [15, 30, 60, 3600, 3600]);
    }

    #[test]
    fn message_ids_end_in_the_senders_domain() {
        assert_eq!(mail_domain("Acme <docs@example.com>"), "example.com");
        assert_eq!(mail_domain("docs@example.com"), "example.com");
    }
}
