//! Minting links: for one account, one version and a short time.

use std::{sync::Arc, time::Duration};

use domain::{DocumentId, DocumentRow, LinkId, Timestamp, activity::Event, document::MintedLink};
use uuid::Uuid;

mod download;
mod handover;
mod open;
mod ranges;
mod token;

use handover::{Receipts, Started};
use token::{LinkClaims, Purpose};

pub use download::Download;
pub use handover::Receipt;
pub use open::{Denied, Opened};

use crate::{
    access::Grant,
    activity::Entry,
    caller::{Caller, Person},
    core::Core,
    error::Result,
    policy::Permission,
};

/// Minting links and opening them.
#[derive(Clone)]
pub struct Links {
    core: Arc<Core>,
    receipts: Receipts,
    started: Started,
}

/// The clocks of two instances may differ by so much.
const CLOCK_SKEW: Duration = Duration::from_secs(60);

impl Links {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core, receipts: Receipts::default(), started: Started::default() }
    }

    /// Mints a link to the current version.
    ///
    /// # Errors
    /// Nobody asks; [`NotFound`](domain::ErrorCode::NotFound) when there is no such document for the caller.
    pub async fn mint(&self, caller: &Caller, document: DocumentId) -> Result<MintedLink> {
        let person = self.core.allow(caller, Permission::Collect, document).await?;
        let grant = self.core.granted(caller, person, document).await?;
        let (id, link) = self.seal(person, &grant, self.core.now())?;
        let (version, delivery) = (grant.version, grant.delivery());
        let event = Event::LinkMinted { document, version, link: LinkId::new(id), delivery };
        self.core.record_later(Entry::new(event, &caller.origin).by(person).about(&grant.name));
        Ok(link)
    }

    /// Mints a link to each document of a page that was just listed for the caller, in its order. A document
    /// that was taken from the caller meanwhile is left out.
    ///
    /// # Errors
    /// Nobody asks; a row that is not of this portal.
    pub async fn mint_for_page(
        &self,
        caller: &Caller,
        rows: Vec<DocumentRow>,
    ) -> Result<Vec<(DocumentRow, MintedLink)>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let person = self.core.allow(caller, Permission::Collect, "documents").await?;
        let documents: Vec<_> = rows.iter().map(|row| row.id).collect();
        let mut grants = self.core.grants(person, &documents).await?;
        let now = self.core.now();
        let mut minted = Vec::new();
        for row in rows {
            if let Some(Ok(grant)) = grants.remove(&row.id) {
                minted.push((row, self.seal(person, &grant, now)?.1));
            }
        }
        if let Some((first, _)) = minted.first() {
            let subject = match minted.len() {
                1 => first.name.to_string(),
                count => format!("{} and {} more", first.name, count - 1),
            };
            let event = Event::LinksMinted { documents: minted.len() as u64 };
            self.core.record_later(Entry::new(event, &caller.origin).by(person).about(&subject));
        }
        Ok(minted)
    }

    /// Waits until everything that this process writes down later is written down, the ends of its downloads included.
    pub async fn settle(&self) {
        self.receipts.settle().await;
        self.core.later.settle().await;
    }

    /// A link dies with the delivery that it is by.
    fn seal(&self, person: &Person, grant: &Grant, now: Timestamp) -> Result<(Uuid, MintedLink)> {
        let settings = &self.core.settings;
        let exp = now.after(settings.link_ttl);
        let claims = LinkClaims {
            jti: self.core.uuid(),
            aud: settings.base_url.clone(),
            nbf: now.before(CLOCK_SKEW),
            exp: grant.until().map_or(exp, |until| until.min(exp)),
            version: grant.version,
            delivery: grant.delivery(),
            epoch: person.link_epoch,
            purpose: Purpose::Download,
        };
        let token = token::seal(&self.core.keys, person.id(), &claims)?;
        Ok((claims.jti, MintedLink { token, expires_at: claims.exp }))
    }
}
