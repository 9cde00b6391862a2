//! What an event says of itself beyond its kind: why, how, which. The texts are stored with it, and never change.

use serde::{Deserialize, Serialize};

/// What is wrong with a proof of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerificationFault {
    /// A link that was used, is over or never was.
    DeadLink,
    /// A code that is not the one in the mail.
    WrongCode,
}

/// On what grounds a password was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordChange {
    /// The current password.
    CurrentPassword,
    /// A link that was mailed.
    ResetLink,
}

/// Why a sign-in was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInFault {
    /// What was typed is no address.
    NotAnAddress,
    /// Nobody has the address.
    NoAccount,
    /// The password is another.
    WrongPassword,
    /// The password or the account was changed while it was checked.
    ChangedMeanwhile,
    /// The account is disabled.
    Disabled,
    /// There were too many attempts.
    Throttled,
}

/// Sessions that their owner has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionsEnded {
    /// The one in use.
    This,
    /// One that was chosen from the list.
    Chosen,
    /// All but the one in use.
    Others,
}

/// Mail that is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resent {
    /// One that had failed.
    One,
    /// All that had failed: so many.
    Failed(u64),
    /// All that waited: so many.
    Waiting(u64),
}

/// Why mail to an address is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Withheld {
    /// Too many requests for a new password.
    Resets,
    /// Too many sign-ups.
    SignUps,
}

impl VerificationFault {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::DeadLink => "dead link",
            Self::WrongCode => "wrong code",
        }
    }
}

impl SignInFault {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::NotAnAddress => "not an address",
            Self::NoAccount => "no account",
            Self::WrongPassword => "wrong password",
            Self::ChangedMeanwhile => "changed meanwhile",
            Self::Disabled => "disabled",
            Self::Throttled => "throttled",
        }
    }
}

impl Withheld {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Resets => "too many requests for a new password",
            Self::SignUps => "too many sign-ups",
        }
    }
}
