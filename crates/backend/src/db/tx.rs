//! A transaction whose connection goes back to its pool clean, or not at all.

use std::{
    marker::PhantomData,
    ops::{Deref, DerefMut},
};

use futures::future::BoxFuture;
use sqlx::{Any, AnyConnection, Executor, pool::PoolConnection};
use tokio::runtime::Handle;

use super::{Engine, fault::Fault};
use crate::error::Result;

/// A transaction on either engine. It ends with [`commit`](Self::commit), or leaves nothing behind.
///
/// The statements around it are its own, not those of sqlx, which counts how deep a connection is in transactions
/// and counts wrong when SQLite has ended one by itself (a full disk, a read error) or a caller was dropped between a
/// statement and its answer. Here the database is asked: what `ROLLBACK` says decides over the connection.
pub struct Tx {
    /// Gone once the transaction has ended.
    connection: Option<PoolConnection<Any>>,
    committing: bool,
}

/// What is done in a transaction, boxed. It may borrow from its surroundings (`'env`), which outlive the transaction.
///
/// (An `AsyncFn` would do without, but the compiler cannot see yet that the future of one may cross threads.)
pub(crate) struct Work<'tx, 'env: 'tx, T> {
    future: BoxFuture<'tx, Result<T>>,
    env: PhantomData<&'env ()>,
}

/// Makes [`Work`] of an `async move` block.
pub(crate) fn work<'tx, 'env, T>(future: impl Future<Output = Result<T>> + Send + 'tx) -> Work<'tx, 'env, T> {
    Work { future: Box::pin(future), env: PhantomData }
}

impl<'tx, T> IntoFuture for Work<'tx, '_, T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'tx, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        self.future
    }
}

const PRESENT: &str = "a transaction has its connection until it ends";

impl Tx {
    /// Begins. A caller that is dropped meanwhile leaves a connection that is rolled back all the same: both engines
    /// carry statements out in the order in which they were given.
    pub(super) async fn begin(connection: PoolConnection<Any>, engine: Engine) -> Result<Self> {
        let mut tx = Self { connection: Some(connection), committing: false };
        let begin = match engine {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN",
        };
        tx.execute(begin).await?;
        Ok(tx)
    }

    /// Makes it last.
    ///
    /// # Errors
    /// The database could not; then nothing of it is left, and the connection is closed.
    pub(crate) async fn commit(mut self) -> Result<()> {
        self.committing = true;
        match self.execute("COMMIT").await {
            // Given back from here on: `PoolConnection` does that when it is dropped.
            Ok(_) => drop(self.connection.take()),
            Err(error) => {
                self.close();
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Undoes it because of `error`.
    pub(super) async fn undo(mut self, fault: Option<Fault>) {
        match self.connection.take() {
            Some(connection) if fault.is_some_and(Fault::spoils) => close(connection),
            Some(connection) => roll_back(connection).await,
            None => {}
        }
    }

    fn close(&mut self) {
        if let Some(connection) = self.connection.take() {
            close(connection);
        }
    }
}

impl Deref for Tx {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        self.connection.as_ref().expect(PRESENT)
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        self.connection.as_mut().expect(PRESENT)
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        match Handle::try_current() {
            // Nobody waits for the answer, but the commit is with the database, which may find nothing to roll back.
            Ok(_) if self.committing => close(connection),
            Ok(runtime) => drop(runtime.spawn(roll_back(connection))),
            // Nothing can be carried out any more; the process is about to end.
            Err(_) => drop(connection.leak()),
        }
    }
}

/// Ends whatever is open on a connection; it goes back to its pool only when the database agrees that there was
/// something to end, and that it has ended.
async fn roll_back(mut connection: PoolConnection<Any>) {
    if let Err(error) = connection.execute("ROLLBACK").await {
        tracing::warn!(%error, "a connection that did not roll back is closed");
        close(connection);
    }
}

fn close(mut connection: PoolConnection<Any>) {
    connection.close_on_drop();
}
