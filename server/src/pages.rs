//! The app: its pages, rendered for whoever asks, and its server functions.

use std::sync::LazyLock;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Redirect, Response},
};
use backend::Caller;
use domain::{ErrorCode, account::Visitor};
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use leptos::{
    context::{provide_context, use_context},
    nonce::use_nonce,
};
use leptos_axum::{AxumRouteListing, LeptosRoutes as _, ResponseOptions, generate_route_list};

use crate::{
    middleware::headers::page_policy,
    problem::Refusal,
    routes::{Kind, Route},
    state::AppState,
};
use app::api::session::SessionControl;

/// The pages of the app, which are the same for every portal. Leptos finds them by drawing the app, and whatever page
/// another thread draws at that moment never gets its data (leptos 4773): so it is done once, before any page can be asked
/// for.
static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(app::App));

/// Every page and every server function, for the authorisation matrix.
#[must_use]
pub fn listed() -> Vec<Route> {
    let pages = PAGES.iter().map(|page| Route::new(Kind::Page, Method::GET, page.path()));
    let functions =
        leptos::server_fn::axum::server_fn_paths().map(|(path, method)| Route::new(Kind::ServerFunction, method, path));
    pages.chain(functions).collect()
}

/// The routes of the app.
pub fn routes(state: &AppState) -> Router<AppState> {
    let options = state.leptos.clone();
    Router::new().leptos_routes_with_context(state, PAGES.clone(), context(state), move || app::shell(options.clone()))
}

/// Whatever no route has: the app's "nothing here" page for browsers, a problem for programs.
pub async fn not_found(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Refusal::from(ErrorCode::NotFound).into_response();
    }
    // The app reads a path more leniently than the router does, and would draw a page that nobody was admitted to.
    if !is_plain(path) {
        let bare = path.strip_suffix('/').filter(|bare| is_plain(bare));
        return match bare {
            Some(bare) => Redirect::permanent(bare).into_response(),
            None => Refusal::from(ErrorCode::NotFound).into_response(),
        };
    }
    let options = state.leptos.clone();
    let render = leptos_axum::render_app_async_with_context(context(&state), move || app::shell(options.clone()));
    let mut response: Response<Body> = render(request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// Whether there is one way only to read a path: no empty and no dot segment, nothing encoded.
fn is_plain(path: &str) -> bool {
    let mut segments = path.trim_start_matches('/').split('/');
    let single = !path.starts_with("//") && !path.contains(['%', '\\']);
    single && segments.all(|segment| !matches!(segment, "" | "." | ".."))
}

/// What pages and server functions find in their context. Also called without a request, when the routes
/// are listed: then there is nothing to provide.
fn context(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static + use<> {
    let backend = state.backend.clone();
    let watching = std::env::var_os("LEPTOS_WATCH").is_some();
    move || {
        provide_context(backend.clone());
        if let Some(parts) = use_context::<Parts>() {
            provide_extension::<Caller>(&parts);
            provide_extension::<Visitor>(&parts);
            provide_extension::<SessionControl>(&parts);
        }
        if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>())
            && let Ok(policy) = HeaderValue::from_str(&page_policy(&nonce, watching))
        {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
}

fn provide_extension<T: Clone + Send + Sync + 'static>(parts: &Parts) {
    if let Some(value) = parts.extensions.get::<T>() {
        provide_context(value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_with_one_reading_is_plain() {
        for path in ["/documents", "/ops/upload", "/v4.local.x"] {
            assert!(is_plain(path), "{path}");
        }
        for path in
            ["//documents", "/documents/", "/%64ocuments", "/a//b", "/a/./b", "/a/../b", "/a\\b", "//evil.example/"]
        {
            assert!(!is_plain(path), "{path}");
        }
    }
}
