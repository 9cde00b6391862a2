//! Uploads: verdicts, limits, and bodies that break off.

use axum::body::{Body, Bytes};
use domain::{activity::Action, upload::UploadReport};
use futures::stream;
use http::StatusCode;
use server::{AppState, Web, router};
use testkit::{TestBackend, office};
use tower_sessions::cookie::Cookie;

use crate::harness::{App, Field, content_type, multipart, multipart_of, pair};

async fn documents(app: &App) -> i64 {
    app.count("SELECT COUNT(*) FROM documents").await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_file_gets_its_own_verdict() {
    let app = App::new().await;
    let bearer = app.bearer_of(&app.ops().await).await;
    let (word, sheet, macros) = (office::docx("a"), office::xlsx("b"), office::docx_with_macro("c"));
    let files: [(&str, &[u8]); 4] = [("Ä.docx", &word), ("b.xlsx", &sheet), ("c.docx", &macros), ("../d.docx", &word)];
    let reply = app.post("/api/v1/upload").header("authorization", &bearer).files(&files).send().await;
    assert_eq!(reply.status, StatusCode::MULTI_STATUS);
    let report: UploadReport = reply.json();
    let names: Vec<_> = report.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["Ä.docx", "b.xlsx"]);
    assert_eq!(report.files[0].size, word.len() as u64);
    let refused: Vec<_> = report.rejected.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(refused, ["c.docx", "../d.docx"]);
    assert!(!report.rejected[0].findings.is_empty());
    assert_eq!(report.rejected[1].code, "invalid_file_name");
    assert_eq!(documents(&app).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_accepted_is_422_with_the_reasons() {
    let app = App::new().await;
    let bearer = app.bearer_of(&app.ops().await).await;
    let upload = || app.post("/api/v1/upload").header("authorization", &bearer);
    let reply = upload().files(&[("a.pdf", b"%PDF"), ("b.docx", b"not a zip")]).send().await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(reply.json::<UploadReport>().rejected.len(), 2);

    let reply = upload().files(&[("", b"")]).send().await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "no_file"));
    assert_eq!(upload().form("file=x").send().await.code(), "unsupported_media_type");
    let reply = upload().header("content-type", "multipart/form-data").send().await;
    assert_eq!(reply.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_is_never_a_success() {
    let app = App::new().await;
    let bearer = app.bearer_of(&app.ops().await).await;
    let word = office::docx("a");
    let upload = |body: Body| {
        app.post("/api/v1/upload").header("authorization", &bearer).header("content-type", &content_type()).body(body)
    };
    // Ends without its last boundary, after all bytes of the file.
    let reply = upload(Body::from(multipart(&[("a.docx", &word)], false))).send().await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::BAD_REQUEST, "length_mismatch"));
    // Ends in the middle of the file, cleanly and not.
    let half = multipart(&[("a.docx", &word)], false)[..400].to_vec();
    assert_eq!(upload(Body::from(half.clone())).send().await.code(), "length_mismatch");
    let broken = stream::iter([Ok(Bytes::from(half)), Err(std::io::Error::other("reset"))]);
    assert_eq!(upload(Body::from_stream(broken)).send().await.code(), "length_mismatch");
    assert_eq!(documents(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_over_the_limit_is_stopped_while_it_streams() {
    let backend = TestBackend::sqlite().await;
    let small = backend.restarted(|settings| settings.max_upload = 100_000);
    let mut app = App::over(backend);
    app.router = router(AppState::new(small, Web { https: true, ..Web::default() }));
    let bearer = app.bearer_of(&app.ops().await).await;

    let sent = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let head = Bytes::from(multipart(&[("a.docx", b"")], false));
    let counter = sent.clone();
    let endless = stream::iter(std::iter::once(head).chain(std::iter::repeat_with(move || {
        counter.fetch_add(65_536, std::sync::atomic::Ordering::Relaxed);
        Bytes::from(vec![b'x'; 65_536])
    })));
    let body = Body::from_stream(futures::StreamExt::map(endless, Ok::<_, std::io::Error>));
    let ask = app.post("/api/v1/upload").header("authorization", &bearer).header("content-type", &content_type());
    let reply = ask.body(body).send().await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(reply.json::<UploadReport>().rejected[0].code, "too_large");
    let sent = sent.load(std::sync::atomic::Ordering::Relaxed);
    assert!(sent < 16 << 20, "{sent} bytes were read of an endless body");
}

#[tokio::test(flavor = "multi_thread")]
async fn permission_is_settled_before_the_body_is_read() {
    let app = App::new().await;
    let client = app.client().await;
    let (cookie, bearer) = (app.cookie_of(&client).await, app.bearer_of(&client).await);
    let unreadable = || {
        Body::from_stream(stream::poll_fn(|_| -> std::task::Poll<Option<Result<Bytes, std::io::Error>>> {
            panic!("the body was read")
        }))
    };
    let ask = app.post("/ops/upload").cookie(&cookie).header("content-type", &content_type());
    assert_eq!(ask.body(unreadable()).send().await.status, StatusCode::FORBIDDEN);
    let ask = app.post("/api/v1/upload").header("authorization", &bearer).header("content-type", &content_type());
    assert_eq!(ask.body(unreadable()).send().await.code(), "ops_only");
    let ask = app.post("/api/v1/upload").header("content-type", &content_type());
    assert_eq!(ask.body(unreadable()).send().await.code(), "not_signed_in");
    assert!(app.recorded(Action::Denied).await >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_length_that_a_part_declares_is_held_against_it() {
    let app = App::new().await;
    let bearer = app.bearer_of(&app.ops().await).await;
    let word = office::docx("a");
    for (length, status) in [
        (word.len().to_string(), StatusCode::CREATED),
        ((word.len() + 1).to_string(), StatusCode::UNPROCESSABLE_ENTITY),
        ("18446744073709551615".to_owned(), StatusCode::PAYLOAD_TOO_LARGE),
        ("-1".to_owned(), StatusCode::BAD_REQUEST),
        ("99999999999999999999".to_owned(), StatusCode::BAD_REQUEST),
    ] {
        let body = multipart(&[("a.docx", &word)], true);
        let marker = b"Content-Type: application";
        let at = body.windows(marker.len()).position(|window| window == marker).expect("a part header");
        let declared = [&body[..at], format!("Content-Length: {length}\r\n").as_bytes(), &body[at..]].concat();
        let ask = app.post("/api/v1/upload").header("authorization", &bearer).header("content-type", &content_type());
        let reply = ask.body(Body::from(declared)).send().await;
        assert!(
            reply.status == status || status == StatusCode::PAYLOAD_TOO_LARGE && reply.status.is_client_error(),
            "{length}: {}",
            reply.status
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_browser_has_said_of_a_file_is_held_against_what_the_server_finds() {
    let app = App::new().await;
    let bearer = app.bearer_of(&app.ops().await).await;
    let upload = || app.post("/api/v1/upload").header("authorization", &bearer);
    let (plain, flagged) = (office::docx("a"), office::docx_with_traces("b", "Ana Example"));
    let accept = r#"{"verdict":"accept","codes":[]}"#;
    let told = Field::Text("inspected", accept);
    // It belongs to the file behind it; a file without one is compared with nothing.
    let fields = [told, Field::File("a.docx", &plain), Field::File("b.docx", &flagged)];
    assert_eq!(upload().fields(&fields).send().await.status, StatusCode::CREATED);
    assert_eq!(app.recorded(Action::InspectionDiffered).await, 0);

    let fields = [Field::Text("inspected", accept), Field::File("c.docx", &flagged)];
    assert_eq!(upload().fields(&fields).send().await.status, StatusCode::CREATED);
    assert_eq!(app.recorded(Action::InspectionDiffered).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_about_a_file_is_refused_and_nothing_of_it_stored() {
    let app = App::new().await;
    let bearer = app.bearer_of(&app.ops().await).await;
    let word = office::docx("a");
    let long = format!(r#"{{"verdict":"accept","codes":[{}]}}"#, r#""external_link","#.repeat(1_000));
    for nonsense in
        ["", "accept", r#"{"verdict":"fine","codes":[]}"#, r#"{"verdict":"accept","codes":["made_up"]}"#, &long]
    {
        let ask = app.post("/api/v1/upload").header("authorization", &bearer);
        let reply = ask.fields(&[Field::Text("inspected", nonsense), Field::File("a.docx", &word)]).send().await;
        assert_eq!((reply.status, reply.code().as_str()), (StatusCode::BAD_REQUEST, "invalid_request"), "{nonsense:?}");
        assert_eq!(reply.json::<serde_json::Value>()["field"], "inspected");
    }
    assert_eq!(documents(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_form_goes_back_to_its_page_with_the_report() {
    let app = App::new().await;
    let cookie = app.cookie_of(&app.ops().await).await;
    let word = office::docx("a");
    let ask = app.post("/ops/upload").html().cookie(&cookie).files(&[("a.docx", &word), ("b.pdf", b"x")]);
    let reply = ask.send().await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/ops/upload"));
    let flash = pair(&Cookie::parse(reply.header("set-cookie")).expect("a cookie"));
    let page = app.get("/ops/upload").html().cookie(&format!("{cookie}; {flash}")).send().await;
    assert!(page.text().contains("a.docx") && page.text().contains("b.pdf"), "{}", page.text());

    let ask = app.post("/ops/upload").header("accept", "application/json").cookie(&cookie);
    let reply = ask.files(&[("a.docx", &word)]).send().await;
    assert_eq!(reply.status, StatusCode::CREATED);
    assert_eq!(reply.json::<UploadReport>().files.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_is_told_whatever_happens_to_the_next_file() {
    let (one, two) = (office::docx("one"), office::docx(&"two ".repeat(10_000)));
    let told = [Field::File("one.docx", &one), Field::Text("inspected", "nonsense"), Field::File("two.docx", &two)];
    let app = App::new().await;
    reports_the_first(&app, Body::from(multipart_of(&told, true)), None, "invalid_request").await;
    for is_reset in [false, true] {
        let app = App::new().await;
        let start = multipart(&[("one.docx", &one), ("two.docx", &two)], true)[..one.len() + 500].to_vec();
        let body = Body::from_stream(broken_off(app.sql.clone(), start.into(), is_reset));
        reports_the_first(&app, body, Some("two.docx"), "length_mismatch").await;
    }
}

/// A body that breaks off once its first file is a document.
fn broken_off(
    sql: sqlx::AnyPool,
    start: Bytes,
    is_reset: bool,
) -> impl futures::Stream<Item = Result<Bytes, std::io::Error>> {
    stream::unfold(Some(start), move |start| {
        let sql = sql.clone();
        async move {
            if let Some(start) = start {
                return Some((Ok(start), None));
            }
            loop {
                let count = sqlx::query_as("SELECT COUNT(*) FROM documents").fetch_one(&sql);
                let (count,): (i64,) = count.await.expect("counts");
                match (count, is_reset) {
                    (0, _) => tokio::task::yield_now().await,
                    (_, true) => return Some((Err(std::io::Error::other("reset")), None)),
                    (_, false) => return None,
                }
            }
        }
    })
}

async fn reports_the_first(app: &App, body: Body, file: Option<&str>, code: &str) {
    let bearer = app.bearer_of(&app.ops().await).await;
    let ask = app.post("/api/v1/upload").header("authorization", &bearer).header("content-type", &content_type());
    let reply = ask.body(body).send().await;
    assert_eq!(reply.status, StatusCode::MULTI_STATUS, "{}", reply.text());
    let report: UploadReport = reply.json();
    assert_eq!(report.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["one.docx"]);
    let stopped = report.stopped.expect("it says that reading ended");
    // A reset may be noticed before the name of the next file is read.
    assert!(stopped.file.as_deref().is_none_or(|name| Some(name) == file), "{stopped:?}");
    assert_eq!(stopped.code, code);
    assert_eq!(documents(app).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn some_of_several_files_are_a_status_of_their_own() {
    let app = App::new().await;
    let bearer = app.bearer_of(&app.ops().await).await;
    let word = office::docx("a");
    for (files, status) in [
        (&[("a.docx", &word[..]), ("b.docx", &word)][..], StatusCode::CREATED),
        (&[("a.docx", &word), ("b.pdf", b"x")], StatusCode::MULTI_STATUS),
        (&[("a.pdf", b"x"), ("b.pdf", b"x")], StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let reply = app.post("/api/v1/upload").header("authorization", &bearer).files(files).send().await;
        assert_eq!(reply.status, status, "{}", reply.text());
        let report: UploadReport = reply.json();
        assert_eq!(report.files.len() + report.rejected.len(), files.len(), "every file is told of");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_fails_at_the_second_file_hides_nothing_of_the_first() {
    let app = App::new().await;
    let cookie = app.cookie_of(&app.ops().await).await;
    let word = office::docx("a");
    // The database fails at the second file.
    sqlx::query(
        "CREATE TRIGGER full BEFORE INSERT ON uploads WHEN (SELECT COUNT(*) FROM documents) > 0 \
                 BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    .execute(&app.sql)
    .await
    .expect("a trigger is made");
    let ask = app.post("/ops/upload").html().cookie(&cookie).files(&[("a.docx", &word), ("b.docx", &word)]);
    let reply = ask.send().await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    let flash = pair(&Cookie::parse(reply.header("set-cookie")).expect("a cookie"));
    let page = app.get("/ops/upload").html().cookie(&format!("{cookie}; {flash}")).send().await.text();
    assert!(page.contains("Deposited") && page.contains("b.docx was not taken"), "{page}");
    assert!(!page.contains("nothing was lost"), "{page}");
}
