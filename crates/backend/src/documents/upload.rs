//! Files on their way in: hashed, sealed and written as they arrive, under a claim that keeps the sweep away.
//!
//! What is to become of a file is said when it has arrived: [`finish`](Upload::finish) makes a document of it,
//! [`examine`](Upload::examine) only looks into it, [`clean`](Upload::clean) makes a clean copy.

use std::sync::Arc;

use bytes::Bytes;
use domain::{
    ErrorCode, FileName, Problem, VersionId,
    upload::{DepositedFile, RejectedFile},
};
use office::Summary;
use ring::digest;
use sealed::FileKey;

use super::{
    claim::{Claim, refusal},
    held::Held,
    sealing::SealingWriter,
};
use crate::{
    caller::{Caller, Person},
    core::Core,
    error::Result,
    policy::Permission,
};

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

/// A file on its way in. Dropped, it leaves nothing behind.
pub struct Upload {
    pub(super) caller: Caller,
    pub(super) person: Person,
    pub(super) name: FileName,
    declared_len: Option<u64>,
    told: Option<Summary>,
    hash: digest::Context,
    file_key: FileKey,
    blob: SealingWriter,
    received: u64,
    too_large: bool,
    claim: Claim,
}

/// A file that has arrived whole.
pub(super) struct Arrived {
    pub(super) caller: Caller,
    pub(super) person: Person,
    pub(super) name: FileName,
    /// In hexadecimal.
    pub(super) sha256: String,
    /// What the sender's own inspection said of it.
    pub(super) told: Option<Summary>,
    pub(super) held: Held,
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
            Ok(name) => Ok(Begun::Started(Box::new(self.start(caller, person, name, declared_len).await?))),
            Err(problem) => {
                let rejected = rejected(declared_name, problem);
                self.core.record_alone(refusal(caller, person, &rejected)).await?;
                Ok(Begun::Rejected(rejected))
            }
        }
    }

    /// Begins to take a file that is only to be looked into, or cleaned.
    ///
    /// # Errors
    /// Not one of ops; the name or the declared length is not acceptable; the database or the store fails.
    pub async fn borrow(&self, caller: &Caller, declared_name: &str, declared_len: Option<u64>) -> Result<Upload> {
        let person = self.core.allow(caller, Permission::Deposit, declared_name).await?;
        let name = self.acceptable(declared_name, declared_len)?;
        self.start(caller, person, name, declared_len).await
    }

    fn acceptable(&self, declared_name: &str, declared_len: Option<u64>) -> std::result::Result<FileName, Problem> {
        let name = FileName::parse(declared_name)?;
        let too_large = declared_len.is_some_and(|len| len > self.core.settings.max_upload);
        if too_large { Err(Problem::too_large("file", self.core.settings.max_upload)) } else { Ok(name) }
    }

    async fn start(
        &self,
        caller: &Caller,
        person: &Person,
        name: FileName,
        declared_len: Option<u64>,
    ) -> Result<Upload> {
        let version = VersionId::new(self.core.uuid());
        let file_key = FileKey::from_bytes(self.core.random());
        let claim = Claim::take(self.core.clone(), version, person).await?;
        let blob = SealingWriter::begin(&self.core, version, &file_key).await?;
        Ok(Upload {
            caller: caller.clone(),
            person: person.clone(),
            name,
            declared_len,
            told: None,
            hash: digest::Context::new(&digest::SHA256),
            file_key,
            blob,
            received: 0,
            too_large: false,
            claim,
        })
    }
}

impl Upload {
    /// What the sender's own inspection has said of the file, to be compared with what ours will say.
    pub fn told(&mut self, summary: Summary) {
        self.told = Some(summary);
    }

    /// Takes bytes as they arrive.
    ///
    /// # Errors
    /// [`ErrorCode::TooLarge`] as soon as there are more than allowed: stop sending and end the upload, which says so,
    /// too. Anything else is a failure of the server: [`abort`](Self::abort).
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.received = self.received.saturating_add(bytes.len() as u64);
        self.too_large |= self.received > self.claim.core.settings.max_upload;
        if self.too_large {
            return Err(ErrorCode::TooLarge.into());
        }
        for step in bytes.chunks(SealingWriter::STEP) {
            self.hash.update(step);
            self.blob.write(step).await?;
        }
        self.claim.extend().await
    }

    /// Whether more has arrived than is allowed.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        self.too_large
    }

    /// Gives the upload up at once; nothing of it is kept.
    pub async fn abort(self) {
        let Self { blob, claim, .. } = self;
        blob.abort().await;
        claim.release().await;
    }

    /// Why this is not the file that was to be sent, if it is not.
    pub(super) fn fault(&self) -> Option<Problem> {
        let other_len = self.declared_len.is_some_and(|declared| declared != self.received);
        let too_large = || Problem::too_large("file", self.claim.core.settings.max_upload);
        if self.too_large { Some(too_large()) } else { other_len.then(|| ErrorCode::LengthMismatch.into()) }
    }

    /// Makes the blob whole and durable.
    pub(super) async fn arrive(self) -> Result<Arrived> {
        let Self { caller, person, name, told, hash, file_key, blob, mut claim, .. } = self;
        let size = blob.complete().await?;
        claim.extend().await?;
        let sha256 = hex(hash.finish().as_ref());
        Ok(Arrived { caller, person, name, sha256, told, held: Held { claim, file_key, size } })
    }

    /// Refuses the file for what happened to it on its way, and writes that down.
    pub(super) async fn reject(self, problem: Problem) -> Result<Verdict> {
        let Self { caller, person, name, blob, claim, .. } = self;
        blob.abort().await;
        let rejected = rejected(name.as_str(), problem);
        claim.reject(refusal(&caller, &person, &rejected), None).await?;
        Ok(Verdict::Rejected(rejected))
    }
}

fn rejected(name: &str, problem: Problem) -> RejectedFile {
    let Problem { code, message, .. } = problem;
    RejectedFile { name: name.to_owned(), code: code.as_str().to_owned(), message, findings: Vec::new() }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
