//! The outbox: a table of mails. Here they come in, each with the job of sending it; `delivery` lets them out.

use std::sync::Arc;

use domain::{Email, MailId};

use super::Letter;
use crate::{
    caller::Origin,
    core::Core,
    db::Tx,
    error::Result,
    jobs::{Job, queue},
};

/// Mail on its way out.
#[derive(Clone)]
pub struct Outbox {
    pub(super) core: Arc<Core>,
}

impl Outbox {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }
}

impl Core {
    /// Puts a letter into the outbox, in the transaction of what it tells. Where strangers have caused enough mail to
    /// this address, it is left out instead, and the activity log says so.
    pub(crate) async fn send(&self, tx: &mut Tx, origin: &Origin, to: &Email, letter: Letter) -> Result<()> {
        let cause = letter.cause();
        if !self.may_mail(tx, origin, to, cause).await? {
            return self.record_withheld(tx, to, cause).await;
        }
        self.queue(tx, origin, to, &letter).await
    }

    async fn queue(&self, tx: &mut Tx, origin: &Origin, to: &Email, letter: &Letter) -> Result<()> {
        let (id, now) = (MailId::new(self.uuid()), self.now());
        let sealed = self.seal_letter(id, letter)?;
        sqlx::query(
            "INSERT INTO mails (id, message_id, recipient, kind, cause, network, letter, key_id, state, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $9)",
        )
        .bind(id)
        .bind(format!("<{id}@{}>", self.settings.mail_from.domain()))
        .bind(to.as_str())
        .bind(letter.kind().as_str())
        .bind(letter.cause().as_str())
        .bind(origin.group())
        .bind(sealed.text)
        .bind(sealed.key_id)
        .bind(now)
        .execute(&mut **tx)
        .await?;
        queue::enqueue(tx, &Job::DeliverMail { mail: id }, now).await
    }
}
