//! Mail: put into the outbox by the transaction that causes it, sent by a worker afterwards.
//!
//! A row of the outbox says what kind of letter it is; what goes into the letter is sealed. It is put into words when
//! it leaves, by what is true then: a code that is over by that time is left out. Once it is sent, nothing but its kind
//! is left. A mail keeps its `Message-ID` on every attempt, so that a receiver who got it twice (the connection dropped
//! after the data) shows it once.
//!
//! - [`Letter`] is what can be written to people; `outbox` takes letters, `sealing` seals them.
//! - `delivery` sends one, which is a job; `relay_state` remembers whether the relay works; `review` is for ops.
//! - [`MailTransport`] is a way out: `smtp` to a [`Relay`], or `folder` for the embedded default.

mod caps;
mod delivery;
mod fault;
mod folder;
mod letters;
mod message;
mod outbox;
mod relay;
mod relay_state;
mod review;
mod sealing;
mod sender;
mod smtp;
mod transport;
mod trial;

pub use delivery::Worked;
pub use folder::{FolderMail, FolderTransport, MailFolder};
pub use message::{Correspondent, OutgoingMail};
pub use outbox::Outbox;
pub use relay::{HelloName, Relay, Security};
pub use review::overview;
pub use sender::Sender;
pub use smtp::SmtpTransport;
pub use transport::{Fault, MailTransport, SendError, Sending};
pub use trial::send_trial;

#[cfg(test)]
pub(crate) use review::tests::statements;

pub(crate) use caps::Cause;
pub(crate) use letters::Letter;
