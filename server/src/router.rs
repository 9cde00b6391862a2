//! All routes, in three groups by how the asker is known, under the layers that every request passes.

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use domain::ErrorCode;
use http::Method;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    csrf::{CsrfLayer, ProtectionError},
};

use crate::{
    dev_mail, download, health,
    middleware::{access, compression, context, headers, limits, principal, way_back},
    pages,
    problem::{self, Refusal},
    rest::{self, docs},
    routes::{Kind, Route, RouteTable},
    session, site,
    state::AppState,
    upload,
};

/// The whole application.
pub fn router(state: AppState) -> Router {
    let small = ServiceBuilder::new()
        .layer(from_fn_with_state(state.clone(), limits::arrive))
        .layer(limits::in_time())
        .layer(from_fn_with_state(state.clone(), limits::take_place));
    let by_session = from_fn_with_state(state.clone(), principal::from_session);
    let by_bearer = from_fn_with_state(state.clone(), principal::from_bearer);

    let people = pages::routes(&state)
        .layer(from_fn(access::admit))
        .layer(from_fn_with_state(state.clone(), way_back::inside))
        .merge(collecting().router)
        .fallback(pages::not_found)
        .layer(small.clone())
        .merge(depositing().router)
        .layer(by_session)
        .layer(session::layer(&state))
        .layer(from_fn_with_state(state.clone(), session::drop_unreadable));
    let programs = api().router.layer(small.clone()).merge(api_depositing().router).layer(by_bearer);
    let nobody = site_files().router.layer(small);
    let supervisor = health_checks()
        .router
        .layer(limits::health_in_time())
        .layer(from_fn_with_state(state.clone(), limits::take_place_for_health));

    people
        .merge(programs)
        .merge(nobody)
        .merge(supervisor)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(csrf(&state))
        .layer(CatchPanicLayer::custom(problem::after_panic))
        .layer(from_fn_with_state(state.clone(), problem::render))
        .layer(from_fn(compression::mark))
        .layer(compression::layer())
        .layer(from_fn_with_state(state.clone(), headers::secure))
        .layer(from_fn_with_state(state.clone(), context::establish))
        .with_state(state)
}

/// Every route there is.
#[must_use]
pub fn listed_routes() -> Vec<Route> {
    let tables = [collecting(), depositing(), api(), api_depositing(), site_files(), health_checks()];
    tables.into_iter().flat_map(|table| table.routes).chain(pages::listed()).collect()
}

fn collecting() -> RouteTable {
    RouteTable::default()
        .with(Kind::Bytes, Method::GET, "/download/{token}", download::by_session)
        .with(Kind::Development, Method::GET, "/dev/mail", dev_mail::list)
        .with(Kind::Development, Method::GET, "/dev/mail/{name}", dev_mail::show)
}

/// Uploads bring their own limits.
fn depositing() -> RouteTable {
    RouteTable::default().with(Kind::Bytes, Method::POST, "/ops/upload", upload::from_page)
}

fn api() -> RouteTable {
    RouteTable::default()
        .with_described(Kind::Rest, rest::routes())
        .with(Kind::Rest, Method::GET, "/api/v1/openapi.json", docs::json)
        .with(Kind::Rest, Method::GET, "/api/v1/docs", docs::page)
}

fn api_depositing() -> RouteTable {
    RouteTable::default().with_described(Kind::Rest, rest::depositing())
}

fn health_checks() -> RouteTable {
    RouteTable::default().with(Kind::Health, Method::GET, "/healthz", health::live).with(
        Kind::Health,
        Method::GET,
        "/readyz",
        health::ready,
    )
}

fn site_files() -> RouteTable {
    RouteTable::default().with(Kind::Site, Method::GET, "/favicon.svg", site::file).with(
        Kind::Site,
        Method::GET,
        "/pkg/{*file}",
        site::file,
    )
}

/// A state change that comes from another site is refused, login included (ASVS V3.5.1). Behind a proxy that
/// changes `Host`, the configured address still counts as the portal's own.
fn csrf(state: &AppState) -> CsrfLayer<fn(ProtectionError) -> Response> {
    let layer = CsrfLayer::new();
    let layer = match layer.clone().add_trusted_origin(&state.backend.settings().base_url) {
        Ok(trusting) => trusting,
        Err(error) => {
            tracing::warn!(%error, "base_url is not an origin; requests are compared with Host alone");
            layer
        }
    };
    layer.with_rejection_response(cross_site as fn(ProtectionError) -> Response)
}

fn cross_site(_: ProtectionError) -> Response {
    Refusal::from(ErrorCode::CrossSite).into_response()
}

async fn method_not_allowed() -> Refusal {
    ErrorCode::MethodNotAllowed.into()
}
