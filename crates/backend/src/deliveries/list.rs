//! What was sent, for ops.

use domain::{
    DeliveryId, ErrorCode, FileName, Page, Timestamp,
    delivery::{
        Audience, DeliveredDocument, DeliveryDetail, DeliveryQuery, DeliveryRow, DeliveryState, Note, Recipient, Terms,
    },
};
use sqlx::FromRow;

use super::Deliveries;
use crate::{
    caller::Caller,
    db::{Sql, Tx, page},
    error::Result,
    naming::like_pattern,
    policy::{self, Permission},
};

#[derive(FromRow)]
struct Row {
    id: DeliveryId,
    sender: String,
    sent_at: Timestamp,
    from_at: Option<Timestamp>,
    until_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    note: Note,
    documents: i64,
    document: Option<FileName>,
    audiences: i64,
    audience: Option<Audience>,
    person: Option<String>,
    organisation: Option<String>,
}

#[derive(FromRow)]
struct DocumentRow {
    id: domain::DocumentId,
    name: FileName,
}

#[derive(FromRow)]
struct AudienceRow {
    audience: Audience,
    person: Option<String>,
    email: Option<String>,
    organisation: Option<String>,
}

#[derive(FromRow)]
struct Name {
    name: String,
}

/// Of documents and audiences the first one stands for all.
const COLUMNS: &str = "SELECT d.id, s.name AS sender, d.sent_at, d.from_at, d.until_at, d.revoked_at, d.note, \
     (SELECT COUNT(*) FROM delivery_documents o WHERE o.delivery_id = d.id) AS documents, f.name AS document, \
     (SELECT COUNT(*) FROM delivery_audiences a WHERE a.delivery_id = d.id) AS audiences, b.audience, \
     p.name AS person, g.name AS organisation FROM deliveries d JOIN accounts s ON s.id = d.sender_id \
     LEFT JOIN documents f ON f.id = (SELECT MIN(o.document_id) FROM delivery_documents o WHERE o.delivery_id = d.id) \
     LEFT JOIN delivery_audiences b ON b.delivery_id = d.id AND b.audience = \
     (SELECT MIN(a.audience) FROM delivery_audiences a WHERE a.delivery_id = d.id) \
     LEFT JOIN accounts p ON b.audience LIKE 'person:%' AND p.id = SUBSTR(b.audience, 8) \
     LEFT JOIN organisations g ON b.audience LIKE 'organisation:%' AND g.id = SUBSTR(b.audience, 14) WHERE 1 = 1";

impl Deliveries {
    /// A page of deliveries, newest first.
    ///
    /// # Errors
    /// Not one of ops; a cursor that is not a time.
    pub async fn list(&self, caller: &Caller, query: &DeliveryQuery) -> Result<Page<DeliveryRow>> {
        policy::require(caller, Permission::ReadDeliveries)?;
        let now = self.core.now();
        let rows: Vec<Row> = list_sql(query, now)?.query_as().fetch_all(self.core.db.read()).await?;
        let page = page(rows, query.limit, |row| (row.sent_at.millis().to_string(), row.id.to_string()));
        Ok(Page { rows: page.rows.into_iter().map(|row| row.into_delivery(now).0).collect(), next: page.next })
    }

    /// One delivery, with what is in it and whom it is for.
    ///
    /// # Errors
    /// Not one of ops; [`ErrorCode::NotFound`].
    pub async fn get(&self, caller: &Caller, id: DeliveryId) -> Result<DeliveryDetail> {
        policy::require(caller, Permission::ReadDeliveries)?;
        let db = self.core.db.read();
        let found: Option<Row> = one_sql(id).query_as().fetch_optional(db).await?;
        let (row, note) = found.ok_or(ErrorCode::NotFound)?.into_delivery(self.core.now());
        let documents: Vec<DocumentRow> = sqlx::query_as(
            "SELECT f.id, f.name FROM delivery_documents o JOIN documents f ON f.id = o.document_id \
             WHERE o.delivery_id = $1 AND f.deleted_at IS NULL ORDER BY f.name_sort, f.id",
        )
        .bind(id)
        .fetch_all(db)
        .await?;
        let recipients: Vec<AudienceRow> = sqlx::query_as(
            "SELECT b.audience, p.name AS person, p.email, g.name AS organisation FROM delivery_audiences b \
             LEFT JOIN accounts p ON b.audience LIKE 'person:%' AND p.id = SUBSTR(b.audience, 8) \
             LEFT JOIN organisations g ON b.audience LIKE 'organisation:%' AND g.id = SUBSTR(b.audience, 14) \
             WHERE b.delivery_id = $1 ORDER BY COALESCE(g.name_sort, p.name_sort, ''), b.audience LIMIT $2",
        )
        .bind(id)
        .bind(DeliveryDetail::MAX_RECIPIENTS)
        .fetch_all(db)
        .await?;
        let documents = documents.into_iter().map(|DocumentRow { id, name }| DeliveredDocument { id, name }).collect();
        let recipients = recipients.into_iter().map(AudienceRow::into_recipient).collect();
        Ok(DeliveryDetail { row, note, documents, recipients })
    }
}

/// What the log calls a delivery: the name of a document in it.
pub(super) async fn subject_of(tx: &mut Tx, id: DeliveryId) -> Result<String> {
    let found: Option<Name> = sqlx::query_as(
        "SELECT f.name FROM delivery_documents o JOIN documents f ON f.id = o.document_id \
         WHERE o.delivery_id = $1 ORDER BY f.id LIMIT 1",
    )
    .bind(id)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found.map(|Name { name }| name).unwrap_or_default())
}

/// The query of a page and one row more.
fn list_sql(query: &DeliveryQuery, now: Timestamp) -> Result<Sql> {
    let mut sql = Sql::new(COLUMNS);
    match query.state {
        None => {}
        Some(DeliveryState::Revoked) => _ = sql.push(" AND d.revoked_at IS NOT NULL"),
        Some(DeliveryState::Over) => _ = sql.push(" AND d.revoked_at IS NULL AND d.until_at <= ").bind(now),
        Some(DeliveryState::Waiting) => {
            sql.push(" AND d.revoked_at IS NULL AND d.from_at > ").bind(now);
            sql.push(" AND (d.until_at IS NULL OR d.until_at > ").bind(now).push(")");
        }
        Some(DeliveryState::Open) => {
            sql.push(" AND d.revoked_at IS NULL AND (d.from_at IS NULL OR d.from_at <= ").bind(now);
            sql.push(") AND (d.until_at IS NULL OR d.until_at > ").bind(now).push(")");
        }
    }
    if !query.q.is_empty() {
        let pattern = like_pattern(&query.q);
        sql.push(" AND (EXISTS (SELECT 1 FROM delivery_documents o JOIN documents x ON x.id = o.document_id ");
        sql.push("WHERE o.delivery_id = d.id AND x.name_folded LIKE ").bind(pattern.clone()).push(" ESCAPE '\\') ");
        sql.push("OR EXISTS (SELECT 1 FROM delivery_audiences a JOIN accounts x ON x.id = SUBSTR(a.audience, 8) ");
        sql.push("WHERE a.delivery_id = d.id AND a.audience LIKE 'person:%' AND x.search LIKE ").bind(pattern.clone());
        sql.push(" ESCAPE '\\') ");
        sql.push(
            "OR EXISTS (SELECT 1 FROM delivery_audiences a JOIN organisations x ON x.id = SUBSTR(a.audience, 14) ",
        );
        sql.push("WHERE a.delivery_id = d.id AND a.audience LIKE 'organisation:%' AND x.name_folded LIKE ");
        sql.bind(pattern).push(" ESCAPE '\\'))");
    }
    if let Some(cursor) = &query.cursor {
        let at: i64 = cursor.key.parse().map_err(|_| ErrorCode::InvalidQuery)?;
        sql.push(" AND (d.sent_at, d.id) < (").bind(at).push(", ").bind(cursor.id.clone()).push(")");
    }
    sql.push(" ORDER BY d.sent_at DESC, d.id DESC").limit(query.limit);
    Ok(sql)
}

fn one_sql(id: DeliveryId) -> Sql {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" AND d.id = ").bind(id);
    sql
}

/// What an audience is called.
fn called(audience: Audience, person: Option<String>, organisation: Option<String>) -> String {
    match audience {
        Audience::Everyone => "Everyone".to_owned(),
        Audience::Organisation(_) => organisation.unwrap_or_default(),
        Audience::Person(_) => person.unwrap_or_default(),
    }
}

impl Row {
    fn into_delivery(self, now: Timestamp) -> (DeliveryRow, Note) {
        let terms = Terms { from: self.from_at, until: self.until_at };
        let row = DeliveryRow {
            id: self.id,
            sender: self.sender,
            sent_at: self.sent_at,
            from: terms.from,
            until: terms.until,
            state: DeliveryState::of(terms, self.revoked_at.is_some(), now),
            document_count: self.documents.unsigned_abs(),
            first_document: self.document,
            audience_count: self.audiences.unsigned_abs(),
            first_audience: self.audience.map(|audience| called(audience, self.person, self.organisation)),
        };
        (row, self.note)
    }
}

impl AudienceRow {
    fn into_recipient(self) -> Recipient {
        let Self { audience, person, email, organisation } = self;
        Recipient { audience, name: called(audience, person, organisation), email }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use sqlx::any::AnyPoolOptions;

    #[derive(FromRow)]
    struct Step {
        detail: String,
    }

    fn queries() -> Vec<DeliveryQuery> {
        let mut queries = Vec::new();
        for q in ["", "q3"] {
            for state in std::iter::once("").chain(DeliveryState::ALL.iter().map(|state| state.as_str())) {
                for cursor in ["", "0198c0de-0000-7000-8000-0000000000fe.1"] {
                    queries.push(DeliveryQuery::parse(q, state, cursor, "").expect("valid"));
                }
            }
        }
        queries
    }

    /// Every list that can be asked for, and one delivery.
    pub(crate) fn statements() -> Vec<String> {
        let now = Timestamp::from_millis(0);
        let lists = queries().into_iter().map(|query| list_sql(&query, now).expect("valid"));
        lists.chain([one_sql(DeliveryId::new(uuid::Uuid::nil()))]).map(|sql| sql.text().to_owned()).collect()
    }

    #[tokio::test]
    async fn every_page_is_read_from_its_index_and_nothing_is_sorted() {
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new().max_connections(1).connect("sqlite::memory:").await.expect("opens");
        sqlx::migrate!("../../migrations").run(&pool).await.expect("migrates");
        for text in statements() {
            let explained = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
            let plan: Vec<Step> = sqlx::query_as(explained).fetch_all(&pool).await.expect("explains");
            let plan = plan.into_iter().map(|step| step.detail).collect::<Vec<_>>().join("\n");
            let own = plan.contains("deliveries_by_time") || plan.contains("SEARCH d USING INDEX sqlite_autoindex");
            assert!(own && !plan.contains("TEMP B-TREE"), "{text}:\n{plan}");
            for table in ["s", "f", "b", "p", "g", "o", "a", "x"] {
                assert!(!plan.contains(&format!("SCAN {table}")), "{text}:\n{plan}");
            }
        }
    }
}
