//! The activity log: what happened, who did it, to what.
//!
//! An [`Event`] is what happened, as data: it is stored, and in time hashed and signed. The [`Action`] that a list
//! filters by, and the words that people read, follow from it.

mod action;
mod event;
mod log;
mod reason;

pub use action::Action;
pub use event::{Event, Ids};
pub use log::{ActivityQuery, ActivityRow};
pub use reason::{PasswordChange, Resent, SessionsEnded, SignInFault, VerificationFault, Withheld};
