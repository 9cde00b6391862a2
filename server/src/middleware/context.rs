//! The outermost layer: a request id, a log line, and where the request came from.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Instant,
};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use backend::{Device, Origin};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tower_http::request_id::{MakeRequestId, MakeRequestUuid};
use tracing::Instrument;

use crate::state::AppState;

/// Names one request in the log and in its answer. It is always made here: an id that a client sends
/// could be made to look like another request's.
#[derive(Clone, Debug, Default)]
pub struct RequestId(Arc<str>);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Longest user agent kept, in characters.
const AGENT_CHARS: usize = 200;

tokio::task_local! {
    /// The origin of the request that this task answers: the session store has no other way to learn it.
    pub(crate) static ORIGIN: Origin;
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The layer.
///
/// What is logged is the template of the path, never the path: paths carry link tokens (ASVS V16.2.5).
pub async fn establish(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = fresh_id(&request);
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let origin = origin_of(&state, peer, request.headers());
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", %id, method = %request.method(), route);
    let header_value = HeaderValue::from_str(&id.0).unwrap_or(HeaderValue::from_static("-"));
    request.headers_mut().insert(REQUEST_ID, header_value.clone());
    request.extensions_mut().insert(id);
    request.extensions_mut().insert(origin.clone());

    let started = Instant::now();
    let mut response = ORIGIN.scope(origin, next.run(request)).instrument(span.clone()).await;
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), millis, "answered"));
    response.headers_mut().insert(REQUEST_ID, header_value);
    response
}

fn fresh_id(request: &Request) -> RequestId {
    let made = MakeRequestUuid.make_request_id(request);
    let text = made.as_ref().and_then(|id| id.header_value().to_str().ok()).unwrap_or_default();
    RequestId(text.into())
}

/// Where a request came from. Headers are believed only from configured proxies (ASVS V4.1.3).
fn origin_of(state: &AppState, peer: Option<IpAddr>, headers: &HeaderMap) -> Origin {
    let address = peer.map(|peer| {
        let forwarded = headers.get_all(&FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
        let chain: Vec<&str> = forwarded.flat_map(|value| value.split(',')).collect();
        client_address(peer, &chain, |address| state.web.trusted_proxies.iter().any(|net| net.contains(address)))
    });
    let agent = headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    Origin {
        address: address.map_or_else(|| "unknown".to_owned(), |address| address.to_string()),
        user_agent: agent.unwrap_or_default().chars().take(AGENT_CHARS).collect(),
        // The layer that knows sessions from tokens fills it in.
        device: Device::Program,
    }
}

/// Walks from the peer towards the client for as long as the one who speaks is trusted.
fn client_address(peer: IpAddr, chain: &[&str], is_trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let mut speaker = peer.to_canonical();
    for claimed in chain.iter().rev() {
        if !is_trusted(speaker) {
            break;
        }
        let Ok(next) = claimed.trim().parse::<IpAddr>() else { break };
        speaker = next.to_canonical();
    }
    speaker
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, chain: &[&str]) -> String {
        let proxies = ["10.0.0.1", "10.0.0.2"].map(|text| text.parse::<IpAddr>().expect("address"));
        client_address(peer.parse().expect("address"), chain, |address| proxies.contains(&address)).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_its_address() {
        assert_eq!(from("203.0.113.9", &["127.0.0.1"]), "203.0.113.9");
        assert_eq!(from("10.0.0.1", &["127.0.0.1", "203.0.113.9"]), "203.0.113.9");
    }

    #[test]
    fn trusted_proxies_are_looked_through_one_by_one() {
        assert_eq!(from("::ffff:10.0.0.1", &["203.0.113.9", "10.0.0.2"]), "203.0.113.9");
        assert_eq!(from("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(from("10.0.0.1", &["203.0.113.9", "not an address"]), "10.0.0.1");
    }
}
