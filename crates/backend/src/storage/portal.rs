//! Which database and which store belong together. Both carry the id of their portal. A store that was met by the wrong
//! database would look like one full of rubbish, so the two are compared before anything is read, written or swept.

use std::pin::pin;

use domain::{BlobId, PortalId, Timestamp};
use futures::{StreamExt, TryStreamExt};
use sqlx::FromRow;

use super::Blobs;
use crate::{
    db::{Database, Sql},
    error::{Error, Result},
    random::Random,
};

/// Why a database and a store are not used together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Apart {
    /// Each says that it belongs to another portal.
    #[error("the store belongs to portal {store}, and the database to portal {database}")]
    Two {
        /// What the store says.
        store: PortalId,
        /// What the database says.
        database: PortalId,
    },
    /// The store is full, and the database knows nothing of it.
    #[error("the store holds files, and the database names none of them")]
    StoreUnknown,
    /// The database is full, and the store knows nothing of it.
    #[error("the database names documents, and the store holds the file of none of them")]
    DatabaseUnknown,
}

/// Why [`join`] did not.
#[derive(Debug, thiserror::Error)]
pub enum NotJoined {
    /// They do not belong together.
    #[error(transparent)]
    Apart(#[from] Apart),
    /// One of them failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<sqlx::Error> for NotJoined {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

#[derive(FromRow)]
struct Known {
    id: BlobId,
}

/// Rows and blobs that are compared where an id is missing on one side.
const SAMPLE: usize = 200;

/// A fresh id of this moment (UUIDv7).
#[must_use]
pub fn fresh_portal(random: &dyn Random, now: Timestamp) -> PortalId {
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    let millis = u64::try_from(now.millis()).unwrap_or_default();
    PortalId::new(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
}

/// Lets a database and a store work together, if they belong together. An id that is missing is written down where it
/// is missing: on both sides of a new portal (`fresh`) and of one that was made before there were ids, and on one side
/// when the other was restored from a copy of that time. Then the rows and the blobs have to match.
///
/// # Errors
/// [`NotJoined::Apart`]: nothing was changed.
pub async fn join(
    db: &Database,
    blobs: &Blobs,
    fresh: PortalId,
    now: Timestamp,
) -> std::result::Result<PortalId, NotJoined> {
    let id = match (in_database(db).await?, blobs.portal().await?) {
        (Some(database), Some(store)) if database == store => return Ok(store),
        (Some(database), Some(store)) => return Err(Apart::Two { store, database }.into()),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => fresh,
    };
    match_up(db, blobs).await?;
    // Another instance may be joining them at this moment: whoever was first is right.
    let id = write_down(db, id, now).await?;
    blobs.belong_to(id).await?;
    match blobs.portal().await? {
        Some(store) if store != id => Err(Apart::Two { store, database: id }.into()),
        _ => Ok(id),
    }
}

/// Makes a database and a store one portal, because whoever runs it says so.
///
/// # Errors
/// One of them fails.
pub async fn adopt(db: &Database, blobs: &Blobs, fresh: PortalId, now: Timestamp) -> Result<PortalId> {
    let id = write_down(db, fresh, now).await?;
    blobs.change_hands(id).await?;
    Ok(id)
}

/// Whether the two still belong together: asked before every sweep, since either can be exchanged while a program runs.
pub(super) async fn together(db: &Database, blobs: &Blobs) -> Result<()> {
    match (in_database(db).await?, blobs.portal().await?) {
        (Some(database), Some(store)) if database == store => Ok(()),
        (Some(database), Some(store)) => Err(Error::Damaged(Apart::Two { store, database }.to_string())),
        _ => Err(Error::Damaged("database and store do not both say which portal they belong to".to_owned())),
    }
}

async fn in_database(db: &Database) -> Result<Option<PortalId>> {
    Ok(sqlx::query_scalar("SELECT id FROM portal").fetch_optional(db.read()).await?)
}

/// Writes the id into the database, and gives the one that stands there.
async fn write_down(db: &Database, id: PortalId, now: Timestamp) -> Result<PortalId> {
    let insert = || {
        sqlx::query("INSERT INTO portal (the_only, id, created_at) VALUES (1, $1, $2) ON CONFLICT DO NOTHING")
            .bind(id)
            .bind(now)
    };
    db.execute(insert).await?;
    in_database(db).await?.ok_or_else(|| Error::Damaged("the portal id was not kept".to_owned()))
}

/// Where there is nothing to compare by ids: one blob that a row names is enough, and none is too little.
async fn match_up(db: &Database, blobs: &Blobs) -> std::result::Result<(), NotJoined> {
    let kept: Vec<Known> =
        sqlx::query_as("SELECT blob_id AS id FROM document_versions WHERE wrapped_key IS NOT NULL ORDER BY uploaded_at LIMIT CAST($1 AS BIGINT)")
            .bind(i64::try_from(SAMPLE).unwrap_or(i64::MAX))
            .fetch_all(db.read())
            .await?;
    for Known { id } in &kept {
        if blobs.size(*id).await?.is_some() {
            return Ok(());
        }
    }
    if !kept.is_empty() {
        return Err(Apart::DatabaseUnknown.into());
    }
    // No document is left. Blobs may be those of uploads that died or of documents that were deleted.
    let mut batches = pin!(blobs.list().try_chunks(SAMPLE));
    match batches.next().await.transpose().map_err(|error| error.1)? {
        Some(found) if !any_was_ours(db, &found).await? => Err(Apart::StoreUnknown.into()),
        _ => Ok(()),
    }
}

async fn any_was_ours(db: &Database, found: &[BlobId]) -> Result<bool> {
    let ids = || found.iter().map(BlobId::to_string);
    let mut sql = Sql::new("SELECT blob_id AS id FROM document_versions WHERE blob_id IN (");
    sql.bind_all(ids());
    sql.push(") UNION ALL SELECT id FROM blobs WHERE holds <> 'unknown' AND id IN (");
    sql.bind_all(ids());
    sql.push(") LIMIT 1");
    let ours: Option<Known> = sql.query_as().fetch_optional(db.read()).await?;
    Ok(ours.is_some())
}
