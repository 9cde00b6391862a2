//! Documents: depositing, listing, deleting them, and the links by which they are handed over.
//!
//! - [`Uploads`] takes bytes as they arrive, seals them, inspects them and makes a document, or a clean copy, of them.
//! - [`Documents`] lists what the caller may see, tells what is in it, and deletes.
//! - [`Links`] mints links bound to one account and one version, and opens them to a stream of bytes.

mod audit;
mod chunks;
mod claim;
mod copy;
mod delete;
mod deposit;
mod download;
mod examination;
mod handover;
mod held;
mod link_token;
mod links;
mod list;
mod open;
mod plain;
mod ranges;
mod rewrap;
mod screen;
mod sealing;
mod stored;
mod upload;
mod version;
mod version_key;

use std::{borrow::Cow, sync::Arc};

use domain::{DocumentId, ErrorCode, Problem, activity::Event};

use crate::{
    access::Grant,
    activity::Entry,
    caller::{Caller, Person},
    core::Core,
    error::{Error, Result},
    policy::{self, Permission},
};

pub use audit::{Audit, AuditScope};
pub(crate) use chunks::Buffers;
pub use copy::CleanCopy;
pub use download::Download;
pub use handover::Receipt;
pub use links::Links;
pub use open::{Denied, Opened};
pub use rewrap::Rewrapped;
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
}

/// What somebody asks for.
struct Subject<'a> {
    document: Option<DocumentId>,
    name: Cow<'a, str>,
}

impl From<DocumentId> for Subject<'_> {
    fn from(document: DocumentId) -> Self {
        Self { document: Some(document), name: document.to_string().into() }
    }
}

impl<'a> From<&'a str> for Subject<'a> {
    fn from(name: &'a str) -> Self {
        Self { document: None, name: name.into() }
    }
}

impl Core {
    /// Lets the caller through as a person who may do it. A person who may not is written down.
    async fn allow<'a>(
        &self,
        caller: &'a Caller,
        permission: Permission,
        subject: impl Into<Subject<'_>>,
    ) -> Result<&'a Person> {
        match policy::require(caller, permission) {
            Ok(person) => Ok(person),
            Err(problem) => Err(self.deny(caller, subject, problem).await?),
        }
    }

    /// Lets the person through to a document. One who has no access is told that there is none, whatever the reason, and
    /// written down.
    async fn granted(&self, caller: &Caller, person: &Person, document: DocumentId) -> Result<Grant> {
        match self.grant(person, document).await? {
            Ok(grant) => Ok(grant),
            Err(_) => Err(self.deny(caller, document, ErrorCode::NotFound).await?),
        }
    }

    /// Writes a denial down in the caller's name and gives it back as an error. One without a name is not written:
    /// it only has to sign in, and a stranger cannot make the log grow.
    async fn deny(
        &self,
        caller: &Caller,
        subject: impl Into<Subject<'_>>,
        problem: impl Into<Problem>,
    ) -> Result<Error> {
        let (problem, Subject { document, name }) = (problem.into(), subject.into());
        if let Some(person) = caller.person() {
            let event = Event::Denied { document, code: problem.code };
            self.record_later(Entry::new(event, &caller.origin).by(person).about(&name));
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
