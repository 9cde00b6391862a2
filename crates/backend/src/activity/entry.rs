//! Writing the log.

use std::fmt::{self, Display, Formatter};

use async_trait::async_trait;
use domain::{
    AccountId, Timestamp,
    activity::{Action, Event},
    text::printed,
};

use crate::{
    caller::{Origin, Person},
    core::Core,
    db::{Tx, work},
    error::{Error, Result},
    later::Note,
    naming::folded_lines,
};

/// An event to write down, and the names beside it. Texts lose control characters and those that turn the direction of
/// text on the way in, so that a log line stays one line and reads as it was written (ASVS V16.4.1); secrets and link
/// URLs have no place in any of them (V16.2.5).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    event: Event,
    actor: Option<AccountId>,
    particulars: Particulars,
}

/// What names somebody: it lies in a row of its own, so that it can be erased and the event stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Particulars {
    label: String,
    subject: String,
    address: String,
    remark: String,
}

/// An entry at the moment of its happening, as its rows hold it.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    /// How often it has happened since the row was written last.
    pub(crate) times: i64,
    /// `None`: the row tells of one event and gets no more.
    pub(crate) last_at: Option<Timestamp>,
    pub(crate) entry: Entry,
}

/// The address of what has no row of its own.
const MANY: &str = "many";

impl Entry {
    /// Something that was done by nobody known.
    #[must_use]
    pub fn new(event: Event, origin: &Origin) -> Self {
        let particulars = Particulars { address: clean(&origin.address), ..Particulars::default() };
        Self { event, actor: None, particulars }
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
        self.claimed_by(label)
    }

    /// Done in this name, which nothing vouches for: the address typed into a form.
    #[must_use]
    pub fn claimed_by(mut self, label: &str) -> Self {
        self.particulars.label = clean(label);
        self
    }

    /// Done to what goes by this name.
    #[must_use]
    pub fn about(mut self, subject: &str) -> Self {
        self.particulars.subject = clean(subject);
        self
    }

    /// With what somebody else has said, who may have named anybody.
    #[must_use]
    pub fn remark(mut self, remark: &str) -> Self {
        self.particulars.remark = clean(remark);
        self
    }

    pub(crate) fn action(&self) -> Action {
        self.event.action()
    }

    pub(crate) fn actor(&self) -> Option<AccountId> {
        self.actor
    }

    /// What stands for this event of many, of which nothing else is told.
    pub(crate) fn of_many(self) -> Self {
        Self { actor: None, particulars: Particulars { address: MANY.to_owned(), ..Particulars::default() }, ..self }
    }

    /// What stands for this and all else of its kind that the same account goes on doing.
    pub(crate) fn further(&self) -> Self {
        let label = self.particulars.label.clone();
        Self {
            event: Event::Further { of: self.action() },
            actor: self.actor,
            particulars: Particulars { label, address: MANY.to_owned(), ..Particulars::default() },
        }
    }
}

fn clean(text: &str) -> String {
    printed(text, 300)
}

impl Core {
    /// Writes an event down in the transaction of what it tells.
    pub(crate) async fn record(&self, tx: &mut Tx, entry: Entry) -> Result<()> {
        self.line(entry).insert(tx).await
    }

    /// Writes down an event that changes nothing else: a refusal.
    pub(crate) async fn record_alone(&self, entry: Entry) -> Result<()> {
        let line = &self.line(entry);
        self.db.transact(|tx| work(line.insert(tx))).await
    }

    /// Writes an event down that nothing depends on, without keeping the caller waiting. It tells of this moment.
    pub(crate) fn record_later(&self, entry: Entry) {
        if let Some(line) = self.bookkeeping.line_or_fold(entry, self.now(), || self.uuid().to_string()) {
            self.later.write(line);
        }
    }

    fn line(&self, entry: Entry) -> Line {
        self.bookkeeping.line(entry, self.now(), || self.uuid().to_string())
    }
}

impl Line {
    /// A row that tells of one event.
    pub(crate) fn alone(id: String, at: Timestamp, entry: Entry) -> Self {
        Self { id, at, times: 1, last_at: None, entry }
    }

    /// Writes the line, or adds to it what has happened since.
    pub(crate) async fn insert(&self, tx: &mut Tx) -> Result<()> {
        let Entry { event, actor, particulars } = &self.entry;
        let ids = event.ids();
        sqlx::query(
            "INSERT INTO activity \
             (id, at, action, event, actor_id, account_id, document_id, version_id, delivery_id, times, last_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT (id) DO UPDATE SET times = activity.times + excluded.times, last_at = excluded.last_at",
        )
        .bind(&self.id)
        .bind(self.at)
        .bind(event.action())
        .bind(canonical(event)?)
        .bind(actor)
        .bind(ids.account)
        .bind(ids.document)
        .bind(ids.version)
        .bind(ids.delivery)
        .bind(self.times)
        .bind(self.last_at)
        .execute(&mut **tx)
        .await?;
        let Particulars { label, subject, address, remark } = particulars;
        sqlx::query(
            "INSERT INTO activity_particulars (activity_id, actor_label, subject, address, remark, search) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (activity_id) DO NOTHING",
        )
        .bind(&self.id)
        .bind(label)
        .bind(subject)
        .bind(address)
        .bind(remark)
        .bind(folded_lines(&[label, subject]))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}

/// The one text that an event has (RFC 8785), so that what is hashed can be written again.
fn canonical(event: &Event) -> Result<String> {
    serde_json_canonicalizer::to_string(event).map_err(|error| Error::Damaged(format!("an event: {error}")))
}

#[async_trait]
impl Note for Line {
    async fn write(&self, tx: &mut Tx) -> Result<()> {
        self.insert(tx).await
    }
}

impl Display for Line {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Entry { event, particulars: Particulars { label, subject, .. }, .. } = &self.entry;
        write!(f, "activity {} of {label} on {subject}", event.action().as_str())
    }
}
