//! How much mail strangers can cause to one address.

use std::time::Duration;

use domain::{Email, account::LINK_LIFE, activity::Action};

use crate::{accounts::RESET_LIFE, activity::Event, caller::Origin, core::Core, db::Tx, error::Result};

/// Who causes a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Anybody who types an address into the form for signing up.
    Stranger,
    /// Anybody who types an address into the form for a new password. Counted apart, so that nothing else stands in the
    /// way of a reset.
    Reset,
    /// A verified person, or the portal itself.
    Known,
}

/// What a cause may send to one address within [`DAY`].
struct Cap {
    /// So many mails at any pace.
    free: i64,
    /// Beyond, one after so long; `None` for no more.
    then_every: Option<Duration>,
}

/// The links of sign-ups last as long: whoever does not get a sixth mail has five with a link that works.
const DAY: Duration = LINK_LIFE;

impl Cause {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Stranger => "stranger",
            Self::Reset => "reset",
            Self::Known => "known",
        }
    }

    const fn cap(self) -> Option<Cap> {
        match self {
            Self::Stranger => Some(Cap { free: 5, then_every: None }),
            // A link for a new password is over long before the day is. So the next mail may go when the last link is
            // over: there is always one that works in the mailbox, and no stranger can keep its owner out.
            Self::Reset => Some(Cap { free: 5, then_every: Some(RESET_LIFE) }),
            Self::Known => None,
        }
    }
}

impl Core {
    /// Whether another mail of this cause may go to this address. Whoever asked is never told.
    pub(crate) async fn may_mail(&self, tx: &mut Tx, to: &Email, cause: Cause) -> Result<bool> {
        let Some(cap) = cause.cap() else { return Ok(true) };
        let now = self.now();
        let (sent, last): (i64, i64) = sqlx::query_as(
            "SELECT COUNT(*), COALESCE(MAX(created_at), 0) FROM mails \
             WHERE recipient = $1 AND cause = $2 AND created_at > $3 AND created_at <= $4",
        )
        .bind(to.as_str())
        .bind(cause.as_str())
        .bind(now.before(DAY).millis())
        // What was sent in the future was sent before the clock was set back.
        .bind(now.millis())
        .fetch_one(&mut **tx)
        .await?;
        let waited = cap.then_every.is_some_and(|pause| last <= now.before(pause).millis());
        Ok(sent < cap.free || waited)
    }

    /// Writes down that a mail was withheld: once a day for each address, however often it happens.
    pub(super) async fn record_withheld(&self, tx: &mut Tx, to: &Email, cause: Cause) -> Result<()> {
        let known: Option<(String,)> =
            sqlx::query_as("SELECT id FROM activity WHERE action = $1 AND at > $2 AND subject = $3 LIMIT 1")
                .bind(Action::MailWithheld.as_str())
                .bind(self.now().before(DAY).millis())
                .bind(to.as_str())
                .fetch_optional(&mut **tx)
                .await?;
        if known.is_none() {
            let origin = Origin::local();
            let detail = match cause {
                Cause::Reset => "too many requests for a new password",
                Cause::Stranger | Cause::Known => "too many sign-ups",
            };
            self.record(tx, Event::new(Action::MailWithheld, &origin).to(to.as_str()).detail(detail)).await?;
        }
        Ok(())
    }
}
