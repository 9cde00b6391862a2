//! What goes wrong around the portal: a clock that is set back, a database that cannot be written, people who all come
//! at once.

use std::{sync::Arc, time::Duration};

use backend::{
    Caller,
    documents::Denied,
    intake::{Begun, Verdict},
};
use bytes::Bytes;
use domain::{DocumentQuery, ErrorCode, Role, activity::Action, document::DeadBecause, upload::DepositedFile};
use testkit::{PASSWORD, START, TestBackend, office};

async fn deposit(t: &TestBackend, ops: &Caller, name: &str, bytes: &[u8]) -> DepositedFile {
    let Begun::Started(mut upload) = t.uploads.begin(ops, name, None).await.expect("an upload begins") else {
        panic!("{name} was refused");
    };
    upload.write(Bytes::copy_from_slice(bytes)).await.expect("bytes are taken");
    match upload.finish().await.expect("an upload ends") {
        Verdict::Deposited(file) => file,
        Verdict::Rejected(rejected) => panic!("{name} was refused: {rejected:?}"),
    }
}

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

testkit::on_both! {
    async fn nothing_that_expired_lives_again_when_the_clock_is_set_back(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        let session = t.session_of(&ana).await;
        let token = t.token_of(&ana).await;
        t.clock.advance(HOUR + t.settings().token_life);
        assert!(t.sessions.person(&session).await.expect("answers").is_none(), "the session is over");
        assert!(t.tokens.authenticate(&token).await.expect("answers").is_none(), "the token is over");
        let seen = t.now();

        t.clock.set(t.now().before(HOUR));
        assert_eq!(t.now(), seen);
        assert!(t.sessions.person(&session).await.expect("answers").is_none());
        assert!(t.tokens.authenticate(&token).await.expect("answers").is_none());
    }

    async fn an_expired_link_stays_dead_when_the_clock_is_set_back(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        let token = t.links.mint(&ana, file.id).await.expect("mints").token;
        t.clock.advance(11 * MINUTE);
        t.clock.set(t.now().before(HOUR));
        match t.links.open(&ana, &token).await {
            Err(Denied::Dead(dead)) => assert_eq!(dead.because, DeadBecause::Expired),
            Err(Denied::Refused(error)) => panic!("{error}"),
            Ok(_) => panic!("the link lives again"),
        }
    }

    async fn a_fresh_link_works_at_once_and_dies_in_time_after_the_clock_was_set_back(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        t.clock.set(START.before(HOUR));
        let token = t.links.mint(&ana, file.id).await.expect("mints").token;
        assert!(t.links.open(&ana, &token).await.is_ok());
        t.clock.advance(20 * MINUTE);
        assert!(t.links.open(&ana, &token).await.is_err(), "twice its life is the most it gets");
    }

    async fn a_restart_goes_on_where_time_has_been(t: TestBackend) {
        t.clock.set(START.after(HOUR));
        t.ready().await.expect("ready");
        t.clock.set(START);
        let again = t.restarted(|_| {});
        again.resume_time().await.expect("reads");
        assert_eq!(again.now(), START.after(HOUR));
    }

    async fn a_time_that_cannot_be_is_forgotten(t: TestBackend) {
        t.clock.set(START.after(400 * 24 * HOUR));
        t.ready().await.expect("ready");
        t.clock.set(START);
        t.clock.advance(MINUTE);
        let again = t.restarted(|_| {});
        again.resume_time().await.expect("reads");
        assert_eq!(again.now(), START.after(MINUTE));
        again.ready().await.expect("ready");
        assert_eq!(t.count("SELECT at FROM heartbeats").await, START.after(MINUTE).millis());
    }

    async fn waits_do_not_grow_with_a_step_back(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        for _ in 0..6 {
            t.accounts.sign_in(&TestBackend::origin(), "ana@example.com", "wrong password").await.expect_err("wrong");
        }
        t.clock.set(t.now().before(HOUR));
        t.clock.advance(4 * Duration::from_secs(1));
        let right = t.accounts.sign_in(&TestBackend::origin(), "ana@example.com", PASSWORD).await;
        right.expect("waits seconds, not an hour");
    }

    async fn readiness_writes_and_asks_at_most_once_a_second(t: TestBackend) {
        let beats = "SELECT COUNT(*) FROM heartbeats";
        t.ready().await.expect("ready");
        assert_eq!(t.count(beats).await, 1, "it has written");
        sqlx::query("DROP TABLE heartbeats").execute(&t.sql).await.expect("drops");
        t.ready().await.expect("the look of a moment ago stands");
        t.clock.advance(Duration::from_secs(1));
        t.ready().await.expect_err("it cannot write any more");
    }

    async fn many_sign_in_at_once(t: TestBackend) {
        const THREADS: usize = 24;
        const TIMES: usize = 10;
        for person in 0..6 {
            t.register(Role::Client, &format!("person{person}@example.com")).await;
        }
        t.clock.advance(HOUR);
        let t = Arc::new(t);
        let signing_in = (0..THREADS).map(|thread| {
            let t = t.clone();
            tokio::spawn(async move {
                let origin = TestBackend::origin_at(&format!("192.0.2.{}", thread % 4));
                let mut admitted = 0;
                for _ in 0..TIMES {
                    let email = format!("person{}@example.com", thread % 6);
                    match t.accounts.sign_in(&origin, &email, PASSWORD).await {
                        Ok(_) => admitted += 1,
                        Err(error) => match error.into_problem().code {
                            ErrorCode::TooManyAttempts | ErrorCode::Busy => {}
                            code => panic!("{code:?}"),
                        },
                    }
                }
                admitted
            })
        });
        let mut admitted = 0;
        for ended in signing_in.collect::<Vec<_>>() {
            admitted += ended.await.expect("no sign-in fails for another's sake");
        }
        assert!(admitted > 0);
        assert_eq!(t.recorded(Action::SignedIn).await, admitted, "each is written down once");
    }
}

/// Nobody can write while another program holds the file; reading goes on, and what is to be written waits.
#[test]
fn documents_are_listed_and_collected_while_another_program_holds_the_database() {
    testkit::run(async {
        let t = TestBackend::sqlite().await;
        let (ops, ana) = (t.ops().await, t.register(Role::Client, "ana@example.com").await);
        let session = t.session_of(&ana).await;
        let bytes = office::docx("a report");
        let file = deposit(&t, &ops, "report.docx", &bytes).await;
        t.clock.advance(2 * MINUTE);
        let held = t.sql.begin_with("BEGIN IMMEDIATE").await.expect("holds the database");

        let ana = t.caller_of(&session).await;
        let page = t.documents.list(&ana, &DocumentQuery::default()).await.expect("lists");
        assert_eq!(page.rows.len(), 1);
        let links = t.links.mint_for_page(&ana, page.rows).await.expect("mints");
        let token = links[0].1.token.clone();
        let Ok(opened) = t.links.open(&ana, &token).await else { panic!("the link opens") };
        assert_eq!(opened.document, file.id);

        held.rollback().await.expect("lets go");
        assert_eq!(t.recorded(Action::LinkMinted).await, 1, "written down afterwards");
    });
}
