//! Whose fault a failed step of an SMTP conversation is.

use std::error::Error as _;

use lettre::transport::smtp::Error;

use super::{Fault, SendError};

/// A step of the conversation, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Finding the host, reaching it, TLS where it begins with it, its greeting, `EHLO`.
    Connect,
    /// `STARTTLS`, TLS, `EHLO` again.
    StartTls,
    /// `AUTH`.
    SignIn,
    /// `NOOP`.
    Noop,
    /// `MAIL FROM`: whether it takes mail of this portal at all.
    From,
    /// `RCPT TO`.
    To,
    /// `DATA`.
    Data,
    /// The message itself.
    Content,
}

impl Step {
    const fn words(self) -> &'static str {
        match self {
            Self::Connect => "on connecting",
            Self::StartTls => "to STARTTLS",
            Self::SignIn => "on signing in",
            Self::Noop => "to NOOP",
            Self::From => "to the sender",
            Self::To => "to the recipient",
            Self::Data | Self::Content => "to the message",
        }
    }

    /// Whether an answer to it is about one mail. Before, nothing of the mail has been said but its sender, which is the
    /// same for all.
    const fn is_about_the_mail(self) -> bool {
        matches!(self, Self::To | Self::Data | Self::Content)
    }
}

/// The error of a step that was answered with a refusal, or not at all.
pub(super) fn refused(step: Step, error: &Error) -> SendError {
    let Some(code) = error.status().map(u16::from) else {
        return SendError::relay(format!("no answer {}: {}", step.words(), words_of(error)));
    };
    let words = error.source().map(ToString::to_string).unwrap_or_default();
    let fault = if step.is_about_the_mail() { fault_of(code, &words) } else { Fault::Relay };
    SendError { fault, text: format!("the mail server answered {code} {words} {}", step.words()) }
}

/// The error of a step that took too long.
pub(super) fn timed_out(step: Step, seconds: u64) -> SendError {
    SendError::relay(format!("the mail server did not answer {} within {seconds} seconds", step.words()))
}

/// Whose fault a negative answer to `RCPT` or `DATA` is (RFC 5321, section 4.2; RFC 4954, section 6).
fn fault_of(code: u16, words: &str) -> Fault {
    match code {
        // It closes; or it wants TLS, a sign-in or another one first, or the commands in another order.
        421 | 454 | 503 | 530 | 534 | 535 | 538 => Fault::Relay,
        _ if refuses_to_relay(words) => Fault::Relay,
        // Storage is exceeded: mailboxes get emptied.
        552 => Fault::Later,
        500.. => Fault::Never,
        _ => Fault::Later,
    }
}

/// Whether the relay does not know this portal as one of those it relays for, whatever the recipient. The code (550 or
/// 554 with 5.7.x) is the one of refused content, too; but Postfix, Exim, sendmail and Exchange all say "relay" then.
/// What is wrong with an address (x.1.x) stays the address's fault, whoever says so.
fn refuses_to_relay(words: &str) -> bool {
    let is_about_address = words.as_bytes().get(1..4) == Some(b".1.");
    !is_about_address && words.to_ascii_lowercase().contains("relay")
}

/// The error and its sources in one line.
fn words_of(error: &Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_words = cause.to_string();
        if !words.contains(&cause_words) {
            words.push_str(": ");
            words.push_str(&cause_words);
        }
        source = cause.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_meet_every_mail_is_the_relays_fault() {
        for (code, words) in [
            (421, "4.3.2 Shutting down"),
            (454, "4.7.1 <ana@example.com>: Relay access denied"),
            (530, "5.7.0 Authentication required"),
            (535, "5.7.8 Bad credentials"),
            (554, "5.7.1 <ana@example.com>: Relay access denied"),
            (550, "relay not permitted"),
            (550, "5.7.1 Relaying denied"),
            (550, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain"),
        ] {
            assert_eq!(fault_of(code, words), Fault::Relay, "{code} {words}");
        }
    }

    #[test]
    fn what_is_about_one_mail_is_that_mails_fault_for_now_or_for_ever() {
        for (code, words, fault) in [
            (450, "4.2.0 Greylisted", Fault::Later),
            (451, "4.3.0 Try again later", Fault::Later),
            (452, "4.2.2 Mailbox full", Fault::Later),
            (552, "5.2.2 Mailbox full", Fault::Later),
            (550, "5.1.1 No such user", Fault::Never),
            (550, "5.1.1 No such user, says the relay", Fault::Never),
            (553, "5.1.3 Not an address", Fault::Never),
            (554, "5.7.1 Message refused as spam", Fault::Never),
        ] {
            assert_eq!(fault_of(code, words), fault, "{code} {words}");
        }
    }
}
