//! Jobs: one row for all instances, done again by others when a worker dies, on both databases.

use std::time::Duration;

use backend::{db::Engine, jobs::Kind, mail::Worked};
use domain::mail::{MailQuery, MailRow};
use testkit::{Before, TestBackend, on_both};

const LEASE: Duration = Duration::from_secs(5 * 60);
const HOUR: Duration = Duration::from_secs(3600);

/// Two blobs to remove; there is nothing in the store, which is as good as removed.
const PURGES: [&str; 2] = ["0198c0de-0000-7000-8000-00000000000a", "0198c0de-0000-7000-8000-00000000000b"];

async fn purges(t: &TestBackend) {
    for id in PURGES {
        sqlx::query(
            "INSERT INTO jobs (kind, id, payload, attempts, next_at, claimed_until, created_at) \
             VALUES ('purge', $1, $2, 0, 0, 0, 0)",
        )
        .bind(id)
        .bind(format!(r#"{{"blob":"{id}"}}"#))
        .execute(&t.sql)
        .await
        .expect("inserts");
    }
}

async fn run(t: &TestBackend, statement: &'static str) {
    sqlx::query(statement).execute(&t.sql).await.expect("runs");
}

on_both! {
    async fn what_recurs_is_done_once_for_all_instances(t: TestBackend) {
        let other = t.restarted(|_| {});
        t.schedule().await.expect("is scheduled");
        other.schedule().await.expect("is scheduled already");
        for (kind, period) in [(Kind::Sweep, HOUR / 4), (Kind::Forget, HOUR), (Kind::RewrapKeys, HOUR / 60)] {
            for _ in 0..3 {
                let (one, another) = tokio::join!(t.work_off(kind), other.work_off(kind));
                assert_eq!(one.expect("works") + another.expect("works"), 1, "{kind}");
                t.clock.advance(period - Duration::from_millis(1));
                assert_eq!(other.work_off(kind).await.expect("works"), 0, "{kind}");
                t.clock.advance(Duration::from_millis(1));
            }
        }
        assert_eq!(t.count("SELECT COUNT(*) FROM jobs").await, 3);
    }

    async fn what_recurs_and_fails_is_tried_more_and_more_seldom(t: TestBackend) {
        t.schedule().await.expect("is scheduled");
        run(&t, "UPDATE portal SET id = '0198c0de-0000-7000-8000-000000000009'").await;
        let mut tried = Vec::new();
        for second in 0..100 {
            if t.work_off(Kind::Sweep).await.expect("is written down") > 0 {
                tried.push(second);
            }
            t.clock.advance(Duration::from_secs(1));
        }
        assert_eq!(tried, [0, 10, 30, 70]);
        assert_eq!(t.count("SELECT attempts FROM jobs WHERE kind = 'sweep' AND last_error IS NOT NULL").await, 4);
        run(&t, "UPDATE portal SET id = '0198c0de-0000-7000-8000-000000000001'").await;
        t.clock.advance(HOUR);
        assert_eq!(t.work_off(Kind::Sweep).await.expect("sweeps"), 1);
        assert_eq!(t.count("SELECT attempts FROM jobs WHERE kind = 'sweep' AND last_error IS NULL").await, 0);
    }

    async fn a_worker_that_died_after_its_claim_frees_the_job(t: TestBackend) {
        purges(&t).await;
        sqlx::query("UPDATE jobs SET claim = 'of the dead', claimed_until = $1 WHERE id = $2")
            .bind(t.now().after(LEASE).millis())
            .bind(PURGES[0])
            .execute(&t.sql)
            .await
            .expect("is claimed");
        assert_eq!(t.purge_due().await.expect("purges"), 1);
        t.clock.advance(LEASE);
        assert_eq!(t.restarted(|_| {}).purge_due().await.expect("purges"), 1);
        assert_eq!(t.count("SELECT COUNT(*) FROM jobs").await, 0);
    }

    async fn what_nobody_understands_is_given_up_with_its_cause_and_holds_up_no_other(t: TestBackend) {
        purges(&t).await;
        sqlx::query("UPDATE jobs SET payload = $1 WHERE id = $2")
            .bind(r#"{"shelf":3}"#)
            .bind(PURGES[0])
            .execute(&t.sql)
            .await
            .expect("is damaged");
        assert_eq!(t.purge_due().await.expect("purges"), 2);
        let left: Vec<(String, String)> = sqlx::query_as("SELECT id, last_error FROM jobs WHERE dead_at IS NOT NULL")
            .fetch_all(&t.sql)
            .await
            .expect("selects");
        assert_eq!((left.len(), left[0].0.as_str()), (1, PURGES[0]));
        assert!(left[0].1.contains("blob"), "{}", left[0].1);
        t.clock.advance(100 * HOUR);
        assert_eq!(t.purge_due().await.expect("has nothing left"), 0);
    }
}

/// An outbox in the middle of sending, and blobs to remove: one whose worker is sending it at this moment, one that was
/// put off, one whose claim is over, one that was given up, one that left.
const WORK_OF_BEFORE: &str = "
    INSERT INTO mails (id, message_id, recipient, kind, cause, state, attempts, next_at, claimed_until, last_error, queued_at, created_at, sent_at) VALUES
    ('0198c0de-0000-7000-8000-000000000001', '<1@x>', 'ana@example.com', 'written', 'known', 'queued', 0, 1795356300000, 1795356400123, NULL, 1795356300000, 1795356300000, NULL),
    ('0198c0de-0000-7000-8000-000000000002', '<2@x>', 'ben@example.com', 'written', 'known', 'queued', 2, 1795356330123, 0, '451 4.2.0 Greylisted', 1795356300000, 1795356300001, NULL),
    ('0198c0de-0000-7000-8000-000000000003', '<3@x>', 'cleo@example.com', 'written', 'known', 'queued', 0, 1795356300000, 1795356300001, NULL, 1795356300000, 1795356300002, NULL),
    ('0198c0de-0000-7000-8000-000000000004', '<4@x>', 'dan@example.com', 'written', 'known', 'dead', 1, 0, 0, '550 5.1.1 No such user', 1795356300000, 1795356300003, NULL),
    ('0198c0de-0000-7000-8000-000000000005', '<5@x>', 'eve@example.com', 'written', 'known', 'sent', 1, 0, 1795356300000, NULL, 1795356300000, 1795356300004, 1795356300000);
    INSERT INTO written_mails (mail_id, subject, text_body, html_body)
    SELECT id, 'Hello', 'text', 'html' FROM mails WHERE state <> 'sent';
    INSERT INTO purges (version_id, attempts, next_at) VALUES
    ('0198c0de-0000-7000-8000-00000000000a', 0, 0),
    ('0198c0de-0000-7000-8000-00000000000b', 3, 1795356301123)";

async fn work_of_before_goes_on_where_it_was(engine: Engine) {
    let Some(t) = TestBackend::upgraded_from(engine, Before::rows(10, WORK_OF_BEFORE)).await else { return };
    t.outbox.prepare().await.expect("seals");
    let ops = t.ops().await;
    let listed = async || t.outbox.list(&ops, &MailQuery::default()).await.expect("lists").rows;
    let (before, seen) = (listed().await, |row: &MailRow| (row.attempts, row.last_error.clone()));
    let mails: Vec<_> = before.iter().filter(|row| row.recipient != "ops@example.com").map(seen).collect();
    let greylisted = (2, Some("451 4.2.0 Greylisted".to_owned()));
    let dead = (1, Some("550 5.1.1 No such user".to_owned()));
    assert_eq!(mails, [(0, None), dead, (0, None), greylisted, (0, None)]);

    let mut sent = Vec::new();
    for seconds in [0, 30, 70] {
        t.clock.advance(Duration::from_secs(seconds));
        while t.outbox.deliver_next().await.expect("works") != Worked::Idle {}
        sent.push(t.mail.take().into_iter().map(|mail| mail.message_id).collect::<Vec<_>>());
    }
    assert_eq!(sent, [vec!["<3@x>"], vec!["<2@x>"], vec!["<1@x>"]]);
    assert_eq!(t.outbox.send_all_again(&ops).await.expect("is queued again"), 1);
    assert_eq!(t.newest_mail().await.message_id, "<4@x>");

    assert_eq!(t.count("SELECT attempts FROM jobs WHERE id = '0198c0de-0000-7000-8000-00000000000b'").await, 3);
    assert_eq!(t.purge_due().await.expect("purges"), 2);
}

#[test]
fn work_of_before_goes_on_where_it_was_on_sqlite() {
    testkit::run(work_of_before_goes_on_where_it_was(Engine::Sqlite));
}

#[test]
fn work_of_before_goes_on_where_it_was_on_postgres() {
    testkit::run(work_of_before_goes_on_where_it_was(Engine::Postgres));
}
