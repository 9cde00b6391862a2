//! Where a plain form leads: into the portal, whatever `Referer` says.

use app::paths::is_inside;
use domain::DocumentId;
use http::StatusCode;
use server::{Kind, Route};

use crate::{
    authorisation::body_of,
    harness::{App, BASE, Reply},
};

/// What stands in a foreign `Referer`, and must not come back.
const FOREIGN: &str = "evil.example";

/// Referrers that are none of the portal's pages.
const STRANGERS: [&str; 12] = [
    "https://evil.example/login?__err=guess",
    "//evil.example/login",
    "https://portal.example.com.evil.example/",
    "https://portal.example.com@evil.example/",
    "https://ana:secret@portal.example.com@evil.example/",
    "https://portal.example.com\\@evil.example/",
    "https://portal.example.com//evil.example/",
    "https://portal.example.com/\\evil.example/",
    "https://portal.example.com/%5cevil.example/",
    "\\\\evil.example\\login",
    "javascript:location='//evil.example'",
    "data:text/html,evil.example",
];

/// One of the portal's own, with a query.
const OWN: &str = "/documents?q=report&sort=name";

fn functions() -> Vec<Route> {
    let routes = testkit::run(async { server::listed_routes() });
    let functions: Vec<_> = routes.into_iter().filter(|route| route.kind == Kind::ServerFunction).collect();
    assert!(!functions.is_empty());
    functions
}

/// Sends a plain form, as a browser does that says nothing of where it comes from but `Referer`.
async fn send(app: &App, function: &Route, body: &str, cookie: Option<&str>, referer: Option<&str>) -> Reply {
    let ask = app.ask(function.method.clone(), &function.path).html().header("host", "portal.example.com").form(body);
    let ask = cookie.into_iter().fold(ask, |ask, cookie| ask.cookie(cookie));
    referer.into_iter().fold(ask, |ask, referer| ask.header("referer", referer)).send().await
}

/// Why this answer does not lead back into the portal; `None` when it does.
fn leads_astray(reply: &Reply) -> Option<String> {
    let location = reply.header("location");
    let is_a_way_back = matches!(reply.status, StatusCode::FOUND | StatusCode::SEE_OTHER);
    let says_it = reply.headers.values().any(|value| String::from_utf8_lossy(value.as_bytes()).contains(FOREIGN));
    let is_well = is_a_way_back && is_inside(location) && !says_it && !reply.text().contains(FOREIGN);
    (!is_well).then(|| format!("{} {:?} {}", reply.status, reply.headers, reply.text()))
}

#[test]
fn every_form_leads_back_into_the_portal_whatever_the_referrer_says() {
    let functions = functions();
    testkit::run(async {
        let app = App::new().await;
        let nothing: DocumentId = "0198c0de-0000-7000-8000-000000000009".parse().expect("an id");
        let mut astray = Vec::new();
        for function in &functions {
            // What a form sends, and what nobody's form does.
            for body in [body_of(function, nothing), "nonsense=1".to_owned()] {
                for is_ops in [false, true] {
                    for referer in [None].into_iter().chain(STRANGERS.map(Some)) {
                        // Some functions end the session that they are asked with.
                        let cookie = if is_ops { Some(app.cookie_of(&app.ops().await).await) } else { None };
                        let reply = send(&app, function, &body, cookie.as_deref(), referer).await;
                        let case = || format!("{} with {body} by ops: {is_ops}, from {referer:?}", function.path);
                        astray.extend(leads_astray(&reply).map(|why| format!("{}: {why}", case())));
                    }
                }
            }
        }
        assert!(astray.is_empty(), "{astray:#?}");
    });
}

#[test]
fn a_form_that_fails_leads_back_to_its_page_and_keeps_the_query() {
    let functions = functions();
    testkit::run(async {
        let app = App::new().await;
        for function in &functions {
            let referer = format!("{BASE}{OWN}");
            let reply = send(&app, function, "nonsense=1", None, Some(&referer)).await;
            assert_eq!(leads_astray(&reply), None, "{}", function.path);
            let location = reply.header("location");
            // What needs nothing of the form may have been carried out, and may lead on.
            let is_done = !location.contains("__err=");
            assert!(is_done || location.starts_with(&format!("{OWN}&")), "{}: {location}", function.path);
        }
    });
}
