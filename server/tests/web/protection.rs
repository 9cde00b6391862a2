//! What protects every answer: headers, origin checks, limits, methods.

use axum::body::Body;
use domain::{activity::Action, front::ProxyFault};
use http::{Method, StatusCode};
use server::{Web, middleware::proxy::Proxies};
use testkit::TestBackend;

use crate::harness::{App, BASE};

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_security_headers() {
    let app = App::new().await;
    for (method, path) in [
        (Method::GET, "/login"),
        (Method::GET, "/nothing-here"),
        (Method::GET, "/api/v1/files"),
        (Method::GET, "/api/v1/openapi.json"),
        (Method::GET, "/api/v1/docs"),
        (Method::GET, "/healthz"),
        (Method::GET, "/pkg/missing.css"),
        (Method::GET, "/download/nonsense"),
        (Method::PUT, "/login"),
        (Method::POST, "/api/fn/sign_in"),
    ] {
        let reply = app.ask(method.clone(), path).send().await;
        let at = format!("{method} {path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{at}");
        assert_eq!(reply.header("referrer-policy"), "same-origin", "{at}");
        assert_eq!(reply.header("cross-origin-opener-policy"), "same-origin", "{at}");
        assert_eq!(reply.header("strict-transport-security"), "max-age=31536000", "{at}");
        assert_eq!(reply.header("cache-control"), "no-store", "{at}");
        assert!(!reply.header("x-request-id").is_empty(), "{at}");
        assert_eq!(reply.header("server"), "", "{at}");
        let policy = reply.header("content-security-policy");
        for rule in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(rule), "{at}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{at}: {policy}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_runs_the_scripts_that_carry_its_nonce_and_no_others() {
    let app = App::new().await;
    let (first, second) = (app.get("/login").html().send().await, app.get("/login").html().send().await);
    let nonce = |reply: &crate::harness::Reply| {
        let policy = reply.header("content-security-policy").to_owned();
        let (_, rest) = policy.split_once("'nonce-").expect("a nonce");
        rest.split('\'').next().expect("its end").to_owned()
    };
    assert_ne!(nonce(&first), nonce(&second));
    let page = first.text();
    let scripts = page.matches("<script").count();
    assert!(scripts > 0);
    assert_eq!(page.matches(&format!("nonce=\"{}\"", nonce(&first))).count(), scripts, "{page}");
    assert!(!page.contains("style=\"") && !page.contains("onclick="), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_on_this_machine_sends_no_hsts_and_a_cookie_that_works() {
    let app = App::fronted(TestBackend::sqlite().await, Web::default());
    let form = "name=Ana&email=ana@example.com&password=eight+small+boats";
    let reply = app.post("/api/fn/sign_up").html().form(form).send().await;
    assert_eq!(reply.header("strict-transport-security"), "");
    let cookie = reply.header("set-cookie");
    assert!(cookie.starts_with("strongroom=") && !cookie.contains("Secure"), "{cookie}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_change_from_another_site_is_refused_login_included() {
    let app = App::new().await;
    let form = "email=ana@example.com&password=whatever+it+is";
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for path in ["/api/fn/sign_in", "/api/fn/sign_out", "/ops/upload", "/api/v1/login", "/api/v1/upload"] {
            let reply = app.post(path).header("host", "portal.example.com").header(name, value).form(form).send().await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "{path} {name}: {value}");
            assert_eq!(reply.code(), "cross_site");
        }
    }
    assert_eq!(app.recorded(Action::CrossSite).await, 20);
    assert_eq!(app.count("SELECT COUNT(*) FROM activity WHERE action = 'access.cross_site'").await, 1, "in one row");
    for (name, value) in [("origin", BASE), ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none")] {
        let ask = app.post("/api/fn/sign_in").header("host", "inside.example.net").header(name, value);
        assert_eq!(ask.form(form).send().await.status, StatusCode::UNAUTHORIZED, "{name}: {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_that_no_route_lists_are_405_with_what_is_allowed() {
    let app = App::new().await;
    for (method, path, allowed) in [
        (Method::PUT, "/api/v1/files", "GET,HEAD"),
        (Method::DELETE, "/api/v1/login", "POST"),
        (Method::PATCH, "/login", "GET,HEAD"),
        (Method::OPTIONS, "/documents", "GET,HEAD"),
        (Method::GET, "/api/fn/sign_in", "POST"),
        (Method::POST, "/healthz", "GET,HEAD"),
        (Method::TRACE, "/", "GET,HEAD"),
    ] {
        let reply = app.ask(method.clone(), path).send().await;
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert_eq!(reply.header("allow"), allowed, "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_spelling_of_a_path_opens_no_page() {
    let app = App::new().await;
    let cookie = app.cookie_of(&app.client().await).await;
    for path in
        ["//ops", "/%6fps", "/documents/../ops", "/documents/%2e%2e/ops", "/./ops", "/ops//team", "/ops%2fteam", "/OPS"]
    {
        let reply = app.get(path).html().cookie(&cookie).send().await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        assert!(reply.text().contains("<title>Nothing here"), "{path}");
    }
    let reply = app.get("/documents/").html().cookie(&cookie).send().await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::PERMANENT_REDIRECT, "/documents"));
    assert_eq!(app.get("//evil.example/").html().send().await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_the_api_are_problems_with_a_stable_code() {
    let app = App::new().await;
    let reply = app.get("/api/v1/nothing").html().send().await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::NOT_FOUND, "not_found"));
    let problem: serde_json::Value = reply.json();
    assert_eq!(problem["status"], 404);
    assert_eq!(problem["title"], "Not Found");
    assert_eq!(problem["request_id"], reply.header("x-request-id"));

    let reply = app.get("/api/v1/files").send().await;
    assert_eq!((reply.code().as_str(), reply.header("www-authenticate")), ("not_signed_in", "Bearer"));

    for (body, status, code, field) in [
        (r#"{"name":"","email":"ana@example.com","password":"eight small boats"}"#, 422, "invalid_name", "name"),
        (r#"{"name":"Ana","email":"ana","password":"eight small boats"}"#, 422, "invalid_email", "email"),
        (r#"{"name":"Ana","email":"ana@example.com","password":"short"}"#, 422, "password_too_short", "password"),
    ] {
        let reply = app.post("/api/v1/signup").json(body).send().await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code));
        assert_eq!(reply.json::<serde_json::Value>()["field"], field);
    }
    for body in ["", "{", "[]", r#"{"name":"Ana"}"#, "\u{FFFD}"] {
        assert_eq!(app.post("/api/v1/signup").json(body).send().await.code(), "invalid_request", "{body:?}");
    }
    let reply = app.post("/api/v1/signup").form("name=Ana").send().await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_is_told_in_the_header_and_in_the_body() {
    let app = App::new().await;
    app.register(domain::Role::Client, "ana@example.com").await;
    let body = r#"{"email":"ana@example.com","password":"not the password"}"#;
    for _ in 0..20 {
        let reply = app.post("/api/v1/login").json(body).send().await;
        if reply.status == StatusCode::TOO_MANY_REQUESTS {
            let seconds = reply.json::<serde_json::Value>()["retry_after"].to_string();
            assert_eq!(reply.header("retry-after"), seconds);
            return;
        }
        assert_eq!(reply.code(), "sign_in_failed");
    }
    panic!("twenty wrong passwords in a row were all tried");
}

#[tokio::test(flavor = "multi_thread")]
async fn small_bodies_only_where_small_bodies_belong() {
    let app = App::new().await;
    let big = format!("email=ana@example.com&password={}", "x".repeat(70_000));
    for path in ["/api/fn/sign_in", "/api/v1/login"] {
        let reply = app.post(path).form(&big).send().await;
        assert_eq!((reply.status, reply.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large"), "{path}");
    }
    for length in ["-1", "18446744073709551616", "18446744073709551615", "1e3"] {
        let ask = app.post("/api/v1/login").header("content-length", length).json("{}");
        assert_eq!(ask.send().await.status, StatusCode::PAYLOAD_TOO_LARGE, "{length}");
    }
    let broken = futures::stream::iter([Ok("{"), Err(std::io::Error::other("cut off"))]);
    let reply = app.post("/api/v1/login").header("content-type", "application/json").body(Body::from_stream(broken));
    assert_eq!(reply.send().await.code(), "invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_a_client_is_believed_from_configured_proxies_only() {
    let proxies = Proxies { trusted: vec!["10.0.0.1/32".parse().expect("a network")], ..Proxies::default() };
    let app = App::fronted(TestBackend::sqlite().await, Web { https: true, proxies, ..Web::default() });
    app.register(domain::Role::Client, "ana@example.com").await;
    let body = r#"{"email":"ana@example.com","password":"not the password"}"#;
    for (peer, expected) in [("10.0.0.1:4000", "203.0.113.9"), ("198.51.100.4:4000", "198.51.100.4")] {
        let ask = app.post("/api/v1/login").from(peer).header("x-forwarded-for", "203.0.113.9");
        ask.json(body).send().await;
        app.write_notes().await.expect("refusals are written");
        let newest = "SELECT p.address FROM activity a JOIN activity_particulars p ON p.activity_id = a.id \
                      WHERE a.action = 'session.refused' ORDER BY a.at DESC, a.id DESC LIMIT 1";
        let (address,): (String,) = sqlx::query_as(newest).fetch_one(&app.sql).await.expect("a row");
        assert_eq!(address, expected);
        app.clock.advance(std::time::Duration::from_secs(3600));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_names_nobody_is_noticed_until_it_does() {
    let proxies = Proxies { trusted: vec!["10.0.0.1/32".parse().expect("a network")], ..Proxies::default() };
    let app = App::fronted(TestBackend::sqlite().await, Web { https: true, proxies, ..Web::default() });
    let ops = app.ops().await;
    let seen = async || {
        let troubles = app.front.troubles(&ops).await.expect("reads");
        troubles.into_iter().map(|trouble| (trouble.fault, trouble.via)).collect::<Vec<_>>()
    };
    app.get("/login").html().from("10.0.0.1:4000").header("x-forwarded-for", "203.0.113.9").send().await;
    app.get("/healthz").from("10.0.0.1:4000").send().await;
    assert_eq!(seen().await, [], "health is asked for nobody");

    app.get("/login").html().from("10.0.0.1:4000").header("x-forwarded-for", "_hidden").send().await;
    app.clock.advance(std::time::Duration::from_secs(600));
    app.get("/login").html().from("10.0.0.7:4000").header("x-forwarded-for", "203.0.113.9").send().await;
    let unbelieved = (ProxyFault::Unbelieved, "10.0.0.7".to_owned());
    assert_eq!(seen().await, [unbelieved.clone(), (ProxyFault::Unreadable, "10.0.0.1".to_owned())]);
    let overview = app.get("/ops").html().from("10.0.0.1:4000").header("x-forwarded-for", "203.0.113.9");
    let html = overview.cookie(&app.cookie_of(&ops).await).send().await.text();
    for told in ["The proxy at 10.0.0.1 does not say", "forwarded_header names", "10.0.0.7 says for whom"] {
        assert!(html.contains(told), "{told}: {html}");
    }
    app.clock.advance(std::time::Duration::from_secs(3300));
    assert_eq!(seen().await, [unbelieved], "what is seen no more is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_in_the_folder_is_shown_on_this_machine_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let mail = "From: a@example.com\r\nTo: ana@example.com\r\nSubject: Hello <b>\r\n\r\nhttps://portal.example.com/confirm/x\r\n";
    std::fs::write(folder.path().join("000001795356300-a.eml"), mail).expect("writes");
    let mail_folder = Some(backend::mail::MailFolder::at(folder.path()));
    let app = App::fronted(TestBackend::sqlite().await, Web { mail_folder, ..Web::default() });

    let local = || app.get("/dev/mail").from("127.0.0.1:5000");
    let reply = local().header("host", "127.0.0.1:3000").send().await;
    assert!(reply.text().contains("Hello &lt;b&gt;"), "{}", reply.text());
    let one = app.get("/dev/mail/000001795356300-a.eml").from("[::1]:5000").header("host", "localhost:3000");
    assert!(one.send().await.text().contains("<a href=\"https://portal.example.com/confirm/x\">"));

    for ask in [
        app.get("/dev/mail").from("192.0.2.1:5000").header("host", "127.0.0.1:3000"),
        app.get("/dev/mail").header("host", "127.0.0.1:3000"),
        local().header("host", "rebound.example.com"),
        local().header("host", "127.0.0.1:3000").header("x-forwarded-for", "127.0.0.1"),
        app.get("/dev/mail/..%2f..%2fetc%2fpasswd").from("127.0.0.1:5000").header("host", "127.0.0.1:3000"),
    ] {
        assert_eq!(ask.send().await.status, StatusCode::NOT_FOUND);
    }
    let without = App::new().await;
    let ask = without.get("/dev/mail").from("127.0.0.1:5000").header("host", "127.0.0.1:3000");
    assert_eq!(ask.send().await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_describes_every_route_that_it_has() {
    let app = App::new().await;
    let spec: serde_json::Value = app.get("/api/v1/openapi.json").send().await.json();
    let undescribed = ["/api/v1/openapi.json", "/api/v1/docs"];
    let rest = server::listed_routes().into_iter().filter(|route| route.kind == server::Kind::Rest);
    for route in rest.filter(|route| !undescribed.contains(&route.path.as_str())) {
        let operation = &spec["paths"][&route.path][route.method.as_str().to_lowercase()];
        assert!(operation["responses"].is_object(), "{} {}", route.method, route.path);
    }
    let page = app.get("/api/v1/docs").html().send().await;
    assert!(page.header("content-type").starts_with("text/html"));
}
