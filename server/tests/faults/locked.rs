//! Another program holds the database and does not let go.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use sqlx::AnyPool;
use testkit::program::{Portal, Program};

/// Whoever cannot write is told so within this time.
const BOUND: Duration = Duration::from_secs(15);

/// Starts a portal, holds its database with `hold`, and looks at what goes on.
fn held(database_url: &str, data: &Path, hold: &'static [&'static str]) {
    let program = Program::new(env!("CARGO_BIN_EXE_strongroom"), data).with("STRONGROOM_DATABASE_URL", database_url);
    program.create_ops();
    let portal = program.serve();
    let token = portal.token();
    let document = testkit::office::docx("a report");
    assert_eq!(portal.upload(&token, "report.docx", &document).status, 201);

    testkit::run(async {
        sqlx::any::install_default_drivers();
        let other = AnyPool::connect(database_url).await.expect("the other program opens it");
        let mut other = other.acquire().await.expect("connects");
        for statement in hold {
            sqlx::raw_sql(*statement).execute(&mut *other).await.expect("holds the database");
        }
        // The portal is asked from blocking code, on threads of its own.
        std::thread::scope(|threads| {
            threads.spawn(|| while_held(&portal, &token, &document)).join().expect("as expected")
        });
        sqlx::raw_sql("ROLLBACK").execute(&mut *other).await.expect("lets go");
    });

    let sign_ins: Vec<u16> = (0..10).map(|_| portal.sign_in().status).collect();
    assert_eq!(sign_ins, [200; 10], "without a restart");
    portal.await_readiness(200);
    assert_eq!(portal.upload(&token, "another.docx", &document).status, 201);
    assert_eq!(portal.collect(&token).count(), 2);
}

fn while_held(portal: &Portal, token: &str, document: &[u8]) {
    let begun = Instant::now();
    for _ in 0..5 {
        assert!(
            portal.collect(token).eq([("report.docx".to_owned(), document.to_owned())]),
            "the list and its documents"
        );
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "whoever reads does not wait: {:?}", begun.elapsed());

    let begun = Instant::now();
    portal.await_readiness(503);
    assert!(begun.elapsed() < Duration::from_secs(5), "readiness answers at once: {:?}", begun.elapsed());

    let begun = Instant::now();
    let refused = portal.sign_in();
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(refused.header("retry-after").is_some(), "{}", refused.head);
    assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
}

#[test]
fn reading_goes_on_and_writers_are_told_while_another_program_holds_the_sqlite_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}?mode=rwc", folder.path().join("strongroom.db").display());
    held(&url, &folder.path().join("data"), &["BEGIN IMMEDIATE"]);
}

#[test]
fn reading_goes_on_and_writers_are_told_while_another_program_holds_tables_of_postgresql() {
    let folder = tempfile::tempdir().expect("a folder");
    if let Some(url) = testkit::run(testkit::postgres_url()) {
        const LOCK: &str = "LOCK TABLE accounts, activity, throttles, heartbeats IN EXCLUSIVE MODE";
        held(&url, &folder.path().join("data"), &["BEGIN", LOCK]);
    }
}
