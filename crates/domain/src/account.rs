//! People: their names, their roles, and what they may see of their own account.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    email::Email,
    id::{AccountId, ApiTokenId, InvitationId, SessionHandle},
    password::PlainPassword,
    problem::{ErrorCode, Problem},
    secret::PlainSecret,
    text::{Unfit, is_visible},
    timestamp::Timestamp,
};

/// How long the link in a mail that proves an address works.
pub const LINK_LIFE: Duration = Duration::from_secs(24 * 3600);
/// How long the six digits in it work.
pub const CODE_LIFE: Duration = Duration::from_secs(10 * 60);

/// What a person is to the organisation that runs the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Deposits documents and looks after the portal.
    Ops,
    /// Collects the documents meant for them.
    Client,
}

impl Role {
    /// The name in columns and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ops => "ops",
            Self::Client => "client",
        }
    }

    /// Reads the name back; `None` for any other text.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Ops, Self::Client].into_iter().find(|role| role.as_str() == name)
    }
}

crate::column::text_column!(Role as_str, |name| Role::from_name(name).ok_or(()));

/// A person's name as they write it: trimmed, 1 to 120 characters of any script, no control, direction-changing or
/// invisible characters, and nothing that a mail program would turn into a link.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, min_length = 1, max_length = 120))]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

impl PersonName {
    /// Most characters accepted.
    pub const MAX_CHARS: usize = 120;

    /// Parses a name that somebody gives. A name is shown to others and stands in mails, so it carries no addresses
    /// and no sentences: letters, spaces, and the marks that names have.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidName`] when empty, too long, or made to deceive the eye;
    /// [`ErrorCode::NameUnusual`] for characters that names do not have.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let name = Self::kept(text)?;
        if name.0.chars().any(is_foreign_to_names) || has_dotted_word(&name.0) {
            return Err(Problem::new(ErrorCode::NameUnusual).on("name"));
        }
        Ok(name)
    }

    /// Takes a name that is kept already, perhaps from before names were held to [`Self::parse`].
    ///
    /// # Errors
    /// [`ErrorCode::InvalidName`] when empty, too long, or made to deceive the eye.
    pub fn kept(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        let length = text.chars().count();
        let unfit = text.chars().find_map(Unfit::of).is_some();
        if !is_visible(text) || length > Self::MAX_CHARS || unfit {
            return Err(Problem::new(ErrorCode::InvalidName).on("name"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

crate::column::text_column!(PersonName as_str, PersonName::kept);

impl TryFrom<String> for PersonName {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        Self::kept(&text)
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0
    }
}

/// ASCII that no name has, and what looks like it.
fn is_foreign_to_names(c: char) -> bool {
    let usual = c.is_ascii_alphanumeric() || matches!(c, ' ' | '\'' | '-' | '.' | ',' | '(' | ')');
    let lookalike = matches!(
        c,
        '\u{2024}'
            | '\u{2044}'
            | '\u{2215}'
            | '\u{3002}'
            | '\u{FF0E}'
            | '\u{FF0F}'
            | '\u{FF1A}'
            | '\u{FF20}'
            | '\u{FF61}'
    );
    c.is_ascii() && !usual || lookalike
}

/// Whether a dot stands between two words, as in `www.example.com`. Initials (`J.R.R. Tolkien`) are no words.
fn has_dotted_word(name: &str) -> bool {
    name.split('.').skip(1).any(|after| {
        let word = after.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        word.chars().count() > 1 || word.chars().any(char::is_numeric)
    })
}

/// A client's own registration. There is no role in it: sign-up makes clients (ASVS V15.3.3).
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignUp {
    /// As it will be shown to ops.
    pub name: PersonName,
    /// Where documents are announced; verified before anything else.
    pub email: Email,
    /// Chosen by the person.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Password, min_length = 8, max_length = 1024))]
    pub password: PlainPassword,
}

impl SignUp {
    /// Parses the three fields of the form, so that the first wrong one is named.
    ///
    /// # Errors
    /// Those of [`PersonName::parse`], [`Email::parse`] and [`PlainPassword::parse`].
    pub fn parse(name: &str, email: &str, password: String) -> Result<Self, Problem> {
        Ok(Self {
            name: PersonName::parse(name)?,
            email: Email::parse(email)?,
            password: PlainPassword::parse(password)?,
        })
    }
}

/// The signed-in person, as every page and the API know them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// The account.
    pub id: AccountId,
    /// Its holder.
    pub name: PersonName,
    /// Its verified address.
    pub email: Email,
    /// What it may do.
    pub role: Role,
}

/// Where the visitor stands: what the shell of every page is drawn from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visitor {
    /// Nobody has signed in.
    Nobody,
    /// Someone signed up (or in) and has not verified the address yet.
    Unverified(PendingSignUp),
    /// A verified person.
    SignedIn(Me),
}

impl Visitor {
    /// The signed-in person, if there is one.
    #[must_use]
    pub fn me(&self) -> Option<&Me> {
        match self {
            Self::SignedIn(me) => Some(me),
            Self::Nobody | Self::Unverified(_) => None,
        }
    }
}

/// What a link that confirms an address is for, as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The address.
    pub email: Email,
    /// The name that was given with it.
    pub name: PersonName,
    /// Whether the browser that asks is the one that signed up. Any other has to choose the password.
    pub signed_up_here: bool,
}

/// What a reset link is for, as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetFor {
    /// The address of the account.
    pub email: Email,
}

/// What the "check your mail" page shows. It is the same for known and unknown addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSignUp {
    /// Where the mail went.
    pub email: Email,
    /// From when on another mail can be asked for.
    pub resend_at: Timestamp,
}

/// One of a person's own sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// The name by which it can be ended.
    pub handle: SessionHandle,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was last used (to the minute).
    pub seen_at: Timestamp,
    /// The network address it began from.
    pub address: String,
    /// What the browser called itself.
    pub user_agent: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// One of a person's bearer tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiTokenRow {
    /// The name by which it can be revoked.
    pub id: ApiTokenId,
    /// What its owner calls it.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used (to the minute).
    pub seen_at: Option<Timestamp>,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// A fresh bearer token: the answer of `POST /api/v1/login`, and the only time its secret is shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IssuedToken {
    /// Sent as `Authorization: Bearer …`.
    pub token: PlainSecret,
    /// What its owner may do.
    pub role: Role,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// One of ops, or someone invited to become one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TeamMember {
    /// Has an account.
    Joined {
        /// Their name.
        name: PersonName,
        /// Their address.
        email: Email,
        /// Since when.
        since: Timestamp,
    },
    /// Has not accepted yet.
    Invited {
        /// The name by which the invitation can be withdrawn.
        id: InvitationId,
        /// Where the invitation went.
        email: Email,
        /// Until when it can be accepted.
        expires_at: Timestamp,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_in_a_sign_up_body_is_ignored() {
        let body = r#"{"name":"Ana","email":"ana@example.com","password":"correct horse","role":"ops"}"#;
        let sign_up: SignUp = serde_json::from_str(body).expect("parses");
        assert_eq!(sign_up.name.as_str(), "Ana");
    }

    #[test]
    fn names_are_what_they_look_like() {
        assert_eq!(PersonName::parse("  Zoë O’Connor ").expect("valid").as_str(), "Zoë O’Connor");
        for text in ["می\u{200C}نا", "क्\u{200D}षिती", "שרה\u{200F}"] {
            assert!(PersonName::parse(text).is_ok(), "{text}");
        }
        for text in ["", "   ", "\u{200C}\u{200F}", "A\u{200B}na", "Ana\r\nBcc: x", "Ana\u{202E}sgnp", "a\u{0}b"] {
            assert_eq!(PersonName::parse(text).map_err(|p| p.code), Err(ErrorCode::InvalidName), "{text:?}");
        }
        assert!(PersonName::parse(&"é".repeat(120)).is_ok());
        assert!(PersonName::parse(&"é".repeat(121)).is_err());
    }

    #[test]
    fn a_name_carries_no_link_and_no_sentence() {
        for text in [
            "Ana López",
            "J.R.R. Tolkien",
            "Dr. Zoë O'Connor-Núñez",
            "Ana M. (Sales)",
            "李小龍",
            "Nguyễn Văn An",
            "Martin Luther King, Jr.",
        ] {
            assert_eq!(PersonName::parse(text).expect(text).as_str(), text);
        }
        for text in [
            "https://evil.example",
            "www.evil.example",
            "evil.example",
            "You won! Go to evil",
            "a@b",
            "a/b",
            "1.2.3.4",
            "a\u{FF0F}b",
            "<b>",
            "evil\u{3002}example",
            "call #1",
        ] {
            assert_eq!(PersonName::parse(text).map_err(|p| p.code), Err(ErrorCode::NameUnusual), "{text:?}");
        }
        assert_eq!(PersonName::kept("Sales @ Acme").expect("from before").as_str(), "Sales @ Acme");
    }

    #[test]
    fn roles_read_back_as_written() {
        for role in [Role::Ops, Role::Client] {
            assert_eq!(Role::from_name(role.as_str()), Some(role));
        }
        assert_eq!(Role::from_name("root"), None);
    }
}
