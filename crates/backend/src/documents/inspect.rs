//! Looking into a sealed blob: the inspector reads through the decrypting reader, so no plaintext reaches the disk.

use std::io;

use domain::{
    DocumentKind, VersionId,
    upload::{Finding, Severity},
};
use office::{Budget, Kind, Policy, Report};
use sealed::{Context, FileKey, OpenReader, Opener};
use tokio::runtime::Handle;

use crate::{
    core::Core,
    error::{Error, Result},
    storage::SealedReader,
};

impl Core {
    /// Inspects a blob that lies sealed in the store, on a thread that may wait. Gives the key back.
    pub(super) async fn inspect(
        &self,
        version: VersionId,
        kind: DocumentKind,
        file_key: FileKey,
        plain_len: u64,
    ) -> Result<(Report, FileKey)> {
        let sealed_len = Opener::sealed_len(plain_len).map_err(|error| Error::Damaged(error.to_string()))?;
        let source = SealedReader::new(Handle::current(), self.blobs.clone(), version, sealed_len);
        let policy = Policy { strict: self.settings.strict_inspection, budget: Budget::default() };
        let report = tokio::task::spawn_blocking(move || {
            let context = Context::new(version.uuid().into_bytes());
            let plain = OpenReader::new(source, &file_key, context, plain_len)?;
            let report = office::inspect(plain, office_kind(kind), &policy)?;
            Ok::<_, io::Error>((report, file_key))
        });
        Ok(report.await.map_err(io::Error::from)??)
    }
}

/// The findings as they are stored and shown.
pub(super) fn findings_of(report: &Report) -> Vec<Finding> {
    report.findings.iter().map(finding_of).collect()
}

/// One finding as it is stored and shown.
pub(super) fn finding_of(finding: &office::Finding) -> Finding {
    Finding {
        code: finding.code.as_str().to_owned(),
        severity: match finding.severity {
            office::Severity::Flag => Severity::Flag,
            office::Severity::Reject => Severity::Reject,
        },
        part: finding.part.clone(),
        message: finding.message.clone(),
    }
}

fn office_kind(kind: DocumentKind) -> Kind {
    match kind {
        DocumentKind::Docx => Kind::Docx,
        DocumentKind::Xlsx => Kind::Xlsx,
        DocumentKind::Pptx => Kind::Pptx,
    }
}
