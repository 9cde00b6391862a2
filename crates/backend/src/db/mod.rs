//! One SQL text for SQLite and PostgreSQL.
//!
//! Reads go to the pool; writes open a transaction with [`Database::write`], which on SQLite takes the
//! write lock at once (`BEGIN IMMEDIATE`), so that a transaction never fails half-way for want of it.

mod sql;

use std::{io, str::FromStr, time::Duration};

use sqlx::{
    Any, AnyPool, Executor, Transaction,
    any::{AnyConnectOptions, AnyPoolOptions},
};

use crate::{
    error::{Error, Result},
    naming::refold,
};

pub(crate) use sql::Sql;

/// A transaction on either engine.
pub type Tx = Transaction<'static, Any>;

/// Which engine a URL names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, one machine.
    Sqlite,
    /// A server, several instances.
    Postgres,
}

/// An open pool of connections.
#[derive(Clone, Debug)]
pub struct Database {
    pool: AnyPool,
    engine: Engine,
}

/// WAL lets readers go on while one writes; FULL makes a commit survive a power cut; what is deleted, such as
/// the key of a document, is overwritten.
const SQLITE_PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON; \
     PRAGMA busy_timeout = 10000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000;";

const CONNECTIONS: u32 = 16;

impl Database {
    /// Opens a pool for `sqlite:` or `postgres:`. Nothing is migrated yet.
    ///
    /// # Errors
    /// [`Error::Database`] when the URL is wrong or the database does not answer within ten seconds.
    pub async fn connect(url: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let engine = if url.starts_with("sqlite:") { Engine::Sqlite } else { Engine::Postgres };
        let pool = AnyPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(Duration::from_secs(10))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if engine == Engine::Sqlite {
                        connection.execute(SQLITE_PRAGMAS).await?;
                    }
                    Ok(())
                })
            })
            .connect_with(AnyConnectOptions::from_str(url)?)
            .await?;
        Ok(Self { pool, engine })
    }

    /// Brings the tables up to date; every migration runs once. So does what migrations cannot work out.
    ///
    /// # Errors
    /// [`Error::Damaged`] when a migration that ran before has changed or is missing.
    pub async fn migrate(&self) -> Result<()> {
        sqlx::migrate!("../../migrations")
            .run(&self.pool)
            .await
            .map_err(|error| Error::Damaged(format!("migrations: {error}")))?;
        refold(self).await
    }

    /// For reads outside a transaction.
    pub(crate) fn read(&self) -> &AnyPool {
        &self.pool
    }

    /// Opens a transaction that may write. Dropped without a commit, it leaves nothing behind.
    ///
    /// The transaction begins in a task of its own, because a caller may be dropped meanwhile (a client that
    /// hangs up): sqlx would put a PostgreSQL connection back into the pool with the transaction open.
    pub(crate) async fn write(&self) -> Result<Tx> {
        let begin = match self.engine {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN",
        };
        let pool = self.pool.clone();
        let begun = tokio::spawn(async move { pool.begin_with(begin).await }).await;
        Ok(begun.map_err(io::Error::from)??)
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
        self.pool.execute("SELECT 1").await?;
        Ok(())
    }

    /// Closes every connection and waits for them.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

#[cfg(test)]
mod tests {
    use sqlx::raw_sql;

    use super::*;

    #[tokio::test]
    async fn findings_of_before_are_gone_and_their_documents_are_not() {
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new().max_connections(1).connect("sqlite::memory:").await.expect("opens");
        for step in [
            "PRAGMA foreign_keys = OFF",
            include_str!("../../../../migrations/0001_foundation.sql"),
            "INSERT INTO document_versions (id, document_id, number, size, sha256, key_id, findings, uploaded_by, \
             uploaded_at) VALUES ('v', 'd', 1, 5, '', '', '[\"Quarter.bin\"]', 'a', 0)",
            include_str!("../../../../migrations/0002_examinations.sql"),
        ] {
            raw_sql(step).execute(&pool).await.expect("runs");
        }
        let row: (i64, Option<String>) =
            sqlx::query_as("SELECT size, examination FROM document_versions").fetch_one(&pool).await.expect("is there");
        assert_eq!(row, (5, None));
        let findings = sqlx::query("SELECT findings FROM document_versions").execute(&pool).await;
        assert!(findings.is_err(), "the column is gone");
    }
}
