//! The way back from a form without JavaScript. The framework sends its sender to whatever `Referer` says, with the
//! problem in the URL; here it learns of pages of the portal only.

use app::paths::is_inside;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderValue, Uri, header, uri::PathAndQuery};

use crate::state::AppState;

/// The layer of server functions: the page that is gone back to is one of the portal, and is named by its path alone.
pub async fn inside(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let Some(function) = request.uri().path().strip_prefix("/api/fn/") else { return next.run(request).await };
    let base = &state.backend.settings().base_url;
    let page = referring_page(request.headers(), base).unwrap_or_else(|| page_of(function).to_owned());
    // The framework adds a problem only to a whole URL; the host is taken off again below.
    match HeaderValue::from_str(&format!("{base}{page}")) {
        Ok(referer) => request.headers_mut().insert(header::REFERER, referer),
        Err(_) => request.headers_mut().remove(header::REFERER),
    };

    let mut response = next.run(request).await;
    let location = response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
    let path = location.and_then(|location| location.strip_prefix(base.as_str()));
    if let Some(path) = path.and_then(|path| HeaderValue::from_str(path).ok()) {
        response.headers_mut().insert(header::LOCATION, path);
    }
    response
}

/// The path and query of `Referer`, if it is of this portal.
fn referring_page(headers: &HeaderMap, base: &str) -> Option<String> {
    let referer: Uri = headers.get(header::REFERER)?.to_str().ok()?.parse().ok()?;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let own = base.split_once("://").map(|(_, authority)| authority);
    let said = referer.authority()?.as_str();
    let is_ours = [host, own].into_iter().flatten().any(|known| known.eq_ignore_ascii_case(said));
    let page = referer.path_and_query().map(PathAndQuery::as_str)?;
    (is_ours && is_inside(page)).then(|| page.to_owned())
}

/// Where the form of a function is, for those who do not say it.
fn page_of(function: &str) -> &'static str {
    match function {
        "sign_in" | "sign_out" => "/login",
        "sign_up" => "/signup",
        "verify_code" | "resend_code" | "correct_email" => "/verify",
        "request_reset" | "reset_password" | "confirm_address" | "accept_invitation" => "/forgot",
        "change_password" | "create_token" | "revoke_token" | "end_session" | "end_other_sessions" => "/account",
        "mint_link" | "delete_document" => "/documents",
        "invite_ops" | "withdraw_invitation" => "/ops/team",
        _ => "/",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://portal.example.com";

    fn page(referer: &str, host: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::REFERER, referer.parse().expect("a value"));
        headers.insert(header::HOST, host.parse().expect("a value"));
        referring_page(&headers, BASE)
    }

    #[test]
    fn only_pages_of_the_portal_are_gone_back_to_and_only_by_their_path() {
        let host = "portal.example.com";
        assert_eq!(page("https://portal.example.com/login?next=/ops", host).as_deref(), Some("/login?next=/ops"));
        assert_eq!(page("https://Portal.Example.com/login", "inside:3000").as_deref(), Some("/login"));
        assert_eq!(page("http://localhost:3000/login", "localhost:3000").as_deref(), Some("/login"));
        for stranger in [
            "https://evil.example/login",
            "https://portal.example.com.evil.example/",
            "https://portal.example.com@evil.example/",
            "https://portal.example.com//evil.example/",
            "https://portal.example.com/\\evil.example/",
            "/login",
            "nonsense",
        ] {
            assert_eq!(page(stranger, host), None, "{stranger}");
        }
    }
}
