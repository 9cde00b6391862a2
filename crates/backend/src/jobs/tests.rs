//! Leases on both engines, and how jobs are stored.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::{ErrorCode, Timestamp};
use uuid::Uuid;

use super::{
    Job, Kind,
    queue::{self, Claimed, LEASE, Outcome},
};
use crate::{
    db::{
        Database,
        tests::{on_postgres, on_sqlite},
        work,
    },
    error::{Error, Result},
};

const START: Timestamp = Timestamp::from_millis(1_795_356_300_123);
static TOKEN: AtomicU64 = AtomicU64::new(1);
const SECOND: Duration = Duration::from_secs(1);

/// Each runs on both engines, over a database of its own.
macro_rules! on_both {
    ($($name:ident)*) => {$(
        mod $name {
            #[tokio::test]
            async fn sqlite() {
                let (db, _folder) = super::on_sqlite().await;
                db.migrate().await.expect("migrates");
                super::$name(Arc::new(db)).await;
            }

            #[tokio::test]
            async fn postgres() {
                if let Some(db) = super::on_postgres().await {
                    db.migrate().await.expect("migrates");
                    super::$name(Arc::new(db)).await;
                }
            }

            use std::sync::Arc;
        }
    )*};
}

on_both! {
    a_claimed_job_is_nobody_elses_until_the_lease_is_over
    whoever_outlived_the_lease_has_no_say
    a_worker_that_is_late_may_settle_what_nobody_else_has
    a_claim_that_is_extended_holds_on
    a_job_that_goes_on_holds_its_claim_until_another_has_it
    the_job_that_is_due_longest_comes_first_and_others_wait
    what_fails_keeps_its_cause_and_comes_again
    what_is_given_up_stays_and_is_not_claimed_until_it_is_revived
    of_a_kind_there_is_one_job_about_a_thing
    what_recurs_has_one_row_and_a_clock_that_was_wrong_does_not_stop_it
    many_workers_claim_each_job_once
    a_transaction_that_fails_leaves_no_job
    looking_for_work_changes_nothing
}

fn purge(n: u8) -> Job {
    Job::Purge { blob: format!("0198c0de-0000-7000-8000-0000000000{n:02x}").parse().expect("an id") }
}

async fn enqueue(db: &Database, job: &Job, now: Timestamp) {
    db.transact(|tx| work(queue::enqueue(tx, job, now))).await.expect("is there");
}

async fn claim(db: &Database, kind: Kind, now: Timestamp) -> Option<Claimed> {
    let token = Uuid::from_u64_pair(0, TOKEN.fetch_add(1, Ordering::SeqCst));
    db.transact(|tx| work(queue::claim(tx, db.engine(), kind, now, token))).await.expect("claims")
}

async fn settle(db: &Database, claimed: &Claimed, outcome: Outcome) -> bool {
    let outcome = &outcome;
    db.transact(|tx| work(queue::settle(tx, &claimed.claim, outcome))).await.expect("settles")
}

async fn count(db: &Database, sql: &'static str) -> i64 {
    let (count,): (i64,) = sqlx::query_as(sql).fetch_one(db.read()).await.expect("counts");
    count
}

fn again(at: Timestamp) -> Outcome {
    Outcome::Again { attempts: 1, at, cause: "not now".to_owned() }
}

fn given_up() -> Outcome {
    Outcome::GivenUp { attempts: 1, at: START, cause: "never".to_owned() }
}

async fn a_claimed_job_is_nobody_elses_until_the_lease_is_over(db: Arc<Database>) {
    enqueue(&db, &purge(1), START).await;
    let first = claim(&db, Kind::Purge, START).await.expect("due");
    assert_eq!((first.job().expect("sound"), first.attempts, first.since), (purge(1), 0, START));
    let shortly_before = START.after(LEASE - Duration::from_millis(1));
    assert!(claim(&db, Kind::Purge, shortly_before).await.is_none());
    assert!(!queue::is_due(&db, Kind::Purge, shortly_before).await.expect("looks"));
    // Whoever had it is dead: nothing has been written down.
    assert!(queue::is_due(&db, Kind::Purge, START.after(LEASE)).await.expect("looks"));
    let second = claim(&db, Kind::Purge, START.after(LEASE)).await.expect("due again");
    assert!(settle(&db, &second, Outcome::Done).await);
    assert_eq!(count(&db, "SELECT COUNT(*) FROM jobs").await, 0);
}

async fn whoever_outlived_the_lease_has_no_say(db: Arc<Database>) {
    for outcome in [Outcome::Done, again(START), given_up(), Outcome::Recurs { at: START }] {
        enqueue(&db, &purge(1), START).await;
        let late = claim(&db, Kind::Purge, START).await.expect("due");
        let now = START.after(LEASE);
        let next = claim(&db, Kind::Purge, now).await.expect("due again");
        assert!(!settle(&db, &late, outcome.clone()).await, "{outcome:?}");
        assert!(!queue::extend(&db, &late.claim, now.after(LEASE)).await.expect("asks"));
        assert!(claim(&db, Kind::Purge, now.after(SECOND)).await.is_none(), "{outcome:?}");
        assert!(settle(&db, &next, Outcome::Done).await);
        // A job of the same name is another job.
        enqueue(&db, &purge(1), now).await;
        let fresh = claim(&db, Kind::Purge, now).await.expect("due");
        assert!(!settle(&db, &late, outcome).await && !settle(&db, &next, Outcome::Done).await);
        assert!(settle(&db, &fresh, Outcome::Done).await);
    }
}

async fn a_worker_that_is_late_may_settle_what_nobody_else_has(db: Arc<Database>) {
    enqueue(&db, &purge(1), START).await;
    let late = claim(&db, Kind::Purge, START).await.expect("due");
    assert!(queue::is_due(&db, Kind::Purge, START.after(2 * LEASE)).await.expect("looks"));
    assert!(settle(&db, &late, Outcome::Done).await);
    assert!(!settle(&db, &late, Outcome::Done).await, "once");
}

async fn a_claim_that_is_extended_holds_on(db: Arc<Database>) {
    enqueue(&db, &purge(1), START).await;
    let long = claim(&db, Kind::Purge, START).await.expect("due");
    let later = START.after(LEASE - SECOND);
    assert!(queue::extend(&db, &long.claim, later).await.expect("extends"));
    assert!(claim(&db, Kind::Purge, START.after(LEASE)).await.is_none());
    assert!(claim(&db, Kind::Purge, later.after(LEASE)).await.is_some());
}

async fn a_job_that_goes_on_holds_its_claim_until_another_has_it(db: Arc<Database>) {
    enqueue(&db, &purge(1), START).await;
    let long = claim(&db, Kind::Purge, START).await.expect("due");
    let later = START.after(LEASE - SECOND);
    let holding = {
        let (db, claim) = (db.clone(), long.claim.clone());
        tokio::spawn(async move { queue::lost(&db, &claim, Duration::from_millis(1), || later).await })
    };
    while queue::is_due(&db, Kind::Purge, START.after(LEASE)).await.expect("looks") {}
    assert!(claim(&db, Kind::Purge, START.after(LEASE)).await.is_none() && !holding.is_finished());
    // On PostgreSQL a row that is being extended at this moment is passed over.
    while claim(&db, Kind::Purge, later.after(LEASE)).await.is_none() {}
    holding.await.expect("it ends by itself");
}

async fn the_job_that_is_due_longest_comes_first_and_others_wait(db: Arc<Database>) {
    enqueue(&db, &purge(3), START.after(SECOND)).await;
    enqueue(&db, &purge(2), START).await;
    enqueue(&db, &purge(1), START).await;
    enqueue(&db, &Job::Sweep, START).await;
    for expected in [Some(purge(1)), Some(purge(2)), None] {
        let claimed = claim(&db, Kind::Purge, START).await;
        assert_eq!(claimed.map(|claimed| claimed.job().expect("sound")), expected);
    }
    assert!(claim(&db, Kind::Purge, START.after(SECOND)).await.is_some());
}

async fn what_fails_keeps_its_cause_and_comes_again(db: Arc<Database>) {
    enqueue(&db, &purge(1), START).await;
    let first = claim(&db, Kind::Purge, START).await.expect("due");
    assert!(settle(&db, &first, again(START.after(SECOND))).await);
    assert_eq!(count(&db, "SELECT COUNT(*) FROM jobs WHERE last_error = 'not now' AND claim IS NULL").await, 1);
    assert!(claim(&db, Kind::Purge, START).await.is_none());
    let second = claim(&db, Kind::Purge, START.after(SECOND)).await.expect("due again");
    assert_eq!((second.attempts, second.since), (1, START));
    // Somebody has mended what was wrong: what waits is tried at once.
    assert!(settle(&db, &second, again(START.after(LEASE))).await);
    assert_eq!(db.transact(|tx| work(queue::hurry(tx, Kind::Purge, START))).await.expect("hurries"), 1);
    assert!(claim(&db, Kind::Purge, START).await.is_some());
}

async fn what_is_given_up_stays_and_is_not_claimed_until_it_is_revived(db: Arc<Database>) {
    enqueue(&db, &purge(1), START).await;
    let first = claim(&db, Kind::Purge, START).await.expect("due");
    assert!(settle(&db, &first, given_up()).await);
    let later = START.after(10 * LEASE);
    enqueue(&db, &purge(1), later).await;
    assert!(claim(&db, Kind::Purge, later).await.is_none());
    assert_eq!(db.transact(|tx| work(queue::hurry(tx, Kind::Purge, later))).await.expect("hurries"), 0);
    assert_eq!(count(&db, "SELECT COUNT(*) FROM jobs WHERE last_error = 'never' AND dead_at IS NOT NULL").await, 1);
    db.transact(|tx| work(async move { queue::revive(tx, &purge(1), later).await })).await.expect("revives");
    let anew = claim(&db, Kind::Purge, later).await.expect("due");
    assert_eq!((anew.attempts, anew.since), (0, later));
    db.transact(|tx| work(async move { queue::revive(tx, &purge(1), later).await })).await.expect("does nothing");
    assert!(settle(&db, &anew, Outcome::Done).await, "reviving what lives takes it from nobody");
}

async fn of_a_kind_there_is_one_job_about_a_thing(db: Arc<Database>) {
    enqueue(&db, &purge(1), START).await;
    let first = claim(&db, Kind::Purge, START).await.expect("due");
    enqueue(&db, &purge(1), START.after(SECOND)).await;
    assert_eq!(count(&db, "SELECT COUNT(*) FROM jobs").await, 1);
    assert!(claim(&db, Kind::Purge, START.after(SECOND)).await.is_none(), "a claim is not taken away");
    assert!(settle(&db, &first, Outcome::Done).await);
}

async fn what_recurs_has_one_row_and_a_clock_that_was_wrong_does_not_stop_it(db: Arc<Database>) {
    let schedule = async |now| {
        db.transact(|tx| work(async move { queue::schedule(tx, &Job::Sweep, now).await })).await.expect("schedules");
    };
    schedule(START).await;
    let first = claim(&db, Kind::Sweep, START).await.expect("due at once");
    let next = START.after(Kind::Sweep.period().expect("recurs"));
    assert!(settle(&db, &first, Outcome::Recurs { at: next }).await);
    schedule(START).await;
    assert_eq!(count(&db, "SELECT COUNT(*) FROM jobs").await, 1);
    assert!(claim(&db, Kind::Sweep, START.after(SECOND)).await.is_none(), "a start does not bring it forward");
    let year = Duration::from_secs(365 * 24 * 3600);
    let ahead = claim(&db, Kind::Sweep, next.after(year)).await.expect("due by a wrong clock");
    assert!(settle(&db, &ahead, Outcome::Recurs { at: next.after(year) }).await);
    schedule(next).await;
    assert!(claim(&db, Kind::Sweep, next).await.is_some());
}

async fn many_workers_claim_each_job_once(db: Arc<Database>) {
    for n in 0..40 {
        enqueue(&db, &purge(n), START).await;
    }
    let workers: Vec<_> = (0..8)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut ids = Vec::new();
                while let Some(claimed) = claim(&db, Kind::Purge, START).await {
                    ids.push(claimed.claim.id.clone());
                    if ids.len() % 2 == 0 {
                        assert!(settle(&db, &claimed, Outcome::Done).await);
                    }
                }
                ids
            })
        })
        .collect();
    let mut claimed = Vec::new();
    for worker in workers {
        claimed.extend(worker.await.expect("ends"));
    }
    assert_eq!((claimed.len(), claimed.iter().collect::<BTreeSet<_>>().len()), (40, 40));
}

async fn a_transaction_that_fails_leaves_no_job(db: Arc<Database>) {
    let failed: Result<()> = db
        .transact(|tx| {
            work(async move {
                queue::enqueue(tx, &purge(1), START).await?;
                Err(ErrorCode::NotFound.into())
            })
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(count(&db, "SELECT COUNT(*) FROM jobs").await, 0);
}

/// The reading connections refuse to write, so what is asked through them cannot.
async fn looking_for_work_changes_nothing(db: Arc<Database>) {
    let writing = db.write().await.expect("the one writer, on SQLite");
    for kind in Kind::ALL {
        assert!(!queue::is_due(&db, kind, START).await.expect("waits for no writer"));
    }
    drop(writing);
}

#[tokio::test]
async fn claiming_and_looking_read_one_index_and_sort_nothing() {
    let (db, _folder) = on_sqlite().await;
    db.migrate().await.expect("migrates");
    for statement in [queue::CLAIM_ON_SQLITE, queue::IS_DUE] {
        let explain = format!("EXPLAIN QUERY PLAN {statement}");
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(sqlx::AssertSqlSafe(explain)).fetch_all(db.read()).await.expect("explains");
        let plan = plan.into_iter().map(|step| step.3).collect::<Vec<_>>().join("\n");
        assert!(plan.contains("jobs_due (kind=? AND next_at<?)"), "{plan}");
        assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{plan}");
    }
}

#[test]
fn jobs_are_stored_as_kind_and_payload_and_read_back() {
    let id = "0198c0de-0000-7000-8000-0000000000fe";
    let mail = Job::DeliverMail { mail: id.parse().expect("an id") };
    let purge = Job::Purge { blob: id.parse().expect("an id") };
    // The migration that made the first rows writes these very texts.
    assert_eq!(mail.payload().expect("JSON"), format!(r#"{{"mail":"{id}"}}"#));
    assert_eq!(purge.payload().expect("JSON"), format!(r#"{{"blob":"{id}"}}"#));
    let all = [mail, purge].into_iter().chain(Job::RECURRING);
    let kinds: Vec<Kind> = all
        .map(|job| {
            let read = Job::parse(job.kind(), &job.payload().expect("JSON")).expect("reads back");
            assert_eq!(read, job);
            assert_eq!(job.kind().period().is_some(), Job::RECURRING.contains(&job));
            job.kind()
        })
        .collect();
    assert_eq!(kinds, Kind::ALL);
}

#[test]
fn what_is_not_the_payload_of_its_kind_is_damaged() {
    for payload in ["", "null", "{}", r#"{"blob":"nothing"}"#, r#"{"mail":"0198c0de-0000-7000-8000-0000000000fe"}"#] {
        assert!(matches!(Job::parse(Kind::Purge, payload), Err(Error::Damaged(_))), "{payload}");
    }
}
