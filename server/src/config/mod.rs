//! The configuration: read once, parsed whole, or refused with one sentence that names what is wrong.

mod mail;
mod source;
mod units;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use backend::{
    mail::{HelloName, Relay},
    settings::{Retention, Settings},
};
use http::{Uri, uri::Scheme};

pub use source::{ConfigError, Given, KEYS, Layers, Source, variable};
pub use units::Network;

/// Everything that can be set, parsed.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder.
    pub data: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The database, as `sqlite:` or `postgres:` URL.
    pub database_url: String,
    /// The mail server; without one, mail is written into the data folder.
    pub smtp_url: Option<Relay>,
    /// The name by which the portal introduces itself to the mail server.
    pub mail_hello: HelloName,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Threads that answer requests.
    pub worker_threads: usize,
    /// What to log, as a filter of `tracing`.
    pub log: String,
    /// Whether log lines are JSON.
    pub log_json: bool,
    /// What the services need to know.
    pub settings: Settings,
}

impl Config {
    /// Parses what was given; the rest takes its default.
    ///
    /// # Errors
    /// The first value that is not as expected, with its name, its source and what is expected.
    pub fn parse(layers: &Layers) -> Result<Self, ConfigError> {
        let listen =
            parsed(layers, "listen", "an address and a port such as 127.0.0.1:3000", |text| text.parse().ok())?
                .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 3000)));
        let data = layers.get("data").map_or_else(|| PathBuf::from("./data"), |given| PathBuf::from(&given.text));
        let database_url = parsed(layers, "database_url", "a sqlite: or postgres: URL", database)?
            .unwrap_or_else(|| format!("sqlite://{}?mode=rwc", data.join("strongroom.db").display()));
        let log_json = parsed(layers, "log_format", "text or json", |text| match text {
            "text" => Some(false),
            "json" => Some(true),
            _ => None,
        })?;
        let settings = settings(layers, listen)?;
        Ok(Self {
            listen,
            data,
            database_url,
            smtp_url: mail::relay(layers)?,
            mail_hello: mail::hello(layers, &settings.base_url)?,
            trusted_proxies: parsed(
                layers,
                "trusted_proxies",
                "addresses or networks such as 10.0.0.0/8, with commas between them",
                networks,
            )?
            .unwrap_or_default(),
            worker_threads: parsed(layers, "worker_threads", "a number from 2 to 256", threads)?
                .unwrap_or_else(default_threads),
            log: parsed(layers, "log", "a filter such as info or strongroom=debug,warn", log_filter)?
                .unwrap_or_else(|| "info,tower_sessions_core=error".to_owned()),
            log_json: log_json.unwrap_or(false),
            settings,
        })
    }

    /// Whether people reach the portal over TLS, which decides cookies and HSTS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.settings.base_url.starts_with("https://")
    }
}

fn settings(layers: &Layers, listen: SocketAddr) -> Result<Settings, ConfigError> {
    let usual = Settings::default();
    let span = |key, usual| {
        parsed(layers, key, "a duration such as 30s, 10m, 8h or 30d", units::duration).map(|span| span.unwrap_or(usual))
    };
    let portal_name = parsed(layers, "portal_name", "a name of 1 to 60 characters", portal_name)?
        .unwrap_or_else(|| usual.portal_name.clone());
    Ok(Settings {
        base_url: base_url(layers, listen)?,
        mail_from: mail::sender(layers, &portal_name)?,
        mail_connections: parsed(layers, "mail_connections", "a number from 1 to 32", mail::connections)?
            .unwrap_or(usual.mail_connections),
        mail_retry_for: span("mail_retry_for", usual.mail_retry_for)?,
        portal_name,
        link_ttl: parsed(layers, "link_ttl", "a duration of at most 7d, such as 10m", link_ttl)?
            .unwrap_or(usual.link_ttl),
        max_upload: parsed(layers, "max_upload", "a size such as 500MB or 1GiB", units::size)?
            .unwrap_or(usual.max_upload),
        session_idle: span("session_idle", usual.session_idle)?,
        session_life: span("session_life", usual.session_life)?,
        token_life: span("token_life", usual.token_life)?,
        retention: Retention {
            activity: span("activity_retention", usual.retention.activity)?,
            mails: span("mail_retention", usual.retention.mails)?,
            downloads: span("download_retention", usual.retention.downloads)?,
            links: span("link_retention", usual.retention.links)?,
        },
        strict_inspection: parsed(layers, "strict_inspection", "true or false", |text| text.parse().ok())?
            .unwrap_or(usual.strict_inspection),
        ..usual
    })
}

/// Links are minted on every click, so a long life only makes a leaked one last.
const MAX_LINK_TTL: Duration = Duration::from_secs(7 * 24 * 3600);

fn parsed<T>(
    layers: &Layers,
    key: &str,
    expected: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, ConfigError> {
    let Some(given) = layers.get(key) else { return Ok(None) };
    parse(given.text.trim()).map(Some).ok_or_else(|| given.wrong(expected))
}

/// Like [`parsed`], for a type that says itself what it expects.
fn understood<T>(
    layers: &Layers,
    key: &str,
    parse: impl FnOnce(&str) -> Result<T, &'static str>,
) -> Result<Option<T>, ConfigError> {
    let Some(given) = layers.get(key) else { return Ok(None) };
    parse(given.text.trim()).map(Some).map_err(|expected| given.wrong(expected))
}

/// Session cookies need TLS, except on the machine itself: so does the public address.
fn base_url(layers: &Layers, listen: SocketAddr) -> Result<String, ConfigError> {
    let Some(given) = layers.get("base_url") else {
        let address =
            if listen.ip().is_unspecified() { SocketAddr::from(([127, 0, 0, 1], listen.port())) } else { listen };
        if !address.ip().is_loopback() {
            return Err(ConfigError(format!(
                "The setting base_url is needed when listening on {listen}; \
                 expected is the https:// address that people type."
            )));
        }
        return Ok(format!("http://{address}"));
    };
    let text = given.text.trim().trim_end_matches('/');
    let expected = "an address such as https://portal.example.com, without a path";
    let uri: Uri = text.parse().map_err(|_| given.wrong(expected))?;
    let authority = uri.authority().filter(|a| !a.as_str().contains('@')).ok_or_else(|| given.wrong(expected))?;
    if uri.path() != "/" || uri.query().is_some() || text.contains('#') {
        return Err(given.wrong(expected));
    }
    match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => Ok(format!("https://{}", authority.as_str().to_ascii_lowercase())),
        Some(scheme) if *scheme == Scheme::HTTP && is_loopback_host(authority.host()) => {
            Ok(format!("http://{}", authority.as_str().to_ascii_lowercase()))
        }
        Some(scheme) if *scheme == Scheme::HTTP => Err(given.wrong(
            "an https:// address; http:// is for this machine only, because session cookies are sent over TLS alone",
        )),
        _ => Err(given.wrong(expected)),
    }
}

/// Whether a host name stands for the machine itself.
#[must_use]
pub fn is_loopback_host(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || IpAddr::from_str(host).is_ok_and(|address| address.is_loopback())
}

fn link_ttl(text: &str) -> Option<Duration> {
    units::duration(text).filter(|span| *span <= MAX_LINK_TTL)
}

fn database(text: &str) -> Option<String> {
    ["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| text.starts_with(scheme)).then(|| text.to_owned())
}

fn networks(text: &str) -> Option<Vec<Network>> {
    text.split(',').map(|one| one.parse().ok()).collect()
}

fn portal_name(text: &str) -> Option<String> {
    let fits = (1..=60).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

/// Rendering needs two: on one thread a page could wait for itself.
fn threads(text: &str) -> Option<usize> {
    text.parse().ok().filter(|threads| (2..=256).contains(threads))
}

fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2))
}

fn log_filter(text: &str) -> Option<String> {
    tracing_subscriber::EnvFilter::builder().parse(text).is_ok().then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Result<Config, String> {
        let env = pairs.iter().map(|(key, text)| (variable(key), (*text).to_owned()));
        Layers::gather(None, env, []).and_then(|layers| Config::parse(&layers)).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_needs_to_be_set() {
        let config = config(&[]).expect("the defaults are valid");
        assert_eq!(config.settings.base_url, "http://127.0.0.1:3000");
        assert_eq!(config.database_url, "sqlite://./data/strongroom.db?mode=rwc");
        assert!(!config.is_https());
    }

    #[test]
    fn a_wrong_value_is_named_with_its_source_and_what_is_expected() {
        for (key, text) in [
            ("listen", "3000"),
            ("link_ttl", "ten minutes"),
            ("link_ttl", "8d"),
            ("max_upload", "-1"),
            ("database_url", "mysql://localhost/x"),
            ("smtp_url", "mail.example.com"),
            ("trusted_proxies", "10.0.0.0/8,proxy"),
            ("strict_inspection", "yes"),
            ("smtp_url", "smtp://user:p#ss@mail.example.com"),
            ("smtp_url", "smtps://mail.example.com/path"),
            ("mail_from", "Portal <nobody>"),
            ("mail_from", "Portal <a@example.com"),
            ("mail_hello", "a b"),
            ("mail_connections", "0"),
            ("mail_retry_for", "soon"),
            ("base_url", "portal.example.com"),
            ("base_url", "https://portal.example.com/path"),
            ("base_url", "https://ana@portal.example.com"),
            ("worker_threads", "1"),
            ("log", "a=b=c"),
            ("log_format", "xml"),
        ] {
            let sentence = config(&[(key, text)]).expect_err(key);
            assert!(sentence.contains(&variable(key)), "{sentence}");
            assert!(sentence.contains("expected is"), "{sentence}");
        }
    }

    #[test]
    fn mail_comes_from_the_portal_by_its_name() {
        let sender = |pairs: &[(&str, &str)]| config(pairs).expect("valid").settings.mail_from.to_string();
        assert_eq!(sender(&[]), "Strongroom <strongroom@localhost>");
        let named = ("portal_name", "Acme, Papers");
        assert_eq!(sender(&[named, ("mail_from", "docs@example.com")]), "\"Acme, Papers\" <docs@example.com>");
        let own = ("mail_from", "Acme, Inc. <docs@example.com>");
        assert_eq!(sender(&[named, own]), "\"Acme, Inc.\" <docs@example.com>");
    }

    #[test]
    fn the_portal_introduces_itself_by_the_host_of_its_address() {
        let hello = |pairs: &[(&str, &str)]| config(pairs).expect("valid").mail_hello;
        let public = ("base_url", "https://portal.example.com:8443");
        assert_eq!(Some(hello(&[public])), HelloName::parse("portal.example.com"));
        assert_eq!(Some(hello(&[])), HelloName::parse("127.0.0.1"));
        assert_eq!(Some(hello(&[public, ("mail_hello", "mx.example.com")])), HelloName::parse("mx.example.com"));
    }

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        assert!(config(&[("base_url", "http://localhost:8080")]).is_ok());
        assert!(config(&[("base_url", "http://[::1]:8080/")]).is_ok());
        let sentence = config(&[("base_url", "http://portal.example.com")]).expect_err("no TLS");
        assert!(sentence.contains("TLS"), "{sentence}");
        let sentence = config(&[("listen", "192.0.2.1:80")]).expect_err("no public address");
        assert!(sentence.contains("base_url"), "{sentence}");
        assert!(
            config(&[("listen", "192.0.2.1:80"), ("base_url", "https://Portal.example.com/")])
                .is_ok_and(|config| config.is_https() && config.settings.base_url == "https://portal.example.com")
        );
    }
}
