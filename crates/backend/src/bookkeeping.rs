//! What is written down a moment later, many at a time: refusals that anybody can cause, the last use of sessions and
//! tokens, and what is wrong with the proxy in front. A request notes it in memory and goes on, so that neither a flood
//! of refusals nor a database that is busy or full keeps anybody waiting. What is in memory is lost with the process;
//! nothing depends on it.
//!
//! Refusals are folded: those of one kind, from one address, in one name share a row for an hour, and an hour has a
//! bounded number of rows, whatever strangers think of.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{Email, ErrorCode, Timestamp, activity::Event, front::ProxyFault};

use crate::{
    activity::{Entry, Line, Particulars},
    caller::Origin,
    core::Core,
    db::{Engine, work},
    error::{Error, Result},
    front::Sighting,
};

/// Rows of folded refusals that one process writes in an hour; what comes beyond goes into one row a kind.
const ROWS_AN_HOUR: usize = 1_000;
/// How long refusals share a row.
const WINDOW: Duration = Duration::from_secs(3600);
/// Rows in one transaction, so that it never holds the lock for long.
const BATCH: usize = 100;
/// The address of what no longer gets a row of its own.
const MANY: &str = "many";

/// What waits to be written.
#[derive(Default)]
pub(crate) struct Bookkeeping(Mutex<Notes>);

#[derive(Default)]
struct Notes {
    window: i64,
    bursts: HashMap<BurstKey, Burst>,
    /// Bursts of an earlier window that are not written yet.
    earlier: Vec<(BurstKey, Burst)>,
    uses: HashMap<CredentialRow, Use>,
    sightings: HashMap<ProxyFault, Sighting>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct BurstKey {
    event: Event,
    particulars: Particulars,
}

#[derive(Clone, Debug)]
struct Burst {
    id: String,
    first_at: i64,
    last_at: i64,
    /// Those that are not in the row yet.
    unwritten: i64,
}

/// A credential by the key of its row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum CredentialRow {
    /// By the hash of its id.
    Session(String),
    /// By its id.
    Token(String),
}

/// What became of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// It was used then.
    At(i64),
    /// Its time was up, which was seen: it stays so, wherever the clock goes.
    Over,
}

impl Bookkeeping {
    /// Folds a refusal into the row of its kind.
    pub(crate) fn fold(&self, entry: Entry, now: Timestamp, id: impl FnOnce() -> String) {
        let mut notes = self.lock();
        notes.turn_window(now);
        let mut key = BurstKey::of(entry);
        if notes.bursts.len() >= ROWS_AN_HOUR && !notes.bursts.contains_key(&key) {
            key = key.without_particulars();
        }
        let burst = notes.bursts.entry(key).or_insert_with(|| Burst {
            id: id(),
            first_at: now.millis(),
            last_at: now.millis(),
            unwritten: 0,
        });
        burst.unwritten += 1;
        burst.last_at = now.millis();
    }

    /// Notes what became of a credential.
    pub(crate) fn note(&self, credential: CredentialRow, used: Use) {
        let mut notes = self.lock();
        if notes.uses.get(&credential) != Some(&Use::Over) {
            notes.uses.insert(credential, used);
        }
    }

    /// What was noted of a credential and is not in its row yet.
    pub(crate) fn noted(&self, credential: &CredentialRow) -> Option<Use> {
        self.lock().uses.get(credential).copied()
    }

    /// Notes that a request has shown a fault of the proxy in front.
    pub(crate) fn saw(&self, fault: ProxyFault, now: Timestamp, via: impl FnOnce() -> String) {
        let mut notes = self.lock();
        let new = || Sighting { via: via(), first_at: now, last_at: now };
        notes.sightings.entry(fault).or_insert_with(new).last_at = now;
    }

    /// The notes are whole after every step, so also after one that panicked.
    fn lock(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notes {
    fn turn_window(&mut self, now: Timestamp) {
        let window = now.millis() / i64::try_from(WINDOW.as_millis()).unwrap_or(i64::MAX);
        if window != self.window {
            self.window = window;
            let bursts = mem::take(&mut self.bursts).into_iter();
            self.earlier.extend(bursts.filter(|(_, burst)| burst.unwritten > 0));
        }
    }

    /// Bursts with something unwritten, which counts as written from here on.
    fn take_bursts(&mut self) -> Vec<(BurstKey, Burst)> {
        let mut taken = mem::take(&mut self.earlier);
        for (key, burst) in self.bursts.iter_mut().filter(|(_, burst)| burst.unwritten > 0) {
            taken.push((key.clone(), burst.clone()));
            burst.unwritten = 0;
        }
        taken
    }
}

impl BurstKey {
    fn of(entry: Entry) -> Self {
        let (event, particulars) = entry.into_parts();
        Self { event, particulars }
    }

    fn without_particulars(self) -> Self {
        Self { particulars: Particulars { address: MANY.to_owned(), ..Particulars::default() }, ..self }
    }
}

impl Burst {
    fn line(&self, BurstKey { event, particulars }: &BurstKey) -> Line {
        let entry = Entry::of(event.clone(), particulars.clone());
        Line { id: self.id.clone(), at: Timestamp::from_millis(self.first_at), entry }
    }
}

impl Core {
    /// Writes down a refusal that changes nothing and that anybody can cause: later, and folded.
    pub(crate) fn record_folded(&self, entry: Entry) {
        self.bookkeeping.fold(entry, self.now(), || self.uuid().to_string());
    }

    /// Writes down that a request for mail came too early, and gives the refusal back.
    pub(crate) fn throttled(&self, origin: &Origin, email: &Email, refusal: Error) -> Error {
        if refusal.code() == Some(ErrorCode::TooManyAttempts) {
            self.record_folded(Entry::new(Event::Throttled, origin).claimed_by(email.as_str()));
        }
        refusal
    }

    /// Writes what waits before it is read. Who reads is not kept from it by what cannot be written.
    pub(crate) async fn catch_up(&self) {
        if let Err(error) = self.write_notes().await {
            tracing::warn!(%error, "what waits to be written goes on waiting");
        }
    }

    /// Writes everything that waits. What could not be written goes on waiting.
    pub(crate) async fn write_notes(&self) -> Result<()> {
        self.write_bursts().await?;
        self.write_uses().await?;
        self.write_sightings().await
    }

    async fn write_bursts(&self) -> Result<()> {
        let mut left = self.bookkeeping.lock().take_bursts();
        while !left.is_empty() {
            let batch = left.split_off(left.len().saturating_sub(BATCH));
            if let Err(error) = self.write_burst_rows(&batch).await {
                let mut notes = self.bookkeeping.lock();
                notes.earlier.extend(left.into_iter().chain(batch));
                return Err(error);
            }
        }
        Ok(())
    }

    async fn write_burst_rows(&self, bursts: &[(BurstKey, Burst)]) -> Result<()> {
        self.db
            .transact(|tx| {
                work(async move {
                    for (key, burst) in bursts {
                        burst.line(key).insert_times(tx, burst.unwritten, Some(burst.last_at)).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    async fn write_sightings(&self) -> Result<()> {
        let seen: Vec<_> = self.bookkeeping.lock().sightings.iter().map(|(fault, it)| (*fault, it.clone())).collect();
        for (fault, sighting) in seen {
            self.write_proxy_trouble(fault, &sighting).await?;
            let sightings = &mut self.bookkeeping.lock().sightings;
            // Seen again meanwhile, it is written the next time.
            if sightings.get(&fault).is_some_and(|it| it.last_at == sighting.last_at) {
                sightings.remove(&fault);
            }
        }
        Ok(())
    }

    async fn write_uses(&self) -> Result<()> {
        let mut uses: Vec<_> = self.bookkeeping.lock().uses.iter().map(|(key, used)| (key.clone(), *used)).collect();
        while !uses.is_empty() {
            let batch = uses.split_off(uses.len().saturating_sub(self.uses_at_once()));
            self.write_use_rows(&batch).await?;
            let notes = &mut self.bookkeeping.lock().uses;
            for (credential, used) in &batch {
                // Used again meanwhile, it is written the next time.
                if notes.get(credential) == Some(used) {
                    notes.remove(credential);
                }
            }
        }
        Ok(())
    }

    /// Where rows have locks of their own, a transaction with one of them waits for nobody who waits for it.
    fn uses_at_once(&self) -> usize {
        match self.db.engine() {
            Engine::Sqlite => BATCH,
            Engine::Postgres => 1,
        }
    }

    async fn write_use_rows(&self, uses: &[(CredentialRow, Use)]) -> Result<()> {
        let now = self.now().millis();
        self.db
            .transact(|tx| {
                work(async move {
                    for (credential, used) in uses {
                        let query = match (credential, used) {
                            (CredentialRow::Session(hash), Use::At(at)) => {
                                sqlx::query("UPDATE sessions SET seen_at = $2 WHERE id_hash = $1").bind(hash).bind(*at)
                            }
                            (CredentialRow::Session(hash), Use::Over) => {
                                sqlx::query("DELETE FROM sessions WHERE id_hash = $1").bind(hash)
                            }
                            (CredentialRow::Token(id), Use::At(at)) => {
                                sqlx::query("UPDATE api_tokens SET seen_at = $2 WHERE id = $1").bind(id).bind(*at)
                            }
                            (CredentialRow::Token(id), Use::Over) => {
                                let end = "UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
                                sqlx::query(end).bind(id).bind(now)
                            }
                        };
                        query.execute(&mut **tx).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::Origin;
    use domain::activity::SignInFault;

    fn refused(notes: &Bookkeeping, address: &str, now: Timestamp) {
        let origin = Origin { address: address.to_owned(), ..Origin::local() };
        let event = Event::SignInFailed { because: SignInFault::NotAnAddress };
        notes.fold(Entry::new(event, &origin), now, || address.to_owned());
    }

    #[test]
    fn a_burst_is_one_row_and_its_rest_comes_later() {
        let (notes, now) = (Bookkeeping::default(), Timestamp::from_millis(1_795_356_300_000));
        (0..2_933).for_each(|_| refused(&notes, "203.0.113.9", now));
        let taken = notes.lock().take_bursts();
        assert_eq!((taken.len(), taken[0].1.unwritten), (1, 2_933));
        assert!(notes.lock().take_bursts().is_empty());
        refused(&notes, "203.0.113.9", now);
        let again = notes.lock().take_bursts();
        assert_eq!((again[0].1.id.as_str(), again[0].1.unwritten), (taken[0].1.id.as_str(), 1), "the same row");
    }

    #[test]
    fn an_hour_has_a_bounded_number_of_rows() {
        let (notes, now) = (Bookkeeping::default(), Timestamp::from_millis(1_795_356_300_000));
        (0..5_000).for_each(|i| refused(&notes, &format!("2001:db8::{i}"), now));
        let taken = notes.lock().take_bursts();
        assert_eq!(taken.len(), ROWS_AN_HOUR + 1);
        let many = taken.iter().find(|(key, _)| key.particulars.address == MANY).expect("a row for the rest");
        assert_eq!(many.1.unwritten, 4_000);
    }

    #[test]
    fn the_next_hour_begins_a_row_and_loses_none_of_the_last() {
        let (notes, now) = (Bookkeeping::default(), Timestamp::from_millis(1_795_356_300_000));
        refused(&notes, "203.0.113.9", now);
        refused(&notes, "203.0.113.9", now.after(WINDOW));
        let taken = notes.lock().take_bursts();
        assert_eq!(taken.iter().map(|(_, burst)| burst.unwritten).sum::<i64>(), 2);
        assert_eq!(taken.len(), 2);
    }
}
