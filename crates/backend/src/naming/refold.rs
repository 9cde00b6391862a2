//! Working out again, for rows that are there already, what they are searched and sorted by.
//!
//! It is done after the migrations, in batches, and written down when it is done. Stopped half-way, or done by two
//! instances at once, it does no harm.

use sqlx::FromRow;

use super::{folded, folded_lines, sort_key};
use crate::{
    db::{Database, work},
    error::Result,
};

/// Counted up whenever names come to be folded or sorted otherwise, also by newer data of Unicode: then every row is
/// worked out again at the next start. A test beside this notices.
const VERSION: i64 = 1;

const BATCH: i64 = 500;

#[derive(FromRow)]
struct Named {
    id: String,
    name: String,
    email: String,
}

#[derive(FromRow)]
struct Activity {
    id: String,
    actor_label: String,
    subject: String,
}

/// Brings what is stored up to [`VERSION`].
pub(crate) async fn refold(db: &Database) -> Result<()> {
    let done: Option<(i64,)> =
        sqlx::query_as("SELECT version FROM backfills WHERE name = 'names'").fetch_optional(db.read()).await?;
    if done == Some((VERSION,)) {
        return Ok(());
    }
    documents(db).await?;
    accounts(db).await?;
    activity(db).await?;
    let done =
        "INSERT INTO backfills (name, version) VALUES ('names', $1) ON CONFLICT (name) DO UPDATE SET version = $1";
    db.execute(|| sqlx::query(done).bind(VERSION)).await?;
    Ok(())
}

async fn documents(db: &Database) -> Result<()> {
    let mut after = String::new();
    loop {
        let rows: Vec<Named> =
            sqlx::query_as("SELECT id, name, '' AS email FROM documents WHERE id > $1 ORDER BY id LIMIT $2")
                .bind(after.clone())
                .bind(BATCH)
                .fetch_all(db.read())
                .await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after.clone_from(&last.id);
        let rows = &rows;
        db.transact(|tx| {
            work(async move {
                for row in rows {
                    sqlx::query("UPDATE documents SET name_folded = $2, name_sort = $3 WHERE id = $1")
                        .bind(&row.id)
                        .bind(folded(&row.name))
                        .bind(sort_key(&row.name))
                        .execute(&mut **tx)
                        .await?;
                }
                Ok(())
            })
        })
        .await?;
    }
}

async fn accounts(db: &Database) -> Result<()> {
    let mut after = String::new();
    loop {
        let rows: Vec<Named> =
            sqlx::query_as("SELECT id, name, email FROM accounts WHERE id > $1 ORDER BY id LIMIT $2")
                .bind(after.clone())
                .bind(BATCH)
                .fetch_all(db.read())
                .await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after.clone_from(&last.id);
        let rows = &rows;
        db.transact(|tx| {
            work(async move {
                for row in rows {
                    sqlx::query("UPDATE accounts SET search = $2, name_sort = $3 WHERE id = $1")
                        .bind(&row.id)
                        .bind(folded_lines(&[&row.name, &row.email]))
                        .bind(sort_key(&row.name))
                        .execute(&mut **tx)
                        .await?;
                }
                Ok(())
            })
        })
        .await?;
    }
}

/// The migration has folded what is ASCII, which is nearly all of a log that may be long.
async fn activity(db: &Database) -> Result<()> {
    let mut after = String::new();
    loop {
        let rows: Vec<Activity> = sqlx::query_as(
            "SELECT activity_id AS id, actor_label, subject FROM activity_particulars WHERE activity_id > $1 \
             AND OCTET_LENGTH(actor_label) + OCTET_LENGTH(subject) > LENGTH(actor_label) + LENGTH(subject) \
             ORDER BY activity_id LIMIT $2",
        )
        .bind(after.clone())
        .bind(BATCH)
        .fetch_all(db.read())
        .await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after.clone_from(&last.id);
        let rows = &rows;
        db.transact(|tx| {
            work(async move {
                for row in rows {
                    sqlx::query("UPDATE activity_particulars SET search = $2 WHERE activity_id = $1")
                        .bind(&row.id)
                        .bind(folded_lines(&[&row.actor_label, &row.subject]))
                        .execute(&mut **tx)
                        .await?;
                }
                Ok(())
            })
        })
        .await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When it fails, raise [`VERSION`] and write down what the texts are now.
    #[test]
    fn what_is_stored_is_what_this_version_works_out() {
        assert_eq!(VERSION, 1);
        assert_eq!(folded("Übersicht – O’Neil ẞ Łódź 10.docx"), "ubersicht - o'neil ss lodz 10.docx");
        assert_eq!(
            sort_key("Übersicht Z 10.docx"),
            "2129313133202831208920740238120410802097182232278517814053775650856331"
        );
    }
}
