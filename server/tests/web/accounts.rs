//! Signing up and in, as browsers and programs meet it.

use std::time::Duration;

use domain::{Role, activity::Action};
use http::StatusCode;
use testkit::PASSWORD;
use tower_sessions::cookie::SameSite;

use crate::harness::{App, Reply, pair};

const DEVICE: &str = "__Host-strongroom_device";

/// What a browser that signs up gets: its session cookie, and the links and codes of the mails that left.
async fn sign_up(app: &App, email: &str) -> (String, String) {
    let form = format!("name=Ana&email={email}&password={}", PASSWORD.replace(' ', "+"));
    let reply = app.post("/api/fn/sign_up").html().form(&form).send().await;
    assert_eq!(reply.header("location"), "/verify", "{}", reply.text());
    (reply.session().expect("a session"), newest_link(app, "/confirm/").await)
}

/// The path of the link in the newest mail.
async fn newest_link(app: &App, path: &str) -> String {
    let mail = app.newest_mail().await;
    let (_, rest) = mail.text.split_once(path).expect("a link");
    format!("{path}{}", rest.split_whitespace().next().expect("a secret"))
}

fn token(link: &str) -> &str {
    link.rsplit('/').next().expect("a token")
}

async fn sign_in(app: &App, password: &str, cookie: &str, peer: &str) -> Reply {
    let form = format!("email=ana@example.com&password={}&next=", password.replace(' ', "+"));
    app.post("/api/fn/sign_in").html().cookie(cookie).from(peer).form(&form).send().await
}

testkit::on_both! {
    async fn a_link_in_another_browser_names_the_address_and_asks_for_a_password(t: TestBackend) {
        let app = App::over(t);
        let (stranger, link) = sign_up(&app, "ana@example.com").await;
        let page = app.get(&link).html().send().await;
        assert_eq!(page.status, StatusCode::OK);
        for text in ["ana@example.com", "Strongroom", "type=\"password\"", "name=\"name\""] {
            assert!(page.text().contains(text), "{text}: {}", page.text());
        }
        assert_eq!(app.count("SELECT COUNT(*) FROM accounts").await, 0, "looking changes nothing");

        let form = format!("token={}", token(&link));
        let bare = app.post("/api/fn/confirm_address").form(&form).send().await;
        assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", bare.text());
        let form = format!("{form}&name=Ana+Owner&password=a+password+of+mine");
        let reply = app.post("/api/fn/confirm_address").html().form(&form).send().await;
        assert_eq!(reply.header("location"), "/", "{}", reply.text());
        let owner = reply.session().expect("signed in");
        assert_eq!(app.get("/account").html().cookie(&owner).send().await.status, StatusCode::OK);
        assert_eq!(app.get("/account").html().cookie(&stranger).send().await.header("location"), "/login?next=/account");
        assert_eq!(sign_in(&app, PASSWORD, "", "203.0.113.9:1").await.session(), None, "the stranger's password");
    }

    async fn the_browser_that_signed_up_confirms_with_one_click_all_day(t: TestBackend) {
        let app = App::over(t);
        let (cookie, link) = sign_up(&app, "ana@example.com").await;
        app.clock.advance(Duration::from_secs(23 * 3600));
        let page = app.get(&link).html().cookie(&cookie).send().await.text();
        assert!(page.contains("ana@example.com") && !page.contains("type=\"password\""), "{page}");
        let again = app.post("/api/fn/resend_code").html().cookie(&cookie).form("").send().await;
        assert!(again.header("location").starts_with("/verify"), "{}", again.text());
        let (cookie, link) = (again.session().expect("a session"), newest_link(&app, "/confirm/").await);
        app.clock.advance(Duration::from_secs(23 * 3600));
        let form = format!("token={}", token(&link));
        let reply = app.post("/api/fn/confirm_address").html().cookie(&cookie).form(&form).send().await;
        assert_eq!(reply.header("location"), "/", "{}", reply.text());
        assert_eq!(app.get("/account").html().cookie(&reply.session().expect("signed in")).send().await.status, StatusCode::OK);
    }

    async fn a_link_that_a_mail_client_added_to_still_works_and_a_used_one_leads_to_sign_in(t: TestBackend) {
        let app = App::over(t);
        let (cookie, link) = sign_up(&app, "ana@example.com").await;
        for end in [".", "%3E", "%20", "%2520", ")."] {
            let page = app.get(&format!("{link}{end}")).html().cookie(&cookie).send().await;
            assert!(page.text().contains("ana@example.com"), "{end}: {}", page.text());
        }
        let form = format!("token={}.&password=a+password+of+mine", token(&link));
        assert_eq!(app.post("/api/fn/confirm_address").html().form(&form).send().await.header("location"), "/");
        let page = app.get(&format!("{link}%20")).html().send().await;
        assert_eq!(page.status, StatusCode::GONE);
        assert!(page.text().contains("was used already") && page.text().contains("href=\"/login\""), "{}", page.text());
        let page = app.get("/reset/nonsense").html().send().await.text();
        assert!(page.contains("leads nowhere") && page.contains("href=\"/forgot\""), "{page}");
    }

    async fn a_browser_is_known_by_a_cookie_of_its_own(t: TestBackend) {
        let app = App::over(t);
        app.register(Role::Client, "ana@example.com").await;
        let first = sign_in(&app, PASSWORD, "", "203.0.113.9:1").await;
        let cookie = first.set_cookie(DEVICE).expect("the browser is known from now on");
        assert_eq!((cookie.path(), cookie.max_age()), (Some("/"), Some(time::Duration::days(180))));
        assert_eq!((cookie.http_only(), cookie.same_site(), cookie.secure()), (Some(true), Some(SameSite::Lax), Some(true)));
        let device = pair(&cookie);
        let guess = |i: usize| sign_in(&app, if i.is_multiple_of(2) { "a guess at it" } else { "another guess" }, "", "203.0.113.9:1");
        for i in 0..8 {
            guess(i).await;
        }
        assert_eq!(sign_in(&app, PASSWORD, "", "203.0.113.9:1").await.session(), None, "a stranger at the same address waits");
        let known = sign_in(&app, PASSWORD, &device, "203.0.113.9:1").await;
        assert!(known.session().is_some(), "{}", known.text());
        assert_eq!(known.set_cookie(DEVICE).map(|cookie| pair(&cookie)), Some(device), "and is remembered longer");
        let stored = app.everything_stored().await;
        assert!(!stored.contains(cookie.value()), "only its hash is kept");
    }

    async fn the_log_shows_a_burst_once_with_its_number(t: TestBackend) {
        let app = App::over(t);
        let ops = app.ops().await;
        for i in 0..40 {
            let body = format!(r#"{{"email":"nonsense {i}","password":"x"}}"#);
            assert_eq!(app.post("/api/v1/login").json(&body).send().await.status, StatusCode::UNAUTHORIZED);
            assert_eq!(app.post(&format!("/api/v1/confirm/{i}")).send().await.status, StatusCode::GONE);
            app.clock.advance(Duration::from_secs(1));
        }
        let page = app.get("/ops/activity").html().cookie(&app.cookie_of(&ops).await).send().await.text();
        assert_eq!(page.matches("40 times").count(), 2, "{page}");
        assert_eq!(app.recorded(Action::SignInFailed).await, 40);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_with_an_international_domain_is_taken_over_the_api() {
    let app = App::new().await;
    let body = format!(r#"{{"name":"Ana","email":"name@bücher.example","password":"{PASSWORD}"}}"#);
    assert_eq!(app.post("/api/v1/signup").json(&body).send().await.status, StatusCode::ACCEPTED);
    let link = newest_link(&app, "/confirm/").await;
    let chosen = format!(r#"{{"password":"{PASSWORD}","name":"Ana López"}}"#);
    assert_eq!(app.post(&format!("/api/v1{link}")).json(&chosen).send().await.status, StatusCode::OK);
    let login = format!(r#"{{"email":"name@bücher.example","password":"{PASSWORD}"}}"#);
    assert_eq!(app.post("/api/v1/login").json(&login).send().await.status, StatusCode::OK);
}
