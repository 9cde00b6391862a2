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

/// A row, with the one or two texts that are worked on.
#[derive(FromRow)]
struct Named {
    id: String,
    name: String,
    further: String,
}

/// A table whose rows carry what they are searched or sorted by.
struct Table {
    /// Rows after an id, in the order of their ids, some at a time.
    rows: Select,
    /// Writes what was worked out into one of them.
    write: Update,
    /// What that is.
    work_out: fn(&Named) -> Vec<String>,
}

/// The text of a statement.
struct Select(&'static str);
/// The text of a statement.
struct Update(&'static str);

const TABLES: [Table; 4] = [
    Table {
        rows: Select("SELECT id, name, '' AS further FROM documents WHERE id > $1 ORDER BY id LIMIT $2"),
        write: Update("UPDATE documents SET name_folded = $2, name_sort = $3 WHERE id = $1"),
        work_out: |row| vec![folded(&row.name), sort_key(&row.name)],
    },
    Table {
        rows: Select("SELECT id, name, email AS further FROM accounts WHERE id > $1 ORDER BY id LIMIT $2"),
        write: Update("UPDATE accounts SET search = $2, name_sort = $3 WHERE id = $1"),
        work_out: |row| vec![folded_lines(&[&row.name, &row.further]), sort_key(&row.name)],
    },
    // One whose name has come to read like another's keeps what it had.
    Table {
        rows: Select("SELECT id, name, '' AS further FROM organisations WHERE id > $1 ORDER BY id LIMIT $2"),
        write: Update(
            "UPDATE organisations SET name_folded = $2, name_sort = $3 WHERE id = $1 \
             AND NOT EXISTS (SELECT 1 FROM organisations o WHERE o.name_folded = $2 AND o.id <> $1)",
        ),
        work_out: |row| vec![folded(&row.name), sort_key(&row.name)],
    },
    // The migration has folded what is ASCII, which is nearly all of a log that may be long.
    Table {
        rows: Select(
            "SELECT activity_id AS id, actor_label AS name, subject AS further FROM activity_particulars \
             WHERE activity_id > $1 \
             AND OCTET_LENGTH(actor_label) + OCTET_LENGTH(subject) > LENGTH(actor_label) + LENGTH(subject) \
             ORDER BY activity_id LIMIT $2",
        ),
        write: Update("UPDATE activity_particulars SET search = $2 WHERE activity_id = $1"),
        work_out: |row| vec![folded_lines(&[&row.name, &row.further])],
    },
];

/// Brings what is stored up to [`VERSION`].
pub(crate) async fn refold(db: &Database) -> Result<()> {
    let done: Option<(i64,)> =
        sqlx::query_as("SELECT version FROM backfills WHERE name = 'names'").fetch_optional(db.read()).await?;
    if done == Some((VERSION,)) {
        return Ok(());
    }
    for table in TABLES {
        table.refold(db).await?;
    }
    let done =
        "INSERT INTO backfills (name, version) VALUES ('names', $1) ON CONFLICT (name) DO UPDATE SET version = $1";
    db.execute(|| sqlx::query(done).bind(VERSION)).await?;
    Ok(())
}

impl Table {
    async fn refold(&self, db: &Database) -> Result<()> {
        let mut after = String::new();
        loop {
            let rows: Vec<Named> =
                sqlx::query_as(self.rows.0).bind(after.clone()).bind(BATCH).fetch_all(db.read()).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after.clone_from(&last.id);
            let rows = &rows;
            db.transact(|tx| {
                work(async move {
                    for row in rows {
                        let mut write = sqlx::query(self.write.0).bind(&row.id);
                        for text in (self.work_out)(row) {
                            write = write.bind(text);
                        }
                        write.execute(&mut **tx).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        }
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
