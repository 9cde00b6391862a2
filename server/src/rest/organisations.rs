//! Organisations, and the people who belong to them.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use backend::{
    Caller,
    accounts::Steward,
    policy::{self, Permission},
};
use domain::{
    AccountId, OrganisationId, Role,
    organisation::{OrganisationName, OrganisationQuery, OrganisationRow},
    people::{AccountState, PeopleQuery, PersonRow},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{JsonBody, Params};
use crate::{
    problem::{ProblemBody, Refusal},
    state::AppState,
};

/// What an organisation is called.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Its name.
    #[schema(value_type = OrganisationName)]
    name: String,
}

/// Where a person belongs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MovePerson {
    /// To which organisation from now on; null for none. It has to be said.
    #[schema(required)]
    #[serde(deserialize_with = "Option::deserialize")]
    organisation: Option<OrganisationId>,
}

/// Which organisations to list.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ListOrganisations {
    /// Part of a name, in any case and with or without its accents.
    #[param(max_length = 200)]
    q: String,
    /// The `next_cursor` of the page before.
    cursor: String,
    /// Rows on a page, 1 to 200; 50 unless given.
    #[param(value_type = u32, minimum = 1, maximum = 200)]
    limit: String,
}

/// Whom to list.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ListPeople {
    /// Part of a name or an address.
    #[param(max_length = 200)]
    q: String,
    /// `client` or `ops`.
    #[param(value_type = Role)]
    role: String,
    /// `active` or `disabled`.
    #[param(value_type = AccountState)]
    state: String,
    /// People of the organisation with this id only.
    organisation: String,
    /// The `next_cursor` of the page before.
    cursor: String,
}

/// One page of organisations.
#[derive(Serialize, ToSchema)]
pub struct OrganisationList {
    /// The organisations, by name.
    organisations: Vec<OrganisationRow>,
    /// Where the next page starts; null on the last.
    next_cursor: Option<String>,
}

/// One page of people.
#[derive(Serialize, ToSchema)]
pub struct PeopleList {
    /// The people, by name.
    people: Vec<PersonRow>,
    /// Where the next page starts; null on the last.
    next_cursor: Option<String>,
}

/// Makes an organisation.
///
/// # Errors
/// No valid token, a token of a client, or a name that is none or taken.
#[utoipa::path(
    post, path = "/api/v1/organisations", tag = "People", request_body = Named, security(("token" = [])),
    responses(
        (status = 201, description = "It is there now.", body = OrganisationRow),
        (status = 401, description = "No valid token.", body = ProblemBody),
        (status = 403, description = "Only ops do.", body = ProblemBody),
        (status = 409, description = "There is one whose name reads the same.", body = ProblemBody),
        (status = 422, description = "That is no name.", body = ProblemBody),
    )
)]
pub async fn create(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    JsonBody(Named { name }): JsonBody<Named>,
) -> Result<(StatusCode, Json<OrganisationRow>), Refusal> {
    policy::require(&caller, Permission::ManagePeople)?;
    let created = state.backend.organisations.create(&caller, &name.parse()?).await?;
    Ok((StatusCode::CREATED, Json(created)))
}

/// Lists organisations, by name.
///
/// # Errors
/// No valid token, a token of a client, or a parameter that is not as described.
#[utoipa::path(
    get, path = "/api/v1/organisations", tag = "People", params(ListOrganisations), security(("token" = [])),
    responses(
        (status = 200, description = "A page of organisations.", body = OrganisationList),
        (status = 400, description = "A parameter is not valid; `field` names it.", body = ProblemBody),
        (status = 401, description = "No valid token.", body = ProblemBody),
        (status = 403, description = "Only ops read them.", body = ProblemBody),
    )
)]
pub async fn list(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Params(ListOrganisations { q, cursor, limit }): Params<ListOrganisations>,
) -> Result<Json<OrganisationList>, Refusal> {
    let query = OrganisationQuery::parse(&q, &cursor, &limit)?;
    let page = state.backend.organisations.list(&caller, &query).await?;
    Ok(Json(OrganisationList { organisations: page.rows, next_cursor: page.next.map(String::from) }))
}

/// Gives an organisation another name.
///
/// # Errors
/// No valid token, a token of a client, no such organisation, or a name that is none or taken.
#[utoipa::path(
    put, path = "/api/v1/organisations/{id}", tag = "People", request_body = Named, security(("token" = [])),
    params(("id" = OrganisationId, Path, description = "The organisation.")),
    responses(
        (status = 200, description = "The organisation as it is now.", body = OrganisationRow),
        (status = 401, description = "No valid token.", body = ProblemBody),
        (status = 403, description = "Only ops do.", body = ProblemBody),
        (status = 404, description = "Nothing there.", body = ProblemBody),
        (status = 409, description = "There is another whose name reads the same.", body = ProblemBody),
        (status = 422, description = "That is no name.", body = ProblemBody),
    )
)]
pub async fn rename(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    JsonBody(Named { name }): JsonBody<Named>,
) -> Result<Json<OrganisationRow>, Refusal> {
    policy::require(&caller, Permission::ManagePeople)?;
    let id = id.parse()?;
    state.backend.organisations.rename(&caller, id, &name.parse()?).await?;
    Ok(Json(state.backend.organisations.get(&caller, id).await?))
}

/// Lists people who have an account, by name.
///
/// # Errors
/// No valid token, a token of a client, or a parameter that is not as described.
#[utoipa::path(
    get, path = "/api/v1/people", tag = "People", params(ListPeople), security(("token" = [])),
    responses(
        (status = 200, description = "A page of people.", body = PeopleList),
        (status = 400, description = "A parameter is not valid; `field` names it.", body = ProblemBody),
        (status = 401, description = "No valid token.", body = ProblemBody),
        (status = 403, description = "Only ops read them.", body = ProblemBody),
    )
)]
pub async fn people(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Params(params): Params<ListPeople>,
) -> Result<Json<PeopleList>, Refusal> {
    let ListPeople { q, role, state: standing, organisation, cursor } = params;
    let query = PeopleQuery::parse(&q, &role, &standing, &organisation, &cursor)?;
    let page = state.backend.people.list(Steward::Caller(&caller), &query).await?;
    Ok(Json(PeopleList { people: page.rows, next_cursor: page.next.map(String::from) }))
}

/// Puts a person into an organisation, or into none. What was delivered to the one that they leave is theirs no more.
///
/// # Errors
/// No valid token, a token of a client, or no such person or organisation.
#[utoipa::path(
    put, path = "/api/v1/people/{id}/organisation", tag = "People", request_body = MovePerson,
    security(("token" = [])), params(("id" = AccountId, Path, description = "The person.")),
    responses(
        (status = 204, description = "They belong there now."),
        (status = 400, description = "The body is not as described.", body = ProblemBody),
        (status = 401, description = "No valid token.", body = ProblemBody),
        (status = 403, description = "Only ops do.", body = ProblemBody),
        (status = 404, description = "No such person, or no such organisation.", body = ProblemBody),
    )
)]
pub async fn move_person(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    JsonBody(MovePerson { organisation }): JsonBody<MovePerson>,
) -> Result<StatusCode, Refusal> {
    state.backend.organisations.move_person(&caller, id.parse()?, organisation).await?;
    Ok(StatusCode::NO_CONTENT)
}
