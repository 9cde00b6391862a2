//! A file that has arrived whole and lies sealed in the store while its claim holds. It is read on a thread that may wait,
//! through the decrypting reader, so that no plaintext reaches the disk.

use std::io;

use domain::{DocumentKind, FileName, Sha256, delivery::Audience};
use office::{Examination, Kind, Policy, Summary};
use tokio::runtime::Handle;

use super::claim::Claim;
use crate::{
    caller::{Caller, Person},
    core::Core,
    error::Result,
    storage::{Plaintext, SealedBlob},
};

/// The file. Dropped, it is gone, unless it came by a lasting upload.
pub(super) struct Arrived {
    pub(super) about: About,
    pub(super) file: SealedBlob,
    pub(super) sha256: Sha256,
    pub(super) claim: Claim,
}

/// Who has sent what.
pub(super) struct About {
    pub(super) caller: Caller,
    pub(super) person: Person,
    pub(super) name: FileName,
    /// What the sender's own inspection said of it.
    pub(super) summary: Option<Summary>,
    /// Who gets the document at once; `None`: nobody, until it is delivered.
    pub(super) delivered_to: Option<Audience>,
}

impl Arrived {
    /// Examines the file.
    pub(super) async fn examine(self) -> Result<(Examination, Self)> {
        let (kind, policy) = (office_kind(self.about.name.kind()), self.claim.core.inspection());
        self.read(move |plain| office::examine(plain, kind, &policy)).await
    }

    /// Lets `work` read the file, when it is its turn, and gives the file back. Whoever stops waiting for the answer
    /// does not stop the work: so the file, and the turn, are kept until it ends.
    pub(super) async fn read<T: Send + 'static>(
        self,
        work: impl FnOnce(Plaintext) -> io::Result<T> + Send + 'static,
    ) -> Result<(T, Self)> {
        let core = self.claim.core.clone();
        let turn = core.inspections.clone().acquire_owned().await.map_err(io::Error::other)?;
        let runtime = Handle::current();
        let reading = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let plain = self.file.plaintext(runtime, core.blobs.clone())?;
            Ok::<_, io::Error>((work(plain)?, self))
        });
        Ok(reading.await.map_err(io::Error::from)??)
    }
}

impl Core {
    /// The rules of every inspection.
    pub(super) fn inspection(&self) -> Policy {
        self.settings.inspection.clone()
    }
}

pub(super) fn office_kind(kind: DocumentKind) -> Kind {
    match kind {
        DocumentKind::Docx => Kind::Docx,
        DocumentKind::Xlsx => Kind::Xlsx,
        DocumentKind::Pptx => Kind::Pptx,
    }
}
