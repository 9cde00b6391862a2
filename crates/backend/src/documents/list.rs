//! What the caller has access to, page by page.

use domain::{
    Cursor, DocumentId, DocumentKind, DocumentQuery, DocumentRow, DocumentSort, ErrorCode, FileName, Page, Problem,
    Sha256, Timestamp, document::DocumentDetail,
};
use sqlx::FromRow;

use super::Documents;
use crate::{
    access::push_granted,
    caller::{Caller, Person},
    db::{Sql, page},
    error::Result,
    naming::{like_pattern, sort_key},
    policy::{self, Permission},
};

#[derive(FromRow)]
struct Row {
    id: DocumentId,
    name: FileName,
    kind: DocumentKind,
    #[sqlx(try_from = "i64")]
    size: u64,
    uploaded_at: Timestamp,
    sha256: Sha256,
    #[sqlx(try_from = "i64")]
    number: u32,
    sender: String,
    /// When it was handed over to the asker; 0 when all that is known is that it was sent.
    had: Option<i64>,
    #[sqlx(try_from = "i64")]
    handed_over_to: u32,
}

/// The column that an order sorts by; each has an index with the id as its second part, once for all kinds and once
/// for one kind (migrations/0001_foundation.sql, 0007_names.sql).
#[derive(Clone, Copy)]
enum SortColumn {
    UploadedAt,
    Name,
    Size,
}

const COLUMNS: &str = "SELECT d.id, d.name, d.kind, d.size, d.uploaded_at, v.sha256, v.number, \
     a.name AS sender, (SELECT h.at * h.taken FROM handovers h WHERE h.version_id = d.current_version \
     AND h.account_id = ";
/// CROSS JOIN keeps SQLite from turning the join around, which would cost the order of the index.
const FROM: &str = " FROM documents d CROSS JOIN document_versions v CROSS JOIN accounts a \
     WHERE v.id = d.current_version AND a.id = v.uploaded_by AND d.deleted_at IS NULL";
const HANDED_OVER_TO: &str = ") AS had, (SELECT COUNT(*) FROM handovers h WHERE h.version_id = d.current_version \
     AND h.taken = 1) AS handed_over_to";
const HANDED_OVER_TO_HIDDEN: &str = ") AS had, CAST(0 AS BIGINT) AS handed_over_to";

impl Documents {
    /// A page of what the caller may see.
    ///
    /// # Errors
    /// Nobody asks; a cursor that does not belong to the order.
    pub async fn list(&self, caller: &Caller, query: &DocumentQuery) -> Result<Page<DocumentRow>> {
        let person = policy::require(caller, Permission::Collect)?;
        let sql = list_sql(Sql::new(COLUMNS), person, self.core.now(), query)?;
        let rows: Vec<Row> = sql.query_as().fetch_all(self.core.db.read()).await?;
        let column = SortColumn::of(query.sort);
        let page = page(rows, query.limit, |row| (column.key(row), row.id.to_string()));
        let rows = page.rows.into_iter().map(|row| row.into_document(person)).collect();
        Ok(Page { rows, next: page.next })
    }

    /// One document.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when there is none that the caller may see.
    pub async fn get(&self, caller: &Caller, id: DocumentId) -> Result<DocumentDetail> {
        let person = policy::require(caller, Permission::Collect)?;
        self.core.granted(caller, person, id).await?;
        let mut sql = Sql::new(COLUMNS);
        sql.bind(person.id());
        sql.push(handed_over_to(person)).push(FROM).push(" AND d.id = ").bind(id);
        let found: Option<Row> = sql.query_as().fetch_optional(self.core.db.read()).await?;
        let row = found.ok_or(ErrorCode::NotFound)?;
        let handed_over_at = row.had.filter(|at| *at > 0).map(Timestamp::from_millis);
        Ok(DocumentDetail { row: row.into_document(person), handed_over_at })
    }
}

/// Completes `sql`, which ends with [`COLUMNS`], to the query of a page and one row more.
fn list_sql(mut sql: Sql, person: &Person, now: Timestamp, query: &DocumentQuery) -> Result<Sql> {
    let column = SortColumn::of(query.sort);
    let descending = matches!(query.sort, DocumentSort::Newest | DocumentSort::NameDesc | DocumentSort::Largest);
    sql.bind(person.id()).push(handed_over_to(person)).push(FROM);
    if let Some(kind) = query.kind {
        sql.push(" AND d.kind = ").bind(kind);
    }
    if !query.q.is_empty() {
        sql.push(" AND d.name_folded LIKE ").bind(like_pattern(&query.q)).push(" ESCAPE '\\'");
    }
    push_granted(&mut sql, person, now);
    if let Some(cursor) = &query.cursor {
        sql.push(column.tuple()).push(if descending { " < (" } else { " > (" });
        column.bind_key(&mut sql, cursor)?;
        sql.push(", ").bind(cursor.id.clone()).push(")");
    }
    sql.push(column.order(descending)).limit(query.limit);
    Ok(sql)
}

fn handed_over_to(person: &Person) -> &'static str {
    if policy::may(person, Permission::ReadHandovers) { HANDED_OVER_TO } else { HANDED_OVER_TO_HIDDEN }
}

impl SortColumn {
    fn of(sort: DocumentSort) -> Self {
        match sort {
            DocumentSort::Newest | DocumentSort::Oldest => Self::UploadedAt,
            DocumentSort::Name | DocumentSort::NameDesc => Self::Name,
            DocumentSort::Largest | DocumentSort::Smallest => Self::Size,
        }
    }

    /// What a cursor keeps of a row. Of a name it keeps the name itself, which is shorter than its key in a URL.
    fn key(self, row: &Row) -> String {
        match self {
            Self::UploadedAt => row.uploaded_at.millis().to_string(),
            Self::Name => row.name.to_string(),
            Self::Size => row.size.to_string(),
        }
    }

    fn bind_key(self, sql: &mut Sql, cursor: &Cursor) -> Result<()> {
        match self {
            Self::Name => sql.bind(sort_key(&cursor.key)),
            Self::UploadedAt | Self::Size => {
                let key = cursor.key.parse::<i64>();
                sql.bind(key.map_err(|_| Problem::new(ErrorCode::InvalidQuery).on("cursor"))?)
            }
        };
        Ok(())
    }

    const fn tuple(self) -> &'static str {
        match self {
            Self::UploadedAt => " AND (d.uploaded_at, d.id)",
            Self::Name => " AND (d.name_sort, d.id)",
            Self::Size => " AND (d.size, d.id)",
        }
    }

    const fn order(self, descending: bool) -> &'static str {
        match (self, descending) {
            (Self::UploadedAt, false) => " ORDER BY d.uploaded_at, d.id",
            (Self::UploadedAt, true) => " ORDER BY d.uploaded_at DESC, d.id DESC",
            (Self::Name, false) => " ORDER BY d.name_sort, d.id",
            (Self::Name, true) => " ORDER BY d.name_sort DESC, d.id DESC",
            (Self::Size, false) => " ORDER BY d.size, d.id",
            (Self::Size, true) => " ORDER BY d.size DESC, d.id DESC",
        }
    }
}

impl Row {
    fn into_document(self, person: &Person) -> DocumentRow {
        DocumentRow {
            id: self.id,
            name: self.name,
            kind: self.kind,
            size: self.size,
            sha256: self.sha256,
            version: self.number,
            sender: self.sender,
            uploaded_at: self.uploaded_at,
            is_new: self.had.is_none(),
            handed_over_to: policy::may(person, Permission::ReadHandovers).then_some(self.handed_over_to),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use domain::{AccountId, Email, Me, PersonName, Role};
    use sqlx::any::AnyPoolOptions;

    use super::*;
    use crate::caller::{Credential, Membership};

    #[derive(FromRow)]
    struct Step {
        detail: String,
    }

    fn person(role: Role) -> Person {
        let id = "0198c0de-0000-7000-8000-000000000001";
        Person {
            me: Me {
                id: id.parse::<AccountId>().expect("an id"),
                name: PersonName::parse("Ana").expect("a name"),
                email: Email::parse("ana@example.com").expect("an address"),
                role,
            },
            link_epoch: 0,
            credential_epoch: 0,
            membership: Some(Membership { organisation: id.parse().expect("an id"), since: Timestamp::from_millis(0) }),
            credential: Credential::Token(id.parse().expect("an id")),
        }
    }

    fn queries() -> Vec<DocumentQuery> {
        let key = |sort| match SortColumn::of(sort) {
            SortColumn::Name => "q3.docx",
            SortColumn::UploadedAt | SortColumn::Size => "1024",
        };
        let id = "0198c0de-0000-7000-8000-000000000001";
        let mut queries = Vec::new();
        for sort in DocumentSort::ALL {
            for kind in [None, Some(DocumentKind::Xlsx)] {
                for cursor in [None, Some(Cursor { key: key(sort).to_owned(), id: id.to_owned() })] {
                    for q in ["", "q3"] {
                        queries.push(DocumentQuery {
                            q: q.to_owned(),
                            kind,
                            sort,
                            cursor: cursor.clone(),
                            limit: DocumentQuery::LIMIT,
                        });
                    }
                }
            }
        }
        queries
    }

    /// Every list that can be asked for.
    pub(crate) fn statements() -> Vec<String> {
        let asked = queries().into_iter().flat_map(|query| [Role::Client, Role::Ops].map(|role| (role, query.clone())));
        let sql = asked.map(|(role, query)| {
            list_sql(Sql::new(COLUMNS), &person(role), Timestamp::from_millis(0), &query).expect("valid")
        });
        sql.map(|sql| sql.text().to_owned()).collect()
    }

    #[tokio::test]
    async fn every_order_is_read_from_its_index_and_nothing_is_sorted() {
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new().max_connections(1).connect("sqlite::memory:").await.expect("opens");
        sqlx::migrate!("../../migrations").run(&pool).await.expect("migrates");
        for query in queries() {
            for role in [Role::Client, Role::Ops] {
                let mut sql = Sql::new("EXPLAIN QUERY PLAN ");
                sql.push(COLUMNS);
                let sql = list_sql(sql, &person(role), Timestamp::from_millis(0), &query).expect("valid");
                let plan: Vec<Step> = sql.query_as().fetch_all(&pool).await.expect("explains");
                let plan = plan.into_iter().map(|step| step.detail).collect::<Vec<_>>().join("\n");
                let index = match (SortColumn::of(query.sort), query.kind) {
                    (SortColumn::UploadedAt, None) => "documents_by_time",
                    (SortColumn::Name, None) => "documents_by_name",
                    (SortColumn::Size, None) => "documents_by_size",
                    (SortColumn::UploadedAt, Some(_)) => "documents_by_kind_time",
                    (SortColumn::Name, Some(_)) => "documents_by_kind_name",
                    (SortColumn::Size, Some(_)) => "documents_by_kind_size",
                };
                assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{query:?} {role:?}:\n{plan}");
                assert!(!plan.contains("SCAN v") && !plan.contains("SCAN a"), "{query:?} {role:?}:\n{plan}");
                let asks = plan.contains("USING COVERING INDEX grants_by_document (document_id=? AND audience=?");
                assert_eq!(asks, role == Role::Client, "{query:?} {role:?}:\n{plan}");
            }
        }
    }
}
