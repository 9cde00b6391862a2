//! The sweep: what nothing names goes, in its time; what somebody still needs, or may need again, stays.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use backend::{
    intake::{Begun, Upload, Verdict},
    storage::Swept,
};
use bytes::Bytes;
use domain::{DocumentQuery, ErrorCode};
use testkit::{TestBackend, office};

use crate::{collect, deposit, long_text, stored};

const ORPHAN: &str = "0198c0de-0000-7000-8000-0000000000fe";
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const NOTHING: Swept = Swept { uploads: 0, found: 0, doomed: 0, abandoned: 0 };

testkit::on_both! {
    async fn orphans_and_staged_files_go_in_their_time_and_documents_stay(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = office::docx("a report");
        let file = deposit(&t, &ops, "report.docx", &bytes).await;
        place(&t, ORPHAN);
        place(&t, &format!("{ORPHAN}#1"));
        place(&t, "notes-of-somebody");
        dated(&t);
        assert_eq!(t.sweep().await.expect("sweeps"), Swept { found: 1, ..NOTHING }, "it is entered, and stays");
        t.clock.advance(47 * HOUR);
        assert_eq!(t.sweep().await.expect("sweeps"), NOTHING, "they are young");
        t.clock.advance(HOUR);
        assert_eq!(t.sweep().await.expect("sweeps"), Swept { abandoned: 1, ..NOTHING });
        t.clock.advance(11 * DAY);
        assert_eq!(t.sweep().await.expect("sweeps"), NOTHING);
        t.clock.advance(DAY);
        assert_eq!(t.sweep().await.expect("sweeps"), Swept { doomed: 1, ..NOTHING });
        assert_eq!((t.purge_due().await.expect("purges"), stored(&t).len()), (1, 2));
        assert_eq!(t.count("SELECT COUNT(*) FROM blobs WHERE state <> 'kept'").await, 0);
        assert!(t.data().join("blobs/fe/notes-of-somebody").exists(), "what is not ours is left alone");
        assert_eq!(collect(&t, &ops, file.id).await, bytes);
    }

    async fn an_older_database_over_a_newer_store_loses_no_blob(t: TestBackend) {
        let ops = t.ops().await;
        let kept = deposit(&t, &ops, "kept.docx", &office::docx("kept")).await;
        let later = deposit(&t, &ops, "later.docx", &office::docx("later")).await;
        dated(&t);
        // The copy that is restored is from before the second document.
        let rows = forget(&t, &later.id.to_string()).await;
        assert_eq!(t.sweep().await.expect("sweeps"), Swept { found: 1, ..NOTHING });
        for _ in 0..13 {
            t.clock.advance(DAY);
            assert_eq!(t.sweep().await.expect("sweeps"), NOTHING);
        }
        // Then it is noticed, and the newer copy is restored.
        remember(&t, rows).await;
        t.clock.advance(100 * DAY);
        assert_eq!((t.sweep().await.expect("sweeps"), t.purge_due().await.expect("purges")), (NOTHING, 0));
        for (file, text) in [(&kept, "kept"), (&later, "later")] {
            assert_eq!(collect(&t, &ops, file.id).await, office::docx(text));
        }
    }

    async fn a_database_of_another_portal_sweeps_nothing(t: TestBackend) {
        let ops = t.ops().await;
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        dated(&t);
        t.clock.advance(100 * DAY);
        let statements = ["UPDATE portal SET id = '0198c0de-0000-7000-8000-000000000009'", "DELETE FROM portal"];
        for statement in statements {
            sqlx::query(statement).execute(&t.sql).await.expect("changed");
            assert!(t.sweep().await.is_err(), "{statement}");
        }
        assert_eq!(stored(&t).len(), 1);
        assert_eq!(collect(&t, &ops, file.id).await, office::docx("a report"));
    }

    async fn a_clock_that_jumps_and_comes_back_removes_nothing(t: TestBackend) {
        place(&t, ORPHAN);
        dated(&t);
        let before = t.now();
        t.clock.advance(1_000 * DAY);
        assert_eq!(t.sweep().await.expect("sweeps"), Swept { found: 1, ..NOTHING });
        t.clock.set(before);
        for _ in 0..30 {
            assert_eq!(t.sweep().await.expect("sweeps"), NOTHING);
            t.clock.advance(DAY);
        }
        assert_eq!(stored(&t).len(), 1);
    }

    async fn the_blob_of_a_deleted_document_goes_at_once(t: TestBackend) {
        let ops = t.ops().await;
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        dated(&t);
        t.clock.advance(100 * DAY);
        t.documents.delete_unconfirmed(&ops, file.id).await.expect("deleted");
        assert_eq!(t.sweep().await.expect("sweeps"), NOTHING, "a purge has it");
        assert_eq!(t.purge_due().await.expect("purges"), 1);
        assert_eq!(stored(&t).len(), 0);
    }

    async fn what_is_claimed_stays_until_the_claim_is_over(t: TestBackend) {
        let upload = begin(&t).await;
        sqlx::query("UPDATE blobs SET id = $1").bind(ORPHAN).execute(&t.sql).await.expect("renamed");
        sqlx::query("UPDATE uploads SET claimed_until = $1")
            .bind(t.now().after(49 * HOUR).millis())
            .execute(&t.sql)
            .await
            .expect("claimed");
        place(&t, ORPHAN);
        place(&t, &format!("{ORPHAN}#1"));
        dated(&t);
        t.clock.advance(48 * HOUR);
        assert_eq!(t.sweep().await.expect("sweeps"), NOTHING);
        t.clock.advance(2 * HOUR);
        assert_eq!(t.sweep().await.expect("sweeps"), Swept { uploads: 1, abandoned: 1, ..NOTHING });
        drop(upload);
        t.clock.advance(14 * DAY);
        assert_eq!(t.sweep().await.expect("sweeps"), Swept { doomed: 1, ..NOTHING });
        assert_eq!((t.purge_due().await.expect("purges"), stored(&t).len()), (1, 0));
    }

    async fn a_sweep_in_the_middle_of_an_upload_does_no_harm(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = office::docx(&long_text().repeat(3));
        let mut upload = begin(&t).await;
        for piece in bytes.chunks(300_000) {
            upload.write(Bytes::copy_from_slice(piece)).await.expect("written");
            t.clock.advance(Duration::from_secs(25 * 60));
            assert_eq!(t.sweep().await.expect("sweeps"), NOTHING);
        }
        let verdict = upload.finish().await.expect("finishes");
        let Verdict::Deposited(file) = verdict else { panic!("refused: {verdict:?}") };
        assert!(collect(&t, &ops, file.id).await == bytes);
    }

    async fn an_upload_whose_claim_was_swept_is_never_half_visible(t: TestBackend) {
        let mut upload = begin(&t).await;
        upload.write(Bytes::from(office::docx(&long_text()))).await.expect("written");
        t.clock.advance(Duration::from_secs(31 * 60));
        assert_eq!(t.sweep().await.expect("sweeps").uploads, 1);
        let error = upload.finish().await.expect_err("its claim is gone");
        assert_eq!(error.into_problem().code, ErrorCode::Unavailable);
        assert_eq!(t.count("SELECT COUNT(*) FROM documents").await, 0);
        cleaned_up(&t).await;
        assert_eq!(stored(&t), Vec::<PathBuf>::new());
    }

    async fn an_upload_that_is_aborted_or_dropped_leaves_nothing(t: TestBackend) {
        let bytes = office::docx(&long_text().repeat(3));
        let mut upload = begin(&t).await;
        upload.write(Bytes::from(bytes.clone())).await.expect("written");
        upload.abort().await;
        assert_eq!(stored(&t), Vec::<PathBuf>::new());
        assert_eq!(t.count("SELECT COUNT(*) FROM uploads").await, 0);

        let mut upload = begin(&t).await;
        upload.write(Bytes::from(bytes)).await.expect("written");
        drop(upload);
        for _ in 0..500 {
            if stored(&t).is_empty() && t.count("SELECT COUNT(*) FROM uploads").await == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("still there: {:?}", stored(&t));
    }

    async fn the_worker_cleans_up_by_itself_and_stops_when_it_is_told(t: TestBackend) {
        let ops = t.ops().await;
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        t.documents.delete_unconfirmed(&ops, file.id).await.expect("deleted");
        place(&t, ORPHAN);
        t.sweep().await.expect("sweeps");
        t.clock.advance(14 * DAY);
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let backend = (*t).clone();
        let worker = tokio::spawn(async move { backend.run_worker(stopped).await });
        while !stored(&t).is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop.send(true).expect("the worker listens");
        tokio::time::timeout(Duration::from_secs(5), worker).await.expect("it stops").expect("it does not panic");
    }

    async fn an_upload_cancelled_while_it_is_finished_is_there_whole_or_not_at_all(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = office::docx(&long_text().repeat(3));
        for step in 0..30 {
            let mut upload = begin(&t).await;
            upload.write(Bytes::from(bytes.clone())).await.expect("written");
            let patience = Duration::from_micros(1_500 * step);
            let finished = tokio::time::timeout(patience, upload.finish()).await;
            // A commit that was cancelled may take effect later; then an older document is among the rows.
            let page = t.documents.list(&ops, &DocumentQuery::default()).await.expect("lists");
            if let Ok(verdict) = finished {
                let Verdict::Deposited(file) = verdict.expect("finishes") else { panic!("a sound file is refused") };
                assert!(page.rows.iter().any(|row| row.id == file.id));
            }
            for row in page.rows {
                assert!(collect(&t, &ops, row.id).await == bytes);
                t.documents.delete_unconfirmed(&ops, row.id).await.expect("deleted");
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        for row in t.documents.list(&ops, &DocumentQuery::default()).await.expect("lists").rows {
            assert!(collect(&t, &ops, row.id).await == bytes);
            t.documents.delete_unconfirmed(&ops, row.id).await.expect("deleted");
        }
        cleaned_up(&t).await;
        assert_eq!(stored(&t), Vec::<PathBuf>::new());
        assert_eq!(t.count("SELECT COUNT(*) FROM blobs").await, 0);
    }
}

async fn begin(t: &TestBackend) -> Box<Upload> {
    match t.uploads.begin(&t.ops().await, "report.docx", None).await.expect("begins") {
        Begun::Started(upload) => upload,
        Begun::Rejected(rejected) => panic!("refused: {rejected:?}"),
    }
}

/// Sweeps until everything is gone that nothing names.
async fn cleaned_up(t: &TestBackend) {
    dated(t);
    for _ in 0..2 {
        t.sweep().await.expect("sweeps");
        t.clock.advance(14 * DAY);
    }
    t.sweep().await.expect("sweeps");
    t.purge_due().await.expect("purges");
}

/// Puts a file where the blob of [`ORPHAN`] would lie.
fn place(t: &TestBackend, name: &str) {
    let shard = t.data().join("blobs/fe");
    fs::create_dir_all(&shard).expect("a shard");
    fs::write(shard.join(name), "left over").expect("written");
}

/// Makes every file in the store as old as the clock of the test says it is.
fn dated(t: &TestBackend) {
    let now = std::time::UNIX_EPOCH + Duration::from_millis(t.now().millis().try_into().expect("after 1970"));
    let date = |path: &Path| {
        fs::File::options().append(true).open(path).expect("a file").set_modified(now).expect("its date is set");
    };
    crate::walk(&t.data().join("blobs"), &mut |path| date(path));
}

type Version = (String, String, i64, i64, String, String, String, i64, String, i64, String);
type Document = (String, String, String, String, i64, String, i64);

/// Takes the rows of a document away, as the restoration of an older copy does.
async fn forget(t: &TestBackend, document: &str) -> (Document, Version) {
    let about = sqlx::query_as(
        "SELECT id, name, name_folded, kind, size, current_version, uploaded_at FROM documents WHERE id = $1",
    );
    let about = about.bind(document).fetch_one(&t.sql).await.expect("selects");
    let version = sqlx::query_as(
        "SELECT id, document_id, number, size, sha256, key_id, wrapped_key, key_format, uploaded_by, uploaded_at, blob_id \
         FROM document_versions WHERE document_id = $1",
    );
    let version = version.bind(document).fetch_one(&t.sql).await.expect("selects");
    for statement in [
        "DELETE FROM grants WHERE document_id = $1",
        "DELETE FROM delivery_documents WHERE document_id = $1",
        "DELETE FROM blobs WHERE id IN (SELECT blob_id FROM document_versions WHERE document_id = $1)",
        "DELETE FROM document_versions WHERE document_id = $1",
        "DELETE FROM documents WHERE id = $1",
    ] {
        sqlx::query(statement).bind(document).execute(&t.sql).await.expect("deletes");
    }
    (about, version)
}

async fn remember(t: &TestBackend, (about, version): (Document, Version)) {
    let kept = "UPDATE blobs SET holds = 'version', state = 'kept', size = $2 WHERE id = $1";
    sqlx::query(kept).bind(&version.10).bind(version.3).execute(&t.sql).await.expect("as it was");
    sqlx::query(
        "INSERT INTO documents (id, name, name_folded, kind, size, current_version, uploaded_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(about.0)
    .bind(about.1)
    .bind(about.2)
    .bind(about.3)
    .bind(about.4)
    .bind(about.5)
    .bind(about.6)
    .execute(&t.sql)
    .await
    .expect("inserts");
    sqlx::query(
        "INSERT INTO document_versions \
         (id, document_id, number, size, sha256, key_id, wrapped_key, key_format, uploaded_by, uploaded_at, blob_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(version.0)
    .bind(version.1)
    .bind(version.2)
    .bind(version.3)
    .bind(version.4)
    .bind(version.5)
    .bind(version.6)
    .bind(version.7)
    .bind(version.8)
    .bind(version.9)
    .bind(&version.10)
    .execute(&t.sql)
    .await
    .expect("inserts");
}
