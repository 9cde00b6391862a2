//! What is in a file: told of documents, told of files that are not kept, and taken out of copies.

use std::time::Duration;

use axum::body::{Body, Bytes};
use futures::stream;
use http::StatusCode;
use serde_json::Value;
use testkit::office;

use crate::harness::{App, content_type, multipart};

const AUTHOR: &str = "Ana Example";

testkit::on_both! {
    async fn the_xray_of_a_document_is_told_as_far_as_it_concerns_the_asker(t: TestBackend) {
        let app = App::over(t);
        let document = app.deposit("report.docx", &office::docx_with_traces("a report", AUTHOR)).await;
        let path = format!("/api/v1/files/{document}/xray");
        let (ops, ana) = (app.bearer_of(&app.ops().await).await, app.bearer_of(&app.client().await).await);

        let reply = app.get(&path).header("authorization", &ops).send().await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        let all: Value = reply.json();
        assert_eq!((&all["verdict"], &all["xray"]["kind"]), (&"flagged".into(), &"docx".into()));
        assert!(all["findings"].as_array().is_some_and(|findings| findings.len() >= 2));
        let topics: Vec<_> = sections(&all).iter().map(|section| section["topic"].clone()).collect();
        assert!(topics.contains(&"metadata".into()) && topics.contains(&"comments".into()), "{all}");
        assert!(reply.text().contains(AUTHOR));

        let reply = app.get(&path).header("authorization", &ana).send().await;
        let some: Value = reply.json();
        assert!(!reply.text().contains("Example") && !reply.text().contains("example.com"), "{some}");
        assert!(sections(&some).iter().any(|section| section["topic"] == "external_links"), "{some}");
        assert!(sections(&some).iter().all(|section| section["items"].as_array().is_some_and(Vec::is_empty)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_of_before_says_that_it_was_not_examined() {
    let app = App::new().await;
    let document = app.deposit("report.docx", &office::docx("a report")).await;
    sqlx::query("UPDATE document_versions SET examination = NULL").execute(&app.sql).await.expect("as it was");
    let ops = app.bearer_of(&app.ops().await).await;
    let reply = app.get(&format!("/api/v1/files/{document}/xray")).header("authorization", &ops).send().await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::NOT_FOUND, "not_examined"));
}

#[tokio::test(flavor = "multi_thread")]
async fn inspecting_gives_the_report_of_whatever_file_and_keeps_none() {
    let app = App::new().await;
    let ops = app.bearer_of(&app.ops().await).await;
    for (bytes, verdict) in [
        (office::docx("a report"), "accept"),
        (office::docx_with_traces("a report", AUTHOR), "flagged"),
        (office::docx_with_macro("a report"), "refused"),
    ] {
        let ask = app.post("/api/v1/inspect").header("authorization", &ops).files(&[("report.docx", &bytes)]);
        let reply = ask.send().await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        let told: Value = reply.json();
        assert_eq!(told["verdict"], verdict);
        assert_eq!(told["xray"].is_null(), verdict == "refused");
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM documents").await, 0);
    assert_eq!(app.count("SELECT COUNT(*) FROM uploads").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_copy_comes_back_under_its_name_and_says_what_it_is_without() {
    let app = App::new().await;
    let ops = app.bearer_of(&app.ops().await).await;
    let word = office::docx_with_traces("a report", AUTHOR);
    let clean = |query: &str| app.post(&format!("/api/v1/clean{query}")).header("authorization", &ops);

    let reply = clean("").files(&[("Übersicht.docx", &word)]).send().await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    assert_eq!(reply.header("content-type"), domain::DocumentKind::Docx.media_type());
    assert!(reply.header("content-disposition").ends_with("filename*=UTF-8''%C3%9Cbersicht.docx"));
    assert_eq!(
        (reply.header("cache-control"), reply.header("x-content-type-options")),
        ("private, no-store", "nosniff")
    );
    assert_eq!(reply.header("content-length"), reply.body.len().to_string());
    assert_eq!(reply.header("strongroom-removed"), "metadata=1, comments=1");
    assert_eq!(topics_left(&app, &ops, &reply.body).await, ["external_links", "embedded_objects"]);

    let reply = clean("?remove=comments").files(&[("report.docx", &word)]).send().await;
    assert_eq!(reply.header("strongroom-removed"), "comments=1");
    assert_eq!(topics_left(&app, &ops, &reply.body).await, ["metadata", "external_links", "embedded_objects"]);
    let signed = office::docx_signed("a report", AUTHOR);
    for (query, broken) in [("", "1"), ("?remove=comments,signatures", "none"), ("?remove=speaker_notes", "none")] {
        let reply = clean(query).files(&[("report.docx", &signed)]).send().await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        let told =
            reply.headers.get("strongroom-broken-signatures").map_or("none", |count| count.to_str().unwrap_or(""));
        assert_eq!(told, broken, "{query}");
    }
    let reply = clean("?remove=hidden_slides").files(&[("report.docx", &word)]).send().await;
    assert_eq!((reply.status, reply.headers.get("strongroom-removed")), (StatusCode::OK, None));
    assert_eq!(app.count("SELECT COUNT(*) FROM uploads").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_cleaned_is_said_with_its_code() {
    let app = App::new().await;
    let ops = app.bearer_of(&app.ops().await).await;
    let (word, macros) = (office::docx("a"), office::docx_with_macro("b"));
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    for (query, name, bytes, status, code) in [
        ("", "b.docx", &macros, unprocessable, "file_refused"),
        ("?remove=external_links", "a.docx", &word, unprocessable, "not_removable"),
        ("?remove=everything", "a.docx", &word, StatusCode::BAD_REQUEST, "invalid_query"),
        ("?remove=comments,,", "a.docx", &word, StatusCode::BAD_REQUEST, "invalid_query"),
        ("", "a.pdf", &word, unprocessable, "unsupported_kind"),
        ("", "../a.docx", &word, unprocessable, "invalid_file_name"),
        ("", "", &word, unprocessable, "no_file"),
    ] {
        let ask = app.post(&format!("/api/v1/clean{query}")).header("authorization", &ops);
        let reply = ask.files(&[(name, bytes)]).send().await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{query} {name}");
        let findings = &reply.json::<Value>()["findings"];
        assert_eq!(findings[0]["code"] == "macro_part", code == "file_refused", "{findings}");
    }
    let ask = app.post("/api/v1/clean").header("authorization", &ops);
    let reply = ask.files(&[("a.docx", &word), ("b.docx", &word)]).send().await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::BAD_REQUEST, "invalid_request"));
    soon_nothing_claimed(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_breaks_off_is_neither_inspected_nor_kept() {
    let app = App::new().await;
    let ops = app.bearer_of(&app.ops().await).await;
    let word = office::docx(&"long ".repeat(50_000));
    let open = multipart(&[("a.docx", &word)], false);
    for path in ["/api/v1/inspect", "/api/v1/clean"] {
        let send = |body: Body| {
            let ask = app.post(path).header("authorization", &ops).header("content-type", &content_type());
            ask.body(body).send()
        };
        assert_eq!(send(Body::from(open.clone())).await.code(), "length_mismatch");
        let broken = stream::iter([Ok(Bytes::from(open[..400].to_vec())), Err(std::io::Error::other("reset"))]);
        assert_eq!(send(Body::from_stream(broken)).await.code(), "length_mismatch");
    }
    soon_nothing_claimed(&app).await;
}

/// What is dropped is removed by a task of its own.
async fn soon_nothing_claimed(app: &App) {
    for _ in 0..500 {
        if app.count("SELECT COUNT(*) FROM uploads").await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a claim is left");
}

/// The topics that are found in a file.
async fn topics_left(app: &App, bearer: &str, bytes: &[u8]) -> Vec<String> {
    let ask = app.post("/api/v1/inspect").header("authorization", bearer).files(&[("copy.docx", bytes)]);
    let told: Value = ask.send().await.json();
    sections(&told).iter().filter_map(|section| section["topic"].as_str().map(str::to_owned)).collect()
}

fn sections(examination: &Value) -> Vec<Value> {
    examination["xray"]["sections"].as_array().expect("an X-ray").clone()
}
