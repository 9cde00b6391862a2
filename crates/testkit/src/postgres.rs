//! A schema of its own on the PostgreSQL server that tests are given.

use std::{
    env, process,
    sync::atomic::{AtomicU32, Ordering},
};

use sqlx::{AnyConnection, AssertSqlSafe, Connection};

const URL: &str = "STRONGROOM_TEST_POSTGRES";
const OPTIONAL: &str = "STRONGROOM_TEST_POSTGRES_OPTIONAL";

/// A database whose texts do not sort by their bytes, and hardly by their punctuation: what the locale of an
/// installation makes of the order of texts must not show. The cluster itself has the locale C, or whichever its maker
/// chose.
const DATABASE: &str = "strongroom_sorted";
const LOCALE: &str = "en-US-u-ka-shifted";
/// Many processes want it at once, and one makes it.
const LOCK: i64 = 7_202_611;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// The URL of a fresh schema; `None` where tests may do without.
///
/// # Panics
/// When there is no server and there should be one.
pub async fn fresh_schema() -> Option<String> {
    let Ok(url) = env::var(URL) else {
        assert_eq!(env::var(OPTIONAL).as_deref(), Ok("1"), "{URL} is not set: run cargo xtask test");
        return None;
    };
    let schema = format!("test_{}_{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    sqlx::any::install_default_drivers();
    let url = sorted_database(&url).await;
    let mut connection = AnyConnection::connect(&url).await.expect("the PostgreSQL server of the tests answers");
    for statement in [format!("DROP SCHEMA IF EXISTS {schema} CASCADE"), format!("CREATE SCHEMA {schema}")] {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.expect("a schema can be made");
    }
    connection.close().await.expect("the connection closes");
    let separator = if url.ends_with('?') { "" } else { "&" };
    Some(format!("{url}{separator}options[search_path]={schema}"))
}

/// The URL of [`DATABASE`], which is made where there is none yet.
async fn sorted_database(url: &str) -> String {
    let mut connection = AnyConnection::connect(url).await.expect("the PostgreSQL server of the tests answers");
    sqlx::query("SELECT pg_advisory_lock($1) IS NULL")
        .bind(LOCK)
        .execute(&mut connection)
        .await
        .expect("one after the other");
    let known = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1").bind(DATABASE);
    if known.fetch_optional(&mut connection).await.expect("databases are listed").is_none() {
        let create = format!(
            "CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE '{LOCALE}'"
        );
        sqlx::query(AssertSqlSafe(create))
            .execute(&mut connection)
            .await
            .expect("PostgreSQL 15 or later with ICU makes a database");
    }
    // The lock ends with the connection.
    connection.close().await.expect("the connection closes");
    let (address, options) = url.split_once('?').unwrap_or((url, ""));
    let (server, _) = address.rsplit_once('/').expect("the URL names a database");
    format!("{server}/{DATABASE}?{options}")
}
