//! What ops see of mail, with and without JavaScript.

use backend::mail::{Fault, Worked};
use domain::account::SignUp;
use http::StatusCode;

use crate::harness::App;

async fn sign_up(app: &App, email: &str) {
    let input = SignUp::parse("Ana", email, "eight small boats".to_owned()).expect("valid");
    app.accounts.sign_up(&testkit::TestBackend::origin(), input).await.expect("signs up");
}

async fn page(app: &App, path: &str) -> String {
    let cookie = app.cookie_of(&app.ops().await).await;
    let reply = app.get(path).html().cookie(&cookie).send().await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    reply.text()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_relay_is_red_on_the_overview_in_its_own_words() {
    let app = App::new().await;
    assert!(!page(&app, "/ops").await.contains("No mail leaves"));
    sign_up(&app, "cleo@example.com").await;
    app.mail.refuse(Fault::Relay);
    assert_eq!(app.outbox.deliver_next().await.expect("works"), Worked::Failed);
    for path in ["/ops", "/ops/mail"] {
        let html = page(&app, path).await;
        assert!(html.contains("No mail leaves") && html.contains("tone-danger"), "{html}");
        assert!(html.contains("451 4.3.0 Not today"), "{html}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_only_fills_a_folder_is_told_to_ops() {
    let app = App::new().await;
    for path in ["/ops", "/ops/mail"] {
        assert!(!page(&app, path).await.contains("Mail reaches nobody"), "{path}");
    }
    app.mail.keep();
    for path in ["/ops", "/ops/mail"] {
        let html = page(&app, path).await;
        assert!(html.contains("Mail reaches nobody") && html.contains("smtp_url"), "{html}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_is_listed_without_its_text_and_sent_again_by_a_plain_form() {
    let app = App::new().await;
    sign_up(&app, "cleo@example.com").await;
    app.mail.refuse(Fault::Never);
    assert_eq!(app.outbox.deliver_next().await.expect("works"), Worked::Failed);
    assert!(page(&app, "/ops").await.contains("1 mail could not be delivered"));
    let html = page(&app, "/ops/mail?state=dead").await;
    assert!(html.contains("cleo@example.com") && html.contains("Confirm an address"), "{html}");
    assert!(!html.contains("/confirm/"), "no link of a letter is shown");
    assert!(!page(&app, "/ops/mail?state=sent").await.contains("cleo@example.com"));

    app.mail.accept();
    let (_, rest) = html.split_once("name=\"id\" value=\"").expect("a form");
    let id = rest.split('"').next().expect("an id");
    let cookie = app.cookie_of(&app.ops().await).await;
    let reply = app.post("/api/fn/resend_mail").html().cookie(&cookie).form(&format!("id={id}")).send().await;
    assert_eq!(reply.header("location"), "/ops/mail?notice=mail-queued");
    assert_eq!(app.newest_mail().await.to, "cleo@example.com");
    assert!(page(&app, "/ops/mail?state=sent").await.contains("cleo@example.com"));
}
