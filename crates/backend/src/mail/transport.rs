//! A way out for mail, and why it may be closed.

use std::{future::Future, pin::Pin};

use super::OutgoingMail;

/// A way out for mail.
pub trait MailTransport: Send + Sync + 'static {
    /// Hands one mail on. `Ok` means that somebody else is responsible for it now.
    fn send<'a>(&'a self, mail: &'a OutgoingMail) -> Sending<'a>;

    /// Whether the other side answers and lets this portal in.
    fn check(&self) -> Sending<'_>;

    /// Whether mail is only kept on the server, where nobody receives it.
    fn keeps_mail(&self) -> bool {
        false
    }

    /// Ends connections that are kept for the next mail: there is none for now.
    fn rest(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}

/// A future without a name, so that transports can be passed in.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>>;

/// Why a mail did not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendError {
    /// Whose fault it is, which decides what becomes of the mail.
    pub fault: Fault,
    /// For ops and the log, in the words of the other side; carries no mail text.
    pub text: String,
}

/// Whose fault it is that a mail did not leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The relay's, or that of the way to it: it would have been the same with any other mail.
    Relay,
    /// This mail's, for now: its recipient is not accepted at the moment.
    Later,
    /// This mail's, for ever: its recipient or its content is refused.
    Never,
}

impl SendError {
    /// A fault of the relay, or of the way to it.
    #[must_use]
    pub fn relay(text: impl Into<String>) -> Self {
        Self { fault: Fault::Relay, text: text.into() }
    }

    /// A mail that can never be sent.
    #[must_use]
    pub fn never(text: impl Into<String>) -> Self {
        Self { fault: Fault::Never, text: text.into() }
    }
}
