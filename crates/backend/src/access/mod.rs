//! Who has access to which document: the one place that knows how it is granted.
//!
//! [`Core::grant`] answers for one document, [`push_granted`] narrows a list. Both read the same rows and hold them
//! against the same terms. What those rows say is written by [`crate::deliveries`]; to which audiences a person belongs
//! is for [`policy::reach_of`] to say.

mod admission;
mod grant;

use std::collections::HashMap;

use domain::{
    DeliveryId, DocumentId, Timestamp, VersionId,
    delivery::{Audience, Terms},
};
use sqlx::FromRow;

pub(crate) use admission::Subject;
use grant::By;
pub(crate) use grant::{Grant, Refused};

use crate::{
    caller::Person,
    core::Core,
    db::Sql,
    error::Result,
    policy::{self, Reach},
};

/// Access, or the condition that fails.
pub(crate) type Decision = std::result::Result<Grant, Refused>;

/// A document, and a delivery of it if that is what the asker needs.
#[derive(FromRow)]
struct Row {
    id: DocumentId,
    name: String,
    current_version: VersionId,
    delivery_id: Option<DeliveryId>,
    from_at: Option<Timestamp>,
    until_at: Option<Timestamp>,
}

const DOCUMENTS: &str = "SELECT d.id, d.name, d.current_version, NULL AS delivery_id, \
     CAST(NULL AS BIGINT) AS from_at, CAST(NULL AS BIGINT) AS until_at \
     FROM documents d WHERE d.deleted_at IS NULL AND d.id IN (";
const DELIVERED: &str = "SELECT d.id, d.name, d.current_version, g.delivery_id, g.from_at, g.until_at \
     FROM documents d JOIN grants g ON g.document_id = d.id WHERE d.deleted_at IS NULL AND d.id IN (";

impl Core {
    /// What gives the person access to a document now, or the condition that fails.
    pub(crate) async fn grant(&self, person: &Person, document: DocumentId) -> Result<Decision> {
        self.grant_among(person, document, |_| true).await
    }

    /// The same, where only this very delivery will do.
    pub(crate) async fn grant_by(
        &self,
        person: &Person,
        document: DocumentId,
        delivery: DeliveryId,
    ) -> Result<Decision> {
        self.grant_among(person, document, |grant| grant.fits(delivery)).await
    }

    async fn grant_among(
        &self,
        person: &Person,
        document: DocumentId,
        will_do: impl Fn(&Grant) -> bool,
    ) -> Result<Decision> {
        let granted = self.granted_rows(person, &[document]).await?;
        Ok(grant::choose(granted.into_iter().filter(will_do), self.now()))
    }

    /// The answers for several documents. One that is not among them is unknown to the person.
    pub(crate) async fn grants(
        &self,
        person: &Person,
        documents: &[DocumentId],
    ) -> Result<HashMap<DocumentId, Decision>> {
        let mut granted: HashMap<DocumentId, Vec<Grant>> = HashMap::new();
        for grant in self.granted_rows(person, documents).await? {
            granted.entry(grant.document).or_default().push(grant);
        }
        let now = self.now();
        Ok(granted.into_iter().map(|(document, grants)| (document, grant::choose(grants, now))).collect())
    }

    /// All that was ever granted to the person of these documents, whatever its terms.
    async fn granted_rows(&self, person: &Person, documents: &[DocumentId]) -> Result<Vec<Grant>> {
        let rows: Vec<Row> =
            granted_sql(&policy::reach_of(person), documents).query_as().fetch_all(self.db.read()).await?;
        Ok(rows.into_iter().map(Row::into_grant).collect())
    }
}

/// The query of all that was ever granted of these documents.
pub(crate) fn granted_sql(reach: &Reach, documents: &[DocumentId]) -> Sql {
    match reach {
        Reach::EveryDocument => {
            let mut sql = Sql::new(DOCUMENTS);
            sql.bind_all(documents).push(")");
            sql
        }
        Reach::Delivered { audiences, member_since } => {
            let mut sql = Sql::new(DELIVERED);
            sql.bind_all(documents).push(") AND ");
            push_audiences(&mut sql, audiences, *member_since);
            sql
        }
    }
}

/// Narrows a statement over `documents d` to those that the person has access to now.
pub(crate) fn push_granted(sql: &mut Sql, person: &Person, now: Timestamp) {
    if let Reach::Delivered { audiences, member_since } = policy::reach_of(person) {
        sql.push(" AND EXISTS (SELECT 1 FROM grants g WHERE g.document_id = d.id AND ");
        push_audiences(sql, &audiences, member_since);
        sql.push(" AND (g.from_at IS NULL OR g.from_at <= ").bind(now);
        sql.push(") AND (g.until_at IS NULL OR g.until_at > ").bind(now).push("))");
    }
}

/// The grants to these audiences. One to those who belonged to an organisation at some moment is for no later member.
fn push_audiences(sql: &mut Sql, audiences: &[Audience], member_since: Option<Timestamp>) {
    sql.push("g.audience IN (").bind_all(audiences).push(")");
    if let Some(since) = member_since {
        sql.push(" AND (g.members_of IS NULL OR g.members_of >= ").bind(since).push(")");
    }
}

impl Row {
    fn into_grant(self) -> Grant {
        let by = match self.delivery_id {
            None => By::Role,
            Some(id) => By::Delivery { id, terms: Terms { from: self.from_at, until: self.until_at } },
        };
        Grant { document: self.id, version: self.current_version, name: self.name, by }
    }
}
