//! Deliveries: documents given to audiences, on terms. What they give is asked of [`crate::access`].
//!
//! - `sending` writes one, and the grants that follow from it.
//! - `list` tells ops what was sent; `change` gives other terms and takes back.

mod change;
mod list;
mod sending;

use std::sync::Arc;

use domain::{
    DeliveryId,
    activity::Event,
    delivery::{Audience, DeliveryDetail, Draft, Terms},
};

use crate::{
    activity::Entry,
    caller::Caller,
    core::Core,
    db::work,
    error::Result,
    policy::{self, Permission},
};

pub(crate) use sending::{NewDelivery, send};

/// Sends deliveries, lists them, and changes what they give.
#[derive(Clone)]
pub struct Deliveries {
    core: Arc<Core>,
}

impl Deliveries {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Sends a delivery. It is sent whole or not at all.
    ///
    /// # Errors
    /// Not one of ops; [`InvalidTerms`](domain::ErrorCode::InvalidTerms) when nobody could ever open it; a document or
    /// a recipient that is not there, on its field.
    pub async fn send(&self, caller: &Caller, draft: Draft) -> Result<DeliveryDetail> {
        let person = policy::require(caller, Permission::Deliver)?;
        let (core, at) = (&self.core, self.core.now());
        Terms::agreed(draft.terms.from, draft.terms.until, at)?;
        let new = NewDelivery { id: DeliveryId::new(core.uuid()), sender: person.id(), draft };
        let event = Event::Delivered {
            delivery: new.id,
            documents: new.draft.documents().iter().copied().collect(),
            audiences: new.draft.audiences().len() as u64,
            everyone: new.draft.audiences().contains(&Audience::Everyone),
            terms: new.draft.terms,
        };
        let (new, entry) = (&new, &Entry::new(event, &caller.origin).by(person));
        core.db
            .transact(|tx| {
                work(async move {
                    send(tx, new, at).await?;
                    let subject = list::subject_of(tx, new.id).await?;
                    core.record(tx, entry.clone().about(&subject)).await
                })
            })
            .await?;
        self.get(caller, new.id).await
    }
}

#[cfg(test)]
pub(crate) use list::tests::statements;
