//! What stands in front of the portal, as far as requests show it.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{
    problem::{ErrorCode, Problem},
    timestamp::Timestamp,
};

/// Why nobody knows from where requests come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProxyFault {
    /// A proxy that is believed does not say for whom it speaks, or not so that it can be read.
    Unreadable,
    /// Somebody near says for whom they speak and is not among those who are believed.
    Unbelieved,
}

/// A fault that was seen lately.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyTrouble {
    /// Which.
    pub fault: ProxyFault,
    /// Who spoke: an address, or the socket.
    pub via: String,
    /// Since when.
    pub since: Timestamp,
    /// When it was seen last.
    pub last_at: Timestamp,
}

impl ProxyFault {
    /// The stored text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Unbelieved => "unbelieved",
        }
    }
}

impl FromStr for ProxyFault {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let known = [Self::Unreadable, Self::Unbelieved].into_iter().find(|fault| fault.as_str() == text);
        known.ok_or_else(|| Problem::new(ErrorCode::InvalidQuery).on("fault"))
    }
}

crate::column::text_column!(ProxyFault as_str);

impl ProxyTrouble {
    /// What is wrong, in a sentence; the times are told beside it.
    #[must_use]
    pub fn words(&self) -> String {
        let via = &self.via;
        match self.fault {
            ProxyFault::Unreadable => {
                format!("The proxy at {via} does not say from where requests come, or not so that it can be read.")
            }
            ProxyFault::Unbelieved => {
                format!("{via} says for whom it speaks, as a proxy does, and is not among trusted_proxies.")
            }
        }
    }

    /// What follows from it, and what to do.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self.fault {
            ProxyFault::Unreadable => {
                "The log has no addresses, and nobody who guesses passwords is slowed down by theirs. Let the proxy send \
                 the header that forwarded_header names."
            }
            ProxyFault::Unbelieved => {
                "If it is your proxy, everybody seems to come from its address and shares one set of limits: name it in \
                 trusted_proxies."
            }
        }
    }
}
