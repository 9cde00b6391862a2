//! What stands in front of the portal.

use domain::front::ProxyTrouble;
use leptos::prelude::*;

use super::ApiError;
#[cfg(feature = "ssr")]
use super::context::{backend, caller};
use crate::arguments;

/// What requests have lately shown to be wrong with the proxy.
#[server(prefix = "/api/fn", endpoint = "read_proxy_troubles")]
pub async fn read_proxy_troubles() -> Result<Vec<ProxyTrouble>, ApiError> {
    Ok(backend()?.front.troubles(&caller()?).await?)
}

arguments! {
    ReadProxyTroubles {}
}
