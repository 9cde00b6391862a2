//! Mail: written into the outbox by the transaction that causes it, sent by a worker afterwards.
//!
//! A mail keeps its `Message-ID` on every attempt, so that a receiver who got it twice (the connection
//! dropped after the data) shows it once. Once it is sent its text is erased from the database: it may
//! have had a secret in it.

mod letters;
mod outbox;
mod transport;

pub use outbox::{Outbox, Worked};
pub use transport::{
    FolderMail, FolderTransport, MailFolder, MailTransport, OutgoingMail, SendError, Sending, SmtpTransport,
};

pub(crate) use letters::Letter;
