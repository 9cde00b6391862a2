//! The outcome of an inspection.

use serde::{Deserialize, Serialize};

use crate::finding::{Code, Finding, Severity};

/// More findings of one code add nothing for a reader, and a file must not be able to fill the memory
/// with them.
const PER_CODE: usize = 32;

/// What the findings amount to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing was found.
    Accept,
    /// There is something the reader should know.
    Flagged,
    /// The file must not be handed on.
    Refused,
}

impl Verdict {
    /// The stable word, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Flagged => "flagged",
            Self::Refused => "refused",
        }
    }
}

/// Everything that was found, in the order of importance for a reader: the structure of the archive
/// first, then the kind of the file, then its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Report {
    /// What was found; each code at most 32 times.
    pub findings: Vec<Finding>,
}

/// A report in short, for comparing two inspections of the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// What the findings amount to.
    pub verdict: Verdict,
    /// What was found, each code once, in the order of their names.
    pub codes: Vec<Code>,
}

impl Report {
    /// The report in short.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut codes: Vec<Code> = self.findings.iter().map(|finding| finding.code).collect();
        codes.sort_unstable_by_key(|code| code.as_str());
        codes.dedup();
        Summary { verdict: self.verdict(), codes }
    }

    /// What the findings amount to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.deciding().is_some() {
            Verdict::Refused
        } else if self.findings.is_empty() {
            Verdict::Accept
        } else {
            Verdict::Flagged
        }
    }

    /// The finding for which the file is refused.
    #[must_use]
    pub fn deciding(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.severity == Severity::Reject)
    }

    /// Whether something with this code was found.
    #[must_use]
    pub fn has(&self, code: Code) -> bool {
        self.findings.iter().any(|finding| finding.code == code)
    }

    pub(crate) fn add(&mut self, finding: Finding) {
        let same_code = || self.findings.iter().filter(|known| known.code == finding.code);
        // Content types name parts in another case than the archive.
        let name = |finding: &Finding| finding.part.as_deref().map(str::to_ascii_lowercase);
        let known = same_code().any(|known| name(known) == name(&finding) && known.severity == finding.severity);
        if !known && same_code().count() < PER_CODE {
            self.findings.push(finding);
        }
    }

    /// For findings that make all others doubtful: the archive itself is not what it seems.
    pub(crate) fn add_first(&mut self, finding: Finding) {
        self.findings.insert(0, finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_does_not_refuse() {
        let mut report = Report::default();
        assert_eq!(report.verdict(), Verdict::Accept);
        report.add(Finding::new(Code::ExternalLink, Some("a.rels"), "x"));
        assert_eq!(report.verdict(), Verdict::Flagged);
        report.add(Finding::new(Code::MacroPart, Some("a.bin"), ""));
        assert_eq!(report.verdict(), Verdict::Refused);
        assert_eq!(report.deciding().map(|finding| finding.code), Some(Code::MacroPart));
    }

    #[test]
    fn repeated_findings_are_kept_within_bounds() {
        let mut report = Report::default();
        for part in 0..1_000 {
            report.add(Finding::new(Code::ExternalLink, Some(&part.to_string()), ""));
            report.add(Finding::new(Code::ExternalLink, Some("same"), ""));
        }
        assert_eq!(report.findings.len(), PER_CODE);
    }
}
