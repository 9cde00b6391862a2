//! The outermost layer: a request id, a log line, and where the request came from.

use std::{fmt, net::SocketAddr, sync::Arc, time::Instant};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use backend::{Device, Origin, Trace};
use domain::text::printed;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, header};
use tower_http::request_id::{MakeRequestId, MakeRequestUuid};
use tracing::Instrument;

use super::proxy::{Source, Speaker};
use crate::{listener::Peer, state::AppState};

/// Names one request in the log and in its answer. It is always made here: an id that a client sends
/// could be made to look like another request's.
#[derive(Clone, Debug, Default)]
pub struct RequestId(Arc<str>);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

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
    let speaker = speaker(request.extensions());
    let source = speaker.map(|speaker| state.web.proxies.source(speaker, request.headers()));
    note_fault(&state, &request, speaker, source.as_ref());
    let origin = origin_of(source.as_ref(), request.headers());
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", %id, method = %request.method(), route);
    let header_value = HeaderValue::from_str(&id.0).unwrap_or(HeaderValue::from_static("-"));
    request.headers_mut().insert(REQUEST_ID, header_value.clone());
    request.extensions_mut().insert(id);
    request.extensions_mut().insert(origin.clone());
    request.extensions_mut().insert(Trace(span.clone()));

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

fn speaker(extensions: &Extensions) -> Option<Speaker> {
    match extensions.get() {
        Some(Peer::Socket) => Some(Speaker::Socket),
        Some(Peer::Address(_)) | None => {
            extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| Speaker::Address(peer.0.ip()))
        }
    }
}

/// Notes what the request shows to be wrong with the proxy. Supervisors ask for nobody, proxies among them.
fn note_fault(state: &AppState, request: &Request, speaker: Option<Speaker>, source: Option<&Source>) {
    let (Some(speaker), Some(source)) = (speaker, source) else { return };
    let asks_for_nobody = matches!(request.uri().path(), "/healthz" | "/readyz");
    let fault = state.web.proxies.fault(speaker, request.headers(), source);
    if let Some((fault, via)) = fault.filter(|_| !asks_for_nobody) {
        state.backend.front.note(fault, || via.to_string());
    }
}

/// Where a request came from. Headers are believed only from configured proxies (ASVS V4.1.3).
fn origin_of(source: Option<&Source>, headers: &HeaderMap) -> Origin {
    let agent = headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    Origin {
        address: source.map_or_else(|| "unknown".to_owned(), Source::to_string),
        user_agent: printed(&agent.unwrap_or_default(), AGENT_CHARS),
        // The layer that knows sessions from tokens fills it in.
        device: Device::Program,
    }
}
