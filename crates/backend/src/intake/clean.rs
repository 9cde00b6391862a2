//! Files that are not kept: looked into, or sent back as a clean copy.

use std::io;

use domain::{BlobId, ErrorCode, Problem};
use office::{CleanError, Examination, Report, Topic};
use sealed::FileKey;
use tracing::Instrument;

use super::{
    Upload,
    arrived::office_kind,
    clean_copy::{BlockingWriter, CleanCopy},
};
use crate::{
    error::{Error, Result},
    storage::{Holds, SealedBlob, SealingWriter},
};

/// Why there is no clean copy.
#[derive(Debug)]
pub enum NotCleaned {
    /// The inspection refuses the file.
    Refused(Report),
    /// It cannot be done, or something failed.
    Failed(Error),
}

impl From<Error> for NotCleaned {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Upload {
    /// Examines what has arrived; nothing of it is kept.
    ///
    /// # Errors
    /// The file did not arrive as declared; the database, the store or the inspection fails.
    pub async fn examine(self) -> Result<Examination> {
        to_its_end(async {
            let (examination, arrived) = self.whole().await?.examine().await?;
            arrived.claim.release().await;
            Ok(examination)
        })
        .await?
    }

    /// Makes a copy of what has arrived without `topics`. The copy is made in full before any of it is given out: so
    /// whoever receives a part of it knows that the whole exists.
    ///
    /// # Errors
    /// [`NotCleaned`]; nothing of the file is kept then.
    pub async fn clean(self, topics: &[Topic]) -> std::result::Result<CleanCopy, NotCleaned> {
        to_its_end(self.copy_without(topics.to_vec())).await?
    }

    /// The copy belongs to the upload of the original, and takes its place.
    async fn copy_without(self, topics: Vec<Topic>) -> std::result::Result<CleanCopy, NotCleaned> {
        let arrived = self.whole().await?;
        let core = arrived.claim.core.clone();
        let (id, key) = (BlobId::new(core.uuid()), FileKey::from_bytes(core.random()));
        arrived.claim.enter_blob(Holds::Copy, id).await?;
        let mut copy = BlockingWriter::new(SealingWriter::begin(&core.blobs, core.random(), id, &key)?);
        let (kind, policy) = (office_kind(arrived.about.name.kind()), core.inspection());
        let cleaning = arrived.read(move |plain| {
            let cleaned = office::clean(plain, &mut copy, kind, &topics, &policy);
            Ok((cleaned, copy.into_inner()))
        });
        let ((cleaned, copy), arrived) = cleaning.await?;
        let mut claim = arrived.claim;
        let cleaned = match cleaned {
            Ok(cleaned) => cleaned,
            Err(error) => {
                copy.abort().await;
                claim.release().await;
                return Err(not_cleaned(error));
            }
        };
        let size = copy.complete().await?;
        claim.drop_blob(arrived.file.id).await?;
        claim.extend().await?;
        Ok(CleanCopy::new(arrived.about.name, cleaned, SealedBlob { id, key, size }, claim))
    }
}

/// Works to the end even when nobody waits for the answer any more: what is left half done would be left to the sweep.
async fn to_its_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Result<T> {
    Ok(tokio::spawn(work.in_current_span()).await.map_err(io::Error::from)?)
}

fn not_cleaned(error: CleanError) -> NotCleaned {
    let problem = match error {
        CleanError::Refused(report) => return NotCleaned::Refused(report),
        CleanError::Io(error) => return Error::Io(error).into(),
        CleanError::NotRemovable(_) => Problem::new(ErrorCode::NotRemovable).on("remove"),
        CleanError::Impossible(reason) => Problem { message: reason.to_owned(), ..ErrorCode::NotCleanable.into() },
    };
    NotCleaned::Failed(problem.into())
}
