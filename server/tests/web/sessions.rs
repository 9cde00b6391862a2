//! The cookie and what it opens.

use std::time::Duration;

use backend::{AT_ONCE, Caller, settings::PasswordCost};
use domain::Role;
use http::StatusCode;
use server::{AppState, Web, router};
use testkit::PASSWORD;
use tower_sessions::cookie::SameSite;

use crate::harness::{App, COOKIE, Reply};

async fn sign_in(app: &App, email: &str, cookie: Option<&str>) -> Reply {
    let form = format!("email={email}&password={}&next=", PASSWORD.replace(' ', "+"));
    let ask = app.post("/api/fn/sign_in").html();
    let ask = match cookie {
        Some(cookie) => ask.cookie(cookie),
        None => ask,
    };
    ask.form(&form).send().await
}

async fn opens(app: &App, cookie: &str) -> bool {
    app.get("/account").html().cookie(cookie).send().await.status == StatusCode::OK
}

async fn client(app: &App) -> Caller {
    app.register(Role::Client, "ana@example.com").await
}

testkit::on_both! {
    async fn signing_in_sets_a_cookie_that_only_the_browser_sees(t: TestBackend) {
        let app = App::over(t);
        client(&app).await;
        let reply = sign_in(&app, "ana@example.com", None).await;
        assert_eq!(reply.status, StatusCode::FOUND, "{}", reply.text());
        assert_eq!(reply.header("location"), "/");
        let cookie = reply.set_cookie(COOKIE).expect("a session");
        assert_eq!((cookie.http_only(), cookie.secure(), cookie.same_site()), (Some(true), Some(true), Some(SameSite::Lax)));
        assert_eq!((cookie.path(), cookie.domain(), cookie.max_age(), cookie.expires()), (Some("/"), None, None, None));
        assert!(opens(&app, &reply.session().expect("a session")).await);
    }

    async fn an_office_that_signs_in_at_once_waits_and_is_not_turned_away(t: TestBackend) {
        let costly = t.restarted(|settings| settings.password_cost = PasswordCost { memory_kib: 16_384, passes: 2, parallel: 1 });
        let mut app = App::over(t);
        app.router = router(AppState::new(costly, Web::default()));
        let people: Vec<_> = (0..2 * AT_ONCE).map(|person| format!("person-{person}@example.com")).collect();
        for email in &people {
            app.register(Role::Client, email).await;
        }
        let sign_ins = people.iter().map(|email| {
            let body = format!(r#"{{"email":"{email}","password":"{PASSWORD}"}}"#);
            app.post("/api/v1/login").from("203.0.113.9:4000").json(&body).send()
        });
        let answers = futures::future::join_all(sign_ins).await;
        let statuses: Vec<_> = answers.iter().map(|reply| reply.status).collect();
        assert!(statuses.iter().all(|status| *status == StatusCode::OK), "{statuses:?}");
    }

    async fn every_sign_in_gets_a_new_id_and_the_old_one_dies(t: TestBackend) {
        let app = App::over(t);
        client(&app).await;
        let first = sign_in(&app, "ana@example.com", None).await.session().expect("a session");
        let second = sign_in(&app, "ana@example.com", Some(&first)).await.session().expect("a session");
        assert_ne!(first, second);
        assert!(opens(&app, &second).await);
        assert!(!opens(&app, &first).await);

        let planted = format!("{COOKIE}=AAAAAAAAAAAAAAAAAAAAAA");
        let third = sign_in(&app, "ana@example.com", Some(&planted)).await.session().expect("a session");
        assert_ne!(third, planted, "an id that a stranger chose is never adopted");
    }

    async fn an_old_cookie_is_dead_after_signing_out(t: TestBackend) {
        let app = App::over(t);
        client(&app).await;
        let cookie = sign_in(&app, "ana@example.com", None).await.session().expect("a session");
        let reply = app.post("/api/fn/sign_out").html().cookie(&cookie).form("next=/documents").send().await;
        assert_eq!(reply.header("location"), "/login?next=/documents");
        assert!(reply.header("clear-site-data").contains("\"storage\""));
        assert_eq!(reply.headers.get_all("set-cookie").iter().count(), 1);
        let removal = reply.set_cookie(COOKIE).expect("it is taken back");
        assert_eq!((removal.value(), removal.max_age()), ("", Some(time::Duration::ZERO)));
        // By its name, no browser takes it without these two.
        assert_eq!((removal.path(), removal.secure()), (Some("/"), Some(true)));
        let reply = app.get("/documents").html().cookie(&cookie).send().await;
        assert_eq!(reply.header("location"), "/login?next=/documents");
    }

    async fn a_session_ends_idle_and_in_any_case(t: TestBackend) {
        let app = App::over(t);
        client(&app).await;
        let idle = sign_in(&app, "ana@example.com", None).await.session().expect("a session");
        let busy = sign_in(&app, "ana@example.com", None).await.session().expect("a session");
        for _ in 0..18 {
            app.clock.advance(Duration::from_secs(25 * 60));
            assert!(opens(&app, &busy).await);
        }
        assert!(!opens(&app, &idle).await, "30 minutes without a request");
        app.clock.advance(Duration::from_secs(29 * 60));
        assert!(opens(&app, &busy).await);
        app.clock.advance(Duration::from_secs(2 * 60));
        assert!(!opens(&app, &busy).await, "8 hours in any case");
    }

    async fn a_disabled_account_is_out_at_the_next_request(t: TestBackend) {
        let app = App::over(t);
        let caller = client(&app).await;
        let (cookie, bearer) = (app.cookie_of(&caller).await, app.bearer_of(&caller).await);
        assert!(opens(&app, &cookie).await);
        sqlx::query("UPDATE accounts SET disabled_at = 1").execute(&app.sql).await.expect("disables");
        assert!(!opens(&app, &cookie).await);
        let reply = app.get("/api/v1/files").header("authorization", &bearer).send().await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_a_cookie_for_looking() {
    let app = App::new().await;
    for path in ["/", "/login", "/signup", "/nothing-here", "/healthz", "/documents"] {
        let reply = app.get(path).html().send().await;
        assert_eq!(reply.header("set-cookie"), "", "{path}");
    }
    let rows = app.count("SELECT COUNT(*) FROM sessions").await;
    assert_eq!(rows, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_is_no_credential_of_the_api_and_a_token_none_of_the_pages() {
    let app = App::new().await;
    let ops = app.ops().await;
    let (cookie, bearer) = (app.cookie_of(&ops).await, app.bearer_of(&ops).await);
    assert_eq!(app.get("/api/v1/files").cookie(&cookie).send().await.status, StatusCode::UNAUTHORIZED);
    let reply = app.get("/ops").html().header("authorization", &bearer).send().await;
    assert_eq!(reply.header("location"), "/login?next=/ops");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_dead_after_logging_out() {
    let app = App::new().await;
    client(&app).await;
    let body = format!(r#"{{"email":"ana@example.com","password":"{PASSWORD}"}}"#);
    let issued: serde_json::Value = app.post("/api/v1/login").json(&body).send().await.json();
    assert_eq!(issued["role"], "client");
    let bearer = format!("bearer {}", issued["token"].as_str().expect("a token"));
    let ask = |path: &str| app.get(path).header("authorization", &bearer);
    assert_eq!(ask("/api/v1/files").send().await.status, StatusCode::OK);
    let out = app.post("/api/v1/logout").header("authorization", &bearer).send().await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert_eq!(ask("/api/v1/files").send().await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_leads_back_inside_the_portal_or_home() {
    let app = App::new().await;
    client(&app).await;
    for (next, location) in [
        ("/documents%3Fq%3Da", "/documents?q=a"),
        ("//evil.example", "/"),
        ("/%5Cevil.example", "/"),
        ("%5C%5Cevil.example", "/"),
        ("https%3A%2F%2Fevil.example", "/"),
        ("/%0d%0aSet-Cookie:x", "/"),
    ] {
        let form = format!("email=ana@example.com&password={}&next={next}", PASSWORD.replace(' ', "+"));
        let reply = app.post("/api/fn/sign_in").html().form(&form).send().await;
        assert_eq!(reply.header("location"), location, "{next}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_up_over_the_api_is_the_same_for_every_address_and_makes_clients() {
    let app = App::new().await;
    client(&app).await;
    let sign_up = |email: &str| format!(r#"{{"name":"Ana","email":"{email}","password":"{PASSWORD}","role":"ops"}}"#);
    let known = app.post("/api/v1/signup").json(&sign_up("ana@example.com")).send().await;
    let unknown = app.post("/api/v1/signup").json(&sign_up("new@example.com")).send().await;
    assert_eq!(known.status, StatusCode::ACCEPTED);
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));

    let mails = app.sent_mails().await;
    let mail = mails.iter().find(|mail| mail.to.contains("new@example.com")).expect("a mail");
    let (_, rest) = mail.text.split_once("/confirm/").expect("a link");
    let token = rest.split_whitespace().next().expect("a token");
    let login = format!(r#"{{"email":"new@example.com","password":"{PASSWORD}"}}"#);
    assert_eq!(app.post("/api/v1/login").json(&login).send().await.code(), "sign_in_failed");
    let path = format!("/api/v1/confirm/{token}");
    assert_eq!(app.post(&path).send().await.code(), "password_needed");
    let chosen = format!(r#"{{"password":"{PASSWORD}"}}"#);
    assert_eq!(app.post(&path).json(&chosen).send().await.status, StatusCode::OK);
    assert_eq!(app.post(&path).json(&chosen).send().await.code(), "secret_used");
    let issued: serde_json::Value = app.post("/api/v1/login").json(&login).send().await.json();
    assert_eq!(issued["role"], "client");
}
