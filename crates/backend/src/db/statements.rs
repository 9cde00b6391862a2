//! Every statement is one that both engines understand, over the tables as they are.
//!
//! The statements are read from the sources, because nothing else has them all: a layer that records what tests happen
//! to run misses what no test runs, and a list by hand is forgotten. A call whose text this scan cannot find fails the
//! test, so it cannot be walked past; neither can another statement of parts, which [`COMPOSED`] counts.
//!
//! PostgreSQL is asked to work the types of all parameters out by itself. Those that `Any` sends along could hide a
//! comparison of a text with a number until a value makes it fail.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use domain::{DocumentId, activity::ActivityQuery, delivery::Audience, people::PeopleQuery};
use sqlx::{Executor, SqlSafeStr};

use super::{tests::on_both, *};
use crate::{
    access, accounts, activity, deliveries, documents, mail,
    policy::Reach,
    throttle::{self, MAIL_ADDRESS},
};

/// Arguments of a query that are no text of their own file, and where their text comes from.
const ELSEWHERE: [(&str, &str); 5] = [
    // The one place that runs what `Sql` has put together.
    ("db/sql.rs", "AssertSqlSafe"),
    // Every `LinkKind("…")`, `Select("…")` and `Update("…")` is found.
    ("accounts/links.rs", "kind"),
    ("naming/refold.rs", "self"),
    // One text for each engine: the tests of jobs run them.
    ("jobs/queue.rs", "statement"),
    // Built by a macro: see `composed`.
    ("accounts/expiry.rs", "old"),
];

/// How many statements each file puts together from parts. Those that are put together in several ways are the first
/// eight, and [`composed`] has each way prepared; the rest are run by the tests of what they belong to, on both engines.
const COMPOSED: [(&str, usize); 14] = [
    ("access/mod.rs", 2),
    ("accounts/organisations.rs", 2),
    ("accounts/people.rs", 3),
    ("activity/log.rs", 1),
    ("deliveries/list.rs", 2),
    ("documents/list.rs", 2),
    ("mail/review.rs", 1),
    ("throttle.rs", 1),
    ("deliveries/sending.rs", 3),
    ("documents/versions/audit.rs", 1),
    ("documents/versions/examination.rs", 1),
    ("documents/versions/rewrap.rs", 1),
    ("storage/portal.rs", 1),
    ("storage/sweep.rs", 1),
];

/// What the sources say.
#[derive(Default)]
struct Found {
    /// Statement by file.
    whole: Vec<(String, String)>,
    composed: BTreeMap<String, usize>,
    unknown: Vec<(String, String)>,
}

impl Found {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut found = Self::default();
        for path in sources(&root) {
            let file = path.strip_prefix(&root).expect("is in it").display().to_string();
            found.scan(&file, &program(&fs::read_to_string(&path).expect("is read")));
        }
        found
    }

    fn scan(&mut self, file: &str, source: &str) {
        for (at, _) in source.match_indices("sqlx::query") {
            let Some((name, argument)) = source[at..].split_once('(') else { continue };
            if name.ends_with(|c: char| c.is_ascii_lowercase()) {
                self.take(file, source, argument.trim_start());
            } else {
                self.unknown.push((file.to_owned(), name.to_owned()));
            }
        }
        for begins in ["LinkKind(", "Select(", "Update("] {
            for (at, call) in source.match_indices(begins) {
                let argument = source[at + call.len()..].trim_start();
                if argument.starts_with('"') {
                    self.take(file, source, argument);
                }
            }
        }
        let composed = source.matches("Sql::new(").count();
        if composed > 0 {
            self.composed.insert(file.to_owned(), composed);
        }
    }

    /// The texts of an argument: itself, or all that the file says that its name is.
    fn take(&mut self, file: &str, source: &str, argument: &str) {
        let name = argument.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        let definitions = [format!("const {name}: &str ="), format!("let {name} =")];
        let defined = definitions.iter().flat_map(|definition| {
            source
                .match_indices(definition.as_str())
                .filter_map(|(at, _)| literal(source[at + definition.len()..].trim_start()))
        });
        let texts: Vec<_> = literal(argument).map_or_else(|| defined.collect(), |text| vec![text]);
        if texts.is_empty() {
            self.unknown.push((file.to_owned(), name.to_owned()));
        }
        self.whole.extend(texts.into_iter().map(|text| (file.to_owned(), text)));
    }
}

/// Every file of the program's own, in order.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("is listed").map(|entry| entry.expect("is there").path()).collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(sources(&path));
        } else if !["tests.rs", "statements.rs"].iter().any(|name| path.ends_with(name)) {
            files.push(path);
        }
    }
    files
}

/// A source without its comments and tests.
fn program(source: &str) -> String {
    let tests = ["#[cfg(test)]\nmod tests {", "#[cfg(test)]\npub(super) mod tests {"];
    let program = tests.iter().fold(source, |program, tests| program.split(tests).next().unwrap_or_default());
    program.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect()
}

/// The string literal that `source` begins with.
fn literal(source: &str) -> Option<String> {
    let mut rest = source.strip_prefix('"')?.chars();
    let mut text = String::new();
    loop {
        match rest.next()? {
            '"' => return Some(text),
            '\\' => match rest.next()? {
                '\n' => rest = rest.as_str().trim_start().chars(),
                escaped => text.push(escaped),
            },
            c => text.push(c),
        }
    }
}

/// Statements that are put together from parts, with every part.
fn composed() -> Vec<String> {
    let cursor = "0198c0de-0000-7000-8000-000000000001.1";
    let documents = [DocumentId::new(uuid::Uuid::nil())];
    let mut texts = accounts::statements(
        &PeopleQuery::parse("a", "ops", "active", "0198c0de-0000-7000-8000-000000000001", cursor)
            .expect("everything is asked for"),
    );
    texts.push(activity::statement(
        &ActivityQuery::parse("session.started", "a", cursor, "").expect("everything is asked for"),
    ));
    texts.extend(documents::list_statements());
    texts.extend(mail::statements());
    texts.extend(deliveries::statements());
    let further = [
        access::granted_sql(&Reach::EveryDocument, &documents),
        access::granted_sql(
            &Reach::Delivered {
                audiences: vec![Audience::Everyone],
                member_since: Some(domain::Timestamp::from_millis(0)),
            },
            &documents,
        ),
        throttle::failures_of(&[MAIL_ADDRESS.count("a")]),
    ];
    texts.extend(further.iter().map(|sql| sql.text().to_owned()));
    texts
}

#[test]
fn every_statement_is_found() {
    let found = Found::read();
    assert!(found.whole.len() > 100, "the scan has gone blind: {}", found.whole.len());
    let unknown: Vec<_> =
        found.unknown.iter().filter(|(file, name)| !ELSEWHERE.contains(&(file.as_str(), name.as_str()))).collect();
    assert!(unknown.is_empty(), "no text is found for these: {unknown:?}");
    let counted: BTreeMap<String, usize> = COMPOSED.map(|(file, count)| (file.to_owned(), count)).into();
    assert_eq!(found.composed, counted, "another statement of parts: have it prepared, or run, and count it here");
}

#[test]
fn what_the_scan_cannot_read_is_unknown() {
    let mut found = Found::default();
    found.scan(
        "here.rs",
        &program(
            "const NAMED: &str = \"SELECT 1\";\n// sqlx::query(left_out)\nsqlx::query(NAMED).bind(1); \
             sqlx::query_as(\n\"SELECT 2 \\\n   FROM t\").x(); sqlx::query_scalar(made(1)); sqlx::query_as::<_, Row>(\"SELECT 3\")\n\
             #[cfg(test)]\nmod tests {\nsqlx::query(left_out)",
        ),
    );
    let whole: Vec<_> = found.whole.iter().map(|(_, text)| text.as_str()).collect();
    let unknown: Vec<_> = found.unknown.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(whole, ["SELECT 1", "SELECT 2 FROM t"]);
    assert_eq!(unknown, ["made", "sqlx::query_as::<_, Row>"]);
}

async fn every_statement_is_understood(db: &Database) {
    db.migrate().await.expect("migrates");
    let mut connection = db.writers.acquire().await.expect("connects");
    let composed = composed().into_iter().map(|text| ("of parts".to_owned(), text));
    let mut refused = Vec::new();
    for (file, text) in Found::read().whole.into_iter().chain(composed) {
        if let Err(error) = (*connection).prepare(sqlx::AssertSqlSafe(text.clone()).into_sql_str()).await {
            refused.push(format!("{file}: {text}: {error}"));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

on_both! {
    every_statement_is_understood
}
