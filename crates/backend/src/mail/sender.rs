//! Who mail comes from: the setting, read by the library that writes it into headers.

use std::fmt;

use lettre::{Address, message::Mailbox};
use url::Host;

/// The sender of every mail: an address that the mail library takes, and a name.
#[derive(Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

impl Sender {
    /// What [`Self::parse`] takes, for the sentence about anything else.
    pub const EXPECTED: &'static str =
        "an address, or a name and an address such as \"Acme, Inc.\" <documents@example.com>";

    /// Reads `address`, `Name <address>` or `"Name" <address>`. A name may have commas and dots without quotes: where
    /// it ends is plain. Without a name, `usual_name` is taken.
    ///
    /// # Errors
    /// [`Self::EXPECTED`] for anything else.
    pub fn parse(text: &str, usual_name: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.chars().any(char::is_control) {
            return Err(Self::EXPECTED);
        }
        let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
            Some((name, address)) => (unquoted(name.trim()).ok_or(Self::EXPECTED)?, address),
            None => (String::new(), text),
        };
        let name = if name.is_empty() { usual_name.to_owned() } else { name };
        let address = ascii(address.trim()).ok_or(Self::EXPECTED)?;
        Ok(Self(Mailbox::new(Some(name), address)))
    }

    /// The sender while none is set: an address that nobody has, for mail that stays on the machine.
    #[must_use]
    pub fn unset(name: &str) -> Self {
        let address = Address::new("strongroom", "localhost").expect("it is an address");
        Self(Mailbox::new(Some(name.to_owned()), address))
    }

    /// Whether it is an address that no relay on another machine takes.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.domain() == "localhost"
    }

    pub(super) fn mailbox(&self) -> &Mailbox {
        &self.0
    }

    /// What a Message-ID ends in.
    pub(super) fn domain(&self) -> &str {
        self.0.email.domain()
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sender({self})")
    }
}

/// A name without the quotes around it; `None` when they do not match.
fn unquoted(name: &str) -> Option<String> {
    let Some(quoted) = name.strip_prefix('"') else {
        return (!name.contains(['"', '<', '>'])).then(|| name.to_owned());
    };
    let quoted = quoted.strip_suffix('"')?;
    let (mut plain, mut chars) = (String::with_capacity(quoted.len()), quoted.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.push(chars.next()?),
            '"' => return None,
            c => plain.push(c),
        }
    }
    Some(plain)
}

/// An address that every relay takes: an international domain in its ASCII form, a local part that is ASCII.
fn ascii(address: &str) -> Option<Address> {
    let address: Address = address.parse().ok()?;
    if address.domain().is_ascii() {
        return address.user().is_ascii().then_some(address);
    }
    let domain = Host::parse(address.domain()).ok()?.to_string();
    Address::new(address.user(), domain).ok().filter(|address| address.user().is_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_as_people_write_them() {
        for (text, header) in [
            ("Acme, Inc. <documents@example.com>", "\"Acme, Inc.\" <documents@example.com>"),
            ("\"Acme, Inc.\" <documents@example.com>", "\"Acme, Inc.\" <documents@example.com>"),
            ("\"Acme \\\"A\\\"\" <documents@example.com>", "\"Acme \\\"A\\\"\" <documents@example.com>"),
            ("Acme (Legal): Papers <documents@example.com>", "\"Acme (Legal): Papers\" <documents@example.com>"),
            ("<documents@example.com>", "Portal <documents@example.com>"),
            ("documents@example.com", "Portal <documents@example.com>"),
            ("Büro <post@bücher.example>", "Büro <post@xn--bcher-kva.example>"),
        ] {
            let sender = Sender::parse(text, "Portal").expect(text);
            assert_eq!(sender.to_string(), header);
            assert_eq!(Sender::parse(&sender.to_string(), "Portal"), Ok(sender), "what is shown can be set");
        }
    }

    #[test]
    fn what_could_not_be_a_sender_is_refused_with_an_example() {
        for text in [
            "",
            "Portal",
            "Portal <nobody>",
            "Portal <a@example.com",
            "Portal <a@example.com> and more",
            "\"Portal <a@example.com>",
            "Portal\" <a@example.com>",
            "Portal <a@example.com>\r\nBcc: b@example.com",
            "größe@example.com",
        ] {
            assert!(Sender::parse(text, "Portal").is_err_and(|expected| expected.contains('<')), "{text}");
        }
    }
}
