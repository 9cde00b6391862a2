//! The rows of a document and of its versions, as steps of a transaction: a document is made, and versions are added to
//! it. Neither gives anybody access; that is for a delivery.

use domain::{AccountId, BlobId, DocumentId, ErrorCode, FileName, Timestamp};

mod audit;
mod examination;
mod key;
mod rewrap;
mod stored;

use crate::{
    db::{Tx, sql_len},
    error::{Error, Result},
    naming::{folded, sort_key},
    storage::RowKey,
};

pub use audit::{Audit, AuditScope};
pub use rewrap::Rewrapped;

use key::KEY_FORMAT;
pub(crate) use key::{Facts, sha256_of};

/// A version that is about to exist.
pub(crate) struct NewVersion<'a> {
    pub(crate) facts: Facts,
    /// Where its bytes lie. It is kept in the same transaction.
    pub(crate) blob: BlobId,
    pub(crate) key: &'a RowKey,
    /// Sealed.
    pub(crate) examination: &'a str,
    pub(crate) sender: AccountId,
}

/// Makes a document. Until it has a version, nobody finds it.
pub(crate) async fn create(tx: &mut Tx, id: DocumentId, name: &FileName, at: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO documents (id, name, name_folded, name_sort, kind, size, current_version, uploaded_at) \
         VALUES ($1, $2, $3, $4, $5, 0, '', $6)",
    )
    .bind(id)
    .bind(name.as_str().to_owned())
    .bind(folded(name.as_str()))
    .bind(sort_key(name.as_str()))
    .bind(name.kind().as_str())
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Adds a version to a document, which becomes the current one, and gives its number. The document comes first: of two
/// that are added at once, one waits for the other's number.
pub(crate) async fn add_version(tx: &mut Tx, new: &NewVersion<'_>, at: Timestamp) -> Result<u32> {
    let Facts { version, document, size, sha256 } = new.facts;
    let current = sqlx::query(
        "UPDATE documents SET current_version = $2, size = $3, uploaded_at = $4 WHERE id = $1 AND deleted_at IS NULL",
    )
    .bind(document)
    .bind(version)
    .bind(sql_len(size))
    .bind(at)
    .execute(&mut **tx)
    .await?;
    if current.rows_affected() == 0 {
        return Err(ErrorCode::NotFound.into());
    }
    let (number,): (i64,) = sqlx::query_as(
        "INSERT INTO document_versions \
         (id, document_id, number, size, sha256, key_id, wrapped_key, key_format, examination, uploaded_by, uploaded_at, \
         blob_id) \
         VALUES ($1, $2, (SELECT COALESCE(MAX(number), 0) + 1 FROM document_versions WHERE document_id = $2), \
         $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING number",
    )
    .bind(version)
    .bind(document)
    .bind(sql_len(size))
    .bind(sha256)
    .bind(new.key.key_id.clone())
    .bind(new.key.wrapped_key.clone())
    .bind(KEY_FORMAT)
    .bind(new.examination.to_owned())
    .bind(new.sender)
    .bind(at)
    .bind(new.blob)
    .fetch_one(&mut **tx)
    .await?;
    u32::try_from(number).map_err(|_| Error::Damaged(format!("version {version}: its number")))
}

#[cfg(test)]
mod tests {
    use domain::VersionId;

    use super::*;
    use crate::db::{Database, tests, work};

    const ID: &str = "0198c0de-0000-7000-8000-000000000001";
    const NOW: Timestamp = Timestamp::from_millis(1_795_356_300_123);

    async fn prepared(db: &Database) {
        db.migrate().await.expect("migrates");
        let account = "INSERT INTO accounts (id, email, name, role, password_hash, link_epoch, created_at) \
             VALUES ($1, 'ops@example.com', 'Ops', 'ops', '', 0, 0)";
        db.execute(|| sqlx::query(account).bind(ID)).await.expect("an account");
        let name = &FileName::parse("report.docx").expect("a name");
        let created = db.transact(|tx| work(create(tx, ID.parse().expect("an id"), name, NOW)));
        created.await.expect("a document");
    }

    /// Adds a version whose size is the end of its id.
    async fn add(db: &Database, last: u8) -> Result<u32> {
        let version: VersionId = format!("0198c0de-0000-7000-8000-0000000001{last:02x}").parse().expect("an id");
        let document = ID.parse().expect("an id");
        let key = RowKey { key_id: "key".to_owned(), wrapped_key: Some("wrapped".to_owned()) };
        let facts = Facts { version, document, size: last.into(), sha256: domain::Sha256::new([0; 32]) };
        let new = &NewVersion {
            facts,
            blob: BlobId::new(version.uuid()),
            key: &key,
            examination: "",
            sender: ID.parse().expect("an id"),
        };
        db.transact(|tx| work(async move { add_version(tx, new, NOW).await })).await
    }

    async fn versions_count_up_and_the_last_is_current(db: &Database) {
        prepared(db).await;
        assert_eq!((add(db, 7).await.expect("added"), add(db, 9).await.expect("added")), (1, 2));
        let current = "SELECT v.number, d.size FROM documents d JOIN document_versions v ON v.id = d.current_version";
        let row: (i64, i64) = sqlx::query_as(current).fetch_one(db.read()).await.expect("is there");
        assert_eq!(row, (2, 9));
        db.execute(|| sqlx::query("UPDATE documents SET deleted_at = 0")).await.expect("deleted");
        assert_eq!(add(db, 11).await.expect_err("gone").code(), Some(ErrorCode::NotFound));
    }

    async fn versions_that_are_added_at_once_have_a_number_each(db: &Database) {
        prepared(db).await;
        let added = futures::future::join_all((0..8).map(|last| add(db, last))).await;
        let mut numbers: Vec<_> = added.into_iter().map(|number| number.expect("added")).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    tests::on_both! {
        versions_count_up_and_the_last_is_current
        versions_that_are_added_at_once_have_a_number_each
    }
}
