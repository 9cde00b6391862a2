//! Which database and which store may work together, on both engines.

use std::fs;

use backend::storage::{self, Apart, NotJoined};
use domain::PortalId;
use testkit::{START, TestBackend};

const FRESH: PortalId = PortalId::new(uuid::uuid!("0198c0de-0000-7000-8000-000000000002"));
const OTHER: &str = "0198c0de-0000-7000-8000-000000000003";

testkit::on_both! {
    async fn a_new_portal_gets_an_id_on_both_sides(t: TestBackend) {
        unmark_database(&t).await;
        unmark_store(&t);
        assert_eq!(join(&t).await.expect("joined"), FRESH);
        assert_eq!(fs::read_to_string(t.data().join("blobs/portal.id")).expect("written").trim(), FRESH.to_string());
        assert_eq!(join(&t).await.expect("joined"), FRESH);
    }

    async fn a_portal_of_before_is_taken_on_when_rows_and_blobs_match(t: TestBackend) {
        document(&t, true).await;
        document(&t, false).await;
        unmark_database(&t).await;
        unmark_store(&t);
        assert_eq!(join(&t).await.expect("joined"), FRESH);
    }

    async fn a_store_restored_without_its_id_is_taken_on_when_it_matches(t: TestBackend) {
        document(&t, true).await;
        unmark_store(&t);
        let id = join(&t).await.expect("joined");
        assert_eq!(fs::read_to_string(t.data().join("blobs/portal.id")).expect("written").trim(), id.to_string());
    }

    async fn an_empty_database_does_not_get_a_full_store(t: TestBackend) {
        place(&t, "0198c0de-0000-7000-8000-0000000000fe");
        for marked in [true, false] {
            if !marked {
                unmark_store(&t);
            }
            unmark_database(&t).await;
            assert_eq!(apart(&t).await, Apart::StoreUnknown);
            assert_eq!(t.count("SELECT COUNT(*) FROM portal").await, 0, "nothing was written");
        }
    }

    async fn a_database_with_documents_does_not_get_an_empty_store(t: TestBackend) {
        document(&t, false).await;
        unmark_store(&t);
        assert_eq!(apart(&t).await, Apart::DatabaseUnknown);
        assert!(!t.data().join("blobs/portal.id").exists(), "nothing was written");
    }

    async fn two_portals_stay_apart_until_somebody_says_that_they_are_one(t: TestBackend) {
        fs::write(t.data().join("blobs/portal.id"), OTHER).expect("written");
        assert!(matches!(apart(&t).await, Apart::Two { store, .. } if store.to_string() == OTHER));
        let id = storage::adopt(t.db(), &t.blobs(), FRESH, START).await.expect("adopts");
        assert_ne!(id, FRESH, "what the database says stands");
        assert_eq!(join(&t).await.expect("joined"), id);
    }

    async fn two_that_start_at_once_agree(t: TestBackend) {
        unmark_database(&t).await;
        unmark_store(&t);
        let blobs = t.blobs();
        let fresh = |last: u8| PortalId::new(uuid::Uuid::from_bytes([last; 16]));
        let starts = (0..8).map(|number| storage::join(t.db(), &blobs, fresh(number), START));
        let ids = futures::future::join_all(starts).await;
        let ids: Vec<_> = ids.into_iter().map(|id| id.expect("joined")).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }
}

async fn join(t: &TestBackend) -> Result<PortalId, NotJoined> {
    storage::join(t.db(), &t.blobs(), FRESH, START).await
}

async fn apart(t: &TestBackend) -> Apart {
    match join(t).await {
        Err(NotJoined::Apart(apart)) => apart,
        other => panic!("not apart: {other:?}"),
    }
}

async fn unmark_database(t: &TestBackend) {
    sqlx::query("DELETE FROM portal").execute(&t.sql).await.expect("deletes");
}

fn unmark_store(t: &TestBackend) {
    fs::remove_file(t.data().join("blobs/portal.id")).expect("removed");
}

/// A document in the database, and its blob unless it is lost.
async fn document(t: &TestBackend, with_blob: bool) {
    let ops = t.ops().await;
    let bytes = testkit::office::docx("a report");
    let begun = t.uploads.begin(&ops, "report.docx", None).await.expect("begins");
    let backend::intake::Begun::Started(mut upload) = begun else { panic!("refused") };
    upload.write(bytes.into()).await.expect("written");
    upload.finish().await.expect("finishes");
    if !with_blob {
        let (id,): (String,) = sqlx::query_as("SELECT blob_id FROM document_versions ORDER BY id DESC LIMIT 1")
            .fetch_one(&t.sql)
            .await
            .expect("selects");
        fs::remove_file(t.data().join("blobs").join(&id[id.len() - 2..]).join(&id)).expect("lost");
    }
}

fn place(t: &TestBackend, id: &str) {
    let shard = t.data().join("blobs").join(&id[id.len() - 2..]);
    fs::create_dir_all(&shard).expect("a shard");
    fs::write(shard.join(id), "sealed").expect("written");
}
