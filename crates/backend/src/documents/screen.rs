//! Files that are not kept: looked into, or sent back as a clean copy.

use std::io;

use domain::{ErrorCode, Problem, VersionId};
use office::{CleanError, Examination, Report, Topic};
use sealed::FileKey;
use tracing::Instrument;

use super::{
    claim::Claim,
    copy::{BlockingWriter, CleanCopy},
    held::{Held, office_kind},
    sealing::SealingWriter,
    upload::{Arrived, Upload},
};
use crate::error::{Error, Result};

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
            let Arrived { name, held, .. } = self.whole().await?;
            let (examination, held) = held.examine(name.kind()).await?;
            held.claim.release().await;
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

    async fn copy_without(self, topics: Vec<Topic>) -> std::result::Result<CleanCopy, NotCleaned> {
        let Arrived { person, name, held, .. } = self.whole().await?;
        let core = held.claim.core.clone();
        let version = VersionId::new(core.uuid());
        let file_key = FileKey::from_bytes(core.random());
        let mut claim = Claim::take(core.clone(), version, &person).await?;
        let mut copy = BlockingWriter::new(SealingWriter::begin(&core, version, &file_key).await?);
        let (kind, policy) = (office_kind(name.kind()), core.inspection());
        let cleaning = held.look(move |plain| {
            let cleaned = office::clean(plain, &mut copy, kind, &topics, &policy);
            Ok((cleaned, copy.into_inner()))
        });
        let ((cleaned, copy), original) = cleaning.await?;
        original.claim.release().await;
        let cleaned = match cleaned {
            Ok(cleaned) => cleaned,
            Err(error) => {
                copy.abort().await;
                claim.release().await;
                return Err(not_cleaned(error));
            }
        };
        let size = copy.complete().await?;
        claim.extend().await?;
        Ok(CleanCopy::new(name, cleaned, Held { claim, file_key, size }))
    }

    /// The file, if it is the one that was to be sent.
    async fn whole(self) -> Result<Arrived> {
        match self.fault() {
            None => self.arrive().await,
            Some(code) => {
                self.abort().await;
                Err(code.into())
            }
        }
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
