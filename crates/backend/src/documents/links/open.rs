//! Opening a link. Every request asks anew whether the account may still have these very bytes.

use std::ops::Range;

use domain::{
    BlobId, DeliveryId, DocumentId, DocumentKind, ErrorCode, FileName, Problem, Sha256, Timestamp, VersionId,
    document::{DeadBecause, DeadLink},
};
use sqlx::FromRow;

use super::{
    Links,
    download::Download,
    handover::{Ledger, Part, Receipt},
    token::{self, LinkClaims},
};
use crate::{
    access::{Decision, Grant, Refused, Subject},
    caller::{Caller, Person},
    core::Core,
    documents::versions::Facts,
    error::{Error, Result},
    policy::{self, Permission},
    storage::{Chunks, Outgoing, Plain, RowKey, SealedBlob},
};

/// A link that leads to bytes, for this caller and at this moment.
pub struct Opened {
    /// The document.
    pub document: DocumentId,
    /// The name under which to save it.
    pub name: FileName,
    /// Its kind, which gives the media type.
    pub kind: DocumentKind,
    /// Bytes of the version.
    pub size: u64,
    /// SHA-256 of the version: a strong validator.
    pub sha256: Sha256,
    /// The version the link was minted for, which is the current one.
    pub version: VersionId,
    /// When the version was deposited.
    pub uploaded_at: Timestamp,
    /// When the link stops working.
    pub expires_at: Timestamp,
    blob: SealedBlob,
    link_id: String,
    delivery: Option<DeliveryId>,
    caller: Caller,
    person: Person,
    links: Links,
}

/// Why a link opens nothing.
#[derive(Debug)]
pub enum Denied {
    /// It was the caller's own, and is over. Its owner is told why.
    Dead(DeadLink),
    /// It is nothing to the caller, or something failed.
    Refused(Error),
}

#[derive(FromRow)]
struct Row {
    document_id: DocumentId,
    name: FileName,
    kind: DocumentKind,
    #[sqlx(try_from = "i64")]
    size: u64,
    sha256: Sha256,
    #[sqlx(flatten)]
    key: RowKey,
    blob_id: BlobId,
    uploaded_at: Timestamp,
    current_version: VersionId,
    deleted_at: Option<Timestamp>,
}

impl Denied {
    /// The face for people and programs.
    #[must_use]
    pub fn problem(self) -> Problem {
        match self {
            Self::Dead(dead) => Problem::new(code_of(dead.because)),
            Self::Refused(error) => error.into_problem(),
        }
    }
}

impl From<Error> for Denied {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl Links {
    /// Opens a link for the caller. A denial is written down in the caller's name.
    ///
    /// # Errors
    /// [`Denied::Dead`] for a link that was the caller's own. Everything else, be it another's, forged or for another
    /// purpose, is [`ErrorCode::NotFound`]; without a sign-in it is [`ErrorCode::NotSignedIn`].
    pub async fn open(&self, caller: &Caller, token: &str) -> std::result::Result<Opened, Denied> {
        let person = policy::require(caller, Permission::Collect).map_err(Error::from)?;
        let Some(claims) = self.claims(person, token) else {
            return Err(self.core.deny(caller, "a download link", ErrorCode::NotFound).await?.into());
        };
        let Some(row) = self.core.version_row(claims.version).await? else {
            return Err(self.core.deny(caller, "a download link", ErrorCode::NotFound).await?.into());
        };
        let document = row.document_id;
        let decision = match claims.delivery {
            Some(delivery) => self.core.grant_by(person, document, delivery).await?,
            None => self.core.grant(person, document).await?,
        };
        match self.usable(person, &claims, &row, &decision) {
            Ok(grant) => Ok(self.opened(caller, person, &claims, grant, row)?),
            Err(because) => {
                let subject = Subject { document: Some(document), name: row.name.as_str().into() };
                self.core.deny(caller, subject, code_of(because)).await?;
                Err(Denied::Dead(self.dead(person, document, &claims, &decision, because).await?))
            }
        }
    }

    /// The claims of a link that was minted for this person, by this portal, and not in the future.
    fn claims(&self, person: &Person, token: &str) -> Option<LinkClaims> {
        let claims = token::open(&self.core.keys, person.id(), token)?;
        (claims.aud == self.core.settings.base_url && claims.nbf <= self.core.now()).then_some(claims)
    }

    /// The grant behind a link that is good; otherwise the reason that helps its owner most: what cannot be mended comes
    /// before what can.
    fn usable<'a>(
        &self,
        person: &Person,
        claims: &LinkClaims,
        row: &Row,
        decision: &'a Decision,
    ) -> std::result::Result<&'a Grant, DeadBecause> {
        if row.deleted_at.is_some() || row.key.wrapped_key.is_none() {
            return Err(DeadBecause::Deleted);
        }
        match decision {
            Err(Refused::Unknown | Refused::NotYet) => Err(DeadBecause::Revoked),
            _ if claims.epoch != person.link_epoch => Err(DeadBecause::Revoked),
            Err(Refused::Over(_)) => Err(DeadBecause::Expired),
            Ok(_) if row.current_version != claims.version => Err(DeadBecause::Superseded),
            Ok(_) if claims.exp <= self.core.now() => Err(DeadBecause::Expired),
            Ok(grant) => Ok(grant),
        }
    }

    /// What its owner is told of a dead link. The document is offered instead where something else gives access to it.
    async fn dead(
        &self,
        person: &Person,
        document: DocumentId,
        claims: &LinkClaims,
        decision: &Decision,
        because: DeadBecause,
    ) -> Result<DeadLink> {
        let ended = match decision {
            Err(Refused::Over(until)) => claims.exp.min(*until),
            _ => claims.exp,
        };
        let granted = decision.is_ok() || self.core.grant(person, document).await?.is_ok();
        Ok(DeadLink {
            because,
            expired_at: Some(ended).filter(|ended| *ended <= self.core.now()),
            document: granted.then_some(document),
            version: claims.version,
        })
    }

    fn opened(&self, caller: &Caller, person: &Person, claims: &LinkClaims, grant: &Grant, row: Row) -> Result<Opened> {
        let document = grant.document;
        let facts = Facts { version: claims.version, document, size: row.size, sha256: row.sha256 };
        let file_key = self.core.unwrap_key(facts, &row.key)?.file_key;
        Ok(Opened {
            document,
            name: row.name,
            kind: row.kind,
            size: row.size,
            blob: SealedBlob { id: row.blob_id, key: file_key, size: row.size },
            sha256: row.sha256,
            version: claims.version,
            uploaded_at: row.uploaded_at,
            expires_at: claims.exp,
            link_id: claims.jti.to_string(),
            delivery: grant.delivery(),
            caller: caller.clone(),
            person: person.clone(),
            links: self.clone(),
        })
    }
}

impl Opened {
    /// Begins to send a range of the plaintext; the whole is `0..size`. Whether the bytes were taken is for `receipt` to
    /// say.
    ///
    /// # Errors
    /// [`ErrorCode::RangeNotSatisfiable`] for a range that does not lie within the document; the blob cannot be read
    /// or is not the one that was sealed.
    pub async fn start(self, range: Range<u64>, receipt: Receipt) -> Result<Download> {
        if range.start > range.end || range.end > self.size {
            return Err(ErrorCode::RangeNotSatisfiable.into());
        }
        let core = self.links.core.clone();
        let plain = Plain::open(core.blobs.clone(), &self.blob, range.clone()).await?;
        let part = Part {
            link_id: self.link_id,
            document: self.document,
            version: self.version,
            delivery: self.delivery,
            size: self.size,
            name: self.name,
            range: range.clone(),
        };
        let Links { receipts, started, .. } = self.links;
        let bytes = if range.is_empty() { Outgoing::EMPTY } else { Chunks::new(plain, core.buffers.clone()).into() };
        let ledger = Ledger::begin(core, (receipts, &started), (self.caller, self.person), part, receipt);
        Ok(Download::new(bytes, ledger))
    }
}

impl Core {
    async fn version_row(&self, version: VersionId) -> Result<Option<Row>> {
        let row = sqlx::query_as(
            "SELECT v.document_id, d.name, d.kind, v.size, v.sha256, v.key_id, v.wrapped_key, v.blob_id, v.uploaded_at, \
             d.current_version, d.deleted_at \
             FROM document_versions v JOIN documents d ON d.id = v.document_id WHERE v.id = $1",
        );
        Ok(row.bind(version).fetch_optional(self.db.read()).await?)
    }
}

fn code_of(because: DeadBecause) -> ErrorCode {
    match because {
        DeadBecause::Expired => ErrorCode::LinkExpired,
        DeadBecause::Revoked => ErrorCode::LinkRevoked,
        DeadBecause::Superseded => ErrorCode::LinkSuperseded,
        DeadBecause::Deleted => ErrorCode::DocumentDeleted,
    }
}
