//! The verdict and the X-ray together.

use std::io::{self, Read, Seek};

use serde::{Deserialize, Serialize};

use crate::{
    inspection::inspect,
    kind::Kind,
    policy::Policy,
    report::{Report, Verdict},
    xray::{Xray, xray},
};

/// All that is to be said of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Examination {
    /// Whether the file may be handed on.
    pub verdict: Verdict,
    /// What was found against it.
    #[serde(flatten)]
    pub report: Report,
    /// What its reader will see; of a refused file, nothing is said.
    pub xray: Option<Xray>,
}

/// Inspects a file that claims to be of `kind`, and takes its X-ray if it is not refused.
///
/// # Errors
/// Only when `input` cannot be read. Whatever is wrong with the file is a finding.
pub fn examine(mut input: impl Read + Seek, kind: Kind, policy: &Policy) -> io::Result<Examination> {
    let report = inspect(&mut input, kind, policy)?;
    let verdict = report.verdict();
    let xray = match verdict {
        Verdict::Refused => None,
        Verdict::Accept | Verdict::Flagged => Some(xray(&mut input, kind, &policy.budget)?),
    };
    Ok(Examination { verdict, report, xray })
}
