//! A schema of its own on the PostgreSQL server that tests are given.

use std::{
    env, process,
    sync::atomic::{AtomicU32, Ordering},
};

use sqlx::{AnyConnection, AssertSqlSafe, Connection};

const URL: &str = "STRONGROOM_TEST_POSTGRES";
const OPTIONAL: &str = "STRONGROOM_TEST_POSTGRES_OPTIONAL";

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
    let mut connection = AnyConnection::connect(&url).await.expect("the PostgreSQL server of the tests answers");
    for statement in [format!("DROP SCHEMA IF EXISTS {schema} CASCADE"), format!("CREATE SCHEMA {schema}")] {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.expect("a schema can be made");
    }
    connection.close().await.expect("the connection closes");
    let separator = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{separator}options[search_path]={schema}"))
}
