//! The sweep: what nothing names goes, what somebody still needs stays.

use std::{fs, path::PathBuf, time::Duration};

use backend::{
    documents::{Begun, Upload, Verdict},
    storage::Swept,
};
use bytes::Bytes;
use domain::{DocumentQuery, ErrorCode};
use testkit::{TestBackend, office};

use crate::{collect, deposit, long_text, stored};

const ORPHAN: &str = "0198c0de-0000-7000-8000-0000000000fe";

testkit::on_both! {
    async fn orphans_and_staged_files_go_and_documents_stay(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = office::docx("a report");
        let file = deposit(&t, &ops, "report.docx", &bytes).await;
        place(&t, ORPHAN);
        place(&t, &format!("{ORPHAN}#1"));
        place(&t, "notes-of-somebody");
        assert_eq!(t.sweep().await.expect("sweeps"), Swept { claims: 0, blobs: 1, staged: 1 });
        assert_eq!(t.sweep().await.expect("sweeps"), Swept::default());
        assert!(t.data().join("blobs/fe/notes-of-somebody").exists(), "what is not ours is left alone");
        assert_eq!(collect(&t, &ops, file.id).await, bytes);
    }

    async fn what_is_claimed_stays_until_the_claim_is_over(t: TestBackend) {
        let ops = t.ops().await;
        let claim = "INSERT INTO uploads (version_id, account_id, claimed_until) VALUES ($1, $2, $3)";
        sqlx::query(claim)
            .bind(ORPHAN)
            .bind(ops.person().expect("a person").id().to_string())
            .bind(t.now().after(Duration::from_secs(60)).millis())
            .execute(&t.sql)
            .await
            .expect("claimed");
        place(&t, ORPHAN);
        place(&t, &format!("{ORPHAN}#1"));
        assert_eq!(t.sweep().await.expect("sweeps"), Swept::default());
        t.clock.advance(Duration::from_secs(61));
        assert_eq!(t.sweep().await.expect("sweeps"), Swept { claims: 1, blobs: 1, staged: 1 });
    }

    async fn a_sweep_in_the_middle_of_an_upload_does_no_harm(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = office::docx(&long_text().repeat(3));
        let mut upload = begin(&t).await;
        for piece in bytes.chunks(300_000) {
            upload.write(Bytes::copy_from_slice(piece)).await.expect("written");
            t.clock.advance(Duration::from_secs(25 * 60));
            assert_eq!(t.sweep().await.expect("sweeps"), Swept::default());
        }
        let verdict = upload.finish().await.expect("finishes");
        let Verdict::Deposited(file) = verdict else { panic!("refused: {verdict:?}") };
        assert!(collect(&t, &ops, file.id).await == bytes);
    }

    async fn an_upload_whose_claim_was_swept_is_never_half_visible(t: TestBackend) {
        let mut upload = begin(&t).await;
        upload.write(Bytes::from(office::docx(&long_text()))).await.expect("written");
        t.clock.advance(Duration::from_secs(31 * 60));
        assert_eq!(t.sweep().await.expect("sweeps").claims, 1);
        let error = upload.finish().await.expect_err("its claim is gone");
        assert_eq!(error.into_problem().code, ErrorCode::Unavailable);
        assert_eq!(t.count("SELECT COUNT(*) FROM documents").await, 0);
        t.sweep().await.expect("sweeps");
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
        t.purge_due().await.expect("purges");
        t.clock.advance(Duration::from_secs(3600));
        t.sweep().await.expect("sweeps");
        assert_eq!(stored(&t), Vec::<PathBuf>::new());
    }
}

async fn begin(t: &TestBackend) -> Box<Upload> {
    match t.uploads.begin(&t.ops().await, "report.docx", None).await.expect("begins") {
        Begun::Started(upload) => upload,
        Begun::Rejected(rejected) => panic!("refused: {rejected:?}"),
    }
}

/// Puts a file where the blob of [`ORPHAN`] would lie.
fn place(t: &TestBackend, name: &str) {
    let shard = t.data().join("blobs/fe");
    fs::create_dir_all(&shard).expect("a shard");
    fs::write(shard.join(name), "left over").expect("written");
}
