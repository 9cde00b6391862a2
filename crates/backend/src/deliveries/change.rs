//! Giving a delivery other terms, and taking it back. Both bite at the next byte request.

use domain::{DeliveryId, ErrorCode, Timestamp, activity::Event, delivery::Terms};
use sqlx::FromRow;

use super::{Deliveries, list::subject_of, sending::write_grants};
use crate::{
    activity::Entry,
    caller::Caller,
    core::Core,
    db::{Tx, work},
    error::Result,
    policy::{self, Permission},
};

/// A delivery that nobody else changes until the transaction ends.
#[derive(FromRow)]
struct Locked {
    revoked_at: Option<Timestamp>,
}

impl Deliveries {
    /// Gives a delivery other terms, also one that is over.
    ///
    /// # Errors
    /// Not one of ops; [`ErrorCode::NotFound`]; [`ErrorCode::DeliveryRevoked`]; [`ErrorCode::InvalidTerms`].
    pub async fn change_terms(&self, caller: &Caller, id: DeliveryId, terms: Terms) -> Result<()> {
        let person = policy::require(caller, Permission::Deliver)?;
        let terms = Terms::agreed(terms.from, terms.until, self.core.now())?;
        let event = Event::DeliveryChanged { delivery: id, terms };
        let (core, entry) = (&self.core, &Entry::new(event, &caller.origin).by(person));
        core.db
            .transact(|tx| {
                work(async move {
                    if lock(tx, id).await?.revoked_at.is_some() {
                        return Err(ErrorCode::DeliveryRevoked.into());
                    }
                    sqlx::query("UPDATE deliveries SET from_at = $2, until_at = $3 WHERE id = $1")
                        .bind(id)
                        .bind(terms.from)
                        .bind(terms.until)
                        .execute(&mut **tx)
                        .await?;
                    core.changed(tx, id, entry).await
                })
            })
            .await
    }

    /// Takes a delivery back. One that was revoked before stays so, and it is not written down again.
    ///
    /// # Errors
    /// Not one of ops; [`ErrorCode::NotFound`].
    pub async fn revoke(&self, caller: &Caller, id: DeliveryId) -> Result<()> {
        let person = policy::require(caller, Permission::Deliver)?;
        let event = Event::DeliveryRevoked { delivery: id };
        let (core, entry) = (&self.core, &Entry::new(event, &caller.origin).by(person));
        core.db
            .transact(|tx| {
                work(async move {
                    if lock(tx, id).await?.revoked_at.is_some() {
                        return Ok(());
                    }
                    sqlx::query("UPDATE deliveries SET revoked_at = $2 WHERE id = $1")
                        .bind(id)
                        .bind(core.now())
                        .execute(&mut **tx)
                        .await?;
                    core.changed(tx, id, entry).await
                })
            })
            .await
    }
}

impl Core {
    /// What follows from every change: the grants are what it gives now, and it is written down.
    async fn changed(&self, tx: &mut Tx, id: DeliveryId, entry: &Entry) -> Result<()> {
        write_grants(tx, id).await?;
        let subject = subject_of(tx, id).await?;
        self.record(tx, entry.clone().about(&subject)).await
    }
}

async fn lock(tx: &mut Tx, id: DeliveryId) -> Result<Locked> {
    let found: Option<Locked> =
        sqlx::query_as("UPDATE deliveries SET revoked_at = revoked_at WHERE id = $1 RETURNING revoked_at")
            .bind(id)
            .fetch_optional(&mut **tx)
            .await?;
    Ok(found.ok_or(ErrorCode::NotFound)?)
}
