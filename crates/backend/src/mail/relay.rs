//! The mail server that takes everything the portal sends, as the setting `smtp_url` names it.

use std::{fmt, net::IpAddr};

use lettre::transport::smtp::{authentication::Credentials, extension::ClientId};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// A relay: where it is, how the way to it is protected, and who the portal is to it. `Debug` and `Display` print no
/// password.
#[derive(Clone)]
pub struct Relay {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) credentials: Option<Credentials>,
}

/// How the way to the relay is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the start, with a verified certificate.
    Tls,
    /// `STARTTLS`, which the relay must offer, with a verified certificate.
    StartTls,
    /// None, because the relay is on this very machine.
    Loopback,
    /// None, because the setting says so: whoever is on the way reads every mail, its links and the password.
    Plain,
}

impl Relay {
    /// Reads `smtps://`, `smtp://` or `smtp+plain://`, each with `[user:password@]host[:port]`.
    ///
    /// # Errors
    /// What is expected instead, to be put into a sentence; it repeats nothing of the text, which has a password in it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text.trim()).map_err(|_| EXPECTED)?;
        let host = match url.host().ok_or(EXPECTED)? {
            Host::Domain(name) if name.is_empty() || name.contains('%') => return Err(EXPECTED),
            // Only the schemes of the web have their addresses recognised.
            Host::Domain(name) => name.to_ascii_lowercase(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        let security = match (url.scheme(), url.query()) {
            ("smtps", None) => Security::Tls,
            ("smtp+plain", None) => Security::Plain,
            ("smtp", None) if is_loopback(&host) => Security::Loopback,
            ("smtp", None | Some("tls=required")) => Security::StartTls,
            ("smtps" | "smtp+plain", Some(_)) => return Err("smtps:// or smtp+plain:// without anything behind a ?"),
            ("smtp", Some(_)) => {
                return Err("smtp:// with nothing or tls=required behind a ?; without TLS it would be smtp+plain://");
            }
            _ => return Err(EXPECTED),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err("an address without a path; the name for EHLO is the setting mail_hello");
        }
        let usual_port = match security {
            Security::Tls => 465,
            Security::StartTls => 587,
            Security::Loopback | Security::Plain => 25,
        };
        Ok(Self { host, port: url.port().unwrap_or(usual_port), security, credentials: credentials(&url)? })
    }

    /// How the way to it is protected.
    #[must_use]
    pub fn security(&self) -> Security {
        self.security
    }
}

const EXPECTED: &str = "smtps://user:password@host, smtp://user:password@host (STARTTLS) or, inside a private network, \
     smtp+plain://host; in user and password, special characters are written as %40 for @";

fn credentials(url: &Url) -> Result<Option<Credentials>, &'static str> {
    let decoded = |text| percent_decode_str(text).decode_utf8().map_err(|_| EXPECTED);
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (user, Some(password)) if !user.is_empty() => {
            Ok(Some(Credentials::new(decoded(user)?.into_owned(), decoded(password)?.into_owned())))
        }
        _ => Err("a user and a password, or neither"),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        write!(f, "{host}:{}", self.port)
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Relay({self}, {:?})", self.security)
    }
}

/// The name by which the portal introduces itself to the relay (`EHLO`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelloName(pub(super) ClientId);

impl HelloName {
    /// What [`Self::parse`] takes.
    pub const EXPECTED: &'static str = "the name of this machine, such as portal.example.com, or its address";

    /// Reads a host name or an address, with or without brackets.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.trim().trim_start_matches('[').trim_end_matches(']');
        let client = match name.parse() {
            Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) => ClientId::Domain(is_host_name(name).then(|| name.to_owned())?),
        };
        Some(Self(client))
    }
}

fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_leaves_this_machine_only_over_verified_tls_unless_the_scheme_says_plain() {
        for (text, security, shown) in [
            ("smtps://u:p@Mail.example.com", Security::Tls, "mail.example.com:465"),
            ("smtp://mail.example.com", Security::StartTls, "mail.example.com:587"),
            ("smtp://mail.example.com:2525?tls=required", Security::StartTls, "mail.example.com:2525"),
            ("smtp://127.0.0.1:2525", Security::Loopback, "127.0.0.1:2525"),
            ("smtp://localhost", Security::Loopback, "localhost:25"),
            ("smtp://localhost:25?tls=required", Security::StartTls, "localhost:25"),
            ("smtp://[::1]:25", Security::Loopback, "[::1]:25"),
            ("smtp://127.0.0.1.example.com", Security::StartTls, "127.0.0.1.example.com:587"),
            ("smtp+plain://10.0.0.5", Security::Plain, "10.0.0.5:25"),
            ("smtp+plain://relay.internal:1025", Security::Plain, "relay.internal:1025"),
        ] {
            let relay = Relay::parse(text).expect(text);
            assert_eq!((relay.security, relay.to_string().as_str()), (security, shown), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_when_it_is_read() {
        for text in [
            "",
            "mail.example.com",
            "http://mail.example.com",
            "smtp://",
            "smtp:mail.example.com",
            "smtp://mail.example.com:port",
            "smtp://user:p#ss@mail.example.com",
            "smtp://user@mail.example.com",
            "smtp://:password@mail.example.com",
            "smtp://mail.example.com?tls=opportunistic",
            "smtp://localhost.example.com?tls=false",
            "smtps://mail.example.com?tls=required",
            "smtps://mail.example.com/ehlo-name",
        ] {
            assert!(Relay::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_password_is_decoded_and_never_printed() {
        let relay = Relay::parse("smtps://ana%40example.com:p%23ss%2F@mail.example.com").expect("a relay");
        let expected = Credentials::new("ana@example.com".to_owned(), "p#ss/".to_owned());
        assert!(relay.credentials == Some(expected));
        assert_eq!(format!("{relay:?}"), "Relay(mail.example.com:465, Tls)");
    }

    #[test]
    fn a_name_for_ehlo_adds_no_command() {
        let shown = |text| HelloName::parse(text).map(|HelloName(client)| client.to_string());
        assert_eq!(shown("portal.example.com").as_deref(), Some("portal.example.com"));
        assert_eq!(shown("192.0.2.1").as_deref(), Some("[192.0.2.1]"));
        assert_eq!(shown("[2001:db8::1]").as_deref(), Some("[IPv6:2001:db8::1]"));
        for text in ["", "a b", "a\r\nMAIL FROM:<x@y>", "a..b", "bücher.example"] {
            assert_eq!(shown(text), None, "{text:?}");
        }
    }
}
