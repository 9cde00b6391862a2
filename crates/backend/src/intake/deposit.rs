//! Depositing: a file that has arrived is inspected, and only then becomes a document.

use domain::{
    AccountId, DeliveryId, DocumentId, Timestamp, VersionId,
    activity::Event,
    delivery::{Audience, Draft},
    upload::{DepositedFile, Finding, RejectedFile, Severity},
};
use office::{Examination, Report, Summary, Verdict as Outcome};

use super::{
    Verdict,
    arrived::{About, Arrived},
    claim::claim_lost,
    refusal,
};
use crate::{
    activity::Entry,
    core::Core,
    db::{Tx, work},
    deliveries::{self, NewDelivery},
    documents::versions::{self, Facts, NewVersion},
    error::Result,
    storage::{Holds, register},
};

/// What is made of a file: a document with a first version, which may be delivered at once.
struct Making<'a> {
    arrived: &'a Arrived,
    version: NewVersion<'a>,
    delivery: Option<NewDelivery>,
    /// What happened beside.
    also: Option<&'a Entry>,
    at: Timestamp,
}

impl Arrived {
    /// Makes a document of it, or says why not.
    ///
    /// # Errors
    /// The database, the store or the inspection fails; nothing of a file that one request has brought is kept then.
    pub(super) async fn deposit(self) -> Result<Verdict> {
        let (examination, arrived) = self.examine().await?;
        let About { caller, person, name, summary, delivered_to: _ } = &arrived.about;
        let differed = summary.as_ref().and_then(|theirs| difference(theirs, &examination.report.summary()));
        let differed = differed.map(|event| Entry::new(event, &caller.origin).by(person).about(name.as_str()));
        if let Some(reason) = examination.report.deciding() {
            let Finding { code, message, .. } = finding_of(reason);
            let rejected =
                RejectedFile { name: name.to_string(), code, message, findings: findings_of(&examination.report) };
            let refusal = refusal(caller, person, &rejected);
            arrived.claim.reject(refusal, differed).await?;
            return Ok(Verdict::Rejected(rejected));
        }
        arrived.make_document(&examination, differed.as_ref()).await.map(Verdict::Deposited)
    }

    /// Exchanges the claim for a document.
    async fn make_document(mut self, examination: &Examination, also: Option<&Entry>) -> Result<DepositedFile> {
        let core = self.claim.core.clone();
        let (id, at) = (DocumentId::new(core.uuid()), core.now());
        let facts =
            Facts { version: VersionId::new(core.uuid()), document: id, size: self.file.size, sha256: self.sha256 };
        let sender = self.about.person.id();
        let making = &Making {
            version: NewVersion {
                facts,
                blob: self.file.id,
                key: &core.wrap_key(facts, &self.file.key)?,
                examination: &core.seal_examination(facts.version, &self.file.key, examination)?,
                sender,
            },
            delivery: self.about.delivered_to.map(|audience| deliver(&core, sender, id, audience)).transpose()?,
            arrived: &self,
            also,
            at,
        };
        let (number, left) = core.db.transact(|tx| work(making.make(tx))).await?;
        let name = self.about.name.clone();
        let deposited = DepositedFile {
            id,
            kind: name.kind(),
            name,
            size: self.file.size,
            sha256: self.sha256,
            version: number,
            uploaded_at: at,
        };
        self.claim.exchanged();
        core.remove_now(&left).await;
        Ok(deposited)
    }
}

impl Making<'_> {
    /// Gives the number of the version, and what the upload has left beside its blob.
    async fn make(&self, tx: &mut Tx) -> Result<(u32, Vec<domain::BlobId>)> {
        let Self { arrived, version, delivery, also, at } = self;
        let Arrived { about, file, sha256, claim } = arrived;
        let Facts { document, version: id, size, .. } = version.facts;
        claim.give_up(tx).await?;
        if !register::keep(tx, file.id, Holds::Version, size, *at).await? {
            return Err(claim_lost());
        }
        let left = register::doom_upload(tx, claim.upload, *at).await?;
        versions::create(tx, document, &about.name, *at).await?;
        let number = versions::add_version(tx, version, *at).await?;
        if let Some(delivery) = delivery {
            deliveries::send(tx, delivery, *at).await?;
        }
        let delivery = delivery.as_ref().map(|delivery| delivery.id);
        let event = Event::Deposited { document, version: id, number, size, sha256: *sha256, delivery };
        let entry = Entry::new(event, &about.caller.origin).by(&about.person).about(about.name.as_str());
        claim.core.record(tx, entry).await?;
        if let Some(also) = also {
            claim.core.record(tx, (*also).clone()).await?;
        }
        Ok((number, left))
    }
}

/// The delivery of one document.
fn deliver(core: &Core, sender: AccountId, document: DocumentId, audience: Audience) -> Result<NewDelivery> {
    let draft = Draft::of([document], [audience])?;
    Ok(NewDelivery { id: DeliveryId::new(core.uuid()), sender, draft })
}

/// How the sender's own inspection differs from ours, for the log; `None` when they agree.
fn difference(theirs: &Summary, found: &Summary) -> Option<Event> {
    let same_codes = found.codes.iter().all(|code| theirs.codes.contains(code))
        && theirs.codes.iter().all(|code| found.codes.contains(code));
    let agree = theirs.verdict == found.verdict && same_codes;
    (!agree).then(|| Event::InspectionDiffered { browser: in_short(theirs), server: in_short(found) })
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
        let theirs = summary(Outcome::Accept, &[]);
        let detail = "browser accept; server flagged: embedded_object, external_link";
        assert_eq!(difference(&theirs, &found).map(|event| event.detail()).as_deref(), Some(detail));
        assert!(difference(&summary(Outcome::Flagged, &[Code::ExternalLink]), &found).is_some());
        assert!(difference(&summary(Outcome::Refused, &found.codes), &found).is_some());
    }
}
