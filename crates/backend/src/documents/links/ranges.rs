//! Bytes of a version that went to an account, as ranges that are merged as they come. However many requests bring a
//! document over, what is stored of them are the gaps between.

use std::ops::Range;

use domain::{AccountId, Timestamp, VersionId};

use crate::{db::Tx, error::Result};

/// Whose bytes of what.
#[derive(Clone, Copy)]
pub(super) struct Pair {
    pub(super) account: AccountId,
    pub(super) version: VersionId,
}

/// How far bytes have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// They left.
    Sent = 0,
    /// A connection of the account has taken them.
    Taken = 1,
}

/// Ranges of one pair. Whoever leaves more gaps than that in a document does not read it, and is counted no further.
const MOST: i64 = 2_000;

/// Adds a range to those that have come as far, and gives the merged range that holds it now.
///
/// No two ranges of a pair and a way touch, so the only one that can reach into the new one from the front is the last
/// that begins at or before it.
pub(super) async fn add(tx: &mut Tx, pair: Pair, way: Way, range: Range<i64>, now: Timestamp) -> Result<Range<i64>> {
    let before = before(tx, pair, way, range.start).await?;
    let mut merged = range.clone();
    if let Some(before) = before.filter(|before| before.end >= range.start) {
        if before.end >= range.end {
            return Ok(before);
        }
        merged.start = before.start;
    }
    let inside: (Option<i64>, i64) = sqlx::query_as(
        "SELECT MAX(next_byte), COUNT(*) FROM download_ranges \
         WHERE account_id = $1 AND version_id = $2 AND taken = $3 AND first_byte > $4 AND first_byte <= $5",
    )
    .bind(pair.account)
    .bind(pair.version)
    .bind(way as i64)
    .bind(range.start)
    .bind(range.end)
    .fetch_one(&mut **tx)
    .await?;
    let (reach, count) = inside;
    merged.end = reach.unwrap_or_default().max(range.end);
    if count > 0 {
        remove(tx, pair, way, range.clone()).await?;
    } else if merged.start == range.start && is_full(tx, pair).await? {
        return Ok(range);
    }
    put(tx, pair, way, merged.clone(), now).await?;
    Ok(merged)
}

/// The range that begins last before `place`, or at it.
pub(super) async fn before(tx: &mut Tx, pair: Pair, way: Way, place: i64) -> Result<Option<Range<i64>>> {
    let row: Option<(i64, i64)> = sqlx::query_as(
        "SELECT first_byte, next_byte FROM download_ranges \
         WHERE account_id = $1 AND version_id = $2 AND taken = $3 AND first_byte <= $4 ORDER BY first_byte DESC LIMIT 1",
    )
    .bind(pair.account)
    .bind(pair.version)
    .bind(way as i64)
    .bind(place)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|(first, next)| first..next))
}

/// Forgets all ranges of a pair.
pub(super) async fn forget(tx: &mut Tx, pair: Pair) -> Result<()> {
    sqlx::query("DELETE FROM download_ranges WHERE account_id = $1 AND version_id = $2")
        .bind(pair.account)
        .bind(pair.version)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn remove(tx: &mut Tx, pair: Pair, way: Way, starts_within: Range<i64>) -> Result<()> {
    sqlx::query(
        "DELETE FROM download_ranges \
         WHERE account_id = $1 AND version_id = $2 AND taken = $3 AND first_byte > $4 AND first_byte <= $5",
    )
    .bind(pair.account)
    .bind(pair.version)
    .bind(way as i64)
    .bind(starts_within.start)
    .bind(starts_within.end)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn put(tx: &mut Tx, pair: Pair, way: Way, range: Range<i64>, now: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO download_ranges (account_id, version_id, taken, first_byte, next_byte, at) \
         VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (account_id, version_id, taken, first_byte) DO UPDATE SET next_byte = $5, at = $6",
    )
    .bind(pair.account)
    .bind(pair.version)
    .bind(way as i64)
    .bind(range.start)
    .bind(range.end)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn is_full(tx: &mut Tx, pair: Pair) -> Result<bool> {
    let (count,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM download_ranges WHERE account_id = $1 AND version_id = $2")
            .bind(pair.account)
            .bind(pair.version)
            .fetch_one(&mut **tx)
            .await?;
    Ok(count >= MOST)
}
