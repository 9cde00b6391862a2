//! Sending deliveries, reading what was sent, changing terms and taking back.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use backend::{
    Caller,
    policy::{self, Permission},
};
use domain::{
    DeliveryId, DocumentId, Timestamp,
    delivery::{Audience, DeliveryDetail, DeliveryQuery, DeliveryRow, DeliveryState, Draft, Note, Terms},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{JsonBody, Params};
use crate::{
    problem::{ProblemBody, Refusal},
    state::AppState,
};

/// A delivery to send. A field that is not described here is refused: what cannot be kept to is not promised.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendDelivery {
    /// The documents, 1 to 200.
    #[schema(min_items = 1, max_items = 200)]
    documents: Vec<DocumentId>,
    /// Whom they are for: `everyone`, `organisation:` or `person:` with an id; 1 to 10,000, in any mix.
    #[schema(min_items = 1, max_items = 10_000)]
    audiences: Vec<String>,
    /// Not before this moment; at once when it is left out.
    from: Option<Timestamp>,
    /// Until just before this moment; without an end when it is left out.
    until: Option<Timestamp>,
    /// What the recipients read beside it.
    #[serde(default)]
    note: Note,
    /// Whether it is also for people who join an organisation later.
    #[serde(default = "also_later")]
    later_members: bool,
}

/// Other terms for a delivery; what is left out is without a bound.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTerms {
    /// Not before this moment.
    from: Option<Timestamp>,
    /// Until just before this moment.
    until: Option<Timestamp>,
}

/// Which deliveries to list.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ListParams {
    /// Part of the name of a document or of a recipient, or of an address.
    #[param(max_length = 200)]
    q: String,
    /// `waiting`, `open`, `over` or `revoked`.
    #[param(value_type = DeliveryState)]
    state: String,
    /// The `next_cursor` of the page before.
    cursor: String,
    /// Rows on a page, 1 to 200; 50 unless given.
    #[param(value_type = u32, minimum = 1, maximum = 200)]
    limit: String,
}

/// One page of deliveries.
#[derive(Serialize, ToSchema)]
pub struct DeliveryList {
    /// The deliveries, newest first.
    deliveries: Vec<DeliveryRow>,
    /// Where the next page starts; null on the last.
    next_cursor: Option<String>,
}

const fn also_later() -> bool {
    true
}

/// Delivers documents. It is sent whole or not at all.
///
/// # Errors
/// No valid token, a token of a client, or something in the delivery that cannot be kept to.
#[utoipa::path(
    post, path = "/api/v1/deliveries", tag = "Deliveries", request_body = SendDelivery, security(("token" = [])),
    responses(
        (status = 201, description = "It is sent.", body = DeliveryDetail),
        (status = 400, description = "The body is not as described.", body = ProblemBody),
        (status = 401, description = "No valid token.", body = ProblemBody),
        (status = 403, description = "Only ops deliver.", body = ProblemBody),
        (status = 404, description = "One of the documents is not there; nothing was sent.", body = ProblemBody),
        (status = 422, description = "A recipient is not known, or the terms are impossible; nothing was sent.", body = ProblemBody),
    )
)]
pub async fn send(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    JsonBody(body): JsonBody<SendDelivery>,
) -> Result<(StatusCode, Json<DeliveryDetail>), Refusal> {
    policy::require(&caller, Permission::Deliver)?;
    let sent = state.backend.deliveries.send(&caller, draft(body)?).await?;
    Ok((StatusCode::CREATED, Json(sent)))
}

fn draft(body: SendDelivery) -> Result<Draft, Refusal> {
    let SendDelivery { documents, audiences, from, until, note, later_members } = body;
    let audiences = audiences.iter().map(|text| text.parse()).collect::<Result<Vec<Audience>, _>>()?;
    let draft = Draft::of(documents, audiences)?.on(Terms { from, until }).saying(note);
    Ok(if later_members { draft } else { draft.for_present_members() })
}

/// Lists deliveries, newest first.
///
/// # Errors
/// No valid token, a token of a client, or a parameter that is not as described.
#[utoipa::path(
    get, path = "/api/v1/deliveries", tag = "Deliveries", params(ListParams), security(("token" = [])),
    responses(
        (status = 200, description = "A page of deliveries.", body = DeliveryList),
        (status = 400, description = "A parameter is not valid; `field` names it.", body = ProblemBody),
        (status = 401, description = "No valid token.", body = ProblemBody),
        (status = 403, description = "Only ops read them.", body = ProblemBody),
    )
)]
pub async fn list(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Params(params): Params<ListParams>,
) -> Result<Json<DeliveryList>, Refusal> {
    let ListParams { q, state: standing, cursor, limit } = params;
    let query = DeliveryQuery::parse(&q, &standing, &cursor, &limit)?;
    let page = state.backend.deliveries.list(&caller, &query).await?;
    Ok(Json(DeliveryList { deliveries: page.rows, next_cursor: page.next.map(String::from) }))
}

/// Reads one delivery: what is in it, and whom it is for.
///
/// # Errors
/// No valid token, a token of a client, or no such delivery.
#[utoipa::path(
    get, path = "/api/v1/deliveries/{id}", tag = "Deliveries", security(("token" = [])),
    params(("id" = DeliveryId, Path, description = "The delivery.")),
    responses(
        (status = 200, description = "The delivery.", body = DeliveryDetail),
        (status = 401, description = "No valid token.", body = ProblemBody),
        (status = 403, description = "Only ops read it.", body = ProblemBody),
        (status = 404, description = "Nothing there.", body = ProblemBody),
    )
)]
pub async fn read(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<DeliveryDetail>, Refusal> {
    Ok(Json(state.backend.deliveries.get(&caller, id.parse()?).await?))
}

/// Gives a delivery other terms, also one that is over. Links that were minted before are held to them.
///
/// # Errors
/// No valid token, a token of a client, no such delivery, one that was revoked, or terms that are impossible.
#[utoipa::path(
    put, path = "/api/v1/deliveries/{id}/terms", tag = "Deliveries", request_body = NewTerms,
    security(("token" = [])), params(("id" = DeliveryId, Path, description = "The delivery.")),
    responses(
        (status = 200, description = "The delivery as it is now.", body = DeliveryDetail),
        (status = 400, description = "The body is not as described.", body = ProblemBody),
        (status = 401, description = "No valid token.", body = ProblemBody),
        (status = 403, description = "Only ops change it.", body = ProblemBody),
        (status = 404, description = "Nothing there.", body = ProblemBody),
        (status = 409, description = "It was revoked.", body = ProblemBody),
        (status = 422, description = "The terms are impossible.", body = ProblemBody),
    )
)]
pub async fn change_terms(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    JsonBody(NewTerms { from, until }): JsonBody<NewTerms>,
) -> Result<Json<DeliveryDetail>, Refusal> {
    let id = id.parse()?;
    state.backend.deliveries.change_terms(&caller, id, Terms { from, until }).await?;
    Ok(Json(state.backend.deliveries.get(&caller, id).await?))
}

/// Takes a delivery back. It gives nothing from the next byte request on. This cannot be undone.
///
/// # Errors
/// No valid token, a token of a client, or no such delivery.
#[utoipa::path(
    post, path = "/api/v1/deliveries/{id}/revoke", tag = "Deliveries", security(("token" = [])),
    params(("id" = DeliveryId, Path, description = "The delivery.")),
    responses(
        (status = 204, description = "It is revoked."),
        (status = 401, description = "No valid token.", body = ProblemBody),
        (status = 403, description = "Only ops revoke.", body = ProblemBody),
        (status = 404, description = "Nothing there.", body = ProblemBody),
    )
)]
pub async fn revoke(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    state.backend.deliveries.revoke(&caller, id.parse()?).await?;
    Ok(StatusCode::NO_CONTENT)
}
