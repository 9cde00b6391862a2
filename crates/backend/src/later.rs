//! Bookkeeping that keeps nobody waiting: what a request has to write down but does not depend on is put into a queue,
//! and written a moment later, in the order in which it came, many entries in one transaction.
//!
//! So documents are listed and collected while another program holds the database or its disk is full. What waits is
//! in memory: it is tried again until it is written, and lost only with the process, or when there is too much of it.

use std::{
    collections::VecDeque,
    fmt::Display,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{runtime::Handle, sync::watch, time};

use crate::{
    db::{Database, Tx, work},
    error::Result,
};

/// Something to write down later. It may be begun several times and lasts once.
#[async_trait]
pub(crate) trait Note: Display + Send + Sync + 'static {
    /// Writes it down.
    async fn write(&self, tx: &mut Tx) -> Result<()>;
}

/// The queue of notes of this process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Later(Arc<Shared>);

struct Shared {
    db: Database,
    queue: Mutex<Queue>,
    /// How many notes are not written yet.
    left: watch::Sender<usize>,
}

#[derive(Default)]
struct Queue {
    notes: VecDeque<Arc<dyn Note>>,
    /// Whether a task is at work on it.
    at_work: bool,
    /// Notes that found no room since it was full.
    dropped: u64,
}

/// The task that writes; the next note starts another once it is gone.
struct Writer {
    shared: Arc<Shared>,
    /// Whether it has found nothing more to do. (It is dropped before that when the runtime ends, or a note panics.)
    ended: bool,
}

/// Notes that wait at most. One is about half a kibibyte.
const CAPACITY: usize = 10_000;
/// Notes in one transaction, so that it never holds the lock for long.
const BATCH: usize = 64;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

impl Later {
    pub(crate) fn new(db: Database) -> Self {
        Self(Arc::new(Shared { db, queue: Mutex::default(), left: watch::Sender::new(0) }))
    }

    /// Puts a note into the queue. When that is full the note is dropped, with a warning.
    pub(crate) fn write(&self, note: impl Note) {
        let mut queue = self.0.queue();
        if queue.notes.len() >= CAPACITY {
            queue.dropped += 1;
            if queue.dropped == 1 {
                tracing::error!(%note, "too much waits to be written down; entries are being lost");
            }
            return;
        }
        queue.notes.push_back(Arc::new(note));
        self.0.left.send_replace(queue.notes.len());
        drop(queue);
        self.start();
    }

    /// Waits until everything is written down.
    pub(crate) async fn settle(&self) {
        self.start();
        // The sender is alive as long as this value is, so waiting cannot fail.
        let _ = self.0.left.subscribe().wait_for(|left| *left == 0).await;
    }

    fn start(&self) {
        // Outside of a runtime nothing can be written; the next note or `settle` starts it.
        let Ok(runtime) = Handle::try_current() else { return };
        let mut queue = self.0.queue();
        if !queue.at_work && !queue.notes.is_empty() {
            queue.at_work = true;
            runtime.spawn(Writer { shared: self.0.clone(), ended: false }.run());
        }
    }
}

impl Shared {
    /// The queue is whole after every step, so also after one that panicked.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write(&self, notes: &[Arc<dyn Note>]) -> Result<()> {
        self.db
            .transact(|tx| {
                work(async move {
                    for note in notes {
                        note.write(tx).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}

impl Writer {
    async fn run(mut self) {
        let (mut pause, mut batch) = (FIRST_PAUSE, BATCH);
        while let Some(notes) = self.first(batch) {
            match self.shared.write(&notes).await {
                Ok(()) => {
                    self.done(notes.len());
                    (pause, batch) = (FIRST_PAUSE, BATCH);
                }
                Err(error) if error.fault().is_some() => {
                    tracing::warn!(%error, waiting = self.shared.queue().notes.len(), "what is to be written down waits");
                    time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                // One of them cannot be written, ever; alone it shows which.
                Err(_) if notes.len() > 1 => batch = 1,
                Err(error) => {
                    tracing::error!(%error, note = %notes[0], "something was not written down");
                    self.done(1);
                }
            }
        }
    }

    /// The notes that have waited longest. With none left, the work ends.
    fn first(&mut self, count: usize) -> Option<Vec<Arc<dyn Note>>> {
        let mut queue = self.shared.queue();
        let notes: Vec<_> = queue.notes.iter().take(count).cloned().collect();
        self.ended = notes.is_empty();
        queue.at_work = !self.ended;
        (!self.ended).then_some(notes)
    }

    fn done(&self, count: usize) {
        let mut queue = self.shared.queue();
        queue.notes.drain(..count);
        if queue.dropped > 0 {
            tracing::error!(lost = queue.dropped, "there is room again for what is to be written down");
            queue.dropped = 0;
        }
        self.shared.left.send_replace(queue.notes.len());
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.ended {
            self.shared.queue().at_work = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::{self, Formatter};

    use super::*;
    use crate::{db::tests::on_sqlite, error::Error};

    struct Word(String);

    #[async_trait]
    impl Note for Word {
        async fn write(&self, tx: &mut Tx) -> Result<()> {
            if self.0.is_empty() {
                return Err(Error::Damaged("a word has letters".to_owned()));
            }
            sqlx::query("INSERT INTO words (word) VALUES ($1)").bind(&self.0).execute(&mut **tx).await?;
            Ok(())
        }
    }

    impl Display for Word {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            f.write_str(&self.0)
        }
    }

    async fn words(db: &Database) -> Vec<String> {
        let rows: Vec<(String,)> =
            sqlx::query_as("SELECT word FROM words ORDER BY rowid").fetch_all(db.read()).await.expect("reads");
        rows.into_iter().map(|(word,)| word).collect()
    }

    async fn queue() -> (Later, Database, tempfile::TempDir) {
        let (db, folder) = on_sqlite().await;
        db.execute(|| sqlx::query("CREATE TABLE words (word TEXT NOT NULL)")).await.expect("makes a table");
        (Later::new(db.clone()), db, folder)
    }

    #[tokio::test]
    async fn what_waits_is_written_in_order_once_the_database_is_free() {
        let (later, db, _folder) = queue().await;
        let busy = db.write().await.expect("begins");
        let expected: Vec<String> = (0..3 * BATCH).map(|i| format!("word {i}")).collect();
        expected.iter().for_each(|word| later.write(Word(word.clone())));
        assert_eq!(words(&db).await, Vec::<String>::new());
        drop(busy);
        later.settle().await;
        assert_eq!(words(&db).await, expected);
    }

    #[tokio::test]
    async fn one_that_can_never_be_written_takes_none_with_it() {
        let (later, db, _folder) = queue().await;
        let busy = db.write().await.expect("begins");
        ["before", "", "after"].into_iter().for_each(|word| later.write(Word(word.to_owned())));
        drop(busy);
        later.settle().await;
        assert_eq!(words(&db).await, ["before", "after"]);
    }

    #[tokio::test]
    async fn what_waits_is_bounded() {
        let (later, db, _folder) = queue().await;
        let busy = db.write().await.expect("begins");
        (0..CAPACITY + 5).for_each(|i| later.write(Word(i.to_string())));
        drop(busy);
        later.settle().await;
        assert_eq!(words(&db).await.len(), CAPACITY);
        later.write(Word("again".to_owned()));
        later.settle().await;
        assert_eq!(words(&db).await.last().map(String::as_str), Some("again"), "there is room again");
    }
}
