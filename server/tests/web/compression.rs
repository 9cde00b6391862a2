//! What is compressed, and that its length tells nothing: no secret is in it, and nothing that the request has said.

use backend::Caller;
use domain::{DocumentId, Role};
use http::Method;
use server::{Kind, Route};
use testkit::office;

use crate::{
    authorisation::body_of,
    harness::{App, Ask, Reply},
};

/// Documents of the portal: more than a page of the list has.
const DOCUMENTS: usize = 51;

/// What a stranger puts into a request to see whether the answer becomes longer.
const GUESS: &str = "guess7f3a";

/// How the token of every link begins.
const LINK: &str = "v4.local.";

/// A portal with documents, and somebody who asks it.
struct Portal {
    app: App,
    document: DocumentId,
}

impl Portal {
    async fn new() -> Self {
        let app = App::new().await;
        let mut document = None;
        for index in 0..DOCUMENTS {
            document = Some(app.deposit(&format!("report {index}.docx"), &office::docx("a report")).await);
        }
        Self { app, document: document.expect("there is one") }
    }

    /// The way to ask this route for `query`, in which `{id}` is a document.
    fn ask(&self, route: &Route, query: &str, who: &Authority) -> Ask<'_> {
        let path = route.path.replace("{id}", &self.document.to_string()).replace("{*file}", "strongroom.css");
        let query = query.replace("{id}", &self.document.to_string());
        let ask = self.app.ask(route.method.clone(), &format!("{path}{query}"));
        let ask = if route.kind == Kind::Page { ask.html() } else { ask };
        let ask = if route.kind == Kind::ServerFunction { ask.form(&self.body(route)) } else { ask };
        match route.kind {
            Kind::Rest => ask.header("authorization", &who.bearer),
            _ => ask.cookie(&who.cookie),
        }
    }

    fn body(&self, route: &Route) -> String {
        body_of(route, self.document)
    }

    /// The answer in the clear, if it is compressed for those who ask for that.
    async fn compressed(&self, route: &Route, query: &str, who: &Authority) -> Option<Reply> {
        let packed = self.ask(route, query, who).header("accept-encoding", "br, gzip, zstd").send().await;
        let plain = match packed.header("content-encoding") {
            "" => return None,
            _ => self.ask(route, query, who).send().await,
        };
        assert_eq!((plain.status, plain.header("content-encoding")), (packed.status, ""), "{}", route.path);
        Some(plain)
    }
}

/// A session and a token of one person.
struct Authority {
    cookie: String,
    bearer: String,
}

impl Authority {
    async fn of(app: &App, caller: &Caller) -> Self {
        Self { cookie: app.cookie_of(caller).await, bearer: app.bearer_of(caller).await }
    }
}

/// All that only reads: asking twice is as good as asking once.
fn reading() -> Vec<Route> {
    let routes = testkit::run(async { server::listed_routes() });
    let reads = |route: &Route| {
        let name = route.path.rsplit('/').next().unwrap_or_default();
        let is_asked = route.kind == Kind::ServerFunction && (name.starts_with("list_") || name.starts_with("read_"));
        is_asked || route.method == Method::GET
    };
    routes.into_iter().filter(reads).collect()
}

#[test]
fn what_a_request_says_is_in_no_compressed_answer() {
    const NAMES: [&str; 16] = [
        "q", "kind", "sort", "limit", "cursor", "notice", "next", "action", "role", "state", "because", "document",
        "at", "__err", "__path", "another",
    ];
    let routes = reading();
    testkit::run(async {
        let portal = Portal::new().await;
        let ops = Authority::of(&portal.app, &portal.app.ops().await).await;
        let mut read_on = 0;
        for route in routes.iter().filter(|route| route.method == Method::GET) {
            let single = NAMES.map(|name| format!("?{name}={{id}}.{GUESS}"));
            // A place in the list that nobody gave out is read on from like any other.
            let paged = format!("?sort=name&cursor={{id}}.{GUESS}");
            for query in single.into_iter().chain([paged.clone()]) {
                let Some(reply) = portal.compressed(route, &query, &ops).await else { continue };
                assert!(!reply.text().contains(GUESS), "{}{query}: {}", route.path, reply.text());
                read_on += usize::from(query == paged && reply.text().contains("report 7.docx"));
            }
        }
        assert_eq!(read_on, 2, "both pages of documents are compressed from wherever they begin");
    });
}

#[test]
fn an_answer_with_a_link_or_a_secret_is_not_compressed() {
    let routes = reading();
    testkit::run(async {
        let portal = Portal::new().await;
        let list = Route::new(Kind::Rest, Method::GET, "/api/v1/files");
        for role in [Role::Client, Role::Ops] {
            let caller = match role {
                Role::Client => portal.app.client().await,
                Role::Ops => portal.app.ops().await,
            };
            let who = Authority::of(&portal.app, &caller).await;
            let own = [who.cookie.split_once('=').expect("a cookie").1, who.bearer.split_once(' ').expect("a token").1];
            let mut compressed = 0;
            for route in &routes {
                let Some(reply) = portal.compressed(route, "", &who).await else { continue };
                let text = reply.text();
                let secret = [LINK].into_iter().chain(own).find(|secret| text.contains(secret));
                assert_eq!(secret, None, "{} as {role:?}", route.path);
                compressed += 1;
            }
            assert!(compressed > 3, "as {role:?}, {compressed} answers are compressed");
            let links = portal.ask(&list, "", &who).send().await.text();
            assert_eq!(links.matches(LINK).count(), 50, "each document comes with a link: {links}");
        }
    });
}
