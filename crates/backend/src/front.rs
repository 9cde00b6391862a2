//! What requests show of the proxy in front of the portal. It is noted in memory, written a moment later (see
//! [`crate::bookkeeping`]), and told for as long as it was seen lately.

use std::{sync::Arc, time::Duration};

use domain::{
    Timestamp,
    front::{ProxyFault, ProxyTrouble},
};
use sqlx::FromRow;

use crate::{
    caller::Caller,
    core::Core,
    db::Database,
    error::Result,
    policy::{self, Permission},
};

/// What stands in front.
#[derive(Clone)]
pub struct Front {
    core: Arc<Core>,
}

/// A fault that is seen no more for so long is over.
const LATELY: Duration = Duration::from_secs(3600);

#[derive(FromRow)]
struct Row {
    fault: ProxyFault,
    via: String,
    since: Timestamp,
    last_at: Timestamp,
}

impl Front {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Notes that a request has shown a fault of the proxy which goes by `via`.
    pub fn note(&self, fault: ProxyFault, via: impl FnOnce() -> String) {
        self.core.bookkeeping.saw(fault, self.core.now(), via);
    }

    /// What was wrong lately.
    ///
    /// # Errors
    /// Not one of ops.
    pub async fn troubles(&self, caller: &Caller) -> Result<Vec<ProxyTrouble>> {
        policy::require(caller, Permission::ReadActivity)?;
        self.core.catch_up().await;
        troubles(&self.core.db, self.core.now()).await
    }
}

/// What was wrong lately, also for `strongroom doctor`.
///
/// # Errors
/// Only failures of the database.
pub async fn troubles(db: &Database, now: Timestamp) -> Result<Vec<ProxyTrouble>> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT fault, via, since, last_at FROM proxy_troubles WHERE last_at > $1 ORDER BY fault")
            .bind(now.before(LATELY))
            .fetch_all(db.read())
            .await?;
    Ok(rows.into_iter().map(Row::into_trouble).collect())
}

impl Core {
    /// Writes a fault down. One that was over begins anew.
    pub(crate) async fn write_proxy_trouble(&self, fault: ProxyFault, trouble: &Sighting) -> Result<()> {
        let (first, last, over) = (trouble.first_at, trouble.last_at, trouble.first_at.before(LATELY));
        let write = || {
            sqlx::query(
                "INSERT INTO proxy_troubles (fault, via, since, last_at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (fault) DO UPDATE SET via = $2, \
                 last_at = CASE WHEN proxy_troubles.last_at > $4 THEN proxy_troubles.last_at ELSE $4 END, \
                 since = CASE WHEN proxy_troubles.last_at <= $5 THEN $3 ELSE proxy_troubles.since END",
            )
            .bind(fault)
            .bind(trouble.via.clone())
            .bind(first)
            .bind(last)
            .bind(over)
        };
        self.db.execute(write).await.map(drop)
    }
}

/// Requests with one fault, not yet written.
#[derive(Clone, Debug)]
pub(crate) struct Sighting {
    pub(crate) via: String,
    pub(crate) first_at: Timestamp,
    pub(crate) last_at: Timestamp,
}

impl Row {
    fn into_trouble(self) -> ProxyTrouble {
        let Self { fault, via, since, last_at } = self;
        ProxyTrouble { fault, via, since, last_at }
    }
}
