//! Depositing: a file that has arrived is inspected, and only then becomes a document.
//!
//! The order is: claim → blob → inspection → row. The claim is a row that keeps the sweep away from the blob; it is
//! exchanged for the document in one transaction. Whatever goes wrong before leaves a claim that ends by itself and
//! a blob that the sweep removes after it, so nothing half-finished is ever visible.

use domain::{
    activity::Event,
    upload::{Finding, RejectedFile, Severity},
};
use office::{Report, Summary, Verdict as Outcome};

use super::{
    claim::{NewFile, refusal},
    upload::{Arrived, Upload, Verdict},
};
use crate::{activity::Entry, error::Result};

impl Upload {
    /// Makes a document of what has arrived, or says why not.
    ///
    /// # Errors
    /// The database, the store or the inspection fails; nothing of the file is kept then.
    pub async fn finish(self) -> Result<Verdict> {
        if let Some(code) = self.fault() {
            return self.reject(code).await;
        }
        let Arrived { caller, person, name, sha256, told, held } = self.arrive().await?;
        let (examination, held) = held.examine(name.kind()).await?;
        let differed = told.and_then(|told| difference(&told, &examination.report.summary()));
        let differed = differed.map(|event| Entry::new(event, &caller.origin).by(&person).about(name.as_str()));
        if let Some(reason) = examination.report.deciding() {
            let Finding { code, message, .. } = finding_of(reason);
            let rejected =
                RejectedFile { name: name.to_string(), code, message, findings: findings_of(&examination.report) };
            held.claim.reject(refusal(&caller, &person, &rejected), differed).await?;
            return Ok(Verdict::Rejected(rejected));
        }
        let (core, version) = (held.claim.core.clone(), held.claim.version);
        let new = NewFile {
            name: &name,
            size: held.size,
            sha256: &sha256,
            file_key: &held.file_key,
            examination: core.seal_examination(version, &held.file_key, &examination)?,
        };
        held.claim.deposit(&caller, &person, new, differed).await.map(Verdict::Deposited)
    }
}

/// How the sender's own inspection differs from ours, for the log; `None` when they agree.
fn difference(told: &Summary, found: &Summary) -> Option<Event> {
    let same_codes = found.codes.iter().all(|code| told.codes.contains(code))
        && told.codes.iter().all(|code| found.codes.contains(code));
    let agree = told.verdict == found.verdict && same_codes;
    (!agree).then(|| Event::InspectionDiffered { browser: in_short(told), server: in_short(found) })
}

/// `flagged: external_link, embedded_object`.
fn in_short(summary: &Summary) -> String {
    let verdict = match summary.verdict {
        Outcome::Accept => "accept",
        Outcome::Flagged => "flagged",
        Outcome::Refused => "refused",
    };
    let codes: Vec<_> = summary.codes.iter().map(|code| code.as_str()).collect();
    if codes.is_empty() { verdict.to_owned() } else { format!("{verdict}: {}", codes.join(", ")) }
}

/// The findings as they are shown.
fn findings_of(report: &Report) -> Vec<Finding> {
    report.findings.iter().map(finding_of).collect()
}

/// One finding as it is shown.
fn finding_of(finding: &office::Finding) -> Finding {
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

#[cfg(test)]
mod tests {
    use office::Code;

    use super::*;

    #[test]
    fn two_inspections_agree_when_they_found_the_same_in_whatever_order() {
        let summary = |verdict, codes: &[Code]| Summary { verdict, codes: codes.to_vec() };
        let found = summary(Outcome::Flagged, &[Code::EmbeddedObject, Code::ExternalLink]);
        assert_eq!(difference(&summary(Outcome::Flagged, &[Code::ExternalLink, Code::EmbeddedObject]), &found), None);
        let told = summary(Outcome::Accept, &[]);
        let detail = "browser accept; server flagged: embedded_object, external_link";
        assert_eq!(difference(&told, &found).map(|event| event.detail()).as_deref(), Some(detail));
        assert!(difference(&summary(Outcome::Flagged, &[Code::ExternalLink]), &found).is_some());
        assert!(difference(&summary(Outcome::Refused, &found.codes), &found).is_some());
    }
}
