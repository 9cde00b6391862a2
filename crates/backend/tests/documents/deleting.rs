//! Deleting: the name is typed, the key is destroyed, the bytes follow.

use std::fs;

use backend::documents::{Denied, Receipt};
use domain::{DocumentId, DocumentQuery, ErrorCode, document::DeadBecause};
use futures::StreamExt;
use testkit::{TestBackend, office};

use crate::{collect, denied, deposit, long_text, mint, open, stored};

testkit::on_both! {
    async fn a_document_is_deleted_by_its_name_and_its_key_is_gone_at_once(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        let link = mint(&t, &ana, file.id).await;
        for typed in ["", "reports.docx", "report"] {
            let problem = t.documents.delete(&ops, file.id, typed).await.expect_err("not the name").into_problem();
            assert_eq!((problem.code, problem.field.as_deref()), (ErrorCode::InvalidRequest, Some("name")));
        }
        t.documents.delete(&ops, file.id, " report.docx ").await.expect("deleted");

        assert_eq!(t.count("SELECT COUNT(*) FROM document_versions WHERE wrapped_key IS NOT NULL").await, 0);
        assert!(t.documents.list(&ops, &DocumentQuery::default()).await.expect("lists").rows.is_empty());
        let Denied::Dead(dead) = denied(&t, &ana, &link).await else { panic!("its owner is told") };
        assert_eq!((dead.because, dead.document), (DeadBecause::Deleted, None));
        for result in [t.documents.delete(&ops, file.id, "report.docx").await, t.documents.get(&ana, file.id).await.map(|_| ())] {
            assert_eq!(result.expect_err("gone").code(), Some(ErrorCode::NotFound));
        }

        assert_eq!(t.purge_due().await.expect("purges"), 1);
        assert_eq!(t.purge_due().await.expect("purges"), 0);
        assert_eq!(t.count("SELECT COUNT(*) FROM jobs WHERE kind = 'purge'").await, 0);
        assert_eq!(stored(&t).len(), 0);
        assert_eq!(t.count("SELECT COUNT(*) FROM activity WHERE action = 'document.deleted'").await, 1);
    }

    async fn only_ops_delete(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        for (caller, code) in [(&ana, ErrorCode::OpsOnly), (&TestBackend::nobody(), ErrorCode::NotSignedIn)] {
            let error = t.documents.delete_unconfirmed(caller, file.id).await.expect_err("refused");
            assert_eq!(error.code(), Some(code));
        }
        let unknown: DocumentId = "0198c0de-0000-7000-8000-00000000dead".parse().expect("an id");
        let error = t.documents.delete_unconfirmed(&ops, unknown).await.expect_err("refused");
        assert_eq!(error.code(), Some(ErrorCode::NotFound));
        assert_eq!(t.count("SELECT COUNT(*) FROM activity WHERE action = 'access.denied'").await, 2);
        t.documents.delete_unconfirmed(&ops, file.id).await.expect("deleted");
    }

    async fn of_many_who_delete_at_once_exactly_one_does(t: TestBackend) {
        let ops = t.ops().await;
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        let attempts = (0..8).map(|_| t.documents.delete_unconfirmed(&ops, file.id));
        let results = futures::future::join_all(attempts).await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        assert_eq!(t.count("SELECT COUNT(*) FROM activity WHERE action = 'document.deleted'").await, 1);
    }

    async fn a_download_over_which_the_document_is_deleted_ends_whole_or_with_an_error(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let bytes = office::docx(&long_text().repeat(4));
        for pieces_before in [0, 1, 9, 20] {
            let file = deposit(&t, &ops, "long.docx", &bytes).await;
            let opened = open(&t, &ana, &mint(&t, &ana, file.id).await).await;
            let mut download = opened.start(0..bytes.len() as u64, Receipt::by_reading()).await.expect("starts");
            let mut received = Vec::new();
            for _ in 0..pieces_before {
                received.extend(download.next().await.expect("a piece").expect("sound"));
            }
            t.documents.delete_unconfirmed(&ops, file.id).await.expect("deleted");
            t.purge_due().await.expect("purged");
            let mut failed = false;
            while let Some(piece) = download.next().await {
                match piece {
                    Ok(piece) => received.extend(piece),
                    Err(_) => failed = true,
                }
            }
            assert!(bytes.starts_with(&received));
            assert_eq!(failed, received.len() < bytes.len());
        }
    }

    async fn a_purge_that_fails_is_tried_again_later(t: TestBackend) {
        let ops = t.ops().await;
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        let shard = fs::read_dir(t.data().join("blobs")).expect("a folder").next().expect("a shard").expect("one").path();
        let blob = fs::read_dir(&shard).expect("a folder").next().expect("a blob").expect("one").path();
        fs::remove_file(&blob).expect("removed");
        fs::create_dir(&blob).expect("a folder in its place, which cannot be removed as a file");
        t.documents.delete_unconfirmed(&ops, file.id).await.expect("deleted");
        assert_eq!(t.purge_due().await.expect("tried"), 1);
        assert_eq!(t.count("SELECT attempts FROM jobs WHERE kind = 'purge'").await, 1);
        fs::remove_dir(&blob).expect("removed");
        assert_eq!(t.purge_due().await.expect("not due yet"), 0);
        t.clock.advance(std::time::Duration::from_secs(1));
        assert_eq!(t.purge_due().await.expect("done"), 1);
        assert_eq!(t.count("SELECT COUNT(*) FROM jobs WHERE kind = 'purge'").await, 0);
    }

    async fn what_was_collected_before_another_was_deleted_stays(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let kept = deposit(&t, &ops, "kept.docx", &office::docx("kept")).await;
        let gone = deposit(&t, &ops, "gone.docx", &office::docx("gone")).await;
        t.documents.delete_unconfirmed(&ops, gone.id).await.expect("deleted");
        t.purge_due().await.expect("purged");
        assert_eq!(t.sweep().await.expect("sweeps"), backend::storage::Swept::default());
        assert_eq!(collect(&t, &ana, kept.id).await, office::docx("kept"));
    }
}
