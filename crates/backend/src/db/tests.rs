use std::{
    io,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use sqlx::raw_sql;
use tokio::{net::TcpListener, sync::Barrier};

use super::*;
use crate::random::OsRandom;

/// An empty database in a folder that vanishes.
pub(crate) async fn on_sqlite() -> (Database, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}?mode=rwc", folder.path().join("test.db").display());
    let db = Database::connect_within(testkit::PATIENCE, &url, Arc::new(OsRandom::default())).await.expect("opens");
    (db, folder)
}

/// An empty schema; `None` where tests may do without.
pub(crate) async fn on_postgres() -> Option<Database> {
    let url = testkit::postgres_url().await?;
    Some(Database::connect_within(testkit::PATIENCE, &url, Arc::new(OsRandom::default())).await.expect("opens"))
}

/// Numbers, and children whose parents are looked for at the commit.
async fn tables(db: &Database) {
    for table in [
        "CREATE TABLE numbers (id BIGINT PRIMARY KEY, times BIGINT NOT NULL)",
        "CREATE TABLE children (parent BIGINT NOT NULL REFERENCES numbers (id) DEFERRABLE INITIALLY DEFERRED)",
        "INSERT INTO numbers (id, times) VALUES (1, 0), (2, 0)",
    ] {
        db.execute(|| sqlx::query(table)).await.expect("makes a table");
    }
}

async fn count_up(tx: &mut Tx, id: i64) -> Result<()> {
    sqlx::query("UPDATE numbers SET times = times + 1 WHERE id = $1").bind(id).execute(&mut **tx).await?;
    Ok(())
}

async fn times(db: &Database, id: i64) -> i64 {
    let row: (i64,) =
        sqlx::query_as("SELECT times FROM numbers WHERE id = $1").bind(id).fetch_one(db.read()).await.expect("reads");
    row.0
}

/// As many transactions, one after the other, as a pool has connections, and more.
async fn all_connections_work(db: &Database) {
    let before = times(db, 1).await;
    for _ in 0..10 {
        db.transact(|tx| work(count_up(tx, 1))).await.expect("a clean connection");
    }
    assert_eq!(times(db, 1).await, before + 10);
}

async fn a_commit_that_fails_spoils_no_connection(db: &Database) {
    tables(db).await;
    for _ in 0..20 {
        let orphan = db.execute(|| sqlx::query("INSERT INTO children (parent) VALUES (99)")).await;
        assert!(orphan.is_err(), "the commit finds no parent");
    }
    all_connections_work(db).await;
}

async fn a_caller_that_is_dropped_leaves_nothing(db: &Database) {
    tables(db).await;
    for _ in 0..20 {
        let (begun, mut seen) = tokio::sync::mpsc::channel(1);
        let hanging = tokio::spawn({
            let db = db.clone();
            async move {
                let begun = &begun;
                let forever = db.transact(|tx| {
                    work(async move {
                        count_up(tx, 1).await?;
                        begun.send(()).await.expect("the test listens");
                        std::future::pending::<Result<()>>().await
                    })
                });
                forever.await
            }
        });
        seen.recv().await.expect("it has begun");
        hanging.abort();
        assert!(hanging.await.is_err(), "it was dropped");
    }
    all_connections_work(db).await;
    assert_eq!(times(db, 1).await, 10, "nothing is left of those that were dropped");
}

async fn a_transaction_that_fails_changes_nothing(db: &Database) {
    tables(db).await;
    let refused = db.transact(|tx| {
        work(async move {
            count_up(tx, 1).await?;
            Err::<(), _>(Error::Damaged("on purpose".to_owned()))
        })
    });
    assert!(refused.await.is_err());
    assert_eq!(times(db, 1).await, 0);
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn a_commit_that_nobody_waits_for_is_no_reason_to_warn(db: &Database) {
    tables(db).await;
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_writer(move || writer.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    for _ in 0..20 {
        let mut tx = db.write().await.expect("begins");
        count_up(&mut tx, 1).await.expect("counts");
        let commit = tx.commit();
        futures::pin_mut!(commit);
        _ = futures::poll!(commit);
    }
    db.transact(|tx| work(count_up(tx, 1))).await.expect("a clean connection");
    let log = log.0.lock().expect("nobody panics");
    assert_eq!(String::from_utf8_lossy(&log), "");
}

async fn a_reader_cannot_write(db: &Database) {
    tables(db).await;
    let written = sqlx::query("UPDATE numbers SET times = 7").execute(db.read()).await;
    assert!(written.is_err(), "the database refuses");
    assert_eq!(times(db, 1).await, 0);
}

async fn parsed_types_are_columns(db: &Database) {
    use domain::{AccountId, Email, Timestamp};

    db.execute(|| sqlx::query("CREATE TABLE things (id TEXT NOT NULL, email TEXT, at BIGINT, n BIGINT NOT NULL)"))
        .await
        .expect("makes a table");
    let id = AccountId::new(uuid::Uuid::from_u128(7));
    let email = Email::parse("ana@example.com").expect("valid");
    let at = Timestamp::from_millis(1_795_356_300_123);
    db.execute(|| {
        sqlx::query("INSERT INTO things (id, email, at, n) VALUES ($1, $2, $3, 1)").bind(id).bind(&email).bind(at)
    })
    .await
    .expect("writes");
    let none = (None::<Email>, None::<Timestamp>);
    db.execute(|| {
        sqlx::query("INSERT INTO things (id, email, at, n) VALUES ($1, $2, $3, 2)").bind(id).bind(&none.0).bind(none.1)
    })
    .await
    .expect("writes NULL");
    let rows: Vec<(AccountId, Option<Email>, Option<Timestamp>)> =
        sqlx::query_as("SELECT id, email, at FROM things WHERE id = $1 ORDER BY n")
            .bind(id)
            .fetch_all(db.read())
            .await
            .expect("reads");
    assert_eq!(rows, [(id, Some(email), Some(at)), (id, none.0, none.1)]);
    let text: (String,) = sqlx::query_as("SELECT id FROM things").fetch_one(db.read()).await.expect("reads");
    assert_eq!(text.0, id.to_string());

    db.execute(|| sqlx::query("UPDATE things SET email = 'ana, at home'")).await.expect("damages");
    let damaged: std::result::Result<(Email,), _> =
        sqlx::query_as("SELECT email FROM things").fetch_one(db.read()).await;
    let error = Error::from(damaged.expect_err("that is no address"));
    assert!(matches!(&error, Error::Damaged(what) if what.contains("Email") && !what.contains("home")), "{error}");
}

/// Turns each `async fn name(db: &Database)` into two tests.
macro_rules! on_both {
    ($($name:ident)*) => {$(
        mod $name {
            #[tokio::test]
            async fn sqlite() {
                let (db, _folder) = $crate::db::tests::on_sqlite().await;
                super::$name(&db).await;
            }

            #[tokio::test]
            async fn postgres() {
                if let Some(db) = $crate::db::tests::on_postgres().await {
                    super::$name(&db).await;
                }
            }
        }
    )*};
}
pub(crate) use on_both;

on_both! {
    a_commit_that_fails_spoils_no_connection
    a_caller_that_is_dropped_leaves_nothing
    a_commit_that_nobody_waits_for_is_no_reason_to_warn
    a_transaction_that_fails_changes_nothing
    a_reader_cannot_write
    parsed_types_are_columns
    keys_and_ids_sort_by_their_bytes
}

#[tokio::test]
async fn a_connection_that_met_a_full_disk_is_not_used_again() {
    let (db, _folder) = on_sqlite().await;
    tables(&db).await;
    let full = db.transact(|tx| {
        work(async move {
            // Holds for this connection alone: no page may be added.
            sqlx::query("PRAGMA max_page_count = 1").execute(&mut **tx).await?;
            sqlx::query(GROW).execute(&mut **tx).await?;
            Ok(())
        })
    });
    assert_eq!(full.await.expect_err("there is no room").fault(), Some(Fault::Full));
    db.execute(|| sqlx::query(GROW)).await.expect("another connection has room");
    all_connections_work(&db).await;
}

/// Needs more pages than there are.
const GROW: &str = "INSERT INTO numbers (id, times) \
     WITH RECURSIVE s (n) AS (SELECT 3 UNION ALL SELECT n + 1 FROM s WHERE n < 20000) SELECT n, 0 FROM s";

#[tokio::test]
async fn texts_of_tests_do_not_sort_by_their_bytes() {
    let Some(db) = on_postgres().await else { return };
    let sorted: (bool, bool) =
        sqlx::query_as("SELECT 'a' < 'B', 'a-c' > 'ab'").fetch_one(db.read()).await.expect("reads");
    assert_eq!(sorted, (true, true), "the database has the order of a locale");
}

/// Keys and ids have one order everywhere, so that pages are the same on both engines and never repeat or leave out.
async fn keys_and_ids_sort_by_their_bytes(db: &Database) {
    db.execute(|| sqlx::query("CREATE TABLE sorted (key TEXT NOT NULL, id TEXT NOT NULL)"))
        .await
        .expect("makes a table");
    let names = ["a-c", "ab", "Ab", "ä", "B", "10", "9", "a c", "-b", "", "Ab\u{301}", "z", "ﬀ", "α"];
    let mut rows: Vec<(String, String)> = Vec::new();
    for (number, name) in names.iter().flat_map(|name| [name, name]).enumerate() {
        let id = uuid::Uuid::from_u128((number as u128 * 0x9e37_79b9_7f4a_7c15_f39c) << 40);
        rows.push((crate::naming::sort_key(name), id.to_string()));
    }
    for (key, id) in &rows {
        db.execute(|| sqlx::query("INSERT INTO sorted (key, id) VALUES ($1, $2)").bind(key.clone()).bind(id.clone()))
            .await
            .expect("writes");
    }
    rows.sort();
    let mut paged: Vec<(String, String)> = Vec::new();
    let mut last = (String::new(), String::new());
    loop {
        let page = sqlx::query_as("SELECT key, id FROM sorted WHERE (key, id) > ($1, $2) ORDER BY key, id LIMIT 3");
        let page: Vec<(String, String)> = page.bind(&last.0).bind(&last.1).fetch_all(db.read()).await.expect("reads");
        let Some(end) = page.last() else { break };
        last.clone_from(end);
        paged.extend(page);
    }
    assert_eq!(paged, rows);
}

#[tokio::test]
async fn sqlite_has_one_writer_and_its_readers_go_on_beside_it() {
    let (db, _folder) = on_sqlite().await;
    tables(&db).await;
    let mut writing = db.write().await.expect("begins");
    count_up(&mut writing, 1).await.expect("counts");
    assert_eq!(db.writers.options().get_max_connections(), 1);
    assert!(db.writers.try_acquire().is_none(), "the next one waits in the queue");
    let mut readers = Vec::new();
    for _ in 0..READERS {
        let mut reader = db.read().acquire().await.expect("there are several");
        let seen: i64 = sqlx::query_scalar("SELECT times FROM numbers WHERE id = 1")
            .fetch_one(&mut *reader)
            .await
            .expect("does not wait");
        assert_eq!(seen, 0);
        let written = sqlx::query("UPDATE numbers SET times = 7").execute(&mut *reader).await;
        assert!(written.is_err(), "no reader writes");
        readers.push(reader);
    }
    writing.commit().await.expect("commits");
    drop(readers);
    assert_eq!(times(&db, 1).await, 1);
}

#[tokio::test]
async fn two_that_lock_each_other_out_are_both_carried_out() {
    let Some(db) = on_postgres().await else { return };
    tables(&db).await;
    let (tries, meeting) = (&AtomicUsize::new(0), &Barrier::new(2));
    let crossing = async |first: i64, second: i64| {
        let met = &AtomicUsize::new(0);
        db.transact(|tx| {
            work(async move {
                tries.fetch_add(1, Ordering::SeqCst);
                count_up(tx, first).await?;
                if met.fetch_add(1, Ordering::SeqCst) == 0 {
                    meeting.wait().await;
                }
                count_up(tx, second).await
            })
        })
        .await
    };
    let (one, other) = tokio::join!(crossing(1, 2), crossing(2, 1));
    one.expect("the first is carried out");
    other.expect("the second is carried out");
    assert_eq!((times(&db, 1).await, times(&db, 2).await), (2, 2), "each once");
    assert!(tries.load(Ordering::SeqCst) > 2, "PostgreSQL took one back");
}

#[tokio::test]
async fn a_transaction_is_not_tried_for_ever() {
    let Some(db) = on_postgres().await else { return };
    for code in ["40P01", "40001"] {
        let tries = &AtomicUsize::new(0);
        let refused = db.transact(|tx| {
            work(async move {
                tries.fetch_add(1, Ordering::SeqCst);
                let raise = format!("DO $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = '{code}'; END $$");
                raw_sql(sqlx::AssertSqlSafe(raise)).execute(&mut **tx).await?;
                Ok(())
            })
        });
        assert_eq!(refused.await.expect_err("it never succeeds").fault(), Some(Fault::Conflict));
        assert_eq!(tries.load(Ordering::SeqCst), 1 + RETRIES as usize);
    }
}

#[tokio::test]
async fn findings_of_before_are_gone_and_their_documents_are_not() {
    sqlx::any::install_default_drivers();
    let pool = AnyPoolOptions::new().max_connections(1).connect("sqlite::memory:").await.expect("opens");
    for step in [
        "PRAGMA foreign_keys = OFF",
        include_str!("../../../../migrations/0001_foundation.sql"),
        "INSERT INTO document_versions (id, document_id, number, size, sha256, key_id, findings, uploaded_by, \
         uploaded_at) VALUES ('v', 'd', 1, 5, '', '', '[\"Quarter.bin\"]', 'a', 0)",
        include_str!("../../../../migrations/0002_examinations.sql"),
    ] {
        raw_sql(step).execute(&pool).await.expect("runs");
    }
    let row: (i64, Option<String>) =
        sqlx::query_as("SELECT size, examination FROM document_versions").fetch_one(&pool).await.expect("is there");
    assert_eq!(row, (5, None));
    let findings = sqlx::query("SELECT findings FROM document_versions").execute(&pool).await;
    assert!(findings.is_err(), "the column is gone");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_waited_for_as_long_as_the_caller_says() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let url = format!("postgres://nobody@{}/none?sslmode=disable", silent.local_addr().expect("has an address"));
    let random = Arc::new(OsRandom::default());
    let connecting = Database::connect_within(Duration::from_millis(50), &url, random);
    let outcome = time::timeout(ACQUIRE, connecting).await.expect("does not wait as long as the program does");
    assert_eq!(outcome.expect_err("nobody answers").fault(), Some(Fault::Locked));
}
