//! A whole backend for tests: a database and a data folder of its own, a clock that stands still, randomness that
//! repeats itself, and mail that goes nowhere.
//!
//! A test is written once and runs on both engines:
//! ```
//! testkit::on_both! {
//!     async fn the_backend_answers(t: TestBackend) {
//!         t.ready().await.expect("database and storage answer");
//!     }
//! }
//! ```
//! The PostgreSQL half needs `STRONGROOM_TEST_POSTGRES`, the URL of a server on which it may create schemas;
//! `cargo xtask test` starts one. With `STRONGROOM_TEST_POSTGRES_OPTIONAL=1` that half is left out where there is none.

mod backend_of_tests;
mod deliveries;
mod mail;
pub mod office;
mod people;
mod postgres;
pub mod program;
mod random;

pub use backend_of_tests::{Before, PATIENCE, START, TestBackend};
pub use mail::MemoryTransport;
pub use people::PASSWORD;
pub use postgres::fresh_schema as postgres_url;
pub use random::SeededRandom;

/// Runs a future to its end on a runtime of its own.
///
/// # Panics
/// When the future does.
pub fn run<F: Future>(future: F) -> F::Output {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build().expect("a runtime starts").block_on(future)
}

/// Turns each `async fn name(t: TestBackend) { … }` into two tests, `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! on_both {
    ($(async fn $name:ident($t:ident: TestBackend) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn body($t: $crate::TestBackend) $body

            #[test]
            fn sqlite() {
                $crate::run(async { body($crate::TestBackend::sqlite().await).await });
            }

            #[test]
            fn postgres() {
                $crate::run(async {
                    if let Some(backend) = $crate::TestBackend::postgres().await {
                        body(backend).await;
                    }
                });
            }
        }
    )*};
}
