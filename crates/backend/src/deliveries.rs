//! Sending deliveries: documents are given to audiences.

use domain::{
    AccountId, DeliveryId, DocumentId, Timestamp,
    delivery::{Audience, Terms},
};

use crate::{db::Tx, error::Result};

/// A delivery that is about to exist.
pub(crate) struct NewDelivery<'a> {
    pub(crate) id: DeliveryId,
    pub(crate) sender: AccountId,
    pub(crate) documents: &'a [DocumentId],
    pub(crate) audiences: &'a [Audience],
    pub(crate) terms: Terms,
}

/// Sends a delivery: from the commit of the transaction on, its audiences have access to its documents on its terms.
pub(crate) async fn send(tx: &mut Tx, new: &NewDelivery<'_>, at: Timestamp) -> Result<()> {
    sqlx::query("INSERT INTO deliveries (id, sender_id, sent_at, from_at, until_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(new.id)
        .bind(new.sender)
        .bind(at)
        .bind(new.terms.from)
        .bind(new.terms.until)
        .execute(&mut **tx)
        .await?;
    for document in new.documents {
        sqlx::query("INSERT INTO delivery_documents (delivery_id, document_id) VALUES ($1, $2)")
            .bind(new.id)
            .bind(document)
            .execute(&mut **tx)
            .await?;
    }
    for audience in new.audiences {
        sqlx::query("INSERT INTO delivery_audiences (delivery_id, audience) VALUES ($1, $2)")
            .bind(new.id)
            .bind(audience)
            .execute(&mut **tx)
            .await?;
    }
    write_grants(tx, new.id).await
}

/// Makes the grants of a delivery those that it gives now. Every change of a delivery ends with this.
async fn write_grants(tx: &mut Tx, delivery: DeliveryId) -> Result<()> {
    sqlx::query("DELETE FROM grants WHERE delivery_id = $1").bind(delivery).execute(&mut **tx).await?;
    sqlx::query(
        "INSERT INTO grants (delivery_id, document_id, audience, from_at, until_at) \
         SELECT delivery_id, document_id, audience, from_at, until_at FROM delivered WHERE delivery_id = $1",
    )
    .bind(delivery)
    .execute(&mut **tx)
    .await?;
    Ok(())
}
