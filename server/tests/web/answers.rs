//! What is said to programs and people, word for word: each route of the API, mails, and the sentences of problems. It
//! lies in `snapshots/`, to be read in review. `INSTA_UPDATE=always cargo test … answers` writes it anew.

use std::{collections::BTreeSet, sync::Mutex, time::Duration};

use backend::{Caller, mail::OutgoingMail};
use domain::{DocumentId, ErrorCode, Role};
use http::Method;
use insta::{Settings, assert_json_snapshot, assert_snapshot, dynamic_redaction, internals::Content};
use serde_json::{Map, Value, json};
use server::Kind;
use testkit::{PASSWORD, office};

use crate::harness::{App, Ask, Field, Reply};

/// What a client is told in the head of an answer. `x-request-id` and the like are the same for all.
const HEADERS: &[&str] = &[
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-range",
    "content-type",
    "etag",
    "retry-after",
    "strongroom-removed",
    "www-authenticate",
];

/// The API, asked by one who keeps a list of what has been asked.
struct Asker {
    app: App,
    routes: Mutex<BTreeSet<String>>,
}

impl Asker {
    fn new(app: App) -> Self {
        Self { app, routes: Mutex::default() }
    }

    /// Asks, `path` being one of `route`.
    fn ask(&self, method: Method, route: &str, path: &str) -> Ask<'_> {
        self.routes.lock().expect("no panic").insert(format!("{method} {route}"));
        self.app.ask(method, path)
    }

    fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path.split('?').next().expect("a path"), path)
    }

    fn post(&self, path: &str) -> Ask<'_> {
        self.ask(Method::POST, path.split('?').next().expect("a path"), path)
    }

    fn link(&self, document: DocumentId) -> Ask<'_> {
        self.ask(Method::POST, "/api/v1/files/{id}/link", &format!("/api/v1/files/{document}/link"))
    }

    fn xray(&self, document: DocumentId) -> Ask<'_> {
        self.ask(Method::GET, "/api/v1/files/{id}/xray", &format!("/api/v1/files/{document}/xray"))
    }

    fn delete(&self, document: DocumentId) -> Ask<'_> {
        self.ask(Method::DELETE, "/api/v1/files/{id}", &format!("/api/v1/files/{document}"))
    }

    fn download(&self, token: &str) -> Ask<'_> {
        self.ask(Method::GET, "/api/v1/download/{token}", &format!("/api/v1/download/{token}"))
    }

    fn confirm(&self, token: &str) -> Ask<'_> {
        self.ask(Method::POST, "/api/v1/confirm/{token}", &format!("/api/v1/confirm/{token}"))
    }

    async fn bearer(&self, caller: &Caller) -> String {
        self.app.bearer_of(caller).await
    }
}

/// Compares an answer with the one that is kept under this name, or keeps it.
fn is_kept(name: &str, reply: &Reply) {
    let kind = reply.header("content-type");
    let body = match kind {
        "" => Value::Null,
        json if json.ends_with("json") => reply.json(),
        _ => Value::String(format!("{} bytes", reply.body.len())),
    };
    let told = HEADERS.iter().filter(|name| reply.headers.contains_key(**name));
    let headers: Map<_, _> = told.map(|name| ((*name).to_owned(), reply.header(name).into())).collect();
    let answer = json!({ "status": reply.status.as_u16(), "headers": headers, "body": body });
    let without_end = || {
        dynamic_redaction(|value, _| {
            let (kept, _) = value.as_str().expect("a text").rsplit_once('/').expect("a URL");
            Content::from(format!("{kept}/[token]"))
        })
    };
    settings().bind(|| {
        assert_json_snapshot!(name, answer, {
            ".**.id" => "[id]",
            ".**.audience" => dynamic_redaction(|value, _| {
                let (kind, _) = value.as_str().expect("a text").split_once(':').unwrap_or_default();
                Content::from(format!("{kind}:[id]"))
            }),
            ".body.request_id" => "[request]",
            ".body.token" => "[token]",
            ".body.url" => without_end(),
            ".**.download_url" => without_end(),
        });
    });
}

fn mail_is_kept(name: &str, mail: &OutgoingMail) {
    let reply_to = mail.reply_to.as_ref().map(|person| format!("Reply-To: {} <{}>\n", person.name, person.email));
    let head = format!("To: {}\n{}Subject: {}", mail.to, reply_to.unwrap_or_default(), mail.subject);
    let mut settings = settings();
    settings.add_filter(r"/[A-Za-z0-9_-]{43}", "/[secret]");
    settings.add_filter(r"\b[0-9]{6}\b", "[code]");
    settings.bind(|| assert_snapshot!(name, format!("{head}\n\n{}\n\n{}", mail.text, mail.html)));
}

fn settings() -> Settings {
    let mut settings = Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_sort_maps(true);
    settings
}

testkit::on_both! {
    async fn the_api_answers_word_for_word_as_kept(t: TestBackend) {
        let asker = Asker::new(App::over(t));
        accounts(&asker).await;
        documents(&asker).await;
        files_that_are_not_kept(&asker).await;
        deliveries(&asker).await;
        let there_are = server::listed_routes().into_iter().filter(|route| route.kind == Kind::Rest);
        let there_are = there_are.map(|route| format!("{} {}", route.method, route.path));
        let undescribed = ["GET /api/v1/openapi.json", "GET /api/v1/docs"];
        let there_are: BTreeSet<_> = there_are.filter(|route| !undescribed.contains(&route.as_str())).collect();
        let asked = asker.routes.into_inner().expect("no panic");
        assert_eq!(there_are.difference(&asked).collect::<Vec<_>>(), Vec::<&String>::new(), "nobody asked these");
    }

    async fn mails_are_written_word_for_word_as_kept(t: TestBackend) {
        let app = App::over(t);
        mails(&app).await;
    }
}

async fn accounts(asker: &Asker) {
    let sign_up = |email: &str| json!({ "name": "Ana", "email": email, "password": PASSWORD }).to_string();
    is_kept("sign-up", &asker.post("/api/v1/signup").json(&sign_up("ana@example.com")).send().await);
    is_kept("sign-up-without-an-address", &asker.post("/api/v1/signup").json(&sign_up("ana")).send().await);
    let mail = asker.app.newest_mail().await;
    let (_, link) = mail.text.split_once("/confirm/").expect("a link");
    let secret = link.split_whitespace().next().expect("a secret");
    is_kept("confirm-without-a-password", &asker.confirm(secret).send().await);
    let password = json!({ "password": PASSWORD }).to_string();
    is_kept("confirm", &asker.confirm(secret).json(&password).send().await);
    is_kept("confirm-again", &asker.confirm(secret).json(&password).send().await);
    is_kept("confirm-nonsense", &asker.confirm("nonsense").json(&password).send().await);

    let login = |password: &str| json!({ "email": "ana@example.com", "password": password }).to_string();
    is_kept("login-with-another-password", &asker.post("/api/v1/login").json(&login("another one")).send().await);
    is_kept("login-as-a-form", &asker.post("/api/v1/login").form("email=ana@example.com").send().await);
    is_kept("login-without-a-field", &asker.post("/api/v1/login").json("{}").send().await);
    let reply = asker.post("/api/v1/login").json(&login(PASSWORD)).send().await;
    is_kept("login", &reply);
    let bearer = format!("Bearer {}", reply.json::<Value>()["token"].as_str().expect("a token"));
    is_kept("logout", &asker.post("/api/v1/logout").header("authorization", &bearer).send().await);
    is_kept("logout-again", &asker.post("/api/v1/logout").header("authorization", &bearer).send().await);
    is_kept("nothing-there", &asker.app.get("/api/v1/nothing").send().await);
    is_kept("another-method", &asker.app.ask(Method::DELETE, "/api/v1/login").send().await);
    let elsewhere = asker.app.post("/api/v1/login").header("origin", "https://elsewhere.example").json("{}");
    is_kept("from-another-site", &elsewhere.send().await);
    is_kept("a-body-that-is-too-large", &asker.post("/api/v1/login").json(&"x".repeat(70_000)).send().await);
}

async fn documents(asker: &Asker) {
    let ops = asker.bearer(&asker.app.ops().await).await;
    let client = asker.bearer(&asker.app.client().await).await;
    let upload = |bearer: &str, files: &[(&str, &[u8])]| {
        asker.post("/api/v1/upload").header("authorization", bearer).files(files).send()
    };
    let (word, macros) = (office::docx_with_traces("a", "Ana Author"), office::docx_with_macro("b"));
    let reply = upload(&ops, &[("Q3 Übersicht.docx", &word)]).await;
    is_kept("upload", &reply);
    let id: DocumentId = reply.json::<Value>()["files"][0]["id"].as_str().expect("an id").parse().expect("an id");
    is_kept("upload-of-which-some-is-refused", &upload(&ops, &[("a.docx", &word), ("b.docx", &macros)]).await);
    is_kept("upload-of-which-all-is-refused", &upload(&ops, &[("b.docx", &macros), ("c.pdf", b"x")]).await);
    is_kept("upload-of-nothing", &upload(&ops, &[]).await);
    is_kept("upload-by-a-client", &upload(&client, &[("a.docx", &word)]).await);

    let list = |query: &str| asker.get(&format!("/api/v1/files{query}")).header("authorization", &client).send();
    is_kept("list", &list("?sort=name").await);
    is_kept("list-by-no-order", &list("?sort=loudest").await);
    is_kept("list-of-nothing", &list("?q=nothing+has+this+name").await);
    is_kept("list-without-a-token", &asker.get("/api/v1/files").send().await);

    is_kept("x-ray-for-ops", &asker.xray(id).header("authorization", &ops).send().await);
    is_kept("x-ray-for-a-client", &asker.xray(id).header("authorization", &client).send().await);
    let reply = asker.link(id).header("authorization", &client).send().await;
    is_kept("link", &reply);
    let url = reply.json::<Value>()["url"].as_str().expect("a URL").to_owned();
    let token = url.rsplit('/').next().expect("a token");
    let download = |bearer: &str| asker.download(token).header("authorization", bearer);
    is_kept("download", &download(&client).send().await);
    is_kept("download-of-a-part", &download(&client).header("range", "bytes=0-9").send().await);
    is_kept("download-beyond-the-end", &download(&client).header("range", "bytes=1000000-").send().await);
    is_kept("download-by-another", &download(&ops).send().await);
    asker.app.clock.advance(Duration::from_secs(600));
    is_kept("download-over-a-dead-link", &download(&client).send().await);

    is_kept("delete-by-a-client", &asker.delete(id).header("authorization", &client).send().await);
    is_kept("delete", &asker.delete(id).header("authorization", &ops).send().await);
    is_kept("delete-again", &asker.delete(id).header("authorization", &ops).send().await);
}

async fn files_that_are_not_kept(asker: &Asker) {
    let ops = asker.bearer(&asker.app.ops().await).await;
    let (word, macros) = (office::docx_with_traces("a", "Ana Author"), office::docx_with_macro("b"));
    let send =
        |path: &str, file: &[u8]| asker.post(path).header("authorization", &ops).files(&[("a.docx", file)]).send();
    is_kept("inspect", &send("/api/v1/inspect", &word).await);
    is_kept("inspect-what-is-refused", &send("/api/v1/inspect", &macros).await);
    is_kept("clean", &send("/api/v1/clean", &word).await);
    is_kept("clean-what-is-refused", &send("/api/v1/clean", &macros).await);
    is_kept("clean-of-no-topic", &send("/api/v1/clean?remove=noise", &word).await);
}

async fn deliveries(asker: &Asker) {
    let ops = asker.bearer(&asker.app.ops().await).await;
    let client = asker.app.register(Role::Client, "bea@example.com").await;
    let bearer = asker.bearer(&client).await;
    let person = client.person().expect("somebody").id();
    let send = |path: &str, body: Value| asker.post(path).header("authorization", &ops).json(&body.to_string()).send();
    let put = async |route: &str, path: String, body: Value| {
        asker.ask(Method::PUT, route, &path).header("authorization", &ops).json(&body.to_string()).send().await
    };
    let get = |path: &str| asker.get(path).header("authorization", &ops).send();

    let made = send("/api/v1/organisations", json!({ "name": "Acme" })).await;
    is_kept("organisation", &made);
    let acme = made.json::<Value>()["id"].as_str().expect("an id").to_owned();
    is_kept("organisation-again", &send("/api/v1/organisations", json!({ "name": "ACME" })).await);
    is_kept("organisation-without-a-name", &send("/api/v1/organisations", json!({ "name": " " })).await);
    let path = format!("/api/v1/organisations/{acme}");
    is_kept("organisation-renamed", &put("/api/v1/organisations/{id}", path, json!({ "name": "Acme & Sons" })).await);
    let belongs = "/api/v1/people/{id}/organisation";
    let path = belongs.replace("{id}", &person.to_string());
    is_kept("person-moved", &put(belongs, path.clone(), json!({ "organisation": acme })).await);
    is_kept("person-moved-nowhere", &put(belongs, path, json!({})).await);
    is_kept("organisations", &get("/api/v1/organisations").await);
    is_kept("people", &get(&format!("/api/v1/people?organisation={acme}")).await);

    let word = office::docx_with_traces("a", "Ana Author");
    let upload = asker.post("/api/v1/upload").header("authorization", &ops);
    let reply = upload.fields(&[Field::Text("deliver", "later"), Field::File("Minutes.docx", &word)]).send().await;
    let document = reply.json::<Value>()["files"][0]["id"].as_str().expect("an id").to_owned();
    let list = || asker.get("/api/v1/files?q=minutes").header("authorization", &bearer).send();
    is_kept("list-before-the-delivery", &list().await);
    let to = format!("person:{person}");
    let body = json!({ "documents": [document], "audiences": [to, format!("organisation:{acme}")],
        "until": "2026-12-24T18:00:00Z", "note": "As agreed." });
    let sent = send("/api/v1/deliveries", body).await;
    is_kept("delivery", &sent);
    is_kept("list-after-the-delivery", &list().await);
    let stranger = json!({ "documents": [document], "audiences": [format!("person:{document}")] });
    is_kept("delivery-to-a-stranger", &send("/api/v1/deliveries", stranger).await);
    let nobody = json!({ "documents": [document], "audiences": [] });
    is_kept("delivery-to-nobody", &send("/api/v1/deliveries", nobody).await);
    let wider = json!({ "documents": [document], "audiences": ["Everyone"] });
    is_kept("delivery-to-no-audience", &send("/api/v1/deliveries", wider).await);
    let unknown = json!({ "documents": [document], "audiences": ["everyone"], "password": "x" });
    is_kept("delivery-with-terms-that-are-not-kept", &send("/api/v1/deliveries", unknown).await);
    is_kept("deliveries", &get("/api/v1/deliveries?q=minutes").await);

    let delivery = sent.json::<Value>()["id"].as_str().expect("an id").to_owned();
    let at = |route: &str| route.replace("{id}", &delivery);
    let one = "/api/v1/deliveries/{id}";
    is_kept("delivery-read", &asker.ask(Method::GET, one, &at(one)).header("authorization", &ops).send().await);
    let terms = "/api/v1/deliveries/{id}/terms";
    is_kept("delivery-extended", &put(terms, at(terms), json!({ "until": "2027-01-31T18:00:00Z" })).await);
    is_kept("delivery-that-ends-in-the-past", &put(terms, at(terms), json!({ "until": "2020-01-31T18:00:00Z" })).await);
    let revoke = "/api/v1/deliveries/{id}/revoke";
    let revoked = asker.ask(Method::POST, revoke, &at(revoke)).header("authorization", &ops).send().await;
    is_kept("delivery-revoked", &revoked);
    is_kept("delivery-changed-after-it-was-revoked", &put(terms, at(terms), json!({})).await);
}

async fn mails(app: &App) {
    let sign_up = "name=Ana&email=ana@example.com&password=eight+small+boats";
    app.post("/api/fn/sign_up").html().form(sign_up).send().await;
    mail_is_kept("mail-verify", &app.newest_mail().await);
    app.account(Role::Client, "bea@example.com").await;
    app.post("/api/fn/sign_up").html().form(&sign_up.replace("ana@", "bea@")).send().await;
    mail_is_kept("mail-already-registered", &app.newest_mail().await);

    let cookie = app.cookie_of(&app.ops().await).await;
    app.post("/api/fn/invite_ops").html().cookie(&cookie).form("email=fay@example.com").send().await;
    mail_is_kept("mail-invitation", &app.newest_mail().await);

    app.post("/api/fn/request_reset").html().form("email=bea@example.com").send().await;
    let mail = app.newest_mail().await;
    mail_is_kept("mail-reset", &mail);
    let (_, link) = mail.text.split_once("/reset/").expect("a link");
    let secret = link.split_whitespace().next().expect("a secret");
    let form = format!("token={secret}&password=nine+small+boats");
    app.post("/api/fn/reset_password").html().form(&form).send().await;
    mail_is_kept("mail-password-changed", &app.newest_mail().await);

    app.post("/api/fn/sign_up").html().form(&sign_up.replace("ana@", "cleo@")).send().await;
    app.clock.advance(Duration::from_secs(11 * 60));
    mail_is_kept("mail-verify-without-its-code", &app.newest_mail().await);
    app.post("/api/fn/sign_up").html().form(&sign_up.replace("ana@", "dora@")).send().await;
    app.clock.advance(Duration::from_secs(25 * 3600));
    mail_is_kept("mail-verify-too-late", &app.newest_mail().await);
}

#[test]
fn problems_are_told_word_for_word_as_kept() {
    let lines = ErrorCode::ALL.iter().map(|code| format!("{} {}: {}\n", code.status(), code.as_str(), code.message()));
    settings().bind(|| assert_snapshot!("problems", lines.collect::<String>()));
}
