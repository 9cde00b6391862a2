//! Who is asking: from a session on pages, from a bearer token in the API. Never from both.

use std::sync::Arc;

use app::api::session::SessionControl;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use backend::{Caller, Device, Origin, Person, Principal};
use domain::{
    ErrorCode, PlainSecret, Problem, SignUpId,
    account::{Me, Visitor},
};
use http::{HeaderName, HeaderValue, header};
use tower_sessions::Session;

use crate::{
    device,
    problem::Refusal,
    session::{self, Control, Effects},
    state::AppState,
};

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// The layer of pages, forms and downloads: the session says who asks.
pub async fn from_session(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let effects = Effects::default();
    if let Err(problem) = establish(&state, &mut request, effects.clone()).await {
        return Refusal(problem).into_response();
    }
    let mut response = next.run(request).await;
    let https = state.web.https;
    let known = effects.device().and_then(|secret| device::cookie(secret, https));
    let removal = effects.signed_out().then(|| session::removal(https)).flatten();
    for cookie in known.into_iter().chain(removal) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    if effects.signed_out() {
        // Not "cookies": that would end the sessions of every site under the same registered domain.
        let value = HeaderValue::from_static("\"cache\", \"storage\"");
        response.headers_mut().insert(CLEAR_SITE_DATA, value);
    }
    response
}

/// The layer of the API: a bearer token says who asks; a token that opens nothing is nobody's.
pub async fn from_bearer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let person = match bearer(&request) {
        Some(secret) => state.backend.tokens.authenticate(&secret).await,
        None => Ok(None),
    };
    match person {
        Ok(person) => {
            let caller = caller(&request, person, Device::Program);
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => Refusal::from(error).into_response(),
    }
}

async fn establish(state: &AppState, request: &mut Request, effects: Effects) -> Result<(), Problem> {
    let session = request.extensions().get::<Session>().cloned().ok_or(ErrorCode::Internal)?;
    let person = match session.id() {
        Some(id) => state.backend.sessions.person(&session::bytes(id)).await?,
        None => None,
    };
    let sign_up = match person {
        Some(_) => None,
        None => session::sign_up(&state.backend, &session).await?,
    };
    let visitor = visitor(state, sign_up, person.as_ref().map(|person| &person.me)).await?;
    let device = Device::Browser(device::read(request.headers(), state.web.https));
    let caller = caller(request, person, device);
    let control = Control::new(state.backend.clone(), session, caller.clone(), sign_up, effects);
    request.extensions_mut().insert(SessionControl(Arc::new(control)));
    request.extensions_mut().insert(visitor);
    request.extensions_mut().insert(caller);
    Ok(())
}

async fn visitor(state: &AppState, sign_up: Option<SignUpId>, me: Option<&Me>) -> Result<Visitor, Problem> {
    if let Some(me) = me {
        return Ok(Visitor::SignedIn(me.clone()));
    }
    let Some(id) = sign_up else { return Ok(Visitor::Nobody) };
    Ok(state.backend.accounts.pending(id).await?.map_or(Visitor::Nobody, Visitor::Unverified))
}

fn caller(request: &Request, person: Option<Person>, device: Device) -> Caller {
    let origin = request.extensions().get::<Origin>().cloned();
    let origin = origin.unwrap_or_else(|| Origin {
        address: "unknown".to_owned(),
        user_agent: String::new(),
        device: Device::Program,
    });
    Caller { principal: person.map_or(Principal::Nobody, Principal::Person), origin: Origin { device, ..origin } }
}

fn bearer(request: &Request) -> Option<PlainSecret> {
    let (scheme, token) = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| PlainSecret::presented(token.trim()))
}
