//! What a page loads of the site's files: clients never the pages of ops (docs/adr/0019).

use std::collections::BTreeSet;

use testkit::office;

use crate::harness::App;

/// What the budget of everybody else is counted over (xtask/src/site.rs).
const OF_CLIENTS: [&str; 3] = ["/pkg/clients.js", "/pkg/clients_bg.wasm", "/pkg/strongroom.css"];

/// What the budget of ops is counted over.
const OF_OPS: [&str; 3] = ["/pkg/strongroom.css", "/pkg/strongroom.js", "/pkg/strongroom_bg.wasm"];

/// The files of the site that a page names.
fn files_of(page: &str) -> BTreeSet<&str> {
    let ends = |text: &str| text.find(['"', '\'', '`', ')']).unwrap_or(text.len());
    page.match_indices("/pkg/").map(|(at, _)| &page[at..at + ends(&page[at..])]).collect()
}

/// Whatever the status: a link that is dead has a page, too.
async fn expect(app: &App, path: &str, cookie: &str, files: [&str; 3]) {
    let reply = app.get(path).html().cookie(cookie).send().await;
    assert_eq!(files_of(&reply.text()), BTreeSet::from(files), "{path}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_clients_load_nothing_of_the_pages_of_ops() {
    let app = App::new().await;
    let document = app.deposit("report.docx", &office::docx("a report")).await;
    let client = app.cookie_of(&app.client().await).await;
    for path in ["/login", "/signup", "/forgot", "/verify", "/confirm/x", "/reset/x", "/invite/x", "/setup/x"] {
        expect(&app, path, "", OF_CLIENTS).await;
    }
    for path in ["/documents", &format!("/documents/{document}"), "/account"] {
        expect(&app, path, &client, OF_CLIENTS).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_load_one_module_whatever_page_they_open() {
    let app = App::new().await;
    let document = app.deposit("report.docx", &office::docx("a report")).await;
    let ops = app.cookie_of(&app.ops().await).await;
    let pages = ["/ops", "/ops/upload", "/ops/documents", "/ops/clients", "/ops/team", "/ops/mail", "/ops/activity"];
    for path in pages.into_iter().chain([&*format!("/documents/{document}"), "/account"]) {
        expect(&app, path, &ops, OF_OPS).await;
    }
}
