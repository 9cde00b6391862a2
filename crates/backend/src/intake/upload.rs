//! A file that one request brings.

use std::sync::Arc;

use bytes::Bytes;
use domain::{BlobId, ErrorCode, FileName, Problem, UploadId, delivery::Audience};
use office::Summary;
use ring::digest;
use sealed::FileKey;

use super::{
    Verdict,
    arrived::{About, Arrived},
    claim::{Claim, NewUpload},
    refusal, rejected,
};
use crate::{
    caller::{Caller, Person},
    core::Core,
    documents::versions::sha256_of,
    error::Result,
    storage::{SealedBlob, SealingWriter},
};

/// A file on its way in. Dropped, it leaves nothing behind.
pub struct Upload {
    about: About,
    declared_len: Option<u64>,
    hash: digest::Context,
    file_key: FileKey,
    part: SealingWriter,
    received: u64,
    too_large: bool,
    claim: Claim,
}

impl Upload {
    pub(super) async fn begin(
        core: Arc<Core>,
        (caller, person): (&Caller, &Person),
        name: FileName,
        declared_len: Option<u64>,
    ) -> Result<Self> {
        let (id, blob) = (UploadId::new(core.uuid()), BlobId::new(core.uuid()));
        let file_key = FileKey::from_bytes(core.random());
        let new = NewUpload {
            id,
            sender: person.id(),
            name: &name,
            declared_len,
            summary: None,
            file_key: &file_key,
            lasting: false,
        };
        let claim = Claim::take(core.clone(), new, blob).await?;
        Ok(Self {
            about: About {
                caller: caller.clone(),
                person: person.clone(),
                name,
                summary: None,
                delivered_to: Some(Audience::Everyone),
            },
            declared_len,
            hash: digest::Context::new(&digest::SHA256),
            part: SealingWriter::begin(&core.blobs, core.random(), blob, &file_key)?,
            file_key,
            received: 0,
            too_large: false,
            claim,
        })
    }

    /// What the sender's own inspection has said of the file, to be compared with what ours will say.
    pub fn compare_with(&mut self, summary: Summary) {
        self.about.summary = Some(summary);
    }

    /// Who gets the document as soon as there is one; without a word it is everyone. `None`: nobody, until it is delivered.
    pub fn deliver_to(&mut self, audience: Option<Audience>) {
        self.about.delivered_to = audience;
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
            self.part.write(step).await?;
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
        let Self { part, claim, .. } = self;
        part.abort().await;
        claim.release().await;
    }

    /// Makes a document of what has arrived, or says why not.
    ///
    /// # Errors
    /// The database, the store or the inspection fails; nothing of the file is kept then.
    pub async fn finish(self) -> Result<Verdict> {
        match self.fault() {
            None => self.arrive().await?.deposit().await,
            Some(problem) => self.reject(problem).await,
        }
    }

    /// The file, if it is the one that was to be sent.
    pub(super) async fn whole(self) -> Result<Arrived> {
        match self.fault() {
            None => self.arrive().await,
            Some(problem) => {
                self.abort().await;
                Err(problem.into())
            }
        }
    }

    /// Why this is not the file that was to be sent, if it is not.
    fn fault(&self) -> Option<Problem> {
        let other_len = self.declared_len.is_some_and(|declared| declared != self.received);
        let too_large = || Problem::too_large("file", self.claim.core.settings.max_upload);
        if self.too_large { Some(too_large()) } else { other_len.then(|| ErrorCode::LengthMismatch.into()) }
    }

    /// Makes the blob whole and durable.
    async fn arrive(self) -> Result<Arrived> {
        let Self { about, hash, file_key, part, mut claim, .. } = self;
        let size = part.complete().await?;
        claim.extend().await?;
        let file = SealedBlob { id: claim.turn, key: file_key, size };
        Ok(Arrived { about, file, sha256: sha256_of(hash), claim })
    }

    /// Refuses the file for what happened to it on its way, and writes that down.
    async fn reject(self, problem: Problem) -> Result<Verdict> {
        let Self { about, part, claim, .. } = self;
        part.abort().await;
        let rejected = rejected(about.name.as_str(), problem);
        claim.reject(refusal(&about.caller, &about.person, &rejected), None).await?;
        Ok(Verdict::Rejected(rejected))
    }
}
