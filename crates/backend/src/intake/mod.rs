//! Files on their way in: hashed, sealed and written as they arrive, and inspected before anything becomes of them.
//!
//! An upload is a row, entered before a byte is written. What arrives lies in blobs that belong to it, its parts. In most
//! cases one request brings the whole, in one part, and says at its end what is to become of it: [`Upload::finish`] makes
//! a document, [`Upload::examine`] only looks into it, [`Upload::clean`] makes a clean copy. A lasting upload is brought by
//! several requests, a part or more each ([`Uploads::go_on`]), in whatever instance, and finished when it is all there.
//!
//! The order is: row → blob → inspection → document. In one transaction, the upload goes and a version names the blob.
//! Whatever goes wrong before leaves an upload that ends by itself, so nothing half-finished is ever visible.

mod addition;
mod arrived;
mod assembly;
mod claim;
mod clean;
mod clean_copy;
mod deposit;
mod lasting;
mod upload;

use std::sync::Arc;

use domain::{
    FileName, Problem,
    activity::Event,
    upload::{DepositedFile, RejectedFile},
};

use crate::{
    activity::Entry,
    caller::{Caller, Person},
    core::Core,
    error::Result,
    policy::Permission,
};

pub use addition::Addition;
pub use clean::NotCleaned;
pub use clean_copy::CleanCopy;
pub use lasting::{Entered, Progress};
pub use upload::Upload;

pub(crate) use claim::end_those_over;

/// Taking files in.
#[derive(Clone)]
pub struct Uploads {
    core: Arc<Core>,
}

/// What beginning an upload comes to.
pub enum Begun {
    /// Bytes can be written.
    Started(Box<Upload>),
    /// The name or the declared length is reason enough to refuse the file.
    Rejected(RejectedFile),
}

/// What has become of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is a document now.
    Deposited(DepositedFile),
    /// It was refused, and nothing of it is kept.
    Rejected(RejectedFile),
}

impl Uploads {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Begins an upload under the name that the sender declared, of as many bytes as declared. A refusal is written
    /// down.
    ///
    /// # Errors
    /// Not one of ops; the database or the store fails. What is wrong with the file itself is no error but
    /// [`Begun::Rejected`].
    pub async fn begin(&self, caller: &Caller, declared_name: &str, declared_len: Option<u64>) -> Result<Begun> {
        let person = self.core.allow(caller, Permission::Deposit, declared_name).await?;
        match self.acceptable(declared_name, declared_len) {
            Ok(name) => {
                let upload = Upload::begin(self.core.clone(), (caller, person), name, declared_len).await?;
                Ok(Begun::Started(Box::new(upload)))
            }
            Err(problem) => Ok(Begun::Rejected(self.reject(caller, person, declared_name, problem).await?)),
        }
    }

    /// Begins to take a file that is only to be looked into, or cleaned.
    ///
    /// # Errors
    /// Not one of ops; the name or the declared length is not acceptable; the database or the store fails.
    pub async fn borrow(&self, caller: &Caller, declared_name: &str, declared_len: Option<u64>) -> Result<Upload> {
        let person = self.core.allow(caller, Permission::Deposit, declared_name).await?;
        let name = self.acceptable(declared_name, declared_len)?;
        Upload::begin(self.core.clone(), (caller, person), name, declared_len).await
    }

    fn acceptable(&self, declared_name: &str, declared_len: Option<u64>) -> std::result::Result<FileName, Problem> {
        let name = FileName::parse(declared_name)?;
        let too_large = declared_len.is_some_and(|len| len > self.core.settings.max_upload);
        if too_large { Err(Problem::too_large("file", self.core.settings.max_upload)) } else { Ok(name) }
    }

    /// Refuses a file before it is sent, and writes that down.
    async fn reject(
        &self,
        caller: &Caller,
        person: &Person,
        declared_name: &str,
        problem: Problem,
    ) -> Result<RejectedFile> {
        let rejected = rejected(declared_name, problem);
        self.core.record_alone(refusal(caller, person, &rejected)).await?;
        Ok(rejected)
    }
}

fn rejected(name: &str, problem: Problem) -> RejectedFile {
    let Problem { code, message, .. } = problem;
    RejectedFile { name: name.to_owned(), code: code.as_str().to_owned(), message, findings: Vec::new() }
}

/// A refusal, for the log.
fn refusal(caller: &Caller, person: &Person, rejected: &RejectedFile) -> Entry {
    let event = Event::UploadRefused { code: rejected.code.clone() };
    Entry::new(event, &caller.origin).by(person).about(&rejected.name)
}
