//! Sending: from the commit of its transaction on, the audiences of a delivery have access to its documents on its terms.

use domain::{
    AccountId, DeliveryId, DocumentId, ErrorCode, Problem, Timestamp,
    delivery::{Audience, Draft},
};
use sqlx::{Encode, Type};

use crate::{
    db::{Sql, Tx},
    error::Result,
};

/// A delivery that is about to exist.
pub(crate) struct NewDelivery {
    pub(crate) id: DeliveryId,
    pub(crate) sender: AccountId,
    pub(crate) draft: Draft,
}

/// Most ids in one statement: SQLite takes 32,766 values, and plans stay small.
const BATCH: usize = 500;

/// Sends a delivery.
///
/// # Errors
/// [`ErrorCode::NotFound`] on `documents` for one that is not there; [`ErrorCode::UnknownRecipient`] on `audiences` for
/// a person or an organisation that is not. Nobody else ever takes their place.
pub(crate) async fn send(tx: &mut Tx, new: &NewDelivery, at: Timestamp) -> Result<()> {
    let Draft { terms, note, .. } = &new.draft;
    sqlx::query(
        "INSERT INTO deliveries (id, sender_id, sent_at, from_at, until_at, note) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(new.id)
    .bind(new.sender)
    .bind(at)
    .bind(terms.from)
    .bind(terms.until)
    .bind(note)
    .execute(&mut **tx)
    .await?;
    add_documents(tx, new.id, &new.draft).await?;
    add_audiences(tx, new.id, &new.draft, at).await?;
    write_grants(tx, new.id).await
}

/// Makes the grants of a delivery those that it gives now. Every change of a delivery ends with this.
pub(super) async fn write_grants(tx: &mut Tx, delivery: DeliveryId) -> Result<()> {
    sqlx::query("DELETE FROM grants WHERE delivery_id = $1").bind(delivery).execute(&mut **tx).await?;
    sqlx::query(
        "INSERT INTO grants (delivery_id, document_id, audience, members_of, from_at, until_at) \
         SELECT delivery_id, document_id, audience, members_of, from_at, until_at FROM delivered WHERE delivery_id = $1",
    )
    .bind(delivery)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn add_documents(tx: &mut Tx, delivery: DeliveryId, draft: &Draft) -> Result<()> {
    let documents: Vec<DocumentId> = draft.documents().iter().copied().collect();
    for some in documents.chunks(BATCH) {
        let mut sql = Sql::new("INSERT INTO delivery_documents (delivery_id, document_id) SELECT ");
        sql.bind(delivery).push(", id FROM documents WHERE deleted_at IS NULL AND id IN (").bind_all(some).push(")");
        if !adds_all(tx, sql, some).await? {
            return Err(Problem::new(ErrorCode::NotFound).on("documents").into());
        }
    }
    Ok(())
}

async fn add_audiences(tx: &mut Tx, delivery: DeliveryId, draft: &Draft, at: Timestamp) -> Result<()> {
    let (mut organisations, mut people) = (Vec::new(), Vec::new());
    for audience in draft.audiences() {
        match *audience {
            Audience::Everyone => {
                sqlx::query("INSERT INTO delivery_audiences (delivery_id, audience) VALUES ($1, $2)")
                    .bind(delivery)
                    .bind(Audience::Everyone)
                    .execute(&mut **tx)
                    .await?;
            }
            Audience::Organisation(id) => organisations.push(id),
            Audience::Person(id) => people.push(id),
        }
    }
    let members_of = (!draft.later_members).then_some(at);
    for some in organisations.chunks(BATCH) {
        let mut sql = Sql::new("INSERT INTO delivery_audiences (delivery_id, audience, members_of) SELECT ");
        sql.bind(delivery).push(", 'organisation:' || id, CAST(").bind(members_of).push(" AS BIGINT)");
        sql.push(" FROM organisations WHERE id IN (").bind_all(some).push(")");
        require_all(tx, sql, some).await?;
    }
    for some in people.chunks(BATCH) {
        let mut sql = Sql::new("INSERT INTO delivery_audiences (delivery_id, audience) SELECT ");
        sql.bind(delivery).push(", 'person:' || id FROM accounts WHERE id IN (").bind_all(some).push(")");
        require_all(tx, sql, some).await?;
    }
    Ok(())
}

async fn require_all<'t, T: Encode<'t, sqlx::Any> + Type<sqlx::Any>>(tx: &mut Tx, sql: Sql, some: &[T]) -> Result<()> {
    if adds_all(tx, sql, some).await? {
        Ok(())
    } else {
        Err(Problem::new(ErrorCode::UnknownRecipient).on("audiences").into())
    }
}

/// Whether the statement has added a row for each.
async fn adds_all<T>(tx: &mut Tx, sql: Sql, each: &[T]) -> Result<bool> {
    Ok(sql.query().execute(&mut **tx).await?.rows_affected() == each.len() as u64)
}
