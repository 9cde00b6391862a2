//! How much mail strangers can cause to one address.

use std::time::Duration;

use domain::{
    Email,
    account::LINK_LIFE,
    activity::{Action, Event, Withheld},
};
use sqlx::FromRow;

use crate::{
    activity::Entry,
    caller::Origin,
    core::Core,
    db::Tx,
    error::Result,
    throttle::{MAIL_RECIPIENT, RESET_RECIPIENT, Rule},
};

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

/// The links of sign-ups last as long: whoever does not get another mail has some with a link that works.
const DAY: Duration = LINK_LIFE;
/// Mails to one address within [`DAY`] that one network can cause. The owner's network has a count of its own.
const FROM_ONE_NETWORK: i64 = 6;
/// Mails to one address within [`DAY`] that all networks together can cause.
const FROM_EVERYWHERE: i64 = 16;
/// Beyond, a mail for a new password goes out after so long: its link is over long before the day is, so that an end to
/// them would let strangers keep the owner out.
const RESET_PAUSE: Duration = Duration::from_secs(2 * 3600);

impl Cause {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Stranger => "stranger",
            Self::Reset => "reset",
            Self::Known => "known",
        }
    }

    /// The rule that slows its mails down to one recipient, whoever asks for them; none slows down those of the known.
    const fn rule(self) -> Option<&'static Rule> {
        match self {
            Self::Stranger => Some(&MAIL_RECIPIENT),
            Self::Reset => Some(&RESET_RECIPIENT),
            Self::Known => None,
        }
    }
}

/// What was sent to one address within [`DAY`].
#[derive(FromRow)]
struct Sent {
    /// Because of requests from the network that asks now.
    from_here: i64,
    from_everywhere: i64,
    last: i64,
}

impl Core {
    /// Whether another mail of this cause may go to this address. Whoever asked is never told.
    ///
    /// The recipient's row of `throttles` is locked first: others who ask at the same time wait until this mail is
    /// in the outbox or left out, so that they count it.
    pub(crate) async fn may_mail(&self, tx: &mut Tx, origin: &Origin, to: &Email, cause: Cause) -> Result<bool> {
        let Some(rule) = cause.rule() else { return Ok(true) };
        self.lock_count(tx, &rule.count(to.as_str())).await?;
        let now = self.now();
        // No network at all equals none, not even itself: what nobody knows is not counted together.
        let sent: Sent = sqlx::query_as(
            "SELECT COALESCE(SUM(CASE WHEN network = $4 THEN 1 ELSE 0 END), 0) AS from_here, \
             COUNT(*) AS from_everywhere, COALESCE(MAX(created_at), 0) AS last FROM mails \
             WHERE recipient = $1 AND cause = $2 AND created_at > $3",
        )
        .bind(to.as_str())
        .bind(cause.as_str())
        .bind(now.before(DAY))
        .bind(origin.group())
        .fetch_one(&mut **tx)
        .await?;
        let is_handful = sent.from_here < FROM_ONE_NETWORK && sent.from_everywhere < FROM_EVERYWHERE;
        let waited = cause == Cause::Reset && sent.last <= now.before(RESET_PAUSE).millis();
        Ok(is_handful || waited)
    }

    /// Writes down that a mail was withheld: once a day for each address, however often it happens.
    pub(super) async fn record_withheld(&self, tx: &mut Tx, to: &Email, cause: Cause) -> Result<()> {
        let known: Option<(String,)> = sqlx::query_as(
            "SELECT a.id FROM activity a JOIN activity_particulars p ON p.activity_id = a.id \
                 WHERE a.action = $1 AND a.at > $2 AND p.subject = $3 LIMIT 1",
        )
        .bind(Action::MailWithheld.as_str())
        .bind(self.now().before(DAY))
        .bind(to.as_str())
        .fetch_optional(&mut **tx)
        .await?;
        if known.is_none() {
            let origin = Origin::local();
            let because = match cause {
                Cause::Reset => Withheld::Resets,
                Cause::Stranger | Cause::Known => Withheld::SignUps,
            };
            self.record(tx, Entry::new(Event::MailWithheld { because }, &origin).about(to.as_str())).await?;
        }
        Ok(())
    }
}
