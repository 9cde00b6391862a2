//! What is accepted, what is refused, and what is left on the disk.

use backend::intake::{Begun, Verdict};
use bytes::Bytes;
use domain::{
    DocumentKind, DocumentQuery, ErrorCode,
    activity::{Action, ActivityQuery},
};
use testkit::{TestBackend, office};

use crate::{collect, contains, contents_below, deposit, long_text, refuse, stored, upload};

testkit::on_both! {
    async fn a_file_of_each_kind_is_deposited_listed_and_read_byte_for_byte(t: TestBackend) {
        let (ops, client) = (t.ops().await, t.client().await);
        let long = long_text();
        for (name, kind, bytes) in [
            ("report.docx", DocumentKind::Docx, office::docx("A report")),
            ("figures.xlsx", DocumentKind::Xlsx, office::xlsx(&long)),
            ("slides.PPTX", DocumentKind::Pptx, office::pptx(&long)),
        ] {
            let file = deposit(&t, &ops, name, &bytes).await;
            assert_eq!((file.kind, file.size, file.version), (kind, bytes.len() as u64, 1));
            assert!(collect(&t, &client, file.id).await == bytes, "{name} came back changed");
        }
        let page = t.documents.list(&client, &DocumentQuery::default()).await.expect("lists");
        assert_eq!(page.rows.len(), 3);
        assert!(page.rows.iter().all(|row| !row.is_new && row.sender == "ops" && row.handed_over_to.is_none()));
    }

    async fn the_hash_is_that_of_the_bytes_received(t: TestBackend) {
        let bytes = office::docx("A report");
        let file = deposit(&t, &t.ops().await, "report.docx", &bytes).await;
        let expected = ring::digest::digest(&ring::digest::SHA256, &bytes);
        let expected: String = expected.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(file.sha256.to_string(), expected);
    }

    async fn what_happened_is_data_with_ids_and_names_nobody(t: TestBackend) {
        let (ops, client) = (t.ops().await, t.client().await);
        let file = deposit(&t, &ops, "report for ana.docx", &office::docx("A report")).await;
        collect(&t, &client, file.id).await;
        t.links.settle().await;
        let rows: Vec<(String, String, String, String)> = sqlx::query_as(
            "SELECT action, event, COALESCE(document_id, ''), COALESCE(version_id, '') FROM activity ORDER BY id",
        )
        .fetch_all(&t.sql)
        .await
        .expect("every row is data");
        for action in ["document.deposited", "link.minted", "download.started", "download.handed_over"] {
            let (_, event, document, version) = rows.iter().find(|row| row.0 == action).expect(action);
            assert_eq!(*document, file.id.to_string(), "{action}");
            assert!(event.contains(document) && event.contains(version) && !version.is_empty(), "{event}");
        }
        assert!(rows.iter().any(|(_, event, ..)| event.contains(&file.sha256.to_string())));
        for (_, event, ..) in rows {
            assert!(!event.contains("ana") && !event.contains('@'), "{event}");
        }
    }

    async fn a_row_of_before_events_were_data_says_what_it_said(t: TestBackend) {
        let id = "0198c0de-0000-7000-8000-000000000001";
        for statement in [
            "INSERT INTO activity (id, at, action) VALUES ($1, 1, 'document.deposited')",
            "INSERT INTO activity_particulars (activity_id, actor_label, subject, address, remark, search) \
             VALUES ($1, 'ops@example.com', 'report.docx', '203.0.113.9', 'version 1, 10 bytes', '')",
        ] {
            sqlx::query(statement).bind(id).execute(&t.sql).await.expect("inserts");
        }
        let log = t.activity.list(&t.ops().await, &ActivityQuery::default()).await.expect("reads the log");
        let row = log.rows.last().expect("the oldest row");
        assert_eq!((row.subject.as_str(), row.detail.as_str()), ("report.docx", "version 1, 10 bytes"));
        assert_eq!(row.action, Action::Deposited);
    }

    async fn what_is_refused_leaves_nothing_but_a_line_in_the_log(t: TestBackend) {
        let ops = t.ops().await;
        for (name, bytes, code) in [
            ("notes.docx", b"just text".to_vec(), "not_zip"),
            ("empty.docx", Vec::new(), "empty_file"),
            ("renamed.docx", office::xlsx("figures"), "kind_mismatch"),
            ("macros.docx", office::docx_with_macro("a report"), "macro_part"),
            ("report.pdf", office::docx("a report"), "unsupported_kind"),
            ("../up.docx", office::docx("a report"), "invalid_file_name"),
        ] {
            let rejected = refuse(&t, &ops, name, &bytes).await;
            assert_eq!((rejected.code.as_str(), rejected.name.as_str()), (code, name));
            assert!(!rejected.message.is_empty());
        }
        assert_eq!(stored(&t).len(), 0);
        assert_eq!(t.count("SELECT COUNT(*) FROM documents").await, 0);
        assert_eq!(t.count("SELECT COUNT(*) FROM uploads").await, 0);
        let query = ActivityQuery { action: Some(Action::UploadRefused), ..ActivityQuery::default() };
        let log = t.activity.list(&ops, &query).await.expect("reads the log");
        assert_eq!(log.rows.len(), 6);
        assert_eq!((log.rows[5].subject.as_str(), log.rows[5].detail.as_str()), ("notes.docx", "not_zip"));
    }

    async fn an_upload_is_stopped_at_the_limit_declared_or_not(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = office::docx(&long_text());
        let small = t.restarted(|settings| settings.max_upload = 100_000);
        assert_eq!(refuse(&small, &ops, "long.docx", &bytes).await.code, "too_large");

        let Begun::Started(mut upload) = small.uploads.begin(&ops, "long.docx", None).await.expect("begins") else {
            panic!("nothing was declared that could be refused");
        };
        upload.write(Bytes::from(vec![0; 100_000])).await.expect("still allowed");
        for _ in 0..2 {
            let error = upload.write(Bytes::from_static(b"x")).await.expect_err("one too many");
            assert_eq!(error.code(), Some(ErrorCode::TooLarge));
        }
        let verdict = upload.finish().await.expect("gives the verdict");
        assert!(matches!(verdict, Verdict::Rejected(rejected) if rejected.code == "too_large"));
        assert_eq!(stored(&t).len(), 0);
    }

    async fn an_upload_that_ends_early_or_late_is_refused(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = office::docx("a report");
        for declared in [bytes.len() as u64 - 1, bytes.len() as u64 + 1, u64::from(u32::MAX) / 8] {
            let begun = t.uploads.begin(&ops, "report.docx", Some(declared)).await.expect("begins");
            let Begun::Started(mut upload) = begun else { panic!("{declared} bytes are allowed") };
            upload.write(Bytes::from(bytes.clone())).await.expect("written");
            let verdict = upload.finish().await.expect("gives the verdict");
            assert!(matches!(verdict, Verdict::Rejected(rejected) if rejected.code == "length_mismatch"));
        }
        let begun = t.uploads.begin(&ops, "report.docx", Some(u64::MAX)).await.expect("begins");
        assert!(matches!(begun, Begun::Rejected(rejected) if rejected.code == "too_large"));
        assert_eq!(t.count("SELECT COUNT(*) FROM documents").await, 0);
    }

    async fn only_ops_deposit_and_a_client_who_tries_is_written_down(t: TestBackend) {
        let client = t.client().await;
        for (caller, code) in [(&client, ErrorCode::OpsOnly), (&TestBackend::nobody(), ErrorCode::NotSignedIn)] {
            let error = t.uploads.begin(caller, "report.docx", None).await.err().expect("refused");
            assert_eq!(error.code(), Some(code));
        }
        assert_eq!(t.count("SELECT COUNT(*) FROM activity WHERE action = 'access.denied'").await, 1);
    }

    async fn nothing_of_a_file_is_found_in_the_clear_below_the_data_folder(t: TestBackend) {
        let marker = "MARKER-7f3a-quarterly-figures";
        let ops = t.ops().await;
        let file = deposit(&t, &ops, "report.docx", &office::docx(&format!("{marker} {}", long_text()))).await;
        let traces = deposit(&t, &ops, "traces.docx", &office::docx_with_traces(marker, marker)).await;
        refuse(&t, &ops, "macros.docx", &office::docx_with_macro(marker)).await;
        collect(&t, &ops, file.id).await;
        let told = t.documents.examined(&ops, traces.id).await.expect("reads").expect("it was examined");
        assert!(serde_json::to_string(&told).expect("JSON").contains(marker), "what was found names the marker");
        let all = contents_below(t.data());
        assert!(all.len() > 100_000, "the blob is there");
        assert!(!contains(&all, marker.as_bytes()));
        assert!(!contains(&all, b"word/document.xml"));
        let rows = t.everything_stored().await;
        assert!(rows.contains("traces.docx") && !rows.contains(marker), "nor in a row, on whatever engine");
    }

    async fn several_uploads_at_once_do_not_disturb_each_other(t: TestBackend) {
        let ops = t.ops().await;
        let files: Vec<_> = (0..8).map(|number| office::docx(&format!("{number} {}", long_text()))).collect();
        let uploads = files.iter().enumerate().map(|(number, bytes)| {
            let (t, ops) = (&t, &ops);
            async move { upload(t, ops, &format!("{number}.docx"), bytes).await }
        });
        for (verdict, bytes) in futures::future::join_all(uploads).await.into_iter().zip(&files) {
            let Verdict::Deposited(file) = verdict else { panic!("refused: {verdict:?}") };
            assert!(collect(&t, &ops, file.id).await == *bytes);
        }
        assert_eq!(t.count("SELECT COUNT(*) FROM uploads").await, 0);
    }
}
