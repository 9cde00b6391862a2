//! Whom something is delivered to.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    id::{AccountId, OrganisationId},
    problem::{ErrorCode, Problem},
};

/// Whom a delivery is for. Its text, which is stored, never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Audience {
    /// Everybody who has an account.
    Everyone,
    /// The people of one client company.
    Organisation(OrganisationId),
    /// One person.
    Person(AccountId),
}

const EVERYONE: &str = "everyone";
const ORGANISATION: &str = "organisation:";
const PERSON: &str = "person:";

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str(EVERYONE),
            Self::Organisation(id) => write!(f, "{ORGANISATION}{id}"),
            Self::Person(id) => write!(f, "{PERSON}{id}"),
        }
    }
}

impl FromStr for Audience {
    type Err = Problem;

    /// # Errors
    /// [`ErrorCode::InvalidRequest`]: what is not an audience must never become one that is larger.
    fn from_str(text: &str) -> Result<Self, Problem> {
        let audience = if text == EVERYONE {
            Some(Self::Everyone)
        } else if let Some(id) = text.strip_prefix(ORGANISATION) {
            id.parse().ok().map(Self::Organisation)
        } else {
            text.strip_prefix(PERSON).and_then(|id| id.parse().ok()).map(Self::Person)
        };
        // Of the spellings that a UUID has, one is stored, and no other means the same.
        audience
            .filter(|audience| audience.to_string() == text)
            .ok_or_else(|| Problem::new(ErrorCode::InvalidRequest).on("audience"))
    }
}

impl TryFrom<String> for Audience {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        text.parse()
    }
}

impl From<Audience> for String {
    fn from(audience: Audience) -> Self {
        audience.to_string()
    }
}

crate::column::text_column!(Audience);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_reads_back_and_nothing_else_is_one() {
        let id = "0198c0de-0000-7000-8000-00000000000a";
        let organisation = Audience::Organisation(id.parse().expect("an id"));
        let person = Audience::Person(id.parse().expect("an id"));
        for audience in [Audience::Everyone, organisation, person] {
            assert_eq!(audience.to_string().parse(), Ok(audience));
        }
        let (loud, bare) = (format!("person:{}", id.to_uppercase()), format!("person:{}", id.replace('-', "")));
        let others = ["", "Everyone", "everyone ", "every", "*", "person:", "organisation:everyone", "person:*", id];
        for text in others.into_iter().chain([loud.as_str(), bare.as_str()]) {
            assert_eq!(text.parse::<Audience>().expect_err(text).field.as_deref(), Some("audience"));
        }
    }
}
