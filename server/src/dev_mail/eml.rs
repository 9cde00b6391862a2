//! Reads back the mails that this program has written.

use mail_parser::{Address, MessageParser};

/// What a reader sees of a mail.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) text: String,
}

impl Message {
    /// Reads a mail. What cannot be read stays empty.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let Some(mail) = MessageParser::default().parse(bytes) else { return Self::default() };
        Self {
            from: words(mail.from()),
            to: words(mail.to()),
            subject: mail.subject().unwrap_or_default().to_owned(),
            text: mail.body_text(0).unwrap_or_default().into_owned(),
        }
    }
}

fn words(addresses: Option<&Address<'_>>) -> String {
    let each = addresses.into_iter().flat_map(Address::iter).filter_map(|it| {
        let address = it.address()?;
        Some(it.name().map_or_else(|| address.to_owned(), |name| format!("{name} <{address}>")))
    });
    each.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "From: Acme <docs@example.com>\r\nTo: ana@example.com\r\nSubject: =?utf-8?b?R3LDvMOfZQ==?=\r\n =?utf-8?q?_an_Ana?=\r\n\
        Content-Type: multipart/alternative;\r\n boundary=\"b1\"\r\n\r\n--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\
        Content-Transfer-Encoding: quoted-printable\r\n\r\nYour c=C3=B6de: 123=\r\n456 at http://x/?a=3Db\r\n--b1\r\n\
        Content-Type: text/html\r\n\r\n<p>html</p>\r\n--b1--\r\n";

    #[test]
    fn a_mail_is_read_back() {
        let message = Message::parse(MAIL.as_bytes());
        assert_eq!(message.from, "Acme <docs@example.com>");
        assert_eq!(message.to, "ana@example.com");
        assert_eq!(message.subject, "Grüße an Ana");
        assert_eq!(message.text.trim(), "Your cöde: 123456 at http://x/?a=b");
    }

    #[test]
    fn nonsense_is_empty_but_no_panic() {
        for bytes in
            [&b""[..], b"\n\n", b"Subject: =?utf-8?b?", b"Content-Type: multipart/x; boundary=\n\n--\n", b"\xff\xfe"]
        {
            let _ = Message::parse(bytes);
        }
    }
}
