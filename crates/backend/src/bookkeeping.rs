//! What is written down a moment later, many at a time: refusals that anybody can cause, what an account does over and
//! over, the last use of sessions and tokens, and what is wrong with the proxy in front. A request notes it in memory and
//! goes on, so that neither a flood of refusals nor a database that is busy or full keeps anybody waiting. What is in
//! memory is lost with the process; nothing depends on it.
//!
//! Refusals are folded: those of one kind, from one address, in one name share a row for an hour, and an hour has a
//! bounded number of rows, whatever strangers think of. So has an account: beyond, what it goes on doing is counted in
//! one row a kind.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{AccountId, ApiTokenId, Email, ErrorCode, Timestamp, activity::Event, front::ProxyFault};

use crate::{
    activity::{Entry, Habit, Line},
    caller::Origin,
    core::Core,
    db::{Engine, work},
    error::{Error, Result},
    front::Sighting,
};

/// Rows of folded refusals that one process writes in an hour; what comes beyond goes into one row a kind.
const ROWS_AN_HOUR: usize = 1_000;
/// Rows of its own that one process writes for an account and a [`Habit`] in an hour: enough for a program that collects
/// five hundred documents one by one, and too few for anybody to fill a disk, at about a kibibyte a row.
const ROWS_OF_AN_ACCOUNT: usize = 1_000;
/// How long what is folded shares a row.
const WINDOW: Duration = Duration::from_secs(3600);
/// Rows in one transaction, so that it never holds the lock for long.
const BATCH: usize = 100;

/// What waits to be written.
#[derive(Default)]
pub(crate) struct Bookkeeping(Mutex<Notes>);

#[derive(Default)]
struct Notes {
    window: i64,
    refusals: HashMap<Entry, Burst>,
    /// Rows of their own that accounts have had in this window.
    own_rows: HashMap<(AccountId, Habit), usize>,
    /// What they did beyond, by [`Entry::further`].
    further: HashMap<Entry, Burst>,
    /// Bursts of an earlier window that are not written yet.
    earlier: Vec<(Entry, Burst)>,
    uses: HashMap<CredentialRow, Use>,
    sightings: HashMap<ProxyFault, Sighting>,
}

/// A row that much of a kind shares.
#[derive(Clone, Debug)]
struct Burst {
    id: String,
    first_at: Timestamp,
    last_at: Timestamp,
    /// Those that are not in the row yet.
    unwritten: i64,
}

/// A credential by the key of its row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum CredentialRow {
    /// By the hash of its id.
    Session(String),
    /// By its id.
    Token(ApiTokenId),
}

/// What became of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// It was used then.
    At(Timestamp),
    /// Its time was up, which was seen: it stays so, wherever the clock goes.
    Over,
}

impl Bookkeeping {
    /// Folds a refusal into the row of its kind.
    pub(crate) fn fold(&self, entry: Entry, now: Timestamp, id: impl FnOnce() -> String) {
        let mut notes = self.notes_at(now);
        let full = notes.refusals.len() >= ROWS_AN_HOUR && !notes.refusals.contains_key(&entry);
        let entry = if full { entry.of_many() } else { entry };
        notes.refusals.entry(entry).or_insert_with(|| Burst::begin(id(), now)).add(now);
    }

    /// The line of an event that the transaction at work writes: one of its own, or, beyond what the account has of
    /// those, an addition to the one that it shares. An attempt that comes to nothing uses up a row all the same.
    pub(crate) fn line(&self, entry: Entry, now: Timestamp, id: impl FnOnce() -> String) -> Line {
        let mut notes = self.notes_at(now);
        if notes.takes_own_row(&entry) {
            return Line::alone(id(), now, entry);
        }
        let entry = entry.further();
        let burst = notes.further.entry(entry.clone()).or_insert_with(|| Burst::begin(id(), now));
        Line { times: 1, last_at: Some(now), ..burst.line(&entry) }
    }

    /// The line of an event that can be written later. Beyond what the account has of its own, it is only counted.
    pub(crate) fn line_or_fold(&self, entry: Entry, now: Timestamp, id: impl FnOnce() -> String) -> Option<Line> {
        let mut notes = self.notes_at(now);
        if notes.takes_own_row(&entry) {
            return Some(Line::alone(id(), now, entry));
        }
        notes.further.entry(entry.further()).or_insert_with(|| Burst::begin(id(), now)).add(now);
        None
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

    /// The notes of the hour that it is.
    fn notes_at(&self, now: Timestamp) -> MutexGuard<'_, Notes> {
        let mut notes = self.lock();
        notes.turn_window(now);
        notes
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
            self.own_rows.clear();
            let bursts = mem::take(&mut self.refusals).into_iter().chain(mem::take(&mut self.further));
            self.earlier.extend(bursts.filter(|(_, burst)| burst.unwritten > 0));
        }
    }

    /// Whether an event gets a row of its own, which then counts.
    fn takes_own_row(&mut self, entry: &Entry) -> bool {
        let (Some(account), Some(habit)) = (entry.actor(), Habit::of(entry.action())) else { return true };
        let rows = self.own_rows.entry((account, habit)).or_default();
        let left = *rows < ROWS_OF_AN_ACCOUNT;
        *rows += usize::from(left);
        left
    }

    /// Bursts with something unwritten, which counts as written from here on.
    fn take_bursts(&mut self) -> Vec<(Entry, Burst)> {
        let mut taken = mem::take(&mut self.earlier);
        let bursts = self.refusals.iter_mut().chain(&mut self.further);
        for (entry, burst) in bursts.filter(|(_, burst)| burst.unwritten > 0) {
            taken.push((entry.clone(), burst.clone()));
            burst.unwritten = 0;
        }
        taken
    }
}

impl Burst {
    fn begin(id: String, now: Timestamp) -> Self {
        Self { id, first_at: now, last_at: now, unwritten: 0 }
    }

    fn add(&mut self, now: Timestamp) {
        self.unwritten += 1;
        self.last_at = now;
    }

    fn line(&self, entry: &Entry) -> Line {
        let Self { id, first_at, last_at, unwritten } = self.clone();
        Line { id, at: first_at, times: unwritten, last_at: Some(last_at), entry: entry.clone() }
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

    async fn write_burst_rows(&self, bursts: &[(Entry, Burst)]) -> Result<()> {
        self.db
            .transact(|tx| {
                work(async move {
                    for (entry, burst) in bursts {
                        burst.line(entry).insert(tx).await?;
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
        let now = self.now();
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
    use domain::activity::{Action, SignInFault};

    fn refused(notes: &Bookkeeping, address: &str, now: Timestamp) {
        let origin = Origin { address: address.to_owned(), ..Origin::local() };
        let event = Event::SignInFailed { because: SignInFault::NotAnAddress };
        notes.fold(Entry::new(event, &origin), now, || address.to_owned());
    }

    fn account(last: char) -> AccountId {
        format!("0198c0de-0000-7000-8000-00000000000{last}").parse().expect("an id")
    }

    fn done(event: Event, account: AccountId) -> Entry {
        Entry::new(event, &Origin::local()).by_account(account, "ana@example.com").about("report.docx")
    }

    fn denied(account: AccountId) -> Entry {
        done(Event::Denied { document: None, code: ErrorCode::NotFound }, account)
    }

    fn no_id() -> String {
        String::new()
    }

    /// Has an account use up what it has of its own.
    fn use_up(notes: &Bookkeeping, account: AccountId, now: Timestamp) {
        (0..ROWS_OF_AN_ACCOUNT).for_each(|i| {
            let line = notes.line_or_fold(denied(account), now, || i.to_string()).expect("a row of its own");
            assert_eq!((line.id, line.times, line.last_at, line.entry), (i.to_string(), 1, None, denied(account)));
        });
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
        let nowhere = Entry::new(Event::SignInFailed { because: SignInFault::NotAnAddress }, &Origin::local());
        let many = taken.iter().find(|(entry, _)| *entry == nowhere.clone().of_many()).expect("a row for the rest");
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
    #[test]
    fn an_account_has_a_bounded_number_of_rows_in_an_hour_and_one_a_kind_for_the_rest() {
        let (notes, now) = (Bookkeeping::default(), Timestamp::from_millis(1_795_356_300_000));
        use_up(&notes, account('1'), now);
        for _ in 0..7 {
            assert!(notes.line_or_fold(denied(account('1')), now, no_id).is_none());
        }
        let minted = done(Event::LinksMinted { documents: 1 }, account('1'));
        assert!(notes.line_or_fold(minted, now, no_id).is_none(), "of whatever kind");
        let mut taken = notes.lock().take_bursts();
        taken.sort_by_key(|(_, burst)| burst.unwritten);
        let [(minted, once), (denied, times)] = &taken[..] else { panic!("two rows: {taken:?}") };
        assert_eq!((once.unwritten, minted.action()), (1, Action::LinkMinted));
        assert_eq!((times.unwritten, denied.action()), (7, Action::Denied));
        assert_eq!(denied.actor(), Some(account('1')), "whose it is can be told");
        assert!(!format!("{denied:?}").contains("report.docx"), "and no document, of many");
    }

    #[test]
    fn what_one_account_does_takes_no_row_from_another_nor_from_its_own_credentials() {
        let (notes, now) = (Bookkeeping::default(), Timestamp::from_millis(1_795_356_300_000));
        use_up(&notes, account('1'), now);
        use_up(&notes, account('2'), now);
        assert_eq!(notes.line(done(Event::SignedIn, account('1')), now, no_id).last_at, None);
        assert!(notes.lock().take_bursts().is_empty());
    }

    #[test]
    fn the_next_hour_gives_an_account_rows_of_its_own_and_forgets_the_last() {
        let (notes, now) = (Bookkeeping::default(), Timestamp::from_millis(1_795_356_300_000));
        use_up(&notes, account('1'), now);
        assert!(notes.line_or_fold(denied(account('1')), now, no_id).is_none());
        use_up(&notes, account('2'), now.after(WINDOW));
        let mut notes = notes.lock();
        assert_eq!((notes.own_rows.len(), notes.further.len()), (1, 0), "memory is bounded");
        assert_eq!(notes.take_bursts().iter().map(|(_, burst)| burst.unwritten).sum::<i64>(), 1, "nothing is lost");
    }

    #[test]
    fn what_a_transaction_writes_beyond_is_added_to_one_row() {
        let (notes, now) = (Bookkeeping::default(), Timestamp::from_millis(1_795_356_300_000));
        let later = now.after(Duration::from_secs(1));
        let line = |at, id: &str| notes.line(done(Event::SignedIn, account('1')), at, || id.to_owned());
        (0..ROWS_OF_AN_ACCOUNT).for_each(|_| assert_eq!(line(now, "own").last_at, None));
        let (first, second) = (line(now, "shared"), line(later, "another"));
        assert_eq!((first.id.as_str(), first.at, first.times), ("shared", now, 1));
        assert_eq!((second.id.as_str(), second.at, second.times), ("shared", now, 1));
        assert_eq!((first.last_at, second.last_at), (Some(now), Some(later)));
        assert!(notes.lock().take_bursts().is_empty(), "the transaction wrote them");
    }

    #[test]
    fn what_proves_a_handover_is_never_folded() {
        let (notes, now) = (Bookkeeping::default(), Timestamp::from_millis(1_795_356_300_000));
        let (document, version) = ("0198c0de-0000-7000-8000-00000000000a", "0198c0de-0000-7000-8000-00000000000b");
        let document = document.parse().expect("an id");
        let handed_over =
            Event::HandedOver { document, version: version.parse().expect("an id"), size: 1, delivery: None };
        for _ in 0..2 * ROWS_OF_AN_ACCOUNT {
            assert_eq!(notes.line(done(handed_over.clone(), account('1')), now, no_id).last_at, None);
        }
    }
}
