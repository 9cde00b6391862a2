//! Deliveries as no service makes or changes them yet.

use domain::{DeliveryId, DocumentId, Timestamp, delivery::Terms};

use crate::{START, TestBackend};

impl TestBackend {
    /// Delivers a document to an audience, which is given as it is stored.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn deliver(&self, document: DocumentId, audience: &str, terms: Terms) -> DeliveryId {
        let id = DeliveryId::new(self.random_id());
        let (ops, at) = (self.ops().await, START.millis());
        let sender = ops.person().expect("somebody").id();
        let delivery = sqlx::query(
            "INSERT INTO deliveries (id, sender_id, sent_at, from_at, until_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(id.to_string())
        .bind(sender.to_string())
        .bind(at)
        .bind(terms.from.map(Timestamp::millis))
        .bind(terms.until.map(Timestamp::millis));
        delivery.execute(&self.sql).await.expect("a delivery is made");
        let of = sqlx::query("INSERT INTO delivery_documents (delivery_id, document_id) VALUES ($1, $2)");
        of.bind(id.to_string()).bind(document.to_string()).execute(&self.sql).await.expect("a document is in it");
        let to = sqlx::query("INSERT INTO delivery_audiences (delivery_id, audience) VALUES ($1, $2)");
        to.bind(id.to_string()).bind(audience).execute(&self.sql).await.expect("an audience is in it");
        self.write_grants().await;
        id
    }

    /// Revokes a delivery.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn revoke(&self, delivery: DeliveryId) {
        let revoke = sqlx::query("UPDATE deliveries SET revoked_at = $2 WHERE id = $1");
        let revoke = revoke.bind(delivery.to_string()).bind(self.now().millis());
        revoke.execute(&self.sql).await.expect("it is revoked");
        self.write_grants().await;
    }

    /// Runs a statement, and makes the grants those of the deliveries as they are then.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn change_deliveries(&self, statement: &'static str) {
        sqlx::query(statement).execute(&self.sql).await.expect("deliveries change");
        self.write_grants().await;
    }

    async fn write_grants(&self) {
        for statement in [
            "DELETE FROM grants",
            "INSERT INTO grants (delivery_id, document_id, audience, from_at, until_at) \
             SELECT delivery_id, document_id, audience, from_at, until_at FROM delivered",
        ] {
            sqlx::query(statement).execute(&self.sql).await.expect("grants are written");
        }
    }
}
