//! `/dev/mail`: the mails of the embedded default, which writes them into a folder instead of sending them.
//!
//! The pages exist only on a portal whose configuration makes it one for development: its address and the one it
//! listens on are both this machine's. On such a portal a request has to look local, too: the peer is loopback, no
//! proxy stands between, and the name in the address bar is loopback, so that no other site can point its own name
//! here and read (DNS rebinding). What a request says can only close these pages, never open them.

mod eml;

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, FromRequestParts, Path, State},
    response::{Html, IntoResponse, Response},
};
use backend::mail::MailFolder;
use domain::ErrorCode;
use http::{header, request::Parts, uri::Authority};
use maud::{Markup, html};

use self::eml::Message;
use crate::{config::is_loopback_host, html::document, problem::Refusal, state::AppState};

/// The newest mails are enough to find the one that has just been sent.
const SHOWN: usize = 100;

/// The folder, for a request that may see it.
pub struct LocalFolder(MailFolder);

impl FromRequestParts<AppState> for LocalFolder {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let folder = state.web.mail_folder.clone().filter(|_| is_local(parts));
        folder.map(Self).ok_or_else(|| ErrorCode::NotFound.into())
    }
}

fn is_local(parts: &Parts) -> bool {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let proxied =
        parts.headers.keys().any(|name| name.as_str().starts_with("x-forwarded-") || *name == header::FORWARDED);
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let named = host.and_then(|host| host.parse::<Authority>().ok()).is_some_and(|host| is_loopback_host(host.host()));
    peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback()) && !proxied && named
}

/// `GET /dev/mail`.
///
/// # Errors
/// Not on this machine, or the folder cannot be read.
pub async fn list(State(state): State<AppState>, LocalFolder(folder): LocalFolder) -> Result<Html<String>, Refusal> {
    let mails = folder.list().await.map_err(backend::Error::from)?;
    let mut shown = Vec::new();
    for mail in mails.iter().take(SHOWN) {
        let Some(bytes) = folder.read(&mail.name).await.map_err(backend::Error::from)? else { continue };
        shown.push((mail, Message::parse(&bytes)));
    }
    let body = html! {
        @if mails.is_empty() {
            p { "No mail yet. Whatever the portal sends appears here while no mail server is set." }
        } @else {
            ul.mails {
                @for (mail, message) in shown {
                    li {
                        a href={ "/dev/mail/" (mail.name) } { (message.subject) }
                        br;
                        span.muted { "to " (message.to) ", " (mail.at.words()) }
                    }
                }
            }
        }
    };
    Ok(document(&state, "Mail", &body))
}

/// `GET /dev/mail/{name}`.
///
/// # Errors
/// Not on this machine, no such mail, or it cannot be read.
pub async fn show(
    State(state): State<AppState>,
    LocalFolder(folder): LocalFolder,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let bytes = folder.read(&name).await.map_err(backend::Error::from)?.ok_or(ErrorCode::NotFound)?;
    let message = Message::parse(&bytes);
    let body = html! {
        p.muted { "From " (message.from) br; "To " (message.to) }
        div.mail-text { (paragraphs(&message.text)) }
        p { a href="/dev/mail" { "All mail" } }
    };
    Ok(document(&state, &message.subject, &body).into_response())
}

/// Plain text as HTML: blank lines part paragraphs, addresses of the web become links.
fn paragraphs(text: &str) -> Markup {
    let text = text.replace("\r\n", "\n");
    html! {
        @for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
            p {
                @for (i, line) in paragraph.trim_matches('\n').lines().enumerate() {
                    @if i > 0 { br; }
                    @for (i, word) in line.split(' ').enumerate() {
                        @if i > 0 { " " }
                        @if is_address(word) { a href=(word) { (word) } } @else { (word) }
                    }
                }
            }
        }
    }
}

fn is_address(word: &str) -> bool {
    word.starts_with("http://") || word.starts_with("https://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_can_be_followed_and_nothing_else_becomes_markup() {
        let html = paragraphs("Hello <Ana>,\r\n\r\nhttp://127.0.0.1:3000/confirm/abc\r\njavascript:alert(1)\r\n")
            .into_string();
        assert!(html.contains("<p>Hello &lt;Ana&gt;,</p>"));
        assert!(html.contains("<a href=\"http://127.0.0.1:3000/confirm/abc\">"));
        assert_eq!(html.matches("<a ").count(), 1);
    }
}
