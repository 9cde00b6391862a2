//! Uploads that several requests bring: each adds what it can, whoever is in charge of the next, and what comes out is what
//! one request would have brought.

use std::time::Duration;

use backend::{
    Caller,
    intake::{Entered, Verdict},
};
use bytes::Bytes;
use domain::{ErrorCode, Role, UploadId, upload::DepositedFile};
use office::{Summary, Verdict as Outcome};
use testkit::{TestBackend, office as made};

use crate::{collect, deposit, long_text, rotating::rotate, stored};

const HOUR: Duration = Duration::from_secs(3600);

testkit::on_both! {
    async fn what_several_requests_bring_is_the_document_that_one_would_have_brought(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = made::docx(&long_text().repeat(3));
        let id = enter(&t, &ops, &bytes).await;
        let cuts = [0, 1, 65_536, 65_537, 300_000, bytes.len()];
        for (number, cut) in cuts.windows(2).enumerate() {
            // Every request meets another instance, over the same database and store.
            let instance = t.restarted(|_| {});
            assert_eq!(instance.uploads.progress(&ops, id).await.expect("is there").received, cut[0] as u64);
            let error = instance.uploads.finish(&ops, id).await.expect_err("not all is here");
            assert_eq!(error.code(), Some(ErrorCode::LengthMismatch));
            let mut addition = instance.uploads.go_on(&ops, id, cut[0] as u64).await.expect("goes on");
            for piece in bytes[cut[0]..cut[1]].chunks(50_021) {
                addition = addition.write(Bytes::copy_from_slice(piece)).await.expect("written");
            }
            assert_eq!(addition.keep().await.expect("kept"), cut[1] as u64);
            assert_eq!(t.count("SELECT COUNT(*) FROM blobs WHERE state = 'claimed'").await, number as i64 + 1);
        }
        let file = finish(&t.restarted(|_| {}), &ops, id).await;
        let once = deposit(&t, &ops, "once.docx", &bytes).await;
        assert_eq!((file.sha256, file.size), (once.sha256, once.size));
        assert!(collect(&t, &ops, file.id).await == bytes);
        assert_eq!(t.count("SELECT COUNT(*) FROM uploads").await, 0);
        assert_eq!(t.count("SELECT COUNT(*) FROM blobs").await, 2, "the parts are gone");
        assert_eq!(stored(&t).len(), 2);
        assert_eq!(t.uploads.progress(&ops, id).await.expect_err("it is over").code(), Some(ErrorCode::NotFound));
    }

    async fn what_one_request_brings_in_full_is_not_copied(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = made::docx(&long_text());
        let id = enter(&t, &ops, &bytes).await;
        add(&t, &ops, id, 0, &bytes).await;
        let part = text(&t, "SELECT id FROM blobs").await;
        let file = finish(&t.restarted(|_| {}), &ops, id).await;
        assert_eq!(text(&t, "SELECT blob_id FROM document_versions").await, part);
        assert!(collect(&t, &ops, file.id).await == bytes);
    }

    async fn a_connection_that_breaks_loses_what_was_not_kept_and_the_next_goes_on(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = made::docx(&long_text().repeat(3));
        let id = enter(&t, &ops, &bytes).await;
        add(&t, &ops, id, 0, &bytes[..100_000]).await;
        let broken = t.uploads.go_on(&ops, id, 100_000).await.expect("goes on");
        let broken = broken.write(Bytes::copy_from_slice(&bytes[100_000..200_000])).await.expect("written");
        // The server does not know yet that nothing more will come.
        add(&t, &ops, id, 100_000, &bytes[100_000..]).await;
        let error = broken.keep().await.expect_err("somebody else went on");
        assert_eq!(error.into_problem().code, ErrorCode::Unavailable);
        let file = finish(&t, &ops, id).await;
        assert!(collect(&t, &ops, file.id).await == bytes);
        t.purge_due().await.expect("purges");
        assert_eq!(t.count("SELECT COUNT(*) FROM blobs").await, 1);
    }

    async fn it_goes_on_where_it_stopped_and_nowhere_else(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = made::docx("a report");
        let id = enter(&t, &ops, &bytes).await;
        add(&t, &ops, id, 0, &bytes[..1_000]).await;
        for offset in [0, 999, 1_001, u64::MAX] {
            let problem = t.uploads.go_on(&ops, id, offset).await.err().expect("refused").into_problem();
            assert_eq!((problem.code, problem.field.as_deref()), (ErrorCode::InvalidRequest, Some("offset")));
            assert_eq!(problem.message, "1000 bytes of the file are here. Go on from there.");
        }
        let addition = t.uploads.go_on(&ops, id, 1_000).await.expect("goes on");
        let error = addition.write(Bytes::copy_from_slice(&bytes)).await.err().expect("more than there are");
        assert_eq!(error.code(), Some(ErrorCode::LengthMismatch));
        assert_eq!(t.uploads.progress(&ops, id).await.expect("is there").received, 1_000);
        add(&t, &ops, id, 1_000, &bytes[1_000..]).await;
        let file = finish(&t, &ops, id).await;
        assert!(collect(&t, &ops, file.id).await == bytes);
    }

    async fn nobody_else_sees_it_or_adds_to_it(t: TestBackend) {
        let (ops, other, ana) = (t.ops().await, t.account(Role::Ops, "rosa@example.com").await, t.client().await);
        let bytes = made::docx("a report");
        let id = enter(&t, &ops, &bytes).await;
        for (caller, code) in [
            (&other, ErrorCode::NotFound),
            (&ana, ErrorCode::OpsOnly),
            (&TestBackend::nobody(), ErrorCode::NotSignedIn),
        ] {
            let uploads = &t.uploads;
            let refused = [
                uploads.progress(caller, id).await.err(),
                uploads.go_on(caller, id, 0).await.err(),
                uploads.finish(caller, id).await.err(),
                uploads.give_up(caller, id).await.err(),
            ];
            for error in refused {
                assert_eq!(error.expect("refused").code(), Some(code));
            }
        }
        add(&t, &ops, id, 0, &bytes).await;
        finish(&t, &ops, id).await;
    }

    async fn one_that_is_given_up_or_over_leaves_nothing(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = made::docx(&long_text());
        let given_up = enter(&t, &ops, &bytes).await;
        add(&t, &ops, given_up, 0, &bytes[..100_000]).await;
        t.uploads.give_up(&ops, given_up).await.expect("given up");
        assert_eq!((stored(&t).len(), t.count("SELECT COUNT(*) FROM blobs").await), (0, 0));

        let id = enter(&t, &ops, &bytes).await;
        add(&t, &ops, id, 0, &bytes[..100_000]).await;
        t.clock.advance(23 * HOUR);
        assert_eq!(t.sweep().await.expect("sweeps").uploads, 0);
        add(&t, &ops, id, 100_000, &bytes[100_000..200_000]).await;
        t.clock.advance(23 * HOUR);
        assert_eq!(t.sweep().await.expect("sweeps").uploads, 0, "the second request has put its end off");
        t.clock.advance(2 * HOUR);
        assert_eq!(t.uploads.progress(&ops, id).await.expect_err("it is over").code(), Some(ErrorCode::NotFound));
        assert_eq!(t.sweep().await.expect("sweeps").uploads, 1);
        t.clock.advance(14 * 24 * HOUR);
        assert_eq!(t.sweep().await.expect("sweeps").doomed, 2);
        assert_eq!((t.purge_due().await.expect("purges"), stored(&t).len()), (2, 0));
    }

    async fn the_inspection_refuses_it_as_it_refuses_any_other(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = b"no document at all".repeat(10_000);
        let begun = t.uploads.enter(&ops, "report.docx", bytes.len() as u64, None).await.expect("entered");
        let Entered::Waiting(progress) = begun else { panic!("refused: {begun:?}") };
        add(&t, &ops, progress.id, 0, &bytes[..70_000]).await;
        add(&t, &ops, progress.id, 70_000, &bytes[70_000..]).await;
        let verdict = t.uploads.finish(&ops, progress.id).await.expect("finishes");
        assert!(matches!(verdict, Verdict::Rejected(_)), "{verdict:?}");
        assert_eq!((stored(&t).len(), t.count("SELECT COUNT(*) FROM uploads").await), (0, 0));
        for (name, length) in [("report.pdf", 10), ("report.docx", u64::MAX)] {
            let entered = t.uploads.enter(&ops, name, length, None).await.expect("answered");
            assert!(matches!(entered, Entered::Rejected(_)), "{name} {length}");
        }
    }

    async fn what_its_senders_inspection_said_is_compared_with_ours(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = made::docx("a report");
        let summary = Summary { verdict: Outcome::Flagged, codes: Vec::new() };
        let entered = t.uploads.enter(&ops, "report.docx", bytes.len() as u64, Some(&summary)).await.expect("entered");
        let Entered::Waiting(progress) = entered else { panic!("refused: {entered:?}") };
        add(&t, &ops, progress.id, 0, &bytes).await;
        finish(&t, &ops, progress.id).await;
        assert_eq!(t.count("SELECT COUNT(*) FROM activity WHERE action = 'document.inspection_differed'").await, 1);
    }

    async fn its_key_is_needed_as_long_as_it_lasts(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = made::docx(&long_text());
        let id = enter(&t, &ops, &bytes).await;
        add(&t, &ops, id, 0, &bytes[..100_000]).await;
        let before = text(&t, "SELECT key_id FROM uploads").await;
        rotate(&t);
        let rotated = t.restarted(|_| {});
        rotated.documents.rotated().await.expect("rotated");
        assert_eq!(t.count("SELECT COUNT(*) FROM portal_keys WHERE retired_at IS NOT NULL").await, 0);
        add(&t, &ops, id, 100_000, &bytes[100_000..]).await;
        let file = finish(&rotated, &ops, id).await;
        rotated.documents.rewrap().await.expect("nothing to do");
        assert_eq!(t.count("SELECT COUNT(*) FROM portal_keys WHERE retired_at IS NOT NULL").await, 1);
        assert!(collect(&t, &ops, file.id).await == bytes);
        assert_ne!(text(&t, "SELECT key_id FROM document_versions").await, before);
    }
}

async fn enter(t: &TestBackend, ops: &Caller, bytes: &[u8]) -> UploadId {
    match t.uploads.enter(ops, "report.docx", bytes.len() as u64, None).await.expect("entered") {
        Entered::Waiting(progress) => progress.id,
        Entered::Rejected(rejected) => panic!("refused: {rejected:?}"),
    }
}

/// One request that comes to its end.
async fn add(t: &TestBackend, ops: &Caller, id: UploadId, offset: u64, bytes: &[u8]) {
    let mut addition = t.uploads.go_on(ops, id, offset).await.expect("goes on");
    for piece in bytes.chunks(50_021) {
        addition = addition.write(Bytes::copy_from_slice(piece)).await.expect("written");
    }
    assert_eq!(addition.keep().await.expect("kept"), offset + bytes.len() as u64);
}

async fn finish(backend: &backend::Backend, ops: &Caller, id: UploadId) -> DepositedFile {
    match backend.uploads.finish(ops, id).await.expect("finishes") {
        Verdict::Deposited(file) => file,
        Verdict::Rejected(rejected) => panic!("refused: {rejected:?}"),
    }
}

async fn text(t: &TestBackend, statement: &'static str) -> String {
    let (text,): (String,) = sqlx::query_as(statement).fetch_one(&t.sql).await.expect("selects");
    text
}
