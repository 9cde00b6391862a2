//! Names are found, sorted and confirmed as people see them, on both engines.

use backend::intake::{Begun, Verdict};
use bytes::Bytes;
use domain::{DocumentId, DocumentQuery, DocumentSort, Limit, activity::ActivityQuery};
use testkit::{TestBackend, office};

testkit::on_both! {
    async fn documents_are_found_however_their_name_is_typed(t: TestBackend) {
        for name in ["Übersicht.docx", "U\u{308}bersicht 2.docx", "Hauptstraße.docx", "می\u{200C}خواهم.docx"] {
            deposit(&t, name).await;
        }
        for (q, found) in [
            ("Ubersicht", 2), ("übersicht", 2), ("ÜBERSICHT", 2), ("u\u{308}bersicht", 2), ("HAUPTSTRASSE", 1),
            ("میخواهم", 1), ("ü_", 0), ("%", 0),
        ] {
            let query = DocumentQuery { q: q.to_owned(), ..DocumentQuery::default() };
            assert_eq!(t.documents.list(&t.ops().await, &query).await.expect("lists").rows.len(), found, "{q}");
        }
    }

    async fn documents_sort_by_number_and_letter_and_pages_follow_the_order(t: TestBackend) {
        let sorted = ["éclair.docx", "eclairs.docx", "Übersicht.docx", "Z 2.docx", "Z 10.docx", "Яблоко.docx"];
        for name in sorted.iter().rev() {
            deposit(&t, name).await;
        }
        let backwards: Vec<_> = sorted.iter().rev().copied().collect();
        for (sort, expected) in [(DocumentSort::Name, sorted.to_vec()), (DocumentSort::NameDesc, backwards)] {
            assert_eq!(every_page(&t, sort).await, expected, "{sort:?}");
        }
    }

    async fn the_name_that_confirms_a_deletion_may_come_from_another_keyboard(t: TestBackend) {
        let ops = t.ops().await;
        for (name, typed) in [
            ("Übersicht.docx", "u\u{308}bersicht.docx"), ("O’Neil – Q3.docx", "O'Neil - Q3.docx"),
            ("a  b\u{A0}c.docx", "a b c.docx"),
        ] {
            let id = deposit(&t, name).await;
            t.documents.delete(&ops, id, "another.docx").await.expect_err("another name");
            t.documents.delete(&ops, id, typed).await.expect(name);
        }
        let id = deposit(&t, "Übersicht.docx").await;
        t.documents.delete(&ops, id, "Ubersicht.docx").await.expect_err("an accent is part of a name");
    }

    async fn activity_is_found_by_any_spelling_of_its_subject(t: TestBackend) {
        let ops = t.ops().await;
        deposit(&t, "Übersicht.docx").await;
        for q in ["Übersicht", "übersicht", "U\u{308}BERSICHT", "ubersicht", "OPS@example"] {
            let query = ActivityQuery { q: q.to_owned(), ..ActivityQuery::default() };
            assert_eq!(t.activity.list(&ops, &query).await.expect("lists").rows.len(), 1, "{q}");
        }
        let query = ActivityQuery { q: "example.com\nubersicht".to_owned(), ..ActivityQuery::default() };
        assert!(t.activity.list(&ops, &query).await.expect("lists").rows.is_empty(), "a match across two columns");
    }

    async fn rows_of_before_are_folded_when_the_portal_starts(t: TestBackend) {
        deposit(&t, "Übersicht 10.docx").await;
        deposit(&t, "Übersicht 9.docx").await;
        // As an earlier version left them: lower-cased by Rust, and by the database.
        for statement in [
            "UPDATE documents SET name_folded = 'übersicht', name_sort = ''",
            "UPDATE activity_particulars SET search = LOWER(actor_label)",
            "UPDATE backfills SET version = 0",
        ] {
            sqlx::query(statement).execute(&t.sql).await.expect("rows are set back");
        }
        t.migrate().await.expect("folds");
        t.migrate().await.expect("has nothing more to fold");
        assert_eq!(every_page(&t, DocumentSort::Name).await, ["Übersicht 9.docx", "Übersicht 10.docx"]);
        let ops = t.ops().await;
        let documents = DocumentQuery { q: "ubersicht 1".to_owned(), ..DocumentQuery::default() };
        assert_eq!(t.documents.list(&ops, &documents).await.expect("lists").rows.len(), 1);
        let events = ActivityQuery { q: "ubersicht".to_owned(), ..ActivityQuery::default() };
        assert_eq!(t.activity.list(&ops, &events).await.expect("lists").rows.len(), 2);
    }
}

async fn deposit(t: &TestBackend, name: &str) -> DocumentId {
    let ops = t.ops().await;
    let Begun::Started(mut upload) = t.uploads.begin(&ops, name, None).await.expect("begins") else {
        panic!("{name} is refused");
    };
    upload.write(Bytes::from(office::docx(name))).await.expect("takes bytes");
    match upload.finish().await.expect("finishes") {
        Verdict::Deposited(file) => file.id,
        Verdict::Rejected(rejected) => panic!("{rejected:?}"),
    }
}

/// The names of all documents, two a page, with the cursor as it is in a URL.
async fn every_page(t: &TestBackend, sort: DocumentSort) -> Vec<String> {
    let ops = t.ops().await;
    let mut query = DocumentQuery { sort, limit: Limit::at_most(2), ..DocumentQuery::default() };
    let mut names = Vec::new();
    loop {
        let page = t.documents.list(&ops, &query).await.expect("lists");
        names.extend(page.rows.iter().map(|row| row.name.to_string()));
        match page.next {
            Some(cursor) => query.cursor = Some(cursor.to_string().parse().expect("parses")),
            None => return names,
        }
    }
}
