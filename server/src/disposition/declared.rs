//! What a part of a multipart body says of itself (RFC 7578), as clients say it and not only as it is written down:
//!
//! | client | says |
//! |---|---|
//! | browsers, curl, requests, httpx | `filename="Übersicht.docx"` in UTF-8; `"` as `%22` or `\"` |
//! | urllib3 before 2 | `filename*=utf-8''%C3%9Cbersicht.docx` alone |
//! | .NET | `filename="=?utf-8?B?…?="` (RFC 2047) and `filename*` |
//! | others | an ASCII stand-in and `filename*`; bytes of Latin-1; a whole path |
//!
//! `filename*` has the name itself (RFC 8187), so it wins. Nothing is repaired: what is no name is for
//! [`FileName`](domain::FileName) to refuse, with the reason.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use encoding_rs::{Encoding, WINDOWS_1252};
use http::{HeaderMap, header};
use percent_encoding::percent_decode;

/// What a part says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Declared {
    /// The name of the field.
    pub(crate) field: Option<String>,
    /// The name of the file. A form sends an empty one when nothing was chosen: that is none.
    pub(crate) file: Option<String>,
}

/// Reads the header of a part.
pub(crate) fn declared(headers: &HeaderMap) -> Declared {
    let mut declared = Declared::default();
    let mut stand_in = None;
    let value = headers.get(header::CONTENT_DISPOSITION).map_or(&b""[..], |value| value.as_bytes());
    for (name, value) in Parameters(value) {
        let (slot, text) = match name.as_slice() {
            b"name" => (&mut declared.field, Some(text_of(&value))),
            b"filename" => (&mut stand_in, Some(plain_name(&value))),
            b"filename*" => (&mut declared.file, extended_name(&value)),
            _ => continue,
        };
        *slot = slot.take().or(text);
    }
    declared.file = declared.file.or(stand_in).map(|name| without_folders(&name).to_owned());
    declared.file.take_if(|name| name.is_empty());
    declared
}

/// The parameters of a header: their names in small letters, their values without quotes.
struct Parameters<'a>(&'a [u8]);

impl Iterator for Parameters<'_> {
    type Item = (Vec<u8>, Vec<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let start = self.0.iter().position(|byte| *byte == b';')? + 1;
            self.0 = &self.0[start..];
            let end = self.0.iter().position(|byte| matches!(byte, b'=' | b';')).unwrap_or(self.0.len());
            let (name, rest) = self.0.split_at(end);
            self.0 = rest;
            if let Some(value) = rest.strip_prefix(b"=") {
                let name = name.trim_ascii().to_ascii_lowercase();
                return Some((name, self.value(value.trim_ascii_start())));
            }
        }
    }
}

impl<'a> Parameters<'a> {
    /// Takes a value and leaves what follows it.
    fn value(&mut self, from: &'a [u8]) -> Vec<u8> {
        let Some(mut rest) = from.strip_prefix(b"\"") else {
            let end = from.iter().position(|byte| *byte == b';').unwrap_or(from.len());
            let (value, rest) = from.split_at(end);
            self.0 = rest;
            return value.trim_ascii_end().to_vec();
        };
        let mut value = Vec::new();
        loop {
            rest = match rest {
                [] | [b'"', ..] => break,
                // Old clients put whole paths between quotes and escape nothing in them.
                [b'\\', escaped @ (b'"' | b'\\'), after @ ..] => {
                    value.push(*escaped);
                    after
                }
                [byte, after @ ..] => {
                    value.push(*byte);
                    after
                }
            };
        }
        self.0 = rest;
        value
    }
}

/// UTF-8, or else what Windows of western Europe and America writes.
fn text_of(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// `filename`: of RFC 2047 where it looks like that; otherwise as it is, but for what browsers encode (WHATWG HTML,
/// "multipart/form-data encoding algorithm").
fn plain_name(value: &[u8]) -> String {
    let text = text_of(value);
    encoded_words(&text).unwrap_or_else(|| {
        let pairs = [("%22", "\""), ("%0D", "\r"), ("%0d", "\r"), ("%0A", "\n"), ("%0a", "\n")];
        pairs.iter().fold(text, |text, (encoded, plain)| text.replace(encoded, plain))
    })
}

/// `filename*`: `charset'language'percent-encoded`; `None` when it is not like that.
fn extended_name(value: &[u8]) -> Option<String> {
    let mut parts = value.splitn(3, |byte| *byte == b'\'');
    let (charset, _, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    decoded(charset, &percent_decoded(encoded)?)
}

/// Words of RFC 2047 with nothing else between them; `None` for any other text.
fn encoded_words(text: &str) -> Option<String> {
    let words = text.strip_prefix("=?")?.strip_suffix("?=")?;
    words.split("?= =?").map(encoded_word).collect()
}

fn encoded_word(word: &str) -> Option<String> {
    let mut parts = word.splitn(3, '?');
    let (charset, encoding, text) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = match encoding {
        "B" | "b" => STANDARD.decode(text).ok()?,
        "Q" | "q" => percent_decoded(text.replace('%', "%25").replace('_', " ").replace('=', "%").as_bytes())?,
        _ => return None,
    };
    decoded(charset.as_bytes(), &bytes)
}

/// Text in a named charset, if it is text.
fn decoded(charset: &[u8], bytes: &[u8]) -> Option<String> {
    let encoding = Encoding::for_label(charset)?;
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(|text| text.into_owned())
}

/// `None` where a `%` encodes nothing. The crate leaves such a one as it is; every other makes the text shorter by two.
fn percent_decoded(text: &[u8]) -> Option<Vec<u8>> {
    let decoded: Vec<u8> = percent_decode(text).collect();
    let encoded = text.iter().filter(|byte| **byte == b'%').count();
    (decoded.len() + 2 * encoded == text.len()).then_some(decoded)
}

/// The last part of a path: `/` is in no name, and `\` only in a path that begins like one of Windows. A path that
/// leads upwards is nobody's file, and stays what it is.
fn without_folders(name: &str) -> &str {
    let drive = matches!(name.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    let is_separator = |c| c == '/' || c == '\\' && (drive || name.starts_with('\\'));
    if name.split(is_separator).any(|part| matches!(part, "." | "..")) {
        return name;
    }
    name.rsplit(is_separator).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn file(parameters: &[u8]) -> Option<String> {
        let value = [b"form-data; name=\"file\"; ", parameters].concat();
        let value = HeaderValue::from_bytes(&value).expect("a header value");
        let headers = HeaderMap::from_iter([(header::CONTENT_DISPOSITION, value)]);
        let Declared { field, file } = declared(&headers);
        assert_eq!(field.as_deref(), Some("file"), "{parameters:?}");
        file
    }

    #[test]
    fn every_client_gives_its_file_the_name_it_has() {
        let utf8 = "filename=\"Übersicht.docx\"".as_bytes();
        for (says, parameters) in [
            ("browsers, curl, requests, httpx", utf8),
            ("urllib3 before 2", b"filename*=utf-8''%C3%9Cbersicht.docx"),
            (".NET", b"filename=\"=?utf-8?B?w5xiZXJzaWNodC5kb2N4?=\"; filename*=utf-8''%C3%9Cbersicht.docx"),
            (".NET Framework", b"filename=\"=?utf-8?B?w5xiZXJzaWNodC5kb2N4?=\""),
            ("quoted-printable", b"filename=\"=?ISO-8859-1?Q?=DCbersicht.docx?=\""),
            ("a stand-in after the name", b"filename*=UTF-8'de'%c3%9cbersicht.docx; filename=\"Ubersicht.docx\""),
            ("a stand-in before the name", b"filename=\"_bersicht.docx\";filename*=UTF-8''%C3%9Cbersicht.docx"),
            ("Latin-1", b"filename=\"\xDCbersicht.docx\""),
            ("Latin-1, declared", b"filename*=iso-8859-1''%DCbersicht.docx"),
            ("a name that is broken", b"filename*=UTF-8''%FF%; filename=\"=?utf-8?B?w5xiZXJzaWNodC5kb2N4?=\""),
            ("no quotes", b"FILENAME = \xC3\x9Cbersicht.docx ; x=y"),
            ("Windows", "filename=\"C:\\Berichte\\neu\\Übersicht.docx\"".as_bytes()),
            ("Windows, escaped", "filename=\"C:\\\\Berichte\\\\Übersicht.docx\"".as_bytes()),
            ("a share", "filename=\"\\\\server\\share\\Übersicht.docx\"".as_bytes()),
            ("a folder that was dropped", "filename=\"2026/Übersicht.docx\"".as_bytes()),
        ] {
            assert_eq!(file(parameters).as_deref(), Some("Übersicht.docx"), "{says}");
        }
    }

    #[test]
    fn what_looks_special_and_is_not_stays_as_it_is() {
        for (parameters, name) in [
            (&b"filename=\"100%25 \xC3\xA9.docx\""[..], "100%25 é.docx"),
            (b"filename=\"a; name=b.docx\"", "a; name=b.docx"),
            (b"filename=\"a%22b\\\"c\\\\d.docx\"", "a\"b\"c\\d.docx"),
            (b"filename=\"a%0D%0Ab.docx\"", "a\r\nb.docx"),
            (b"filename=\"a\\b.docx\"", "a\\b.docx"),
            (b"filename=\"../up.docx\"", "../up.docx"),
            (b"filename=\"C:\\..\\up.docx\"", "C:\\..\\up.docx"),
            (b"filename=\"=?utf-8?X?abc?=\"", "=?utf-8?X?abc?="),
            (b"filename*=UTF-8''a%20b%2Fc.docx", "c.docx"),
            (b"filename*=UTF-8''it%27s.docx", "it's.docx"),
            (b"filename=\"open.docx", "open.docx"),
        ] {
            assert_eq!(file(parameters).as_deref(), Some(name));
        }
    }

    #[test]
    fn nothing_chosen_is_no_file() {
        for parameters in [&b""[..], b"filename=\"\"", b"filename=", b"filename*=UTF-8''", b"filename", b";;=;"] {
            assert_eq!(file(parameters), None);
        }
        assert_eq!(declared(&HeaderMap::new()), Declared::default());
    }
}
