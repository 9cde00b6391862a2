//! Uploads that outlive the request that brings them: they go on in another request, in another instance, after a restart.

use domain::{BlobId, ErrorCode, Problem, Timestamp, UploadId, delivery::Audience, upload::RejectedFile};
use office::Summary;
use sealed::FileKey;

use super::{
    Addition, Uploads, Verdict,
    arrived::{About, Arrived},
    assembly::Assembled,
    claim::{Claim, NewUpload, Row, claim_lost, end},
};
use crate::{
    caller::{Caller, Person},
    db::work,
    error::Result,
    policy::Permission,
    storage::register,
};

/// How far a lasting upload has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Its id. It opens nothing for anybody but its sender.
    pub id: UploadId,
    /// Bytes that have arrived and are kept: the next request begins here.
    pub received: u64,
    /// Bytes in all.
    pub length: u64,
    /// When it is given up, unless a request comes before.
    pub until: Timestamp,
}

/// What entering a lasting upload comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It waits for bytes.
    Waiting(Progress),
    /// The name or the length is reason enough to refuse the file.
    Rejected(RejectedFile),
}

impl Uploads {
    /// Enters an upload of `length` bytes that several requests may bring, and what the sender's own inspection has said of
    /// the file. A refusal is written down.
    ///
    /// # Errors
    /// Not one of ops; the database fails. What is wrong with the file itself is no error but [`Entered::Rejected`].
    pub async fn enter(
        &self,
        caller: &Caller,
        declared_name: &str,
        length: u64,
        summary: Option<&Summary>,
    ) -> Result<Entered> {
        let person = self.core.allow(caller, Permission::Deposit, declared_name).await?;
        let name = match self.acceptable(declared_name, Some(length)) {
            Ok(name) => name,
            Err(problem) => return Ok(Entered::Rejected(self.reject(caller, person, declared_name, problem).await?)),
        };
        let (core, id, until) = (&self.core, UploadId::new(self.core.uuid()), self.core.lasting_until());
        let file_key = FileKey::from_bytes(core.random());
        let new = &NewUpload {
            id,
            sender: person.id(),
            name: &name,
            declared_len: Some(length),
            summary,
            file_key: &file_key,
            lasting: true,
        };
        core.db.transact(|tx| work(core.enter(tx, new, None, until))).await?;
        Ok(Entered::Waiting(Progress { id, received: 0, length, until }))
    }

    /// How far an upload of the caller's has come.
    ///
    /// # Errors
    /// Not one of ops; [`ErrorCode::NotFound`] when the caller has no such upload, or it is over.
    pub async fn progress(&self, caller: &Caller, id: UploadId) -> Result<Progress> {
        let person = self.core.allow(caller, Permission::Deposit, "an upload").await?;
        let row = self.core.upload_row(person, id).await?;
        Ok(Progress { id, received: row.received, length: row.length, until: row.claimed_until })
    }

    /// Goes on with an upload of the caller's from `offset` on, which is where it has stopped. Whoever was adding to it is
    /// too late from here on.
    ///
    /// # Errors
    /// Those of [`progress`](Self::progress); [`ErrorCode::InvalidRequest`] on `offset` when that is not where it goes on.
    pub async fn go_on(&self, caller: &Caller, id: UploadId, offset: u64) -> Result<Addition> {
        let person = self.core.allow(caller, Permission::Deposit, "an upload").await?;
        let row = self.core.upload_row(person, id).await?;
        let received = row.received;
        if offset != received {
            let message = format!("{received} bytes of the file are here. Go on from there.");
            return Err(Problem { message, ..Problem::new(ErrorCode::InvalidRequest).on("offset") }.into());
        }
        let part = BlobId::new(self.core.uuid());
        let claim = Claim::take_over(self.core.clone(), &row, part, received).await?;
        Addition::begin(claim, self.core.upload_key(&row)?, received, row.length)
    }

    /// Makes a document of an upload of the caller's that has arrived, or says why not. It can be asked again when it
    /// failed.
    ///
    /// # Errors
    /// Those of [`progress`](Self::progress); [`ErrorCode::LengthMismatch`] while bytes are missing; the database, the store
    /// or the inspection fails.
    pub async fn finish(&self, caller: &Caller, id: UploadId) -> Result<Verdict> {
        let person = self.core.allow(caller, Permission::Deposit, "an upload").await?;
        let row = self.core.upload_row(person, id).await?;
        if row.received != row.length {
            return Err(ErrorCode::LengthMismatch.into());
        }
        self.arrived(caller, person, &row).await?.deposit().await
    }

    /// Gives an upload of the caller's up; nothing of it is kept.
    ///
    /// # Errors
    /// Those of [`progress`](Self::progress).
    pub async fn give_up(&self, caller: &Caller, id: UploadId) -> Result<()> {
        let person = self.core.allow(caller, Permission::Deposit, "an upload").await?;
        let (core, row) = (&self.core, self.core.upload_row(person, id).await?);
        let ending = core.db.transact(|tx| {
            let upload = row.id;
            work(async move {
                if !end(tx, upload, None).await? {
                    return Err(claim_lost());
                }
                register::doom_upload(tx, upload, core.now()).await
            })
        });
        core.remove_now(&ending.await?).await;
        Ok(())
    }

    /// The file in one blob. A single part that has brought everything is that blob.
    async fn arrived(&self, caller: &Caller, person: &Person, row: &Row) -> Result<Arrived> {
        let core = &self.core;
        let parts = core.parts(row).await?;
        let about = About {
            caller: caller.clone(),
            person: person.clone(),
            name: row.name.clone(),
            summary: row.summary(),
            delivered_to: Some(Audience::Everyone),
        };
        let claim = Claim::finishing(core.clone(), row).await?;
        let Assembled { file, sha256 } = match (&parts[..], row.sha256) {
            ([part], Some(sha256)) => Assembled { file: part.sealed(core.upload_key(row)?, 0)?, sha256 },
            _ => core.assemble(&claim, row, parts).await?,
        };
        Ok(Arrived { about, file, sha256, claim })
    }
}
