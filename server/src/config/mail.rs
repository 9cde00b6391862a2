//! The settings of mail. Each is read by the type that uses it, so that what passes here works there.

use backend::mail::{HelloName, Relay, Sender};
use http::Uri;

use super::{ConfigError, Layers, parsed, understood};

/// What `smtp_url` says.
pub(super) enum MailServer {
    /// Mail leaves over this relay.
    At(Relay),
    /// Mail is written into the data folder, and somebody has said that it shall be.
    Folder,
}

impl MailServer {
    pub(super) fn relay(self) -> Option<Relay> {
        match self {
            Self::At(relay) => Some(relay),
            Self::Folder => None,
        }
    }
}

/// `smtp_url`.
pub(super) fn server(layers: &Layers) -> Result<Option<MailServer>, ConfigError> {
    understood(layers, "smtp_url", |text| match text {
        "folder" => Ok(MailServer::Folder),
        text => Relay::parse(text).map(MailServer::At),
    })
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
