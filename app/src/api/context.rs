//! What the server puts into the context of a request, and how a server function answers beside its value.

use backend::{Backend, Caller, Origin, Trace};
use domain::{ErrorCode, Problem};
use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use super::{ApiError, session::SessionControl};

/// The services.
pub(crate) fn backend() -> Result<Backend, ApiError> {
    use_context().ok_or_else(|| ErrorCode::Internal.into())
}

/// Who asks.
pub(crate) fn caller() -> Result<Caller, ApiError> {
    use_context().ok_or_else(|| ErrorCode::Internal.into())
}

/// From where.
pub(crate) fn origin() -> Result<Origin, ApiError> {
    Ok(caller()?.origin)
}

/// The browser's session.
pub(crate) fn session() -> Result<SessionControl, ApiError> {
    use_context().ok_or_else(|| ErrorCode::Internal.into())
}

/// Whether the asker is a page or a plain form, rather than the module in the browser.
pub(crate) fn wants_page() -> bool {
    use_context::<Parts>()
        .and_then(|parts| parts.headers.get(header::ACCEPT)?.to_str().ok().map(|accept| accept.contains("text/html")))
        .unwrap_or(false)
}

/// Gives the answer the status that goes with the problem.
///
/// Not for plain forms: their answer is a redirect that carries the problem, and must stay one.
pub(crate) fn answer_with_status_of(problem: &Problem) {
    if !wants_page() {
        set_status_of(problem);
    }
}

/// Logs what the problem came from, under the id of the request.
pub(crate) fn log_cause_of(problem: &mut Problem) {
    match use_context::<Parts>().and_then(|parts| parts.extensions.get::<Trace>().cloned()) {
        Some(trace) => trace.log_cause_of(problem),
        None => backend::log_cause_of(problem),
    }
}

/// Gives a page that shows the problem the status that goes with it.
pub(crate) fn set_status_of(problem: &Problem) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    if let Ok(status) = StatusCode::from_u16(problem.code.status()) {
        response.set_status(status);
    }
    if let Some(seconds) = problem.retry_after {
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}

/// Sends the browser to a page of the portal, with or without JavaScript. The whole page is loaded anew, so
/// that it is drawn for whoever is signed in by then.
pub(crate) fn go_to(path: &str) {
    leptos_axum::redirect(path);
}

/// Sends only a plain form elsewhere; the module in the browser shows the value instead.
pub(crate) fn go_to_without_script(path: &str) {
    if wants_page() {
        leptos_axum::redirect(path);
    }
}

/// Adds a cookie to the answer.
pub(crate) fn add_cookie(cookie: &str) {
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(cookie)) {
        response.append_header(header::SET_COOKIE, value);
    }
}

/// The id under which the server logs this request.
pub(crate) fn request_id() -> Option<String> {
    let parts = use_context::<Parts>()?;
    let id = parts.headers.get(HeaderName::from_static("x-request-id"))?;
    id.to_str().ok().map(str::to_owned)
}

/// The cookies of the request, as one line.
pub(crate) fn cookies() -> String {
    use_context::<Parts>()
        .and_then(|parts| parts.headers.get(header::COOKIE)?.to_str().ok().map(str::to_owned))
        .unwrap_or_default()
}

/// What the last form left for this page, which is cleared by showing it.
pub(crate) fn take_flash<T: serde::de::DeserializeOwned>(flash: crate::flash::Flash) -> Option<T> {
    let base_url = use_context::<Backend>()?.settings().base_url.clone();
    let value = flash.read(&cookies(), &base_url)?;
    add_cookie(&flash.clear(&base_url));
    Some(value)
}
