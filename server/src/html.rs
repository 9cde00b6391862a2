//! The few pages that are not drawn by the app: errors of axum routes, mail in development, the API's
//! documentation. Plain HTML with the portal's stylesheet and without scripts.

use axum::response::{Html, IntoResponse, Response};
use domain::{ErrorCode, Problem};
use http::StatusCode;

use crate::{middleware::RequestId, state::AppState};

/// A whole page. `title` is text, `body` is HTML.
pub(crate) fn document(state: &AppState, title: &str, body: &str) -> Html<String> {
    let portal = escaped(&state.backend.settings().portal_name);
    let title = escaped(title);
    Html(format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} · {portal}</title>\n\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\n\
         <link rel=\"stylesheet\" href=\"/pkg/strongroom.css\">\n</head>\n<body class=\"plain\">\n\
         <header class=\"top\"><div class=\"top-inner\"><a class=\"brand\" href=\"/\">\
         <img class=\"mark\" src=\"/favicon.svg\" alt=\"\" width=\"28\" height=\"28\">{portal}</a></div></header>\n\
         <main id=\"main\" class=\"plain-main\">\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    ))
}

/// Text as HTML, safe in elements and in quoted attributes.
#[must_use]
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// A problem as a page: what happened, whose move is next, and that move as a link.
pub(crate) fn problem_page(state: &AppState, problem: &Problem, id: &RequestId) -> Html<String> {
    let title = match problem.code {
        ErrorCode::NotFound => "Nothing here",
        ErrorCode::NotSignedIn => "Sign in first",
        ErrorCode::OpsOnly | ErrorCode::CrossSite => "Not carried out",
        ErrorCode::TooManyAttempts | ErrorCode::Busy | ErrorCode::Unavailable => "One moment",
        ErrorCode::Internal => "Something went wrong",
        _ => "That did not work",
    };
    let body = format!(
        "<p>{}</p>\n<p><a class=\"button\" href=\"/\">Go to the start page</a></p>\n\
         <p class=\"muted\">If you ask for help, mention request <code>{}</code>.</p>",
        escaped(&problem.message),
        escaped(&id.to_string())
    );
    document(state, title, &body)
}

/// The answer to a download link that does not open for the account one is signed in with. It says nothing
/// about the link: it may be another person's, or none at all.
#[must_use]
pub(crate) fn foreign_link_page(state: &AppState, email: &str, path: &str) -> Response {
    let body = format!(
        "<p>This link does not open for <strong>{}</strong>, the account that you are signed in with. \
         It may be meant for another account, or be mistyped.</p>\n\
         <form method=\"post\" action=\"/api/fn/sign_out\">\n<input type=\"hidden\" name=\"next\" value=\"{}\">\n\
         <p class=\"plain-moves\"><button class=\"button\" type=\"submit\">Switch account</button> \
         <a class=\"button quiet\" href=\"/\">See your documents</a></p>\n</form>",
        escaped(email),
        escaped(path)
    );
    (StatusCode::NOT_FOUND, document(state, "This link is not for this account", &body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(
            escaped("<img src=x onerror='a' b=\"c\"> & co"),
            "&lt;img src=x onerror=&#39;a&#39; b=&quot;c&quot;&gt; &amp; co"
        );
    }
}
