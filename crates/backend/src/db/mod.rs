//! One SQL text for SQLite and PostgreSQL.
//!
//! Reads go to a pool that cannot write; whatever changes something is a transaction of the other pool, run by
//! [`Database::transact`]. On SQLite that pool is one connection, because there is one writer at a time anyway, and
//! those who wait for it wait in a queue instead of against each other.

mod fault;
mod page;
mod sql;
#[cfg(test)]
mod statements;
#[cfg(test)]
pub(crate) mod tests;
mod tx;

use std::{
    fmt::{self, Debug, Formatter},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use sqlx::{
    Any, AnyPool, Executor,
    any::{AnyArguments, AnyConnectOptions, AnyPoolOptions},
    postgres::PgConnectOptions,
    query::Query,
    sqlite::SqliteConnectOptions,
};
use tokio::time;

use crate::{
    error::{Error, Result},
    naming::refold,
    random::Random,
};

pub use tx::Tx;

pub(crate) use fault::Fault;
pub(crate) use page::page;
pub(crate) use sql::{Sql, sql_len};
pub(crate) use tx::{Work, work};

/// Which engine a URL names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, one machine.
    Sqlite,
    /// A server, several instances.
    Postgres,
}

/// Two open pools of connections to one database. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    readers: AnyPool,
    writers: AnyPool,
    engine: Engine,
    random: Arc<dyn Random>,
}

/// WAL lets readers go on while one writes; FULL makes a commit survive a power cut; what is deleted, such as
/// the key of a document, is overwritten.
const SQLITE: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON; \
     PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000;";
const SQLITE_READS: &str = "PRAGMA query_only = ON";

/// Who waits for a lock, and who sits on one without a word, does so for a bounded time.
const POSTGRES: &str = "SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '60s'";
const POSTGRES_READS: &str = "SET default_transaction_read_only = on";

const READERS: u32 = 12;
/// On PostgreSQL. SQLite has one.
const WRITERS: u32 = 8;

/// How long to wait for a connection. Whoever waits for one and then for a lock has waited ten seconds at most.
const ACQUIRE: Duration = Duration::from_secs(5);

/// How often a transaction is tried again that stood in another's way.
const RETRIES: u32 = 5;
/// The pause before the first of them, in milliseconds. It doubles, and up to as much again is added by chance, so
/// that two that met do not meet again.
const FIRST_PAUSE: u64 = 5;

impl Database {
    /// Opens `sqlite:` or `postgres:`. Nothing is migrated yet. Pauses between tries take their lengths from `random`.
    ///
    /// # Errors
    /// [`Error::Database`] when the URL is wrong or the database does not answer within five seconds.
    pub async fn connect(url: &str, random: Arc<dyn Random>) -> Result<Self> {
        Self::connect_within(ACQUIRE, url, random).await
    }

    /// The same, with a `patience` of the caller's for every wait for a connection. One that takes longer to open is given
    /// up and begun anew, so that trying again does not make up for too little of it.
    ///
    /// # Errors
    /// Those of [`connect`](Self::connect).
    pub async fn connect_within(patience: Duration, url: &str, random: Arc<dyn Random>) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let engine = if url.starts_with("sqlite:") { Engine::Sqlite } else { Engine::Postgres };
        let options = AnyConnectOptions::from_str(url)?;
        let (setup, for_reads, writers): (&[_], &[_], _) = match engine {
            Engine::Sqlite => (&[SQLITE], &[SQLITE, SQLITE_READS], 1),
            Engine::Postgres => (&[POSTGRES], &[POSTGRES, POSTGRES_READS], WRITERS),
        };
        let writers = pool(engine, patience, setup, writers).connect_with(options.clone()).await?;
        let readers = pool(engine, patience, for_reads, READERS).connect_lazy_with(options);
        Ok(Self { readers, writers, engine, random })
    }

    /// Whether [`connect`](Self::connect) can make something of a URL: it is read by the drivers themselves.
    #[must_use]
    pub fn understands(url: &str) -> bool {
        match url.split_once(':') {
            Some(("sqlite", _)) => SqliteConnectOptions::from_str(url).is_ok(),
            Some(("postgres" | "postgresql", _)) => PgConnectOptions::from_str(url).is_ok(),
            _ => false,
        }
    }

    /// Brings the tables up to date; every migration runs once. So does what migrations cannot work out.
    ///
    /// # Errors
    /// [`Error::Damaged`] when a migration that ran before has changed or is missing.
    pub async fn migrate(&self) -> Result<()> {
        let mut connection = self.writers.acquire().await?;
        if self.engine == Engine::Postgres {
            // Another instance may be migrating: that is waited for, however long it takes.
            connection.execute("SET lock_timeout = 0").await?;
            connection.close_on_drop();
        }
        sqlx::migrate!("../../migrations")
            .run(&mut *connection)
            .await
            .map_err(|error| Error::Damaged(format!("migrations: {error}")))?;
        // SQLite has one connection that writes.
        drop(connection);
        refold(self).await
    }

    /// For reads outside a transaction. The database refuses to write on these connections.
    pub(crate) fn read(&self) -> &AnyPool {
        &self.readers
    }

    /// Runs `attempt` in a transaction and commits it, or undoes it when it fails:
    ///
    /// ```text
    /// let count = db.transact(|tx| work(async move { count(tx, account).await })).await?;
    /// ```
    ///
    /// When the database takes it back because another stood in its way (a deadlock, on PostgreSQL), it is tried again
    /// a few times, from the beginning. So an attempt changes nothing outside the transaction, and borrows what it needs.
    pub(crate) async fn transact<'env, T>(
        &self,
        attempt: impl for<'tx> Fn(&'tx mut Tx) -> Work<'tx, 'env, T>,
    ) -> Result<T> {
        let mut tries = 0;
        loop {
            match self.once(&attempt).await {
                Err(error) if tries < RETRIES && error.fault() == Some(Fault::Conflict) => {
                    tracing::debug!(%error, tries, "a transaction is tried again");
                    time::sleep(self.pause(tries)).await;
                    tries += 1;
                }
                done => return done,
            }
        }
    }

    async fn once<'env, T>(&self, attempt: &impl for<'tx> Fn(&'tx mut Tx) -> Work<'tx, 'env, T>) -> Result<T> {
        let mut tx = self.write().await?;
        match attempt(&mut tx).await {
            Ok(done) => {
                tx.commit().await?;
                Ok(done)
            }
            Err(error) => {
                tx.undo(error.fault()).await;
                Err(error)
            }
        }
    }

    /// A transaction of one statement, which is made anew for every try. Returns the number of rows it touched.
    pub(crate) async fn execute<'q>(&self, statement: impl Fn() -> Query<'q, Any, AnyArguments> + Sync) -> Result<u64> {
        let statement = &statement;
        self.transact(|tx| work(async move { Ok(statement().execute(&mut **tx).await?.rows_affected()) })).await
    }

    fn pause(&self, tries: u32) -> Duration {
        let mut chance = [0; 1];
        self.random.fill(&mut chance);
        let least = FIRST_PAUSE << tries;
        Duration::from_millis(least + least * u64::from(chance[0]) / 255)
    }

    /// Opens a transaction for work that cannot be done twice. Everything else uses [`transact`](Self::transact).
    /// Dropped without a commit, it leaves nothing behind.
    pub(crate) async fn write(&self) -> Result<Tx> {
        Tx::begin(self.writers.acquire().await?, self.engine).await
    }

    /// Which engine it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Whether it answers.
    ///
    /// # Errors
    /// [`Error::Database`] when it does not.
    pub async fn ping(&self) -> Result<()> {
        self.readers.execute("SELECT 1").await?;
        Ok(())
    }

    /// Closes every connection and waits for them.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }
}

impl Debug for Database {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("engine", &self.engine).finish_non_exhaustive()
    }
}

/// Options of a pool of `count` connections that each begin with `setup`.
fn pool(engine: Engine, patience: Duration, setup: &'static [&'static str], count: u32) -> AnyPoolOptions {
    let options =
        AnyPoolOptions::new().max_connections(count).acquire_timeout(patience).after_connect(move |connection, _| {
            Box::pin(async move {
                for statements in setup {
                    connection.execute(*statements).await?;
                }
                Ok(())
            })
        });
    match engine {
        // A file needs no fresh connections, and on a full disk there might be none to have.
        Engine::Sqlite => options.idle_timeout(None).max_lifetime(None),
        Engine::Postgres => options,
    }
}
