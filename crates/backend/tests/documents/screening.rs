//! Files that are not kept: looked into, cleaned, and gone; and what is written down when two inspections differ.

use std::{path::PathBuf, time::Duration};

use backend::{
    Caller,
    intake::Verdict as Fate,
    intake::{Begun, CleanCopy, NotCleaned, Upload},
};
use bytes::Bytes;
use domain::{
    ErrorCode,
    activity::{Action, ActivityQuery},
};
use futures::{StreamExt, TryStreamExt};
use office::{Code, Removal, Summary, Topic, Verdict};
use testkit::{TestBackend, office as files};

use crate::{contains, contents_below, long_text, stored};

testkit::on_both! {
    async fn a_file_is_examined_and_nothing_of_it_is_kept(t: TestBackend) {
        let ops = t.ops().await;
        for (bytes, verdict) in [
            (files::docx("a report"), Verdict::Accept),
            (files::docx_with_traces("a report", "Ana Example"), Verdict::Flagged),
            (files::docx_with_macro("a report"), Verdict::Refused),
            (b"no archive at all".to_vec(), Verdict::Refused),
        ] {
            let examination = borrowed(&t, &ops, &bytes).await.examine().await.expect("examined");
            assert_eq!((examination.verdict, examination.xray.is_some()), (verdict, verdict != Verdict::Refused));
            assert_nothing_kept(&t).await;
        }
    }

    async fn a_clean_copy_is_given_out_whole_and_is_gone_when_it_has_been_read(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = files::docx_with_traces(&long_text().repeat(3), "Ana Example");
        let copy = cleaned(&t, &ops, &bytes).await;
        assert_eq!((copy.name().as_str(), stored(&t).len()), ("report.docx", 1));
        let all = contents_below(t.data());
        assert!(all.len() > 1_000_000 && !contains(&all, b"figure 00001") && !contains(&all, b"word/document.xml"));
        let size = copy.size();
        let read: Vec<Bytes> = copy.into_stream().await.expect("opens").try_collect().await.expect("sound");
        let read = read.concat();
        assert_eq!(read.len() as u64, size);
        assert_nothing_kept(&t).await;
        let examination = borrowed(&t, &ops, &read).await.examine().await.expect("examined");
        assert_ne!(examination.verdict, Verdict::Refused, "a clean copy passes the inspection: {examination:?}");
    }

    async fn a_copy_that_nobody_reads_to_its_end_is_gone_too(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = files::docx(&long_text().repeat(3));
        drop(cleaned(&t, &ops, &bytes).await);
        soon_nothing_kept(&t).await;
        let mut stream = Box::pin(cleaned(&t, &ops, &bytes).await.into_stream().await.expect("opens"));
        assert!(!stream.next().await.expect("a piece").expect("sound").is_empty());
        drop(stream);
        soon_nothing_kept(&t).await;
    }

    async fn a_copy_that_is_read_slowly_outlives_the_sweep(t: TestBackend) {
        let ops = t.ops().await;
        let copy = cleaned(&t, &ops, &files::docx(&long_text().repeat(3))).await;
        let size = copy.size();
        let mut stream = Box::pin(copy.into_stream().await.expect("opens"));
        let mut read = 0;
        while let Some(piece) = stream.next().await {
            read += piece.expect("sound").len() as u64;
            t.clock.advance(Duration::from_secs(25 * 60));
            assert_eq!(t.sweep().await.expect("sweeps").uploads, 0);
        }
        assert_eq!(read, size);
    }

    async fn giving_up_in_the_middle_of_cleaning_leaves_nothing(t: TestBackend) {
        let ops = t.ops().await;
        let (bytes, topics) = (files::docx(&long_text().repeat(3)), unseen());
        for step in 0..20 {
            let upload = borrowed(&t, &ops, &bytes).await;
            let cleaning = upload.clean(&topics);
            // Whatever has become of it until then is dropped.
            let _ = tokio::time::timeout(Duration::from_millis(2 * step), cleaning).await;
        }
        soon_nothing_kept(&t).await;
    }

    async fn what_is_refused_has_no_copy(t: TestBackend) {
        let ops = t.ops().await;
        let refused = borrowed(&t, &ops, &files::docx_with_macro("a report")).await.clean(&unseen()).await;
        let Err(NotCleaned::Refused(report)) = refused else { panic!("cleaned") };
        assert!(report.has(Code::MacroPart));
        assert_nothing_kept(&t).await;
    }

    async fn the_budget_of_an_inspection_is_a_setting(t: TestBackend) {
        let (ops, bytes) = (t.ops().await, files::docx(&long_text()));
        let small = t.restarted(|settings| settings.inspection.budget.inflated = 1 << 10);
        let mut upload = small.uploads.borrow(&ops, "report.docx", None).await.expect("begins");
        upload.write(Bytes::from(bytes.clone())).await.expect("written");
        let report = upload.examine().await.expect("examined").report;
        let deciding = report.deciding().expect("refused");
        assert_eq!(deciding.code, Code::TooLargeInflated);
        assert!(deciding.message.contains("more than 1 KiB in all"), "{}", deciding.message);
        assert_eq!(borrowed(&t, &ops, &bytes).await.examine().await.expect("examined").verdict, Verdict::Accept);
    }

    async fn what_did_not_arrive_as_it_was_declared_is_not_looked_into(t: TestBackend) {
        let ops = t.ops().await;
        let mut short = t.uploads.borrow(&ops, "report.docx", Some(1_000_000)).await.expect("begins");
        short.write(Bytes::from(files::docx("a report"))).await.expect("written");
        assert_eq!(short.examine().await.expect_err("cut").code(), Some(ErrorCode::LengthMismatch));
        let small = t.restarted(|settings| settings.max_upload = 100);
        let mut long = small.uploads.borrow(&ops, "report.docx", None).await.expect("begins");
        let error = long.write(Bytes::from(files::docx("a report"))).await.expect_err("too much");
        assert_eq!(error.code(), Some(ErrorCode::TooLarge));
        assert_eq!(long.examine().await.expect_err("too much").code(), Some(ErrorCode::TooLarge));
        assert_nothing_kept(&t).await;
    }

    async fn only_ops_have_files_looked_into(t: TestBackend) {
        let (ana, nobody) = (t.client().await, TestBackend::nobody());
        for (caller, code) in [(&ana, ErrorCode::OpsOnly), (&nobody, ErrorCode::NotSignedIn)] {
            let error = t.uploads.borrow(caller, "report.docx", None).await.err().expect("refused");
            assert_eq!(error.code(), Some(code));
        }
        assert_eq!(t.count("SELECT COUNT(*) FROM activity WHERE action = 'access.denied'").await, 1);
        let ops = t.ops().await;
        for (name, code) in [("report.pdf", ErrorCode::UnsupportedKind), ("../up.docx", ErrorCode::InvalidFileName)] {
            let error = t.uploads.borrow(&ops, name, None).await.err().expect("refused");
            assert_eq!(error.code(), Some(code));
        }
    }

    async fn two_inspections_that_differ_are_written_down_with_the_verdict(t: TestBackend) {
        let ops = t.ops().await;
        let flagged = files::docx_with_traces("a report", "Ana Example");
        let found = borrowed(&t, &ops, &flagged).await.examine().await.expect("examined").report.summary();
        let accept = Summary { verdict: Verdict::Accept, codes: Vec::new() };
        assert!(matches!(told(&t, &ops, &flagged, found).await, Fate::Deposited(_)));
        assert_eq!(differences(&t, &ops).await, Vec::<String>::new());

        assert!(matches!(told(&t, &ops, &flagged, accept.clone()).await, Fate::Deposited(_)));
        assert!(matches!(told(&t, &ops, &files::docx_with_macro("a"), accept).await, Fate::Rejected(_)));
        let details = differences(&t, &ops).await;
        assert_eq!(details[1], "report.docx: browser accept; server flagged: embedded_object, external_image");
        assert_eq!(details[0], "report.docx: browser accept; server refused: macro_part");
        assert_eq!(details.len(), 2);
    }
}

async fn borrowed(t: &TestBackend, ops: &Caller, bytes: &[u8]) -> Upload {
    let mut upload = t.uploads.borrow(ops, "report.docx", Some(bytes.len() as u64)).await.expect("begins");
    for piece in bytes.chunks(50_021) {
        upload.write(Bytes::copy_from_slice(piece)).await.expect("written");
    }
    upload
}

async fn cleaned(t: &TestBackend, ops: &Caller, bytes: &[u8]) -> CleanCopy {
    match borrowed(t, ops, bytes).await.clean(&unseen()).await {
        Ok(copy) => copy,
        Err(error) => panic!("not cleaned: {error:?}"),
    }
}

fn unseen() -> Vec<Topic> {
    Topic::ALL.iter().copied().filter(|topic| topic.removal() == Removal::Unseen).collect()
}

/// Deposits a file of which the sender's own inspection has said `summary`.
async fn told(t: &TestBackend, ops: &Caller, bytes: &[u8], summary: Summary) -> Fate {
    let Begun::Started(mut upload) = t.uploads.begin(ops, "report.docx", None).await.expect("begins") else {
        panic!("refused at once");
    };
    upload.compare_with(summary);
    upload.write(Bytes::copy_from_slice(bytes)).await.expect("written");
    upload.finish().await.expect("finishes")
}

async fn differences(t: &TestBackend, ops: &Caller) -> Vec<String> {
    let query = ActivityQuery { action: Some(Action::InspectionDiffered), ..ActivityQuery::default() };
    let log = t.activity.list(ops, &query).await.expect("reads the log");
    log.rows.into_iter().map(|row| format!("{}: {}", row.subject, row.detail)).collect()
}

async fn assert_nothing_kept(t: &TestBackend) {
    assert_eq!(stored(t), Vec::<PathBuf>::new());
    assert_eq!(t.count("SELECT COUNT(*) FROM uploads").await, 0);
    assert_eq!(t.count("SELECT COUNT(*) FROM documents").await, 0);
}

/// What is dropped is removed by a task of its own.
async fn soon_nothing_kept(t: &TestBackend) {
    for _ in 0..500 {
        if stored(t).is_empty() && t.count("SELECT COUNT(*) FROM uploads").await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("still there: {:?}", stored(t));
}
