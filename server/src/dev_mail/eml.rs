//! Reads back the mails that this program has written: just the parts of RFC 5322 and MIME that it uses.

use base64::{Engine as _, engine::general_purpose::STANDARD};

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
        let whole = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        let (headers, body) = whole.split_once("\n\n").unwrap_or((&whole, ""));
        let headers = headers_of(headers);
        let header = |name: &str| find(&headers, name).map(decoded_words).unwrap_or_default();
        Self { from: header("from"), to: header("to"), subject: header("subject"), text: plain_text(&headers, body) }
    }
}

type Headers = Vec<(String, String)>;

/// Header lines, unfolded.
fn headers_of(text: &str) -> Headers {
    let mut headers: Headers = Vec::new();
    for line in text.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    headers
}

fn find<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// The first plain part, however deep it lies.
fn plain_text(headers: &Headers, body: &str) -> String {
    let kind = find(headers, "content-type").unwrap_or("text/plain");
    if let Some(boundary) = boundary_of(kind) {
        let delimiter = format!("--{boundary}");
        let parts = body.split(delimiter.as_str()).skip(1).filter(|part| !part.starts_with("--"));
        return parts
            .filter_map(|part| part.trim_start_matches('\n').split_once("\n\n"))
            .map(|(headers, body)| plain_text(&headers_of(headers), body))
            .find(|text| !text.is_empty())
            .unwrap_or_default();
    }
    if !kind.to_ascii_lowercase().starts_with("text/plain") {
        return String::new();
    }
    match find(headers, "content-transfer-encoding").map(str::to_ascii_lowercase).as_deref() {
        Some("base64") => {
            let compact: String = body.split_ascii_whitespace().collect();
            STANDARD.decode(compact).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
        }
        Some("quoted-printable") => quoted_printable(&body.replace("=\n", "")),
        _ => body.to_owned(),
    }
}

fn boundary_of(kind: &str) -> Option<&str> {
    let (_, rest) = kind.split_once("boundary=")?;
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split(';').next().map(str::trim),
    }
}

fn quoted_printable(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(value) if byte == b'=' => {
                decoded.push(value);
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Decodes `=?utf-8?b?…?=` and `=?utf-8?q?…?=` (RFC 2047).
fn decoded_words(value: &str) -> String {
    // White space between two encoded words is not part of the text.
    let value = value.replace("?= =?", "?==?");
    let mut rest = value.as_str();
    let mut text = String::new();
    while let Some(start) = rest.find("=?") {
        let (before, tail) = rest.split_at(start);
        text.push_str(before);
        let mut fields = tail[2..].splitn(4, '?');
        let (_charset, encoding) = (fields.next(), fields.next().unwrap_or_default());
        let (Some(word), Some(after)) = (fields.next(), fields.next().and_then(|after| after.strip_prefix('='))) else {
            text.push_str(tail);
            return text;
        };
        match encoding {
            "b" | "B" => text.push_str(&String::from_utf8_lossy(&STANDARD.decode(word).unwrap_or_default())),
            _ => text.push_str(&quoted_printable(&word.replace('_', " "))),
        }
        rest = after;
    }
    text.push_str(rest);
    text
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
