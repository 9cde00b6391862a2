//! Organisations: client companies, to which several people belong.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    id::OrganisationId,
    list::{Cursor, Limit, given, search_text},
    problem::{ErrorCode, Problem},
    text::{Unfit, is_visible},
    timestamp::Timestamp,
};

/// What a client company is called: trimmed, 1 to 120 characters of any script, no control, direction-changing or
/// invisible characters. Ops give it, who are trusted: it may have the signs that names of companies have.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, min_length = 1, max_length = 120))]
#[serde(try_from = "String", into = "String")]
pub struct OrganisationName(String);

impl OrganisationName {
    /// Most characters accepted.
    pub const MAX_CHARS: usize = 120;

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrganisationName {
    type Err = Problem;

    /// # Errors
    /// [`ErrorCode::InvalidName`] when empty, too long, or made to deceive the eye.
    fn from_str(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        let unfit = text.chars().find_map(Unfit::of).is_some();
        if !is_visible(text) || text.chars().count() > Self::MAX_CHARS || unfit {
            return Err(Problem::new(ErrorCode::InvalidName).on("name"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for OrganisationName {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        text.parse()
    }
}

impl From<OrganisationName> for String {
    fn from(name: OrganisationName) -> Self {
        name.0
    }
}

impl fmt::Display for OrganisationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

crate::column::text_column!(OrganisationName as_str);

/// Which organisations to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganisationQuery {
    /// Part of a name; empty for all.
    pub q: String,
    /// After which row.
    pub cursor: Option<Cursor>,
    /// At most how many rows.
    pub limit: Limit,
}

impl Default for OrganisationQuery {
    fn default() -> Self {
        Self { q: String::new(), cursor: None, limit: Self::LIMIT }
    }
}

impl OrganisationQuery {
    /// Rows on a page when nothing else is asked for.
    pub const LIMIT: Limit = Limit::at_most(50);

    /// Parses the texts of a query string; empty means not given.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidQuery`] on the first parameter that is wrong.
    pub fn parse(q: &str, cursor: &str, limit: &str) -> Result<Self, Problem> {
        Ok(Self { q: search_text(q)?, cursor: given(cursor)?, limit: given(limit)?.unwrap_or(Self::LIMIT) })
    }
}

/// An organisation as ops see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrganisationRow {
    /// The organisation.
    pub id: OrganisationId,
    /// What it is called.
    pub name: OrganisationName,
    /// How many people belong to it.
    pub people: u64,
    /// Since when it is known here.
    pub since: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn companies_are_called_what_they_are_called() {
        for name in ["Acme & Sons, Ltd.", "株式会社 山田", "  7/11 – a+b  ", "Müller GmbH & Co. KG"] {
            assert_eq!(name.parse::<OrganisationName>().expect(name).as_str(), name.trim());
        }
        for name in ["", "  ", "a\nb", "\u{202E}emcA", &"a".repeat(121)] {
            assert_eq!(name.parse::<OrganisationName>().expect_err(name).code, ErrorCode::InvalidName);
        }
    }
}
