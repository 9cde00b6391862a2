//! What the services need to know of the configuration, parsed already.

use std::time::Duration;

use crate::mail::Sender;

/// Limits, lifetimes and the public address.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address of the portal as people type it, without a trailing slash. Links in mails start with
    /// it; it never comes from a request (ASVS V6.4.1).
    pub base_url: String,
    /// What the portal calls itself in mails and pages.
    pub portal_name: String,
    /// Life of a download link.
    pub link_ttl: Duration,
    /// Most bytes of one file.
    pub max_upload: u64,
    /// A session ends after this long without a request.
    pub session_idle: Duration,
    /// A session ends after this long in any case.
    pub session_life: Duration,
    /// Life of a bearer token.
    pub token_life: Duration,
    /// The sender of mails.
    pub mail_from: Sender,
    /// Mails that are sent at the same time.
    pub mail_connections: usize,
    /// How long a mail is tried before it is given up.
    pub mail_retry_for: Duration,
    /// The rules of every inspection. A file within `max_upload` is within their budget, unless it is far larger than it
    /// seems.
    pub inspection: office::Policy,
    /// What hashing a password costs.
    pub password_cost: PasswordCost,
    /// How long records are kept.
    pub retention: Retention,
}

/// How long records are kept that nothing needs any more but people who look back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Rows of the activity log.
    pub activity: Duration,
    /// Mails that were sent or given up.
    pub mails: Duration,
    /// What was sent of a document in one request. That it was collected is kept with the document.
    pub downloads: Duration,
    /// Links that were used or are over, so that they can say so, and the sign-ups they belong to.
    pub links: Duration,
}

const fn days(days: u64) -> Duration {
    Duration::from_secs(days * 24 * 3600)
}

impl Default for Retention {
    fn default() -> Self {
        Self { activity: days(730), mails: days(30), downloads: days(90), links: days(7) }
    }
}

/// The parameters of argon2id (RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
    /// Hashes computed at the same time; more wait.
    pub parallel: usize,
}

impl PasswordCost {
    /// 64 MiB and three passes: about 160 ms on one core, an order above OWASP's minimum.
    pub const MEMORY_KIB: u32 = 65_536;
    /// See [`Self::MEMORY_KIB`].
    pub const PASSES: u32 = 3;
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: "http://127.0.0.1:3000".to_owned(),
            portal_name: "Strongroom".to_owned(),
            link_ttl: Duration::from_secs(10 * 60),
            max_upload: 1 << 30,
            session_idle: Duration::from_secs(30 * 60),
            session_life: Duration::from_secs(8 * 3600),
            token_life: Duration::from_secs(30 * 24 * 3600),
            mail_from: Sender::unset("Strongroom"),
            mail_connections: 4,
            mail_retry_for: Duration::from_secs(5 * 24 * 3600),
            inspection: office::Policy::default(),
            password_cost: PasswordCost {
                memory_kib: PasswordCost::MEMORY_KIB,
                passes: PasswordCost::PASSES,
                parallel: std::thread::available_parallelism().map_or(1, usize::from),
            },
            retention: Retention::default(),
        }
    }
}
