//! Addresses inside the portal: where to go after signing in, and what to say on arrival.

/// The path to return to after signing in, if it is one of this portal's pages.
///
/// A path is accepted only when every browser reads it as a path of the same origin: it starts with one slash,
/// has no backslash, no control character, nothing outside ASCII, and no dot segments, encoded or not.
#[must_use]
pub fn safe_next(next: &str) -> Option<&str> {
    let page = !["/login", "/api/", "/signup", "/verify"].iter().any(|start| next.starts_with(start));
    (is_inside(next) && page).then_some(next)
}

/// Whether every browser reads this as a path of the portal.
#[must_use]
pub fn is_inside(next: &str) -> bool {
    let path = next.split(['?', '#']).next().unwrap_or_default();
    let lower = path.to_ascii_lowercase();
    let deceptive = ["//", "/%2f", "/%5c", "%0", "%1", "%2e", "/../", "/./"].iter().any(|trick| lower.contains(trick));
    let plain = next.starts_with('/')
        && next.len() <= 2000
        && next.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'<' | b'>' | b'"'));
    plain && !deceptive && !lower.ends_with("/..")
}

/// The page asked for, or the person's first page.
#[must_use]
pub fn home_or(next: &str) -> &str {
    safe_next(next).unwrap_or("/")
}

/// The sign-in page that leads back to `next`.
#[must_use]
pub fn login_for(next: &str) -> String {
    match safe_next(next) {
        Some(next) if next != "/" => format!("/login?next={}", encode(next)),
        _ => "/login".to_owned(),
    }
}

/// Percent-encodes everything that has a meaning in a query string.
#[must_use]
pub fn encode(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(char::from(HEX[usize::from(byte >> 4)]));
            encoded.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    encoded
}

/// A query string of the pairs that are not empty, with its question mark.
#[must_use]
pub fn query_of<V: AsRef<str>>(pairs: &[(&str, V)]) -> String {
    let mut query = String::new();
    let pairs = pairs.iter().map(|(name, value)| (name, value.as_ref()));
    for (name, value) in pairs.filter(|(_, value)| !value.is_empty()) {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(name);
        query.push('=');
        query.push_str(&encode(value));
    }
    query
}

macro_rules! notices {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $sentence:literal;)*) => {
        /// Something that has just been done, said once on the page that follows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Notice {$($(#[$doc])* $name,)*}

        impl Notice {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The text in the URL.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The sentence on the page.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

notices! {
    /// A password was reset.
    PasswordReset = "password-reset", "Your password is changed and every session was ended. Sign in with the new one.";
    /// A password was changed.
    PasswordChanged = "password-changed", "Your password is changed. Every other session was ended.";
    /// The verification mail went out again.
    MailSent = "mail-sent", "The mail is on its way. Only the newest code and link work.";
    /// A reset was asked for, whether or not there is an account.
    ResetSent = "reset-sent", "If that address has an account, a mail with a link is on its way. The link works for 30 minutes.";
    /// A document was deleted.
    Deleted = "deleted", "The document is deleted. Its key is destroyed, so no copy of its bytes can be read any more.";
    /// An invitation went out.
    Invited = "invited", "The invitation is on its way.";
    /// An invitation was withdrawn.
    Withdrawn = "withdrawn", "The invitation is withdrawn. Its link no longer works.";
    /// An account was disabled.
    AccountDisabled = "account-disabled", "The account is disabled. Its holder is signed out and their links are dead.";
    /// An account was enabled again.
    AccountEnabled = "account-enabled", "The account is enabled. Its holder can sign in again.";
    /// Somebody's sessions and tokens were ended.
    SignedOutEverywhere = "signed-out-everywhere", "Every session and token of this account is ended.";
    /// Somebody's links were revoked.
    LinksRevoked = "links-revoked", "Every link of this account is revoked.";
    /// Mail was put back into the queue.
    MailQueued = "mail-queued", "It leaves as soon as the mail server takes it.";
    /// One or more sessions were ended.
    SessionEnded = "session-ended", "Ended. That browser has to sign in again.";
    /// A bearer token was revoked.
    TokenRevoked = "token-revoked", "The token is revoked. Programs that use it are refused from now on.";
}

impl Notice {
    /// Reads the text from a URL; anything unknown says nothing.
    #[must_use]
    pub fn from_query(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|notice| notice.as_str() == text)
    }
}

/// A page's path with something to say on arrival.
#[must_use]
pub fn with_notice(path: &str, notice: Notice) -> String {
    format!("{path}?notice={}", notice.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_kept_whole() {
        for next in [
            "/documents",
            "/documents/0198c0de-0000-7000-8000-000000000001",
            "/ops/activity?action=link.minted&q=a%20b",
        ] {
            assert_eq!(safe_next(next), Some(next));
        }
    }

    #[test]
    fn the_way_back_never_leaves_the_portal() {
        let nul = "/a\0b";
        for next in [
            "",
            "documents",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\evil.example",
            "\\\\evil.example",
            "/documents//evil.example",
            "/%2Fevil.example",
            "/%2f/evil.example",
            "/%5Cevil.example",
            "/\tevil",
            "/\r\nSet-Cookie:x",
            "/%0d%0aSet-Cookie:x",
            "/..//evil.example",
            "/a/../b",
            "/a/..",
            "/%2e%2e/a",
            "/./a",
            " /documents",
            "/döcuments",
            "javascript:alert(1)",
            "/\u{2028}x",
            nul,
            "/login",
            "/login?next=/documents",
            "/api/fn/sign_out",
            "/verify",
        ] {
            assert_eq!(safe_next(next), None, "{next:?}");
        }
        assert_eq!(safe_next(&format!("/{}", "a".repeat(3000))), None);
    }

    #[test]
    fn nothing_known_leads_home() {
        assert_eq!(home_or("//evil.example"), "/");
        assert_eq!(login_for("//evil.example"), "/login");
        assert_eq!(login_for("/documents?q=a&b"), "/login?next=/documents%3Fq%3Da%26b");
    }

    #[test]
    fn empty_values_leave_no_trace_in_a_query() {
        assert_eq!(query_of(&[("q", "a b&c"), ("kind", ""), ("sort", "name")]), "?q=a%20b%26c&sort=name");
        assert_eq!(query_of(&[("q", "")]), "");
    }

    #[test]
    fn notices_are_read_back_and_nothing_else_is_said() {
        for notice in Notice::ALL {
            assert_eq!(Notice::from_query(notice.as_str()), Some(*notice));
            assert!(notice.sentence().ends_with('.') && !notice.sentence().contains('!'));
        }
        assert_eq!(Notice::from_query("<b>You have won</b>"), None);
    }
}
