//! Sending one mail: claim it, put it into words, send it, write down what became of it.

use std::time::Duration;

use domain::{MailId, Timestamp, activity::Event};
use sqlx::FromRow;
use tokio::time::timeout;
use uuid::Uuid;

use super::{Fault, Letter, Outbox, OutgoingMail, SendError, letters::Sheet, sealing::SealedLetter};
use crate::{
    activity::Entry,
    caller::Origin,
    core::Core,
    db::{Tx, work},
    error::{Error, Result},
    jobs::{
        Kind, doubled,
        queue::{self, Claimed, LEASE, Outcome},
    },
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

/// How long sending one mail may take in all: less than it is claimed for, so that it is never sent twice at the same
/// time.
const SENDING: Duration = Duration::from_secs(4 * 60);
const _: () = assert!(SENDING.as_secs() < LEASE.as_secs());
/// The wait after the first time that a mail was put off; it doubles from there.
const FIRST_WAIT: Duration = Duration::from_secs(15);
/// The longest wait between attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

#[derive(FromRow)]
struct Row {
    id: MailId,
    message_id: String,
    recipient: String,
    letter: Option<String>,
    key_id: Option<String>,
    created_at: Timestamp,
}

/// The words of a mail from before letters were sealed.
#[derive(FromRow)]
struct Written {
    mail_id: MailId,
    subject: String,
    text_body: String,
    html_body: String,
}

/// A mail that nobody else sends meanwhile.
pub(crate) struct ClaimedMail {
    job: Claimed,
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
        match self.core.claim_mail().await? {
            Some(claimed) => self.core.deliver(claimed).await,
            None => Ok(Worked::Idle),
        }
    }

    /// What is done once before mail is delivered: settings may have changed, and mails from before are sealed.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn prepare(&self) -> Result<()> {
        let core = &self.core;
        core.db.transact(|tx| work(core.open_relay(tx))).await?;
        while core.seal_written().await? {}
        Ok(())
    }
}

impl Core {
    /// Claims the next due mail, unless the relay is left alone.
    pub(crate) async fn claim_mail(&self) -> Result<Option<ClaimedMail>> {
        let is_due = queue::is_due(&self.db, Kind::DeliverMail, self.now()).await?;
        if !is_due || !self.may_ask_relay().await? {
            return Ok(None);
        }
        let token = self.uuid();
        self.db.transact(|tx| work(self.claim_mail_in(tx, token))).await
    }

    async fn claim_mail_in(&self, tx: &mut Tx, token: Uuid) -> Result<Option<ClaimedMail>> {
        let now = self.now();
        let Some(relay_failures) = self.ask_for_relay(tx).await? else { return Ok(None) };
        let claimed = queue::claim(tx, self.db.engine(), Kind::DeliverMail, now, token).await?;
        let Some(job) = claimed else { return Ok(None) };
        let row: Option<Row> = sqlx::query_as(
            "SELECT id, message_id, recipient, letter, key_id, created_at FROM mails WHERE id = $1 AND state = 'queued'",
        )
        .bind(&job.claim.id)
        .fetch_optional(&mut **tx)
        .await?;
        let Some(row) = row else {
            queue::settle(tx, &job.claim, &Outcome::Done).await?;
            return Ok(None);
        };
        if row.letter.is_none() {
            // Another instance is sealing the mails of before, one by one.
            let (attempts, cause) = (job.attempts, "its letter is being sealed".to_owned());
            let again = Outcome::Again { attempts, at: now.after(FIRST_WAIT), cause };
            queue::settle(tx, &job.claim, &again).await?;
            return Ok(None);
        }
        self.hold_relay(tx, now.after(LEASE)).await?;
        Ok(Some(ClaimedMail { job, row, relay_failures }))
    }

    /// Sends a claimed mail and writes down what became of it.
    pub(crate) async fn deliver(&self, claimed: ClaimedMail) -> Result<Worked> {
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
        if !self.db.transact(|tx| work(self.mark(tx, claimed, outcome.as_ref()))).await? {
            tracing::warn!(mail = %claimed.row.id, "a mail was claimed by another worker before it was written down");
        }
        Ok(if outcome.is_ok() { Worked::Sent } else { Worked::Failed })
    }

    /// What became of it, if it is still this worker's: whether it is. What was learnt of the relay holds in any case.
    async fn mark(
        &self,
        tx: &mut Tx,
        claimed: &ClaimedMail,
        outcome: std::result::Result<&(), &SendError>,
    ) -> Result<bool> {
        match outcome {
            Ok(()) => {
                self.relay_works(tx).await?;
                self.mark_sent(tx, claimed).await
            }
            Err(error) => self.mark_failed(tx, claimed, error).await,
        }
    }

    /// Puts the letter into words, by what is true now.
    fn compose(&self, row: &Row) -> Result<OutgoingMail> {
        let id = row.id;
        let (Some(key_id), Some(text)) = (row.key_id.clone(), row.letter.clone()) else {
            return Err(Error::Damaged(format!("mail {id} has no letter")));
        };
        let letter = self.open_letter(id, &SealedLetter { key_id, text })?;
        let settings = &self.settings;
        let sheet = Sheet {
            portal: &settings.portal_name,
            base_url: &settings.base_url,
            created_at: row.created_at,
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
            date: row.created_at,
        })
    }

    async fn mark_sent(&self, tx: &mut Tx, claimed: &ClaimedMail) -> Result<bool> {
        if !queue::settle(tx, &claimed.job.claim, &Outcome::Done).await? {
            return Ok(false);
        }
        sqlx::query("UPDATE mails SET state = 'sent', sent_at = $2, letter = NULL, key_id = NULL WHERE id = $1")
            .bind(claimed.row.id)
            .bind(self.now())
            .execute(&mut **tx)
            .await?;
        Ok(true)
    }

    async fn mark_failed(&self, tx: &mut Tx, claimed: &ClaimedMail, error: &SendError) -> Result<bool> {
        let ClaimedMail { job, row, relay_failures } = claimed;
        let now = self.now();
        let (attempts, at) = if error.fault == Fault::Relay {
            self.relay_failed(tx, *relay_failures, error).await?;
            // Due at once, but behind those that wait already: should it be this mail after all that the relay stumbles
            // over, the others get past it.
            (job.attempts, now)
        } else {
            self.relay_works(tx).await?;
            let attempts = job.attempts + 1;
            (attempts, now.after(doubled(FIRST_WAIT, attempts, LONGEST_WAIT)))
        };
        let cause = error.text.clone();
        let too_old = now.since(job.since) >= self.settings.mail_retry_for;
        if error.fault != Fault::Never && !too_old {
            return queue::settle(tx, &job.claim, &Outcome::Again { attempts, at, cause }).await;
        }
        if !queue::settle(tx, &job.claim, &Outcome::GivenUp { attempts, at: now, cause }).await? {
            return Ok(false);
        }
        sqlx::query("UPDATE mails SET state = 'dead' WHERE id = $1").bind(row.id).execute(&mut **tx).await?;
        let entry = Entry::new(Event::MailFailed, &Origin::local()).about(&row.recipient).remark(&error.text);
        self.record(tx, entry).await?;
        Ok(true)
    }

    /// Forgets the jobs of mails that were given up and have been forgotten themselves.
    pub(crate) async fn forget_deliveries(&self) -> Result<()> {
        let forget = || {
            sqlx::query(
                "DELETE FROM jobs WHERE kind = $1 AND dead_at IS NOT NULL \
                 AND NOT EXISTS (SELECT 1 FROM mails m WHERE m.id = jobs.id)",
            )
            .bind(Kind::DeliverMail.as_str())
        };
        self.db.execute(forget).await?;
        Ok(())
    }

    /// Seals one mail from before letters were sealed; whether there was one.
    async fn seal_written(&self) -> Result<bool> {
        self.db.transact(|tx| work(self.seal_written_in(tx))).await
    }

    async fn seal_written_in(&self, tx: &mut Tx) -> Result<bool> {
        let written: Option<Written> = sqlx::query_as(
            "DELETE FROM written_mails WHERE mail_id = (SELECT mail_id FROM written_mails ORDER BY mail_id LIMIT 1) \
             RETURNING mail_id, subject, text_body, html_body",
        )
        .fetch_optional(&mut **tx)
        .await?;
        let Some(Written { mail_id, subject, text_body: text, html_body: html }) = written else { return Ok(false) };
        let sealed = self.seal_letter(mail_id, &Letter::Written { subject, text, html })?;
        sqlx::query("UPDATE mails SET letter = $2, key_id = $3 WHERE id = $1")
            .bind(mail_id)
            .bind(sealed.text)
            .bind(sealed.key_id)
            .execute(&mut **tx)
            .await?;
        Ok(true)
    }
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
