//! A mail as it travels.

use std::time::Duration;

use domain::{Email, PersonName, Timestamp};
use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};

use super::{SendError, Sender};

/// A mail as the outbox hands it on.
#[derive(Clone, Debug)]
pub struct OutgoingMail {
    /// The same on every attempt.
    pub message_id: String,
    /// Who it comes from.
    pub from: Sender,
    /// The person who caused it, and gets the replies.
    pub reply_to: Option<Correspondent>,
    /// An address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// When it was caused.
    pub date: Timestamp,
}

/// A verified person to whom replies go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correspondent {
    /// Their name.
    pub name: PersonName,
    /// Their address.
    pub email: Email,
}

impl OutgoingMail {
    /// The message (RFC 5322). Line breaks cannot get into a header: lettre encodes them.
    pub(super) fn message(&self) -> Result<Message, SendError> {
        let sender = self.from.mailbox();
        let to: Address = address(&self.to)?;
        let envelope = Envelope::new(Some(sender.email.clone()), vec![to.clone()])
            .map_err(|error| SendError::never(format!("it has no envelope: {error}")))?;
        let mut message = Message::builder()
            .envelope(envelope)
            .from(sender.clone())
            .to(Mailbox::new(None, to))
            .subject(self.subject.clone())
            .message_id(Some(self.message_id.clone()))
            .date(std::time::UNIX_EPOCH + Duration::from_secs(u64::try_from(self.date.seconds()).unwrap_or(0)))
            // Answering machines do not answer it (RFC 3834).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        if let Some(person) = &self.reply_to {
            let name = Some(person.name.to_string());
            message = message.reply_to(Mailbox::new(name, address(person.email.as_str())?));
        }
        message
            .multipart(MultiPart::alternative_plain_html(self.text.clone(), self.html.clone()))
            .map_err(|error| SendError::never(format!("it cannot be composed: {error}")))
    }
}

fn address(text: &str) -> Result<Address, SendError> {
    text.parse().map_err(|error| SendError::never(format!("its address cannot be written to: {error}")))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(in super::super) fn mail() -> OutgoingMail {
        OutgoingMail {
            message_id: "<0198c0de@strongroom>".to_owned(),
            from: Sender::parse("Acme, Inc. <docs@example.com>", "Portal").expect("a sender"),
            reply_to: None,
            to: "ana@example.com".to_owned(),
            subject: "Hello\r\nBcc: ben@example.com".to_owned(),
            text: "plain".to_owned(),
            html: "<p>html</p>".to_owned(),
            date: Timestamp::from_millis(1_795_356_300_000),
        }
    }

    fn headers(mail: &OutgoingMail) -> String {
        let message = String::from_utf8(mail.message().expect("composes").formatted()).expect("ASCII");
        message.split("\r\n\r\n").next().expect("headers").to_owned()
    }

    #[test]
    fn a_line_break_adds_no_header() {
        let headers = headers(&mail());
        assert!(!headers.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc")), "{headers}");
        assert!(headers.contains("Message-ID: <0198c0de@strongroom>"));
    }

    #[test]
    fn a_mail_says_who_wrote_it_and_who_gets_the_reply() {
        let person = Correspondent {
            name: PersonName::parse("O’Neil, Zoë").expect("a name"),
            email: Email::parse("zoe@example.com").expect("an address"),
        };
        let headers = headers(&OutgoingMail { reply_to: Some(person), ..mail() });
        // `Acme, Inc.` in base64: the comma parts nothing.
        assert!(headers.contains("From: =?utf-8?b?QWNtZSwgSW5jLg==?= <docs@example.com>"), "{headers}");
        assert!(headers.contains("Auto-Submitted: auto-generated"), "{headers}");
        let reply_to = headers.lines().find(|line| line.starts_with("Reply-To: ")).expect("a header");
        assert!(reply_to.ends_with("<zoe@example.com>") && reply_to.is_ascii(), "{reply_to}");
    }

    proptest! {
        /// An address is parsed once, at the edge; the mail library must not know better afterwards.
        #[test]
        fn every_address_that_is_accepted_can_be_written_to(text in "[ -~]{1,20}@[a-z0-9.-]{1,20}") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert!(OutgoingMail { to: email.to_string(), ..mail() }.message().is_ok(), "{email}");
            }
        }

        #[test]
        fn every_name_and_subject_can_be_written(name in "\\PC{1,40}", subject in "\\PC{0,80}") {
            if let Ok(name) = PersonName::parse(&name) {
                let email = Email::parse("zoe@example.com").expect("an address");
                let mail = OutgoingMail { subject, reply_to: Some(Correspondent { name, email }), ..mail() };
                prop_assert!(mail.message().is_ok_and(|message| message.formatted().is_ascii()));
            }
        }
    }
}
