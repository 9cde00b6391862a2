//! Draining the outbox: claim a mail, put it into words, send it, write down what became of it.

use std::{sync::Arc, time::Duration};

use domain::{MailId, activity::Event};
use sqlx::FromRow;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use super::{Fault, Letter, Outbox, OutgoingMail, SendError, letters::Sheet, sealing::SealedLetter};
use crate::{
    accounts::{moment, parse_id},
    activity::Entry,
    caller::Origin,
    core::Core,
    db::{Tx, work},
    error::{Error, Result},
};

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worked {
    /// It left.
    Sent,
    /// It did not leave; it waits for its next attempt, or was given up.
    Failed,
    /// There was none: no mail is due, or the relay is left alone for now.
    Idle,
}

/// How long sending one mail may take in all.
const SENDING: Duration = Duration::from_secs(4 * 60);
/// How long a mail is claimed for; then it may be claimed again. Longer than sending takes, so that it is never sent
/// twice at the same time.
const LEASE: Duration = Duration::from_secs(5 * 60);
/// The wait after the first time that a mail was put off; it doubles from there.
const FIRST_WAIT: Duration = Duration::from_secs(15);
/// The longest wait between attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// How long to wait for work when there was none.
const PAUSE: Duration = Duration::from_secs(1);
/// How long to wait after the database has failed.
const FAILURE_PAUSE: Duration = Duration::from_secs(10);
/// How long mails under way may take to leave at shutdown.
const SETTLE: Duration = Duration::from_secs(5);

/// A mail that nobody else sends meanwhile.
#[derive(FromRow)]
struct Row {
    id: String,
    message_id: String,
    recipient: String,
    letter: String,
    key_id: String,
    attempts: i64,
    queued_at: i64,
    created_at: i64,
}

struct Claimed {
    row: Row,
    /// How often the relay had failed by then.
    relay_failures: i64,
}

impl Outbox {
    /// Sends the mail that is due longest, if one is. No transaction is open while it is on the wire; the claim keeps
    /// other workers off it, and frees it if this one dies.
    ///
    /// # Errors
    /// Only failures of the database; a mail that cannot be sent is [`Worked::Failed`].
    pub async fn deliver_next(&self) -> Result<Worked> {
        match self.core.claim().await? {
            Some(claimed) => self.core.deliver(claimed).await,
            None => Ok(Worked::Idle),
        }
    }

    /// Delivers mail, a few at the same time, until `shutdown` becomes true or its sender is gone.
    pub(crate) async fn keep_delivering(&self, mut shutdown: watch::Receiver<bool>) {
        let mut under_way = JoinSet::new();
        tokio::select! {
            () = self.deliver_into(&mut under_way) => {}
            _ = shutdown.wait_for(|stop| *stop) => {}
        }
        // What is being sent is better sent than sent again after the restart.
        let settled = timeout(SETTLE, async { while under_way.join_next().await.is_some() {} });
        if settled.await.is_err() {
            tracing::warn!(mails = under_way.len(), "mails under way are sent again later");
        }
    }

    async fn deliver_into(&self, under_way: &mut JoinSet<()>) {
        while let Err(error) = self.prepare().await {
            pause_after(&error).await;
        }
        loop {
            while under_way.len() >= self.core.settings.mail_connections {
                under_way.join_next().await;
            }
            match self.core.claim().await {
                Ok(Some(claimed)) => {
                    let core = Arc::clone(&self.core);
                    under_way.spawn(async move {
                        if let Err(error) = core.deliver(claimed).await {
                            tracing::warn!(%error, "what became of a mail could not be written down");
                        }
                    });
                }
                Ok(None) => {
                    while under_way.try_join_next().is_some() {}
                    if under_way.is_empty() {
                        self.core.transport.rest().await;
                    }
                    sleep(PAUSE).await;
                }
                Err(error) => pause_after(&error).await,
            }
        }
    }

    /// What is done once before mail is delivered: settings may have changed, and mails from before are sealed.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn prepare(&self) -> Result<()> {
        let core = &self.core;
        core.db.transact(|tx| work(core.open_relay(tx))).await?;
        while self.core.seal_written().await? {}
        Ok(())
    }
}

impl Core {
    /// Claims the next due mail.
    async fn claim(&self) -> Result<Option<Claimed>> {
        // Looking costs no lock; mostly there is nothing.
        let due: Option<(String,)> = sqlx::query_as(
            "SELECT id FROM mails WHERE state = 'queued' AND letter IS NOT NULL AND next_at <= $1 AND claimed_until <= $1 LIMIT 1",
        )
        .bind(self.now().millis())
        .fetch_optional(self.db.read())
        .await?;
        if due.is_none() {
            return Ok(None);
        }
        self.db.transact(|tx| work(self.claim_in(tx))).await
    }

    async fn claim_in(&self, tx: &mut Tx) -> Result<Option<Claimed>> {
        let lease = self.now().after(LEASE);
        let Some(relay_failures) = self.ask_for_relay(tx).await? else { return Ok(None) };
        let row: Option<Row> = sqlx::query_as(
            "UPDATE mails SET claimed_until = $2 WHERE id = (SELECT id FROM mails WHERE state = 'queued' \
             AND letter IS NOT NULL AND next_at <= $1 AND claimed_until <= $1 ORDER BY next_at, id LIMIT 1) \
             RETURNING id, message_id, recipient, letter, key_id, attempts, queued_at, created_at",
        )
        .bind(self.now().millis())
        .bind(lease.millis())
        .fetch_optional(&mut **tx)
        .await?;
        let Some(row) = row else { return Ok(None) };
        self.hold_relay(tx, lease).await?;
        Ok(Some(Claimed { row, relay_failures }))
    }

    /// Sends a claimed mail and writes down what became of it.
    async fn deliver(&self, claimed: Claimed) -> Result<Worked> {
        let outcome = match self.compose(&claimed.row) {
            Ok(mail) => timeout(SENDING, self.transport.send(&mail))
                .await
                .unwrap_or_else(|_| Err(SendError::relay("the mail server took too long over a mail"))),
            Err(error) => Err(SendError::never(error.to_string())),
        };
        if let Err(error) = &outcome {
            tracing::warn!(mail = %claimed.row.id, fault = ?error.fault, cause = %error.text, "a mail did not leave");
        }
        let (claimed, outcome) = (&claimed, &outcome);
        self.db.transact(|tx| work(self.mark(tx, claimed, outcome.as_ref()))).await?;
        Ok(if outcome.is_ok() { Worked::Sent } else { Worked::Failed })
    }

    async fn mark(&self, tx: &mut Tx, claimed: &Claimed, outcome: std::result::Result<&(), &SendError>) -> Result<()> {
        match outcome {
            Ok(()) => {
                self.relay_works(tx).await?;
                self.mark_sent(tx, &claimed.row).await
            }
            Err(error) => self.mark_failed(tx, claimed, error).await,
        }
    }

    /// Puts the letter into words, by what is true now.
    fn compose(&self, row: &Row) -> Result<OutgoingMail> {
        let id: MailId = parse_id(&row.id)?;
        let letter = self.open_letter(id, &SealedLetter { key_id: row.key_id.clone(), text: row.letter.clone() })?;
        let settings = &self.settings;
        let sheet = Sheet {
            portal: &settings.portal_name,
            base_url: &settings.base_url,
            created_at: moment(row.created_at),
            now: self.now(),
        };
        let reply_to = letter.reply_to();
        let written = letter.write(sheet).map_err(|error| Error::Damaged(format!("a mail template: {error}")))?;
        Ok(OutgoingMail {
            message_id: row.message_id.clone(),
            from: settings.mail_from.clone(),
            reply_to,
            to: row.recipient.clone(),
            subject: written.subject,
            text: written.text,
            html: written.html,
            date: moment(row.created_at),
        })
    }

    async fn mark_sent(&self, tx: &mut Tx, row: &Row) -> Result<()> {
        sqlx::query(
            "UPDATE mails SET state = 'sent', sent_at = $2, letter = NULL, key_id = NULL, last_error = NULL WHERE id = $1",
        )
        .bind(&row.id)
        .bind(self.now().millis())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    async fn mark_failed(&self, tx: &mut Tx, claimed: &Claimed, error: &SendError) -> Result<()> {
        let row = &claimed.row;
        let (attempts, next_at) = if error.fault == Fault::Relay {
            self.relay_failed(tx, claimed.relay_failures, error).await?;
            // Due at once, but behind those that wait already: should it be this mail after all that the relay stumbles
            // over, the others get past it.
            (row.attempts, self.now())
        } else {
            self.relay_works(tx).await?;
            (row.attempts + 1, self.now().after(doubled(FIRST_WAIT, row.attempts + 1, LONGEST_WAIT)))
        };
        let too_old = self.now().since(moment(row.queued_at)) >= self.settings.mail_retry_for;
        let dead = error.fault == Fault::Never || too_old;
        sqlx::query(
            "UPDATE mails SET state = $2, attempts = $3, next_at = $4, claimed_until = 0, last_error = $5 \
             WHERE id = $1 AND state = 'queued'",
        )
        .bind(&row.id)
        .bind(if dead { "dead" } else { "queued" })
        .bind(attempts)
        .bind(next_at.millis())
        .bind(&error.text)
        .execute(&mut **tx)
        .await?;
        if dead {
            let origin = Origin::local();
            self.record(tx, Entry::new(Event::MailFailed, &origin).about(&row.recipient).remark(&error.text)).await?;
        }
        Ok(())
    }

    /// Seals one mail from before letters were sealed; whether there was one.
    async fn seal_written(&self) -> Result<bool> {
        self.db.transact(|tx| work(self.seal_written_in(tx))).await
    }

    async fn seal_written_in(&self, tx: &mut Tx) -> Result<bool> {
        let row: Option<(String, String, String, String)> = sqlx::query_as(
            "DELETE FROM written_mails WHERE mail_id = (SELECT mail_id FROM written_mails ORDER BY mail_id LIMIT 1) \
             RETURNING mail_id, subject, text_body, html_body",
        )
        .fetch_optional(&mut **tx)
        .await?;
        let Some((id, subject, text, html)) = row else { return Ok(false) };
        let sealed = self.seal_letter(parse_id(&id)?, &Letter::Written { subject, text, html })?;
        sqlx::query("UPDATE mails SET letter = $2, key_id = $3 WHERE id = $1")
            .bind(&id)
            .bind(sealed.text)
            .bind(sealed.key_id)
            .execute(&mut **tx)
            .await?;
        Ok(true)
    }
}

/// `first`, doubled with every time after the first, up to `longest`.
pub(super) fn doubled(first: Duration, times: i64, longest: Duration) -> Duration {
    let doublings = u32::try_from((times - 1).clamp(0, 16)).unwrap_or(16);
    first.saturating_mul(1 << doublings).min(longest)
}

async fn pause_after(error: &Error) {
    tracing::warn!(job = "mail", %error, "a job failed and will be tried again");
    sleep(FAILURE_PAUSE).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_an_hour() {
        let waits: Vec<u64> = [1, 2, 3, 9, 24].map(|times| doubled(FIRST_WAIT, times, LONGEST_WAIT).as_secs()).into();
        assert_eq!(waits, [15, 30, 60, 3600, 3600]);
    }
}
