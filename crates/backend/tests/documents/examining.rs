//! What the inspection found: kept sealed, told to everybody as far as it concerns them.

use domain::{DocumentId, ErrorCode};
use office::{Code, Examination, Verdict};
use testkit::{TestBackend, office as files};

use crate::{collect, deposit};

const AUTHOR: &str = "Ana Example";

testkit::on_both! {
    async fn ops_read_all_of_it_and_clients_what_concerns_a_reader(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit(&t, &ops, "report.docx", &files::docx_with_traces("a report", AUTHOR)).await;
        let all = t.documents.examined(&ops, file.id).await.expect("reads").expect("it was examined");
        assert_eq!(all.verdict, Verdict::Flagged);
        assert!(all.report.has(Code::ExternalImage) && all.report.has(Code::EmbeddedObject), "{all:?}");
        assert!(json(&all).contains("Ana-Example.bin"), "the name of a part is told to ops");

        let some = t.documents.examined(&ana, file.id).await.expect("reads").expect("it was examined");
        assert_eq!(some.verdict, Verdict::Flagged);
        let codes: Vec<_> = some.report.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, [Code::EmbeddedObject, Code::ExternalImage]);
        assert_eq!(some.xray.as_ref().map(|xray| xray.kind), Some(office::Kind::Docx));
        assert!(!json(&some).contains("Example") && !json(&some).contains("example.com"), "{}", json(&some));
    }

    async fn who_does_not_see_the_document_is_told_nothing_of_it(t: TestBackend) {
        let (ops, ana, nobody) = (t.ops().await, t.client().await, TestBackend::nobody());
        let file = deposit(&t, &ops, "report.docx", &files::docx("a report")).await;
        let unknown: DocumentId = "0198c0de-0000-7000-8000-00000000dead".parse().expect("an id");
        let refused = async |caller, id| t.documents.examined(caller, id).await.expect_err("refused").code();
        assert_eq!(refused(&nobody, file.id).await, Some(ErrorCode::NotSignedIn));
        assert_eq!(refused(&ana, unknown).await, Some(ErrorCode::NotFound));
        t.change_deliveries("DELETE FROM delivery_audiences").await;
        assert_eq!(refused(&ana, file.id).await, Some(ErrorCode::NotFound));
        t.documents.examined(&ops, file.id).await.expect("ops see every document");
        t.documents.delete_unconfirmed(&ops, file.id).await.expect("deleted");
        assert_eq!(refused(&ops, file.id).await, Some(ErrorCode::NotFound));
    }

    async fn a_document_of_before_has_none_and_is_collected_all_the_same(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let bytes = files::docx("a report");
        let file = deposit(&t, &ops, "report.docx", &bytes).await;
        sqlx::query("UPDATE document_versions SET examination = NULL").execute(&t.sql).await.expect("as it was");
        assert_eq!(t.documents.examined(&ops, file.id).await.expect("reads"), None);
        assert_eq!(collect(&t, &ana, file.id).await, bytes);
    }

    async fn an_examination_outlives_a_rotation_of_the_master_key_and_not_the_end_of_its_document(t: TestBackend) {
        let ops = t.ops().await;
        let file = deposit(&t, &ops, "report.docx", &files::docx_with_traces("a report", AUTHOR)).await;
        let told = t.documents.examined(&ops, file.id).await.expect("reads");
        let keys = t.data().join("keys/master.keys");
        let old = std::fs::read_to_string(&keys).expect("the keys are there");
        std::fs::write(&keys, format!("{}=\n{old}", "A".repeat(43))).expect("written");
        let rotated = t.restarted(|_| {});
        assert_eq!(rotated.documents.examined(&ops, file.id).await.expect("reads"), told);

        let (kept,): (String,) =
            sqlx::query_as("SELECT examination FROM document_versions").fetch_one(&t.sql).await.expect("a copy is kept");
        t.documents.delete_unconfirmed(&ops, file.id).await.expect("deleted");
        assert_eq!(t.count("SELECT COUNT(*) FROM document_versions WHERE examination IS NOT NULL").await, 0);
        sqlx::query("UPDATE documents SET deleted_at = NULL").execute(&t.sql).await.expect("put back");
        let put_back = sqlx::query("UPDATE document_versions SET examination = $1").bind(kept);
        put_back.execute(&t.sql).await.expect("put back");
        let error = t.documents.examined(&ops, file.id).await.expect_err("its key was destroyed");
        assert_eq!(error.into_problem().code, ErrorCode::Internal);
    }

    async fn an_examination_put_in_the_place_of_another_does_not_open(t: TestBackend) {
        let ops = t.ops().await;
        let one = deposit(&t, &ops, "one.docx", &files::docx("one")).await;
        deposit(&t, &ops, "two.docx", &files::docx("two")).await;
        let moved = "UPDATE document_versions SET examination = \
             (SELECT examination FROM document_versions WHERE document_id <> $1) WHERE document_id = $1";
        sqlx::query(moved).bind(one.id.to_string()).execute(&t.sql).await.expect("moved");
        let error = t.documents.examined(&ops, one.id).await.expect_err("it belongs to another");
        assert_eq!(error.into_problem().code, ErrorCode::Internal);
    }
}

fn json(examination: &Examination) -> String {
    serde_json::to_string(examination).expect("JSON")
}
