//! Looking after people: whom ops see, and what they can do to an account.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{
    account::{PersonName, Role},
    email::Email,
    id::{AccountId, OrganisationId},
    list::{Cursor, Limit, given, search_text},
    organisation::OrganisationName,
    problem::{ErrorCode, Problem},
    timestamp::Timestamp,
};

/// Whether an account can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Its holder can sign in.
    Active,
    /// Its holder cannot, until it is enabled again.
    Disabled,
}

impl AccountState {
    /// Both, in the order in which filters offer them.
    pub const ALL: [Self; 2] = [Self::Active, Self::Disabled];

    /// The name in URLs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// What people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Disabled => "Disabled",
        }
    }
}

impl FromStr for AccountState {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == text);
        known.ok_or_else(|| Problem::new(ErrorCode::InvalidQuery).on("state"))
    }
}

/// What can be done to an account by somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Its holder is signed out everywhere, cannot sign in, and their links are dead.
    Disable,
    /// Its holder can sign in again. What ended stays ended.
    Enable,
    /// Every session and every token ends.
    SignOut,
    /// Every link minted so far is dead.
    RevokeLinks,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Disable, Self::Enable, Self::SignOut, Self::RevokeLinks];

    /// The name in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::SignOut => "sign_out",
            Self::RevokeLinks => "revoke_links",
        }
    }
}

impl FromStr for Measure {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let known = Self::ALL.into_iter().find(|measure| measure.as_str() == text);
        known.ok_or_else(|| Problem::new(ErrorCode::InvalidRequest).on("measure"))
    }
}

/// Whom to list: the state that stands in the URL of `/ops/clients`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleQuery {
    /// Part of a name or address; empty for all.
    pub q: String,
    /// One role only.
    pub role: Option<Role>,
    /// One state only.
    pub state: Option<AccountState>,
    /// People of one organisation only.
    pub organisation: Option<OrganisationId>,
    /// After which row.
    pub cursor: Option<Cursor>,
}

impl PeopleQuery {
    /// Rows on a page.
    pub const LIMIT: Limit = Limit::at_most(50);

    /// Parses the texts of a query string; empty means not given.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidQuery`] on the first parameter that is wrong.
    pub fn parse(q: &str, role: &str, state: &str, organisation: &str, cursor: &str) -> Result<Self, Problem> {
        let role = Some(role).filter(|role| !role.is_empty());
        let role = role.map(|name| Role::from_name(name).ok_or(Problem::new(ErrorCode::InvalidQuery).on("role")));
        let organisation = given(organisation).map_err(|_| Problem::new(ErrorCode::InvalidQuery).on("organisation"))?;
        let (role, state, cursor) = (role.transpose()?, given(state)?, given(cursor)?);
        Ok(Self { q: search_text(q)?, role, state, organisation, cursor })
    }
}

/// The organisation of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Belongs {
    /// Which.
    pub id: OrganisationId,
    /// What it is called.
    pub name: OrganisationName,
}

/// An account as ops see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonRow {
    /// The account.
    pub id: AccountId,
    /// Its holder.
    pub name: PersonName,
    /// Its verified address.
    pub email: Email,
    /// What it may do.
    pub role: Role,
    /// To which organisation its holder belongs.
    pub organisation: Option<Belongs>,
    /// Since when it exists.
    pub since: Timestamp,
    /// When its holder signed in last, if ever.
    pub signed_in_at: Option<Timestamp>,
    /// Since when it is disabled, if it is.
    pub disabled_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_nothing_else_is() {
        for measure in Measure::ALL {
            assert_eq!(measure.as_str().parse::<Measure>().expect("known"), measure);
        }
        for state in AccountState::ALL {
            assert_eq!(state.as_str().parse::<AccountState>().expect("known"), state);
        }
        assert!("delete".parse::<Measure>().is_err());
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        let wrong = |q, role, state, cursor| PeopleQuery::parse(q, role, state, "", cursor).expect_err("wrong").field;
        assert_eq!(wrong("a\nb", "", "", "").as_deref(), Some("q"));
        assert_eq!(wrong("", "root", "", "").as_deref(), Some("role"));
        assert_eq!(wrong("", "", "gone", "").as_deref(), Some("state"));
        assert_eq!(wrong("", "", "", "x").as_deref(), Some("cursor"));
        let nowhere = PeopleQuery::parse("", "", "", "everywhere", "").expect_err("wrong");
        assert_eq!((nowhere.code, nowhere.field.as_deref()), (ErrorCode::InvalidQuery, Some("organisation")));
        assert_eq!(PeopleQuery::parse(" ana ", "", "", "", "").expect("valid").q, "ana");
    }
}
