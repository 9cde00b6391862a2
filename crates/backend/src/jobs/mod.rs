//! What goes on without anybody asking: every job is a row, put there by the transaction that causes it, and done by the
//! worker of whichever instance claims it.
//!
//! A claim is a lease: while it holds nobody else has the job, and when a worker has died it is over by itself. A worker
//! that outlives its lease may find that the job is somebody else's by now, and then has no say in what becomes of it. So
//! a job can be done twice, and has to be one that does no harm then.
//!
//! - [`Job`] is what there is to do; `queue` keeps the rows; `carry_out` does them.
//! - `worker` lets every kind have its turn.

mod carry_out;
pub(crate) mod queue;
#[cfg(test)]
mod tests;

use std::{fmt, time::Duration};

use domain::{BlobId, MailId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{Error, Result};

pub(crate) use carry_out::doubled;

/// What there is to do. The payload says all that is needed to do it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload", rename_all = "snake_case")]
pub(crate) enum Job {
    /// Sends a mail of the outbox.
    DeliverMail {
        /// Which.
        mail: MailId,
    },
    /// Removes a blob that nothing names.
    Purge {
        /// Which.
        blob: BlobId,
    },
    /// Sees to what nobody has ended, and to what no row knows.
    Sweep,
    /// Forgets what is over.
    Forget,
    /// Wraps keys anew that are under an older master key.
    RewrapKeys,
}

/// What a job is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A mail to send.
    DeliverMail,
    /// A blob to remove.
    Purge,
    /// The sweep.
    Sweep,
    /// Forgetting what is over.
    Forget,
    /// Wrapping keys anew.
    RewrapKeys,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::DeliverMail, Self::Purge, Self::Sweep, Self::Forget, Self::RewrapKeys];

    /// As its rows have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DeliverMail => "deliver_mail",
            Self::Purge => "purge",
            Self::Sweep => "sweep",
            Self::Forget => "forget",
            Self::RewrapKeys => "rewrap_keys",
        }
    }

    /// How long after it was done a job of this kind is due again. Such a kind has one row, for all instances together.
    pub(crate) const fn period(self) -> Option<Duration> {
        match self {
            Self::DeliverMail | Self::Purge => None,
            Self::Sweep => Some(Duration::from_secs(15 * 60)),
            Self::Forget => Some(Duration::from_secs(3600)),
            Self::RewrapKeys => Some(Duration::from_secs(60)),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Job {
    /// Those that come again and again.
    pub(crate) const RECURRING: [Self; 3] = [Self::Sweep, Self::Forget, Self::RewrapKeys];

    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::DeliverMail { .. } => Kind::DeliverMail,
            Self::Purge { .. } => Kind::Purge,
            Self::Sweep => Kind::Sweep,
            Self::Forget => Kind::Forget,
            Self::RewrapKeys => Kind::RewrapKeys,
        }
    }

    /// What it is about: of two jobs of one kind that are about the same, one is enough.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::DeliverMail { mail } => mail.to_string(),
            Self::Purge { blob } => blob.to_string(),
            Self::Sweep | Self::Forget | Self::RewrapKeys => self.kind().to_string(),
        }
    }

    /// What its row says beside its kind.
    pub(crate) fn payload(&self) -> Result<String> {
        let job = serde_json::to_value(self).map_err(|error| damaged(self.kind(), &error))?;
        Ok(job.get("payload").unwrap_or(&Value::Null).to_string())
    }

    /// Out of a row.
    pub(crate) fn parse(kind: Kind, payload: &str) -> Result<Self> {
        let payload: Value = serde_json::from_str(payload).map_err(|error| damaged(kind, &error))?;
        serde_json::from_value(json!({ "kind": kind.as_str(), "payload": payload }))
            .map_err(|error| damaged(kind, &error))
    }
}

fn damaged(kind: Kind, error: &serde_json::Error) -> Error {
    Error::Damaged(format!("a job ({kind}): {error}"))
}
