//! Downloads: who gets the bytes, which bytes, and what the others are told.

use std::time::Duration;

use domain::activity::Action;
use http::{Method, StatusCode};
use testkit::office;

use crate::harness::App;

testkit::on_both! {
    async fn a_link_gives_its_account_the_exact_bytes(t: TestBackend) {
        let app = App::over(t);
        let word = office::docx("hello");
        let document = app.deposit("Übersicht \u{1F4C8}.docx", &word).await;
        let ana = app.client().await;
        let (cookie, bearer) = (app.cookie_of(&ana).await, app.bearer_of(&ana).await);
        let path = format!("/download/{}", app.link(&ana, document).await);
        let reply = app.get(&path).html().cookie(&cookie).send().await;
        assert_eq!(reply.status, StatusCode::OK);
        assert_eq!(reply.body, word);
        assert_eq!(reply.header("content-length"), word.len().to_string());
        assert_eq!(
            reply.header("content-disposition"),
            "attachment; filename=\"_bersicht _.docx\"; filename*=UTF-8''%C3%9Cbersicht%20%F0%9F%93%88.docx"
        );
        assert!(reply.header("content-security-policy").starts_with("sandbox"));
        assert_eq!(reply.header("cache-control"), "private, no-store");
        let reply = app.get(&format!("/api/v1{path}")).header("authorization", &bearer).send().await;
        assert_eq!(reply.body, word);
    }

    async fn nobody_else_gets_anything(t: TestBackend) {
        let app = App::over(t);
        let document = app.deposit("a.docx", &office::docx("hello")).await;
        let (ana, ben, ops) = (app.client().await, app.other_client().await, app.ops().await);
        let path = format!("/download/{}", app.link(&ana, document).await);

        let reply = app.get(&path).html().send().await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER);
        assert_eq!(reply.header("location"), format!("/login?next={path}"));
        assert_eq!(app.get(&path).send().await.code(), "not_signed_in");

        for stranger in [&ben, &ops] {
            let cookie = app.cookie_of(stranger).await;
            assert_eq!(app.get(&path).cookie(&cookie).send().await.code(), "not_found");
            let page = app.get(&path).html().cookie(&cookie).send().await;
            assert_eq!(page.status, StatusCode::NOT_FOUND);
            let address = stranger.person().expect("somebody").me.email.to_string();
            assert!(page.text().contains(&address) && page.text().contains("Switch account"), "{}", page.text());
            assert!(!page.text().contains("ana@example.com"), "whose link it is stays unsaid");
            let bearer = app.bearer_of(stranger).await;
            let reply = app.get(&format!("/api/v1{path}")).header("authorization", &bearer).send().await;
            assert_eq!(reply.code(), "not_found");
        }
        assert!(app.recorded(Action::Denied).await >= 6);
        assert_eq!(app.recorded(Action::DownloadStarted).await, 0);
    }

    async fn the_owner_of_a_dead_link_is_told_why(t: TestBackend) {
        let app = App::over(t);
        let document = app.deposit("a.docx", &office::docx("hello")).await;
        let ana = app.client().await;
        let path = format!("/download/{}", app.link(&ana, document).await);
        app.clock.advance(Duration::from_secs(11 * 60));
        let cookie = app.cookie_of(&ana).await;
        let reply = app.get(&path).html().cookie(&cookie).send().await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER);
        let location = reply.header("location").to_owned();
        assert!(location.starts_with(&format!("/dead-link?because=expired&document={document}&at=")), "{location}");
        assert_eq!(app.get(&location).html().cookie(&cookie).send().await.status, StatusCode::OK);
        let reply = app.get(&path).cookie(&cookie).send().await;
        assert_eq!((reply.status, reply.code().as_str()), (StatusCode::GONE, "link_expired"));
        // A stranger learns nothing of it.
        let other = app.cookie_of(&app.other_client().await).await;
        assert_eq!(app.get(&path).cookie(&other).send().await.code(), "not_found");
    }

    async fn a_range_after_a_revocation_is_refused_and_its_owner_is_told_why(t: TestBackend) {
        let app = App::over(t);
        let document = app.deposit("a.docx", &office::docx(&"long ".repeat(50_000))).await;
        let ana = app.client().await;
        let cookie = app.cookie_of(&ana).await;
        let path = format!("/download/{}", app.link(&ana, document).await);
        let part = |range| app.get(&path).cookie(&cookie).header("range", range);
        assert_eq!(part("bytes=0-99").send().await.status, StatusCode::PARTIAL_CONTENT);
        app.change_deliveries("UPDATE deliveries SET revoked_at = 1").await;
        let reply = part("bytes=100-199").send().await;
        assert_eq!((reply.status, reply.code().as_str()), (StatusCode::GONE, "link_revoked"));
        let reply = part("bytes=100-199").html().send().await;
        let location = reply.header("location").to_owned();
        assert!(location.starts_with("/dead-link?because=revoked"), "{location}");
        let page = app.get(&location).html().cookie(&cookie).send().await;
        assert!(page.text().contains("was taken back from you"), "{}", page.text());
        let page = app.get(&format!("/documents/{document}")).html().cookie(&cookie).send().await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }

    async fn a_tampered_link_is_nonsense(t: TestBackend) {
        let app = App::over(t);
        let document = app.deposit("a.docx", &office::docx("hello")).await;
        let ana = app.client().await;
        let cookie = app.cookie_of(&ana).await;
        let token = app.link(&ana, document).await;
        let flipped = token.replacen("v4.local.", "v4.local.A", 1);
        for token in [flipped.as_str(), &token[..token.len() - 2], "v4.local.", "x", "..%2f..", "%00"] {
            let reply = app.get(&format!("/download/{token}")).cookie(&cookie).send().await;
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{token}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_are_sent_as_asked_for() {
    let app = App::new().await;
    let word = office::docx(&"long ".repeat(50_000));
    let size = word.len();
    let document = app.deposit("a.docx", &word).await;
    let ana = app.client().await;
    let cookie = app.cookie_of(&ana).await;
    let path = format!("/download/{}", app.link(&ana, document).await);
    let get = || app.get(&path).cookie(&cookie);
    let tag = get().send().await.header("etag").to_owned();

    for (range, expected) in
        [("bytes=0-0", 0..1), ("bytes=65530-131079", 65_530..131_080), ("bytes=-7", size - 7..size)]
    {
        let reply = get().header("range", range).send().await;
        assert_eq!(reply.status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(reply.body, word[expected.clone()], "{range}");
        let shown = format!("bytes {}-{}/{size}", expected.start, expected.end - 1);
        assert_eq!(reply.header("content-range"), shown);
        assert_eq!(reply.header("content-length"), expected.len().to_string());
    }
    let reply = get().header("range", &format!("bytes={size}-")).send().await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::RANGE_NOT_SATISFIABLE, "range_not_satisfiable"));
    assert_eq!(reply.header("content-range"), format!("bytes */{size}"));

    let reply = get().header("range", "bytes=5-9").header("if-range", &tag).send().await;
    assert_eq!(reply.body, word[5..10]);
    let reply = get().header("range", "bytes=5-9").header("if-range", "\"other\"").send().await;
    assert_eq!((reply.status, reply.body.len()), (StatusCode::OK, size));
    let reply = get().header("range", "bytes=0-1,5-6").send().await;
    assert_eq!((reply.status, reply.body.len()), (StatusCode::OK, size));
    assert_eq!(get().header("if-none-match", &tag).send().await.status, StatusCode::NOT_MODIFIED);
    assert_eq!(get().header("if-match", "\"other\"").send().await.code(), "precondition_failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn head_tells_the_same_and_counts_as_nothing() {
    let app = App::new().await;
    let word = office::docx("hello");
    let document = app.deposit("a.docx", &word).await;
    let ana = app.client().await;
    let cookie = app.cookie_of(&ana).await;
    let path = format!("/download/{}", app.link(&ana, document).await);
    let head = app.ask(Method::HEAD, &path).cookie(&cookie).header("range", "bytes=0-1").send().await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    assert_eq!(head.header("content-length"), word.len().to_string());
    assert_eq!(head.header("accept-ranges"), "bytes");
    assert_eq!(app.recorded(Action::DownloadStarted).await, 0);

    let get = app.get(&path).cookie(&cookie).send().await;
    for name in ["content-length", "content-type", "content-disposition", "etag"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    app.links.settle().await;
    assert_eq!(app.recorded(Action::HandedOver).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_api_brings_links_that_work() {
    let app = App::new().await;
    for i in 0..3 {
        app.deposit(&format!("{i}.docx"), &office::docx(&format!("document {i}"))).await;
    }
    let bearer = app.bearer_of(&app.client().await).await;
    let get = |path: &str| app.get(path).header("authorization", &bearer);
    let page: serde_json::Value = get("/api/v1/files?sort=name&limit=2").send().await.json();
    let files = page["files"].as_array().expect("files");
    assert_eq!(files.len(), 2);
    for file in files {
        let url = file["download_url"].as_str().expect("a link");
        let path = url.strip_prefix(crate::harness::BASE).expect("the configured address");
        assert_eq!(get(path).send().await.status, StatusCode::OK);
    }
    let cursor = page["next_cursor"].as_str().expect("another page");
    let next = format!("/api/v1/files?sort=name&limit=2&cursor={cursor}");
    let page: serde_json::Value = get(&next).send().await.json();
    assert_eq!(page["files"][0]["name"], "2.docx");
    assert!(page["next_cursor"].is_null());

    let id = page["files"][0]["id"].as_str().expect("an id");
    let ask = app.post(&format!("/api/v1/files/{id}/link")).header("authorization", &bearer);
    let link: serde_json::Value = ask.send().await.json();
    let path = link["url"].as_str().and_then(|url| url.strip_prefix(crate::harness::BASE)).expect("a link");
    assert_eq!(get(path).send().await.body, office::docx("document 2"));
    let wrong = get("/api/v1/files?limit=0").send().await;
    assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::BAD_REQUEST, "invalid_query"));
}
