//! An e-mail address in its one canonical form.

use std::{borrow::Cow, fmt, str::FromStr};

use email_address::{EmailAddress, Options};
use serde::{Deserialize, Serialize};

use crate::{
    column::text_column,
    problem::{ErrorCode, Problem},
};

/// An address that mail can be sent to: trimmed, lower-case, at most 254 bytes (RFC 5321, section 4.5.3.1.3).
///
/// Lower-casing the local part deviates from RFC 5321 on purpose: no provider
/// in use tells `Ana@` from `ana@`, and two accounts that differ only in case
/// would be one person's twice, or worse, two persons' (ASVS V6).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = Email))]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

const MAX_BYTES: usize = 254;

impl Email {
    /// Parses and canonicalises an address. An international domain becomes the ASCII form that mail servers know,
    /// as a browser's field does it (UTS 46).
    ///
    /// # Errors
    /// [`ErrorCode::InvalidEmail`] for anything that is not `local@domain`,
    /// control characters, display names, quoted local parts, local parts that
    /// are not ASCII, and domain literals.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let problem = || Problem::new(ErrorCode::InvalidEmail).on("email");
        let text = with_ascii_domain(text.trim()).ok_or_else(problem)?.to_ascii_lowercase();
        if text.len() > MAX_BYTES || !text.is_ascii() || text.contains(['"', '\r', '\n', '\0']) {
            return Err(problem());
        }
        let options = Options::default().without_display_text().without_domain_literal();
        EmailAddress::parse_with_options(&text, options).map_err(|_| problem())?;
        Ok(Self(text))
    }

    /// The canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The address with its domain in ASCII; `None` when there is no such form.
#[cfg(feature = "idna")]
fn with_ascii_domain(text: &str) -> Option<Cow<'_, str>> {
    let Some((local, domain)) = text.rsplit_once('@').filter(|(_, domain)| !domain.is_ascii()) else {
        return Some(Cow::Borrowed(text));
    };
    let domain = idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::STD3).ok()?;
    Some(Cow::Owned(format!("{local}@{domain}")))
}

/// The browser's module meets addresses in their canonical form only, and does without the tables.
#[cfg(not(feature = "idna"))]
fn with_ascii_domain(text: &str) -> Option<Cow<'_, str>> {
    Some(Cow::Borrowed(text))
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Email {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Email {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

text_column!(Email);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_for_one_address() {
        let email = Email::parse("  Ana.Lopez+docs@Example.COM ").expect("valid");
        assert_eq!(email.as_str(), "ana.lopez+docs@example.com");
    }

    #[cfg(feature = "idna")]
    #[test]
    fn an_international_domain_is_the_same_in_every_spelling() {
        for text in
            ["name@bücher.example", "Name@BÜCHER.example", "name@bu\u{308}cher.example", "name@xn--bcher-kva.example"]
        {
            assert_eq!(Email::parse(text).expect(text).as_str(), "name@xn--bcher-kva.example");
        }
        assert_eq!(Email::parse("name@例え.テスト").expect("valid").as_str(), "name@xn--r8jz45g.xn--zckzah");
    }

    #[test]
    fn refuses_what_could_not_be_delivered_or_could_add_a_header() {
        for text in [
            "",
            "ana",
            "@example.com",
            "ana@",
            "ana@@example.com",
            "a na@example.com",
            "ana@example.com\r\nBcc: b@example.com",
            "Ana <ana@example.com>",
            "\"ana\"@example.com",
            "ana@[127.0.0.1]",
            "añá@example.com",
            "ana@example..com",
            "ana@bücher..example",
            "ana@bü cher.example",
            "ana@\u{202E}bücher.example",
            "ana\0@example.com",
        ] {
            assert_eq!(Email::parse(text).map_err(|p| p.code), Err(ErrorCode::InvalidEmail), "{text:?}");
        }
        assert!(Email::parse(&format!("{}@example.com", "a".repeat(250))).is_err());
    }
}
