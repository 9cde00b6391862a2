//! A file that lies sealed in the store while its claim holds. It is looked into on a thread that may wait, through the
//! decrypting reader, so that no plaintext reaches the disk.

use std::io;

use domain::DocumentKind;
use office::{Budget, Examination, Kind, Policy};
use sealed::{Context, FileKey, OpenReader, Opener};
use tokio::runtime::Handle;

use super::claim::Claim;
use crate::{
    core::Core,
    error::{Error, Result},
    storage::SealedReader,
};

/// The file. Dropped, it is gone.
pub(super) struct Held {
    pub(super) claim: Claim,
    pub(super) file_key: FileKey,
    /// Bytes of the plaintext.
    pub(super) size: u64,
}

/// The plaintext of a file that is held.
pub(super) type Plaintext = OpenReader<SealedReader>;

impl Held {
    /// Examines the file.
    pub(super) async fn examine(self, kind: DocumentKind) -> Result<(Examination, Self)> {
        let policy = self.claim.core.inspection();
        self.look(move |plain| office::examine(plain, office_kind(kind), &policy)).await
    }

    /// Lets `work` read the file, when it is its turn, and gives the file back. Whoever stops waiting for the answer
    /// does not stop the work: so the file, and the turn, are kept until it ends.
    pub(super) async fn look<T: Send + 'static>(
        self,
        work: impl FnOnce(Plaintext) -> io::Result<T> + Send + 'static,
    ) -> Result<(T, Self)> {
        let core = self.claim.core.clone();
        let turn = core.inspections.clone().acquire_owned().await.map_err(io::Error::other)?;
        let version = self.claim.version;
        let sealed_len = Opener::sealed_len(self.size).map_err(|error| Error::Damaged(error.to_string()))?;
        let source = SealedReader::new(Handle::current(), core.blobs.clone(), version, sealed_len);
        let looked = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let context = Context::new(version.uuid().into_bytes());
            let plain = OpenReader::new(source, &self.file_key, context, self.size)?;
            Ok::<_, io::Error>((work(plain)?, self))
        });
        Ok(looked.await.map_err(io::Error::from)??)
    }
}

impl Core {
    /// The rules of every inspection.
    pub(super) fn inspection(&self) -> Policy {
        Policy { strict: self.settings.strict_inspection, budget: Budget::default() }
    }
}

pub(super) fn office_kind(kind: DocumentKind) -> Kind {
    match kind {
        DocumentKind::Docx => Kind::Docx,
        DocumentKind::Xlsx => Kind::Xlsx,
        DocumentKind::Pptx => Kind::Pptx,
    }
}
