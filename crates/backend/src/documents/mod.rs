//! Documents: depositing, listing, deleting them, and the links by which they are collected.
//!
//! - [`Uploads`] takes bytes as they arrive, seals them, inspects them and makes a document, or a clean copy, of them.
//! - [`Documents`] lists what the caller may see, tells what is in it, and deletes.
//! - [`Links`] mints links bound to one account and one version, and opens them to a stream of bytes.

mod claim;
mod collect;
mod copy;
mod delete;
mod deposit;
mod download;
mod examination;
mod held;
mod link_token;
mod links;
mod list;
mod open;
mod plain;
mod screen;
mod sealing;
mod upload;
mod version_key;

use std::sync::Arc;

use domain::Problem;

use crate::{
    activity::Event,
    caller::{Caller, Person},
    core::Core,
    error::{Error, Result},
    policy::{self, Permission},
};

pub use copy::CleanCopy;
pub use download::Download;
pub use links::Links;
pub use open::{Denied, Opened};
pub use screen::NotCleaned;
pub use upload::{Begun, Upload, Uploads, Verdict};

/// Listing documents, telling what is in them, deleting them.
#[derive(Clone)]
pub struct Documents {
    core: Arc<Core>,
}

impl Documents {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// The ids of master keys that documents are sealed under and that are not in the key ring: without them those
    /// documents cannot be read.
    ///
    /// # Errors
    /// The database fails.
    pub async fn missing_keys(&self) -> Result<Vec<String>> {
        let used: Vec<(String,)> =
            sqlx::query_as("SELECT DISTINCT key_id FROM document_versions WHERE wrapped_key IS NOT NULL")
                .fetch_all(self.core.db.read())
                .await?;
        Ok(used.into_iter().map(|(id,)| id).filter(|id| self.core.keys.by_id(id).is_none()).collect())
    }
}

impl Core {
    /// Lets the caller through as a person who may do it. A person who may not is written down.
    async fn allow<'a>(&self, caller: &'a Caller, permission: Permission, subject: &str) -> Result<&'a Person> {
        match policy::require(caller, permission) {
            Ok(person) => Ok(person),
            Err(problem) => Err(self.deny(caller, subject, problem).await?),
        }
    }

    /// Writes a denial down in the caller's name and gives it back as an error. One without a name is not written:
    /// it only has to sign in, and a stranger cannot make the log grow.
    async fn deny(&self, caller: &Caller, subject: &str, problem: impl Into<Problem>) -> Result<Error> {
        let problem = problem.into();
        if let Some(person) = caller.person() {
            let event = Event::new(domain::activity::Action::Denied, &caller.origin).by(person);
            self.record_later(event.to(subject).detail(problem.code.as_str()));
        }
        Ok(problem.into())
    }
}

fn sealing_failed(error: sealed::SealError) -> Error {
    Error::Damaged(format!("sealing: {error}"))
}

/// A length as SQL knows it. No blob comes near the limit.
fn sql_len(len: u64) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}
