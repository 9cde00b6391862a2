//! Depositing: bytes are hashed, sealed and written as they arrive, then inspected, and only then become a document.
//!
//! The order is: claim → blob → inspection → row. The claim is a row that keeps the sweep away from the blob; it is
//! exchanged for the document in one transaction. Whatever goes wrong before leaves a claim that ends by itself and
//! a blob that the sweep removes after it, so nothing half-finished is ever visible.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use domain::{
    ErrorCode, FileName, Problem, VersionId,
    upload::{DepositedFile, Finding, RejectedFile},
};
use ring::digest;
use sealed::{Context, FileKey, Sealer, WrappedKey};
use tokio::sync::Semaphore;

use super::{
    claim::{Claim, NewVersion, refusal},
    inspect::{finding_of, findings_of},
};
use crate::{
    caller::{Caller, Person},
    core::Core,
    error::{Error, Result},
    policy::Permission,
    storage::BlobWriter,
};

/// Depositing files.
#[derive(Clone)]
pub struct Uploads {
    core: Arc<Core>,
    /// An inspection keeps a core busy; more than there are cores would only take memory.
    inspections: Arc<Semaphore>,
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
    caller: Caller,
    person: Person,
    name: FileName,
    declared_len: Option<u64>,
    hash: digest::Context,
    file_key: FileKey,
    sealer: Sealer,
    writer: BlobWriter,
    received: u64,
    refused: Option<ErrorCode>,
    claim: Claim,
    inspections: Arc<Semaphore>,
}

/// Most bytes sealed before they are sent on, so that one large write takes no more memory than many small ones.
const STEP: usize = 64 * 1024;

impl Uploads {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { core, inspections: Arc::new(Semaphore::new(cores)) }
    }

    /// Begins an upload under the name that the sender declared, of as many bytes as declared.
    ///
    /// # Errors
    /// Not one of ops; the database or the store fails. What is wrong with the file itself is no error but
    /// [`Begun::Rejected`].
    pub async fn begin(&self, caller: &Caller, declared_name: &str, declared_len: Option<u64>) -> Result<Begun> {
        let person = self.core.allow(caller, Permission::Deposit, declared_name).await?;
        let name = match FileName::parse(declared_name) {
            Ok(name) if declared_len.is_some_and(|len| len > self.core.settings.max_upload) => {
                let rejected = rejected(name.as_str(), ErrorCode::TooLarge.into());
                return self.refuse(caller, person, rejected).await;
            }
            Ok(name) => name,
            Err(problem) => return self.refuse(caller, person, rejected(declared_name, problem)).await,
        };
        let version = VersionId::new(self.core.uuid());
        let file_key = FileKey::from_bytes(self.core.random());
        let context = Context::new(version.uuid().into_bytes());
        let sealer = Sealer::new(&file_key, self.core.random(), context).map_err(sealing_failed)?;
        let claim = Claim::take(self.core.clone(), version, person).await?;
        let mut writer = self.core.blobs.write(version).await?;
        writer.buffer().extend_from_slice(&sealer.header());
        Ok(Begun::Started(Box::new(Upload {
            caller: caller.clone(),
            person: person.clone(),
            name,
            declared_len,
            hash: digest::Context::new(&digest::SHA256),
            file_key,
            sealer,
            writer,
            received: 0,
            refused: None,
            claim,
            inspections: self.inspections.clone(),
        })))
    }

    async fn refuse(&self, caller: &Caller, person: &Person, rejected: RejectedFile) -> Result<Begun> {
        self.core.record_alone(refusal(caller, person, &rejected)).await?;
        Ok(Begun::Rejected(rejected))
    }
}

impl Upload {
    /// Takes bytes as they arrive.
    ///
    /// # Errors
    /// [`ErrorCode::TooLarge`] as soon as there are more than allowed: stop sending and [`finish`](Self::finish), which
    /// gives the verdict. Anything else is a failure of the server: [`abort`](Self::abort).
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        if let Some(code) = self.refused {
            return Err(code.into());
        }
        self.received = self.received.saturating_add(bytes.len() as u64);
        if self.received > self.claim.core.settings.max_upload {
            self.refused = Some(ErrorCode::TooLarge);
            return Err(ErrorCode::TooLarge.into());
        }
        for step in bytes.chunks(STEP) {
            self.hash.update(step);
            self.sealer.seal(step, self.writer.buffer()).map_err(sealing_failed)?;
            self.writer.push().await?;
        }
        self.claim.extend().await
    }

    /// Makes a document of what has arrived, or says why not.
    ///
    /// # Errors
    /// The database, the store or the inspection fails; nothing of the file is kept then.
    pub async fn finish(mut self) -> Result<Verdict> {
        if self.refused.is_none() && self.declared_len.is_some_and(|declared| declared != self.received) {
            self.refused = Some(ErrorCode::LengthMismatch);
        }
        if let Some(code) = self.refused {
            let Self { caller, person, name, writer, claim, .. } = self;
            writer.abort().await;
            let rejected = rejected(name.as_str(), code.into());
            claim.reject(&caller, &person, &rejected).await?;
            return Ok(Verdict::Rejected(rejected));
        }
        let Self { caller, person, name, hash, file_key, sealer, mut writer, mut claim, inspections, .. } = self;
        let size = sealer.finish(writer.buffer()).map_err(sealing_failed)?.plain_len;
        writer.complete().await?;
        claim.extend().await?;

        let core = claim.core.clone();
        let permit = inspections.acquire_owned().await.map_err(|_| ErrorCode::Unavailable)?;
        let (report, file_key) = core.inspect(claim.version, name.kind(), file_key, size).await?;
        drop(permit);
        let findings = findings_of(&report);
        if let Some(reason) = report.deciding() {
            let Finding { code, message, .. } = finding_of(reason);
            let rejected = RejectedFile { name: name.to_string(), code, message, findings };
            claim.reject(&caller, &person, &rejected).await?;
            return Ok(Verdict::Rejected(rejected));
        }

        let keys = core.keys.active();
        let context = Context::new(claim.version.uuid().into_bytes()).with_plain_len(size);
        let wrapped = WrappedKey::wrap(&keys.wrapping, &file_key, core.random(), &context).map_err(sealing_failed)?;
        let new = NewVersion {
            name: &name,
            size,
            sha256: &hex(hash.finish().as_ref()),
            key_id: keys.id(),
            wrapped_key: STANDARD.encode(wrapped.as_bytes()),
            findings: serde_json::to_string(&findings).map_err(|error| Error::Damaged(error.to_string()))?,
        };
        claim.deposit(&caller, &person, new).await.map(Verdict::Deposited)
    }

    /// Gives the upload up at once; nothing of it is kept.
    pub async fn abort(self) {
        let Self { writer, claim, .. } = self;
        writer.abort().await;
        claim.release().await;
    }
}

fn rejected(name: &str, problem: Problem) -> RejectedFile {
    let Problem { code, message, .. } = problem;
    RejectedFile { name: name.to_owned(), code: code.as_str().to_owned(), message, findings: Vec::new() }
}

fn sealing_failed(error: sealed::SealError) -> Error {
    Error::Damaged(format!("sealing: {error}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
