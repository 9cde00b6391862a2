//! Who gets what at every route and every server function.
//!
//! The routes are asked of the router itself: one without a row here fails, and so does a row without a route.

use std::collections::BTreeSet;

use backend::Caller;
use domain::{DocumentId, Role};
use http::{Method, StatusCode};
use server::{Kind, Route};
use testkit::office;

use crate::harness::{App, Ask, Reply};

/// What each of the four gets: nobody, an unverified sign-up, a client, one of ops. A redirect is written with its
/// place. `{id}` in a path or body is a fresh document, `{token}` in a download the client's own link to it.
struct Row {
    method: Method,
    path: &'static str,
    body: &'static str,
    outcomes: [&'static str; 4],
}

const fn row(method: Method, path: &'static str, body: &'static str, outcomes: [&'static str; 4]) -> Row {
    Row { method, path, body, outcomes }
}

const fn get(path: &'static str, outcomes: [&'static str; 4]) -> Row {
    row(Method::GET, path, "", outcomes)
}

const fn call(path: &'static str, body: &'static str, outcomes: [&'static str; 4]) -> Row {
    row(Method::POST, path, body, outcomes)
}

const ALL_SAME: [&str; 4] = ["200"; 4];
const PRIVATE: [&str; 4] = ["303 /login", "303 /verify", "200", "200"];
const OPS_PAGE: [&str; 4] = ["303 /login", "303 /verify", "404", "200"];
const SIGNING_IN: [&str; 4] = ["200", "200", "303 /documents", "303 /ops"];
const OWN: [&str; 4] = ["401", "401", "200", "200"];
const OPS_ONLY: [&str; 4] = ["401", "401", "403", "200"];

/// `SecretSpent` for whoever asks: the secret in the body opens nothing.
const SPENT: [&str; 4] = ["410"; 4];

const ROWS: &[Row] = &[
    // Pages.
    get("/", ["303 /login", "303 /verify", "303 /documents", "303 /ops"]),
    get("/login", SIGNING_IN),
    get("/signup", SIGNING_IN),
    get("/forgot", SIGNING_IN),
    get("/verify", ALL_SAME),
    get("/confirm/{token}", SPENT),
    get("/reset/{token}", SPENT),
    get("/invite/{token}", SPENT),
    get("/setup/{token}", SPENT),
    get("/documents", PRIVATE),
    get("/documents/{id}", PRIVATE),
    get("/account", PRIVATE),
    // Without a reason in its query there is nothing to explain.
    get("/dead-link", ["303 /login", "303 /verify", "404", "404"]),
    get("/ops", OPS_PAGE),
    get("/ops/upload", OPS_PAGE),
    get("/ops/documents", OPS_PAGE),
    get("/ops/clients", OPS_PAGE),
    // A document is nobody's account.
    get("/ops/clients/{id}", ["303 /login", "303 /verify", "404", "404"]),
    get("/ops/team", OPS_PAGE),
    get("/ops/activity", OPS_PAGE),
    get("/ops/mail", OPS_PAGE),
    get("/dev/parts", ALL_SAME),
    // Server functions: before and around signing in.
    call("/api/fn/sign_up", "name=Cleo&email=cleo@example.com&password=eight+small+boats", ALL_SAME),
    call("/api/fn/verify_code", "code=000000", ["410", "422", "410", "410"]),
    call("/api/fn/resend_code", "", ["410", "429", "410", "410"]),
    call("/api/fn/correct_email", "email=dora@example.com", ["410", "200", "410", "410"]),
    call("/api/fn/read_confirmation", "token=nonsense", SPENT),
    call("/api/fn/confirm_address", "token=nonsense", SPENT),
    call("/api/fn/sign_in", "email=zoe@example.com&password=not+this+one", ["401"; 4]),
    call("/api/fn/sign_out", "", ALL_SAME),
    call("/api/fn/request_reset", "email=zoe@example.com", ALL_SAME),
    call("/api/fn/read_reset", "token=nonsense", SPENT),
    call("/api/fn/reset_password", "token=nonsense&password=eight+small+boats", SPENT),
    call("/api/fn/accept_invitation", "token=nonsense&name=Eve&password=eight+small+boats", SPENT),
    call("/api/fn/read_invitation", "token=nonsense", SPENT),
    // Server functions: one's own account.
    call("/api/fn/change_password", "current=not+this+one&password=nine+small+boats", ["401", "401", "422", "422"]),
    call("/api/fn/list_sessions", "", OWN),
    call("/api/fn/end_session", "handle={id}", ["401", "401", "404", "404"]),
    call("/api/fn/end_other_sessions", "", OWN),
    call("/api/fn/list_tokens", "", OWN),
    call("/api/fn/create_token", "label=script", OWN),
    call("/api/fn/revoke_token", "id={id}", ["401", "401", "404", "404"]),
    // Server functions: documents.
    call("/api/fn/list_documents", "", OWN),
    call("/api/fn/read_document", "id={id}", OWN),
    call("/api/fn/mint_link", "id={id}", OWN),
    call("/api/fn/delete_document", "id={id}&name=a.docx", OPS_ONLY),
    // Server functions: ops.
    call("/api/fn/list_team", "", OPS_ONLY),
    call("/api/fn/invite_ops", "email=fay@example.com", OPS_ONLY),
    call("/api/fn/withdraw_invitation", "id={id}", ["401", "401", "403", "404"]),
    call("/api/fn/list_activity", "", OPS_ONLY),
    call("/api/fn/list_people", "", OPS_ONLY),
    call("/api/fn/read_person", "id={id}", ["401", "401", "403", "404"]),
    call("/api/fn/take_measure", "id={id}&measure=disable", ["401", "401", "403", "404"]),
    call("/api/fn/list_mails", "", OPS_ONLY),
    call("/api/fn/read_mail_overview", "", OPS_ONLY),
    call("/api/fn/read_proxy_troubles", "", OPS_ONLY),
    call("/api/fn/resend_mail", "id={id}", ["401", "401", "403", "404"]),
    call("/api/fn/resend_mails", "", OPS_ONLY),
    call("/api/fn/try_mails", "", OPS_ONLY),
    // Bytes.
    get("/download/{token}", ["401", "403", "200", "404"]),
    call("/ops/upload", "file", ["401", "401", "403", "201"]),
    // The API: nobody and the unverified have no token.
    call(
        "/api/v1/signup",
        "{\"name\":\"Gil\",\"email\":\"gil@example.com\",\"password\":\"eight small boats\"}",
        ["202"; 4],
    ),
    call("/api/v1/confirm/{token}", "", SPENT),
    call("/api/v1/login", "{\"email\":\"zoe@example.com\",\"password\":\"not this one\"}", ["401"; 4]),
    call("/api/v1/logout", "", ["401", "401", "204", "204"]),
    call("/api/v1/upload", "file", ["401", "401", "403", "201"]),
    call("/api/v1/inspect", "file", OPS_ONLY),
    call("/api/v1/clean", "file", OPS_ONLY),
    get("/api/v1/files", OWN),
    get("/api/v1/files/{id}/xray", OWN),
    call("/api/v1/files/{id}/link", "", OWN),
    row(Method::DELETE, "/api/v1/files/{id}", "", ["401", "401", "403", "204"]),
    get("/api/v1/download/{token}", ["401", "401", "200", "404"]),
    // A client is told so before anything is looked up.
    call("/api/v1/deliveries", "{\"documents\":[\"{id}\"],\"audiences\":[\"everyone\"]}", ["401", "401", "403", "201"]),
    get("/api/v1/deliveries", OPS_ONLY),
    // A document is no delivery, nobody's account and no organisation.
    get("/api/v1/deliveries/{id}", ["401", "401", "403", "404"]),
    row(Method::PUT, "/api/v1/deliveries/{id}/terms", "{}", ["401", "401", "403", "404"]),
    call("/api/v1/deliveries/{id}/revoke", "", ["401", "401", "403", "404"]),
    call("/api/v1/organisations", "{\"name\":\"Acme\"}", ["401", "401", "403", "201"]),
    get("/api/v1/organisations", OPS_ONLY),
    row(Method::PUT, "/api/v1/organisations/{id}", "{\"name\":\"Rival\"}", ["401", "401", "403", "404"]),
    get("/api/v1/people", OPS_ONLY),
    row(Method::PUT, "/api/v1/people/{id}/organisation", "{\"organisation\":null}", ["401", "401", "403", "404"]),
    get("/api/v1/openapi.json", ALL_SAME),
    get("/api/v1/docs", ALL_SAME),
    // For the supervisor, the browser's own files, development.
    get("/healthz", ALL_SAME),
    get("/readyz", ALL_SAME),
    get("/favicon.svg", ["200 or 404"; 4]),
    get("/pkg/{*file}", ["200 or 404"; 4]),
    get("/dev/mail", ["404"; 4]),
    get("/dev/mail/{name}", ["404"; 4]),
];

/// The body with which a route is asked here.
pub(crate) fn body_of(route: &Route, document: DocumentId) -> String {
    let row = ROWS.iter().find(|row| row.method == route.method && row.path == route.path);
    row.map(|row| row.body.replace("{id}", &document.to_string())).unwrap_or_default()
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let routes = testkit::run(async { server::listed_routes() });
    let routes: BTreeSet<_> = routes.into_iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    let rows: BTreeSet<_> = ROWS.iter().map(|row| format!("{} {}", row.method, row.path)).collect();
    assert_eq!(rows.len(), ROWS.len(), "a route has two rows");
    let missing: Vec<_> = routes.difference(&rows).collect();
    assert!(missing.is_empty(), "routes without a row: {missing:#?}");
    let stale: Vec<_> = rows.difference(&routes).collect();
    assert!(stale.is_empty(), "rows without a route: {stale:#?}");
}

testkit::on_both! {
    async fn everyone_gets_what_their_row_says(t: TestBackend) {
        let app = App::over(t);
        let people = People::new(&app).await;
        let mut surprises = Vec::new();
        for row in ROWS {
            for (who, expected) in Who::ALL.into_iter().zip(row.outcomes) {
                let outcome = people.outcome(&app, row, who).await;
                if !expected.split(" or ").any(|one| one == outcome) {
                    surprises.push(format!("{} {} as {who:?}: {outcome}, expected {expected}", row.method, row.path));
                }
                // So that one row's failures do not make the next wait.
                app.clock.advance(std::time::Duration::from_secs(3600));
            }
        }
        assert!(surprises.is_empty(), "{surprises:#?}");
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Nobody,
    Unverified,
    Client,
    Ops,
}

impl Who {
    const ALL: [Self; 4] = [Self::Nobody, Self::Unverified, Self::Client, Self::Ops];
}

struct People {
    client: Caller,
}

impl People {
    async fn new(app: &App) -> Self {
        app.register(Role::Ops, "ops@example.com").await;
        Self { client: app.register(Role::Client, "ana@example.com").await }
    }

    async fn outcome(&self, app: &App, row: &Row, who: Who) -> String {
        let document = app.deposit("a.docx", &office::docx("matrix")).await;
        let path = self.path(app, row.path, document).await;
        let ask = app.ask(row.method.clone(), &path);
        let ask = if is_page(row) { ask.html() } else { ask };
        let ask = with_body(ask, row, document);
        outcome_of(&self.as_who(app, ask, row, who).await.send().await)
    }

    async fn path(&self, app: &App, template: &str, document: DocumentId) -> String {
        let token = match template.contains("download") {
            true => app.link(&self.client, document).await,
            false => "nonsense".to_owned(),
        };
        let path = template.replace("{id}", &document.to_string()).replace("{token}", &token);
        path.replace("{name}", "000000000000000-a.eml").replace("{*file}", "strongroom.css")
    }

    /// Pages and server functions are asked with a session, the API with a token; a fresh one each time, of
    /// the account as it is now, because some rows end it.
    async fn as_who<'a>(&self, app: &'a App, ask: Ask<'a>, row: &Row, who: Who) -> Ask<'a> {
        let caller = match who {
            Who::Nobody => return ask,
            Who::Unverified => return ask.cookie(&unverified(app).await),
            Who::Client => app.account(Role::Client, "ana@example.com").await,
            Who::Ops => app.account(Role::Ops, "ops@example.com").await,
        };
        // As the account is now: some rows end everything that was open.
        let person = caller.person().expect("somebody");
        let caller = app.account(person.role(), person.me.email.as_str()).await;
        if row.path.starts_with("/api/v1/") {
            ask.header("authorization", &app.bearer_of(&caller).await)
        } else {
            ask.cookie(&app.cookie_of(&caller).await)
        }
    }
}

/// The session of somebody who has signed up and not verified the address.
async fn unverified(app: &App) -> String {
    let form = "name=Ben&email=ben@example.com&password=eight+small+boats";
    let reply = app.post("/api/fn/sign_up").html().form(form).send().await;
    assert_eq!(reply.header("location"), "/verify", "{}", reply.text());
    reply.session().expect("a session")
}

fn with_body<'a>(ask: Ask<'a>, row: &Row, document: DocumentId) -> Ask<'a> {
    let body = row.body.replace("{id}", &document.to_string());
    match body.as_str() {
        "file" => ask.files(&[("b.docx", &office::docx("from the matrix"))]),
        json if json.starts_with('{') => ask.json(json),
        form if row.method == Method::POST => ask.form(form),
        _ => ask,
    }
}

fn is_page(row: &Row) -> bool {
    row.method == Method::GET && !row.path.starts_with("/api/") && !row.path.starts_with("/download/")
}

fn outcome_of(reply: &Reply) -> String {
    let status = reply.status.as_u16();
    if reply.status != StatusCode::SEE_OTHER {
        return status.to_string();
    }
    let place = reply.header("location").split('?').next().unwrap_or_default();
    format!("{status} {place}")
}

#[test]
fn the_list_of_routes_is_not_empty() {
    let routes = testkit::run(async { server::listed_routes() });
    for kind in [Kind::Page, Kind::ServerFunction, Kind::Bytes, Kind::Rest, Kind::Health, Kind::Site] {
        assert!(routes.iter().any(|route| route.kind == kind), "{kind:?}");
    }
}
