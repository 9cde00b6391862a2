//! A router that knows its own routes, so that a test can ask for a row in the authorisation matrix for each.

use axum::{
    Router,
    handler::Handler,
    routing::{MethodFilter, on},
};
use http::Method;
use utoipa::openapi::PathItem;
use utoipa_axum::router::OpenApiRouter;

use crate::state::AppState;

/// What a route is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A page of the app.
    Page,
    /// A server function of the app.
    ServerFunction,
    /// Bytes up or down, for a session.
    Bytes,
    /// The JSON API.
    Rest,
    /// For the supervisor.
    Health,
    /// The site's own files.
    Site,
    /// For development on this machine.
    Development,
}

/// One method on one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// What it is for.
    pub kind: Kind,
    /// The method.
    pub method: Method,
    /// The path, with parameters in braces.
    pub path: String,
}

impl Route {
    /// A route.
    #[must_use]
    pub fn new(kind: Kind, method: Method, path: &str) -> Self {
        Self { kind, method, path: path.to_owned() }
    }
}

/// A router and the list of what is in it, which cannot drift apart: both are filled by the same call.
#[derive(Default)]
pub struct RouteTable {
    pub(crate) router: Router<AppState>,
    pub(crate) routes: Vec<Route>,
}

impl RouteTable {
    /// Adds a route.
    ///
    /// # Panics
    /// For a method that axum cannot route, or a route that is there already: both are defects of this program
    /// that show at its start.
    #[must_use]
    pub fn with<H, T>(mut self, kind: Kind, method: Method, path: &str, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.routes.push(Route::new(kind, method.clone(), path));
        let filter = MethodFilter::try_from(method).expect("a method that axum routes");
        self.router = self.router.route(path, on(filter, handler));
        self
    }

    /// Adds routes that bring their description.
    #[must_use]
    pub fn with_described(mut self, kind: Kind, described: OpenApiRouter<AppState>) -> Self {
        let (router, description) = described.split_for_parts();
        for (path, item) in &description.paths.paths {
            let methods = methods_of(item).map(|method| Route::new(kind, method, path));
            self.routes.extend(methods);
        }
        self.router = self.router.merge(router);
        self
    }
}

/// The methods that a path is described with.
fn methods_of(item: &PathItem) -> impl Iterator<Item = Method> {
    let PathItem { get, put, post, delete, options, head, patch, trace, .. } = item;
    let described = [
        (get, Method::GET),
        (put, Method::PUT),
        (post, Method::POST),
        (delete, Method::DELETE),
        (options, Method::OPTIONS),
        (head, Method::HEAD),
        (patch, Method::PATCH),
        (trace, Method::TRACE),
    ];
    described.into_iter().filter_map(|(operation, method)| operation.as_ref().map(|_| method))
}
