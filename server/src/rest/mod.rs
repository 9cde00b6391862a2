//! The JSON API under `/api/v1`: the services that the browser uses, for programs.

pub mod accounts;
mod answers;
pub mod deliveries;
pub mod docs;
pub mod download;
pub mod files;
pub mod office;
pub mod organisations;
pub mod upload;

use axum::{
    Json,
    body::HttpBody as _,
    extract::{FromRequest, FromRequestParts, Query, Request, rejection::JsonRejection},
};
use domain::{ErrorCode, Problem};
use http::request::Parts;
use serde::de::DeserializeOwned;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{problem::Refusal, state::AppState};

/// What is answered soon, each with its description.
pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(accounts::sign_up))
        .routes(routes!(accounts::confirm))
        .routes(routes!(accounts::login))
        .routes(routes!(accounts::logout))
        .routes(routes!(files::list))
        .routes(routes!(office::xray))
        .routes(routes!(files::mint))
        .routes(routes!(files::delete))
        .routes(routes!(download::download))
        .routes(routes!(deliveries::send, deliveries::list))
        .routes(routes!(deliveries::read))
        .routes(routes!(deliveries::change_terms))
        .routes(routes!(deliveries::revoke))
        .routes(routes!(organisations::create, organisations::list))
        .routes(routes!(organisations::rename))
        .routes(routes!(organisations::people))
        .routes(routes!(organisations::move_person))
}

/// What takes files, and brings its own limits.
pub(crate) fn depositing() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(upload::upload))
        .routes(routes!(office::inspect))
        .routes(routes!(office::clean))
}

/// A JSON body.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(ErrorCode::UnsupportedMediaType.into()),
            Err(_) => Err(ErrorCode::InvalidRequest.into()),
        }
    }
}

/// A JSON body that may be missing.
pub struct OptionalJsonBody<T>(pub Option<T>);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        if request.body().is_end_stream() {
            return Ok(Self(None));
        }
        JsonBody::from_request(request, state).await.map(|JsonBody(body)| Self(Some(body)))
    }
}

/// The parameters of a query string.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(params)| Self(params)).map_err(|_| Refusal(Problem::new(ErrorCode::InvalidQuery)))
    }
}
