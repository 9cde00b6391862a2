//! Looking after people.

use domain::{Page, people::PersonRow};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::{arguments, calls::Paged};
#[cfg(feature = "ssr")]
use {
    super::context::{backend, caller, go_to},
    crate::paths::{Notice, with_notice},
    backend::accounts::Steward,
    domain::{
        AccountId,
        people::{Measure, PeopleQuery},
    },
};

/// One page of accounts, by name.
#[server(
    prefix = "/api/fn",
    endpoint = "list_people",
    input_derive = (Clone, Default, PartialEq, Eq, Serialize, Deserialize)
)]
pub async fn list_people(
    #[server(default)] q: String,
    #[server(default)] role: String,
    #[server(default)] state: String,
    #[server(default)] organisation: String,
    #[server(default)] cursor: String,
) -> Result<Page<PersonRow>, ApiError> {
    let query = PeopleQuery::parse(&q, &role, &state, &organisation, &cursor)?;
    Ok(backend()?.people.list(Steward::Caller(&caller()?), &query).await?)
}

/// One account.
#[server(prefix = "/api/fn", endpoint = "read_person")]
pub async fn read_person(id: String) -> Result<PersonRow, ApiError> {
    let id: AccountId = id.parse()?;
    Ok(backend()?.people.get(Steward::Caller(&caller()?), id).await?)
}

/// Takes a measure: disables an account or enables it, ends what is signed in, revokes links.
#[server(prefix = "/api/fn", endpoint = "take_measure")]
pub async fn take_measure(id: String, measure: String) -> Result<(), ApiError> {
    let (id, measure): (AccountId, Measure) = (id.parse()?, measure.parse()?);
    backend()?.people.take(Steward::Caller(&caller()?), id, measure).await?;
    let notice = match measure {
        Measure::Disable => Notice::AccountDisabled,
        Measure::Enable => Notice::AccountEnabled,
        Measure::SignOut => Notice::SignedOutEverywhere,
        Measure::RevokeLinks => Notice::LinksRevoked,
    };
    go_to(&with_notice(&format!("/ops/clients/{id}"), notice));
    Ok(())
}

arguments! {
    ListPeople { q, role, state, organisation, cursor }
    ReadPerson { id }
}

impl Paged for ListPeople {
    fn cursor(&mut self) -> &mut String {
        &mut self.cursor
    }
}
