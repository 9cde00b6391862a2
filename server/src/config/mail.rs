//! The settings of mail. Each is read by the type that uses it, so that what passes here works there.

use backend::mail::{HelloName, Relay, Sender};
use http::Uri;

use super::{ConfigError, Layers, parsed, understood};

/// `smtp_url`: the relay, or `None` when mail is written into a folder.
pub(super) fn relay(layers: &Layers) -> Result<Option<Relay>, ConfigError> {
    understood(layers, "smtp_url", Relay::parse)
}

/// `mail_from`. The name it goes by is the portal's, unless it brings one.
pub(super) fn sender(layers: &Layers, portal_name: &str) -> Result<Sender, ConfigError> {
    let given = understood(layers, "mail_from", |text| Sender::parse(text, portal_name))?;
    Ok(given.unwrap_or_else(|| Sender::unset(portal_name)))
}

/// `mail_hello`: the host of the portal's own address, unless another name is set.
pub(super) fn hello(layers: &Layers, base_url: &str) -> Result<HelloName, ConfigError> {
    if let Some(given) = parsed(layers, "mail_hello", HelloName::EXPECTED, HelloName::parse)? {
        return Ok(given);
    }
    let uri = base_url.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host).and_then(HelloName::parse);
    host.or_else(|| HelloName::parse("localhost"))
        .ok_or_else(|| ConfigError("The setting mail_hello is needed.".into()))
}

/// `mail_connections`.
pub(super) fn connections(text: &str) -> Option<usize> {
    text.parse().ok().filter(|number| (1..=32).contains(number))
}
