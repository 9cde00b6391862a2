//! Lists: every row once, in order, however the pages are cut.

use std::collections::BTreeSet;

use backend::{Caller, db::Engine};
use domain::{Cursor, DocumentId, DocumentKind, DocumentQuery, DocumentRow, DocumentSort, ErrorCode, delivery::Terms};
use testkit::{START, TestBackend, office};

use crate::{collect, deposit};

testkit::on_both! {
    async fn paging_visits_every_row_once_in_every_order_even_with_equal_keys(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let template = deposit(&t, &ops, "template.docx", &office::docx("a report")).await;
        for number in 0..23 {
            copy(&t, template.id, number).await;
        }
        sqlx::query("UPDATE backfills SET version = 0").execute(&t.sql).await.expect("updates");
        t.migrate().await.expect("works out what names are sorted by");
        for caller in [&ana, &ops] {
            for sort in DocumentSort::ALL {
                for (kind, expected) in [(None, 24), (Some(DocumentKind::Xlsx), 12)] {
                    let query = DocumentQuery { sort, kind, limit: domain::Limit::at_most(5), ..DocumentQuery::default() };
                    let rows = every_page(&t, caller, query).await;
                    let ids: BTreeSet<_> = rows.iter().map(|row| row.id).collect();
                    assert_eq!((rows.len(), ids.len()), (expected, expected), "{sort:?} {kind:?}");
                    assert!(rows.is_sorted_by(|a, b| in_order(sort, a, b)), "{sort:?} {kind:?}");
                }
            }
        }
    }

    async fn a_search_finds_part_of_a_name_in_any_case_and_takes_no_pattern(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        for name in ["Übersicht 100%.docx", "Q3_final.docx", "Q3 final.docx", "a\u{7e}b [1].docx"] {
            deposit(&t, &ops, name, &office::docx(name)).await;
        }
        for (q, found) in [
            ("übersicht", 1), ("ÜBERSICHT", 1), ("100%", 1), ("%", 1), ("q3", 2), ("q3_", 1), ("_", 1), ("[1]", 1),
            ("\\", 0), ("'; DROP TABLE documents; --", 0), ("nothing", 0),
        ] {
            let query = DocumentQuery { q: q.to_owned(), ..DocumentQuery::default() };
            assert_eq!(t.documents.list(&ana, &query).await.expect("lists").rows.len(), found, "{q}");
        }
    }

    async fn new_is_what_the_asker_has_not_collected_and_only_ops_see_how_many_have(t: TestBackend) {
        let (ops, ana, ben) = (t.ops().await, t.client().await, t.other_client().await);
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        collect(&t, &ana, file.id).await;
        collect(&t, &ana, file.id).await;
        for (caller, is_new, handed_over_to) in [(&ana, false, None), (&ben, true, None), (&ops, true, Some(1))] {
            let page = t.documents.list(caller, &DocumentQuery::default()).await.expect("lists");
            let row = page.rows.first().expect("one row");
            assert_eq!((row.is_new, row.handed_over_to), (is_new, handed_over_to));
            assert_eq!(t.documents.get(caller, file.id).await.expect("visible").row, *row);
        }
    }

    async fn a_cursor_that_does_not_fit_the_order_is_refused(t: TestBackend) {
        let ana = t.client().await;
        let cursor = Some(Cursor { key: "a name".to_owned(), id: "0198c0de-0000-7000-8000-000000000001".to_owned() });
        for sort in [DocumentSort::Newest, DocumentSort::Smallest] {
            let query = DocumentQuery { sort, cursor: cursor.clone(), ..DocumentQuery::default() };
            let error = t.documents.list(&ana, &query).await.expect_err("refused");
            assert_eq!(error.into_problem().field.as_deref(), Some("cursor"));
        }
        let error = t.documents.list(&TestBackend::nobody(), &DocumentQuery::default()).await.expect_err("refused");
        assert_eq!(error.code(), Some(ErrorCode::NotSignedIn));
    }
}

/// A row like another, which shares time, name and size with every second one.
async fn copy(t: &TestBackend, template: DocumentId, number: i64) {
    let id = format!("0198c0de-0000-7000-8000-{number:012x}");
    let kind = if number % 2 == 0 { "xlsx" } else { "docx" };
    sqlx::query(
        "INSERT INTO documents (id, name, name_folded, kind, size, current_version, uploaded_at) \
         SELECT $2, $3, $3, $4, $5, current_version, $6 FROM documents WHERE id = $1",
    )
    .bind(template.to_string())
    .bind(id.clone())
    .bind(format!("name {}.{kind}", number / 4))
    .bind(kind)
    .bind(1_000 + number / 3)
    .bind(START.millis() - number / 5)
    .execute(&t.sql)
    .await
    .expect("a row is copied");
    t.deliver(id.parse().expect("an id"), "everyone", Terms::default()).await;
}

async fn every_page(t: &TestBackend, caller: &Caller, mut query: DocumentQuery) -> Vec<DocumentRow> {
    let mut rows = Vec::new();
    loop {
        let page = t.documents.list(caller, &query).await.expect("lists");
        assert!(page.rows.len() <= 5);
        rows.extend(page.rows);
        match page.next {
            // As in a URL.
            Some(cursor) => query.cursor = Some(cursor.to_string().parse().expect("parses")),
            None => return rows,
        }
    }
}

fn in_order(sort: DocumentSort, a: &DocumentRow, b: &DocumentRow) -> bool {
    match sort {
        DocumentSort::Newest => (a.uploaded_at, a.id) > (b.uploaded_at, b.id),
        DocumentSort::Oldest => (a.uploaded_at, a.id) < (b.uploaded_at, b.id),
        DocumentSort::Name => (&a.name, a.id) < (&b.name, b.id),
        DocumentSort::NameDesc => (&a.name, a.id) > (&b.name, b.id),
        DocumentSort::Largest => (a.size, a.id) > (b.size, b.id),
        DocumentSort::Smallest => (a.size, a.id) < (b.size, b.id),
    }
}

/// Rows for lists to be measured over, beside those of one that was deposited: fresh each by 7 minutes, every third of a
/// kind, every hundredth with a word of its own in its name.
const MANY: [&str; 6] = [
    "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
     INSERT INTO documents (id, name, name_folded, name_sort, kind, size, current_version, uploaded_at) \
     SELECT '0198c0de-0000-7000-8000-' || SUBSTR(CAST(1000000000000 + i AS TEXT), 2), \
     'Report ' || CAST(i AS TEXT) || CASE WHEN i % 100 = 0 THEN ' harbour.' ELSE '.' END || k.kind, \
     'report ' || CAST(i AS TEXT) || CASE WHEN i % 100 = 0 THEN ' harbour.' ELSE '.' END || k.kind, \
     SUBSTR(CAST(1000000 + (i * 7919) % 1000000 AS TEXT), 2), k.kind, 4000 + (i * 104729) % 9999991, \
     '0198c0de-0001-7000-8000-' || SUBSTR(CAST(1000000000000 + i AS TEXT), 2), 1700000000000 + i * 420000 \
     FROM n JOIN (SELECT 0 AS r, 'docx' AS kind UNION ALL SELECT 1, 'xlsx' UNION ALL SELECT 2, 'pptx') k ON k.r = i % 3",
    "INSERT INTO document_versions \
     (id, document_id, number, size, sha256, key_id, wrapped_key, key_format, uploaded_by, uploaded_at) \
     SELECT d.current_version, d.id, 1, d.size, v.sha256, v.key_id, NULL, 2, v.uploaded_by, d.uploaded_at \
     FROM documents d CROSS JOIN document_versions v WHERE d.id LIKE '0198c0de-0000-7000-8000-%'",
    "INSERT INTO deliveries (id, sender_id, sent_at) \
     SELECT d.id, v.uploaded_by, v.uploaded_at FROM documents d JOIN document_versions v ON v.id = d.current_version \
     WHERE d.id LIKE '0198c0de-0000-7000-8000-%'",
    "INSERT INTO delivery_documents (delivery_id, document_id) \
     SELECT id, id FROM documents WHERE id LIKE '0198c0de-0000-7000-8000-%'",
    "INSERT INTO delivery_audiences (delivery_id, audience) \
     SELECT id, 'everyone' FROM documents WHERE id LIKE '0198c0de-0000-7000-8000-%'",
    "INSERT INTO grants (delivery_id, document_id, audience, from_at, until_at) \
     SELECT delivery_id, document_id, audience, from_at, until_at FROM delivered \
     WHERE delivery_id LIKE '0198c0de-0000-7000-8000-%'",
];

/// Prints how many milliseconds a client's list of 100,000 documents takes.
#[test]
#[ignore = "a measurement: cargo test -p strongroom-backend --test documents many -- --ignored --nocapture"]
fn lists_of_many_documents() {
    testkit::run(async {
        let sqlite = Some(TestBackend::sqlite().await);
        for t in [sqlite, TestBackend::postgres().await].into_iter().flatten() {
            deposit(&t, &t.ops().await, "template.docx", &office::docx("a report")).await;
            // PostgreSQL keeps statistics by itself; on SQLite nobody gathers any, and what is new lies in the log.
            let settled = match t.db().engine() {
                Engine::Sqlite => "PRAGMA wal_checkpoint(TRUNCATE)",
                Engine::Postgres => "ANALYZE",
            };
            for statement in MANY.into_iter().chain([settled]) {
                sqlx::query(statement).execute(&t.sql).await.expect("rows are made");
            }
            let ana = t.client().await;
            for (what, times, query) in [
                ("newest", 500, DocumentQuery::default()),
                ("by name", 500, DocumentQuery { sort: DocumentSort::Name, ..DocumentQuery::default() }),
                (
                    "one kind, largest",
                    500,
                    DocumentQuery {
                        kind: Some(DocumentKind::Xlsx),
                        sort: DocumentSort::Largest,
                        ..DocumentQuery::default()
                    },
                ),
                ("one name in a hundred", 200, DocumentQuery { q: "harbour".to_owned(), ..DocumentQuery::default() }),
                ("a name in vain", 20, DocumentQuery { q: "harbours".to_owned(), ..DocumentQuery::default() }),
            ] {
                let begun = std::time::Instant::now();
                for _ in 0..times {
                    t.documents.list(&ana, &query).await.expect("lists");
                }
                let each = begun.elapsed().as_secs_f64() * 1_000.0 / f64::from(times);
                println!("{:?}, {what}: {each:.3} ms", t.db().engine());
            }
        }
    });
}
