//! Minting links: for one account, one version and a short time.

use std::{collections::HashMap, sync::Arc, time::Duration};

use domain::{DocumentId, DocumentRow, ErrorCode, LinkId, Timestamp, VersionId, activity::Event, document::MintedLink};
use uuid::Uuid;

use super::{
    handover::{Receipts, Started},
    link_token::{self, LinkClaims, Purpose},
    list::push_visible,
};
use crate::{
    activity::Entry,
    caller::{Caller, Person},
    core::Core,
    db::Sql,
    error::{Error, Result},
    policy::Permission,
};

/// Minting links and opening them.
#[derive(Clone)]
pub struct Links {
    pub(super) core: Arc<Core>,
    pub(super) receipts: Receipts,
    pub(super) started: Started,
}

/// The clocks of two instances may differ by so much.
const CLOCK_SKEW: Duration = Duration::from_secs(60);

impl Links {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core, receipts: Receipts::default(), started: Started::default() }
    }

    /// Mints a link to the current version, for the browser.
    ///
    /// # Errors
    /// Nobody asks; [`ErrorCode::NotFound`] when there is no such document for the caller.
    pub async fn mint(&self, caller: &Caller, document: DocumentId) -> Result<MintedLink> {
        self.mint_at(caller, document, "/download/").await
    }

    /// Mints a link to the current version, for a program.
    ///
    /// # Errors
    /// Those of [`mint`](Self::mint).
    pub async fn mint_for_api(&self, caller: &Caller, document: DocumentId) -> Result<MintedLink> {
        self.mint_at(caller, document, "/api/v1/download/").await
    }

    /// Mints a link to each document of a page that was just listed for the caller, in its order, for a program.
    ///
    /// # Errors
    /// Nobody asks; a row that is not of this portal.
    pub async fn mint_for_page(&self, caller: &Caller, rows: &[DocumentRow]) -> Result<Vec<MintedLink>> {
        let Some(first) = rows.first() else {
            return Ok(Vec::new());
        };
        let person = self.core.allow(caller, Permission::Collect, "documents").await?;
        let versions = self.current_versions(rows).await?;
        let now = self.core.now();
        let minted = rows.iter().map(|row| {
            let version = versions.get(&row.id).ok_or(ErrorCode::NotFound)?;
            self.seal(person, *version, now, "/api/v1/download/").map(|(_, link)| link)
        });
        let minted = minted.collect::<Result<Vec<_>>>()?;
        let subject = match rows.len() {
            1 => first.name.to_string(),
            count => format!("{} and {} more", first.name, count - 1),
        };
        let event = Event::LinksMinted { documents: rows.len() as u64 };
        self.core.record_later(Entry::new(event, &caller.origin).by(person).about(&subject));
        Ok(minted)
    }

    /// Waits until everything that this process writes down later is written down, the ends of its downloads included.
    pub async fn settle(&self) {
        self.receipts.settle().await;
        self.core.later.settle().await;
    }

    async fn mint_at(&self, caller: &Caller, document: DocumentId, path: &str) -> Result<MintedLink> {
        let person = self.core.allow(caller, Permission::Collect, document).await?;
        let mut sql =
            Sql::new("SELECT d.name, d.current_version FROM documents d WHERE d.deleted_at IS NULL AND d.id = ");
        sql.bind(document.to_string());
        push_visible(&mut sql, person);
        let found: Option<(String, String)> = sql.query_as().fetch_optional(self.core.db.read()).await?;
        let Some((name, version)) = found else {
            return Err(self.core.deny(caller, document, ErrorCode::NotFound).await?);
        };
        let version = parse_version(&version)?;
        let (id, link) = self.seal(person, version, self.core.now(), path)?;
        let event = Event::LinkMinted { document, version, link: LinkId::new(id) };
        self.core.record_later(Entry::new(event, &caller.origin).by(person).about(&name));
        Ok(link)
    }

    fn seal(&self, person: &Person, version: VersionId, now: Timestamp, path: &str) -> Result<(Uuid, MintedLink)> {
        let settings = &self.core.settings;
        let claims = LinkClaims {
            jti: self.core.uuid(),
            aud: settings.base_url.clone(),
            nbf: now.before(CLOCK_SKEW),
            exp: now.after(settings.link_ttl),
            version,
            epoch: person.link_epoch,
            purpose: Purpose::Download,
        };
        let token = link_token::seal(&self.core.keys, person.id(), &claims)?;
        let url = format!("{}{path}{token}", settings.base_url);
        Ok((claims.jti, MintedLink { url, expires_at: claims.exp }))
    }

    async fn current_versions(&self, rows: &[DocumentRow]) -> Result<HashMap<DocumentId, VersionId>> {
        let mut sql = Sql::new("SELECT id, current_version FROM documents WHERE id IN (");
        sql.bind_all(rows.iter().map(|row| row.id.to_string())).push(")");
        let found: Vec<(String, String)> = sql.query_as().fetch_all(self.core.db.read()).await?;
        let parsed = found.into_iter().map(|(id, version)| {
            let id = id.parse().map_err(|_| Error::Damaged(format!("document {id}")))?;
            Ok((id, parse_version(&version)?))
        });
        parsed.collect()
    }
}

fn parse_version(text: &str) -> Result<VersionId> {
    text.parse().map_err(|_| Error::Damaged(format!("version {text}")))
}
