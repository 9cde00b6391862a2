//! The configuration: read once, parsed whole, or refused with one sentence that names what is wrong.

mod listen;
mod mail;
mod source;
mod units;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use backend::{
    db::Database,
    mail::{HelloName, Relay},
    settings::{Retention, Settings},
};
use http::{Uri, uri::Scheme};
use ipnet::IpNet;
use office::{Budget, Policy};
use tracing_subscriber::EnvFilter;

pub use listen::Listen;
pub use source::{ConfigError, Given, KEYS, Layers, Source, variable};

/// Everything that can be set, parsed.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder.
    pub data: PathBuf,
    /// Where to listen.
    pub listen: Listen,
    /// How long a connection may wait for its next request.
    pub keep_alive: Duration,
    /// Whether browsers are told to reach the hosts below this one over TLS only, too.
    pub hsts_subdomains: bool,
    /// The database, as `sqlite:` or `postgres:` URL.
    pub database_url: String,
    /// The mail server; without one, mail is written into the data folder.
    pub smtp_url: Option<Relay>,
    /// Whether somebody has said that mail is to be written into the data folder.
    pub mail_in_folder: bool,
    /// The name by which the portal introduces itself to the mail server.
    pub mail_hello: HelloName,
    /// Proxies that are believed when they say for whom they speak.
    pub trusted_proxies: Vec<IpNet>,
    /// In which header they say it.
    pub forwarded_header: ForwardedHeader,
    /// Threads that answer requests.
    pub worker_threads: usize,
    /// What to log, as a filter of `tracing`.
    pub log: String,
    /// Whether log lines are JSON.
    pub log_json: bool,
    /// What the services need to know.
    pub settings: Settings,
}

/// The header in which a proxy says for whom it speaks. Only the one that the proxy writes may be believed: the other
/// one comes from the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, which most proxies write.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl Config {
    /// Parses what was given; the rest takes its default.
    ///
    /// # Errors
    /// The first value that is not as expected, with its name, its source and what is expected.
    pub fn parse(layers: &Layers) -> Result<Self, ConfigError> {
        let listen = parsed(layers, "listen", Listen::EXPECTED, |text| text.parse().ok())?
            .unwrap_or(Listen::Address(SocketAddr::from((Ipv4Addr::LOCALHOST, 3000))));
        let mail_server = mail::server(layers)?;
        let data = layers.get("data").map_or_else(|| PathBuf::from("./data"), |given| PathBuf::from(&given.text));
        let database_url = parsed(layers, "database_url", "a sqlite: or postgres: URL", database)?
            .unwrap_or_else(|| format!("sqlite://{}?mode=rwc", data.join("strongroom.db").display()));
        let log_json = parsed(layers, "log_format", "text or json", |text| match text {
            "text" => Some(false),
            "json" => Some(true),
            _ => None,
        })?;
        let settings = settings(layers, &listen)?;
        Ok(Self {
            listen,
            keep_alive: parsed(layers, "keep_alive", SPAN_EXPECTED, units::duration)?.unwrap_or(KEEP_ALIVE),
            hsts_subdomains: parsed(layers, "hsts_subdomains", "true or false", |text| text.parse().ok())?
                .unwrap_or(false),
            data,
            database_url,
            mail_in_folder: matches!(mail_server, Some(mail::MailServer::Folder)),
            smtp_url: mail_server.and_then(mail::MailServer::relay),
            mail_hello: mail::hello(layers, &settings.base_url)?,
            trusted_proxies: parsed(
                layers,
                "trusted_proxies",
                "addresses or networks such as 10.0.0.0/8, with commas between them",
                networks,
            )?
            .unwrap_or_default(),
            forwarded_header: parsed(layers, "forwarded_header", "x-forwarded-for or forwarded", forwarded_header)?
                .unwrap_or_default(),
            worker_threads: parsed(layers, "worker_threads", "a number from 2 to 256", threads)?
                .unwrap_or_else(default_threads),
            log: parsed(layers, "log", "a filter such as info or strongroom=debug,warn", log_filter)?
                .unwrap_or_else(|| "info".to_owned()),
            log_json: log_json.unwrap_or(false),
            settings,
        })
    }

    /// Where mail is written while there is no mail server.
    #[must_use]
    pub fn mail_folder(&self) -> PathBuf {
        self.data.join("mail")
    }

    /// Whether this portal is for development, and shows at `/dev/mail` what it would have sent. Its own address and
    /// the one it listens on decide that together: what a request says of itself decides nothing.
    #[must_use]
    pub fn is_development(&self) -> bool {
        let uri = self.settings.base_url.parse::<Uri>();
        let own = uri.is_ok_and(|uri| uri.host().is_some_and(is_loopback_host));
        own && self.listen.is_loopback() && self.smtp_url.is_none()
    }

    /// Insists on an answer to the question where mail goes. A portal that people reach and that sends no mail lets
    /// nobody in, so it must not come about by forgetting.
    ///
    /// # Errors
    /// Nobody has said where mail goes, and the portal is not for development.
    pub fn insist_on_mail(&self) -> Result<(), ConfigError> {
        if self.smtp_url.is_some() || self.mail_in_folder || self.is_development() {
            return Ok(());
        }
        Err(ConfigError(format!(
            "The setting smtp_url is needed for a portal at {}: without it mail goes nowhere, and nobody can sign up. \
             Set it to smtp://… or smtps://…, or to folder, which writes mail into the data folder for nobody but you.",
            self.settings.base_url
        )))
    }

    /// Which database it is, without user name and password.
    #[must_use]
    pub fn shown_database_url(&self) -> String {
        source::shown("database_url", &self.database_url)
    }

    /// What to log.
    #[must_use]
    pub fn log_filter(&self) -> EnvFilter {
        EnvFilter::try_new(&self.log).expect("it was read when the configuration was parsed")
    }

    /// Whether people reach the portal over TLS, which decides cookies and HSTS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.settings.base_url.starts_with("https://")
    }
}

/// Longer than the balancers and proxies keep theirs, which is 60 s for most: the one who closes first must be the one
/// who sends the requests, or some of them meet a connection that is just being closed.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

const SIZE_EXPECTED: &str = "a size such as 500MB or 1GiB";
const SPAN_EXPECTED: &str = "a duration such as 30s, 10m, 8h or 30d";

fn settings(layers: &Layers, listen: &Listen) -> Result<Settings, ConfigError> {
    let usual = Settings::default();
    let span = |key, usual| parsed(layers, key, SPAN_EXPECTED, units::duration).map(|span| span.unwrap_or(usual));
    let portal_name = parsed(layers, "portal_name", "a name of 1 to 60 characters", portal_name)?
        .unwrap_or_else(|| usual.portal_name.clone());
    let max_upload = parsed(layers, "max_upload", SIZE_EXPECTED, units::size)?.unwrap_or(usual.max_upload);
    Ok(Settings {
        base_url: base_url(layers, listen)?,
        mail_from: mail::sender(layers, &portal_name)?,
        mail_connections: parsed(layers, "mail_connections", "a number from 1 to 32", mail::connections)?
            .unwrap_or(usual.mail_connections),
        mail_retry_for: span("mail_retry_for", usual.mail_retry_for)?,
        portal_name,
        link_ttl: parsed(layers, "link_ttl", "a duration of at most 7d, such as 10m", link_ttl)?
            .unwrap_or(usual.link_ttl),
        max_upload,
        session_idle: span("session_idle", usual.session_idle)?,
        session_life: span("session_life", usual.session_life)?,
        token_life: span("token_life", usual.token_life)?,
        retention: Retention {
            activity: span("activity_retention", usual.retention.activity)?,
            mails: span("mail_retention", usual.retention.mails)?,
            downloads: span("download_retention", usual.retention.downloads)?,
            links: span("link_retention", usual.retention.links)?,
        },
        inspection: inspection(layers, max_upload)?,
        ..usual
    })
}

/// What is within `max_upload` must not be refused for its size alone: stored as it is, it is no larger when it is
/// unpacked.
fn inspection(layers: &Layers, max_upload: u64) -> Result<Policy, ConfigError> {
    let usual = Policy::default();
    let size = |key, usual| parsed(layers, key, SIZE_EXPECTED, units::size).map(|size| size.unwrap_or(usual));
    let inflated = parsed(layers, "max_inflated", "a size that is at least max_upload, such as 4GiB", |text| {
        units::size(text).filter(|inflated| *inflated >= max_upload)
    })?;
    let number = |text: &str| text.parse().ok().filter(|number| *number > 0);
    Ok(Policy {
        strict: parsed(layers, "strict_inspection", "true or false", |text| text.parse().ok())?.unwrap_or(usual.strict),
        budget: Budget {
            entries: parsed(layers, "max_parts", "a number of at least 1", number)?.unwrap_or(usual.budget.entries),
            inflated: inflated.unwrap_or_else(|| max_upload.saturating_mul(Budget::INFLATED_FOR_SIZE)),
            xml_part: size("max_part", usual.budget.xml_part)?,
            embedded: size("max_embedded", usual.budget.embedded)?,
            depth: usual.budget.depth,
        },
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
fn base_url(layers: &Layers, listen: &Listen) -> Result<String, ConfigError> {
    let Some(given) = layers.get("base_url") else {
        let address = listen.own_address().ok_or_else(|| {
            ConfigError(format!(
                "The setting base_url is needed when listening on {listen}; \
                 expected is the https:// address that people type."
            ))
        })?;
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
    Database::understands(text).then(|| text.to_owned())
}

fn networks(text: &str) -> Option<Vec<IpNet>> {
    text.split(',').map(units::network).collect()
}

fn forwarded_header(text: &str) -> Option<ForwardedHeader> {
    match text.to_ascii_lowercase().as_str() {
        "x-forwarded-for" => Some(ForwardedHeader::XForwardedFor),
        "forwarded" => Some(ForwardedHeader::Forwarded),
        _ => None,
    }
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
    EnvFilter::try_new(text).is_ok().then(|| text.to_owned())
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
    fn the_budget_of_an_inspection_goes_with_the_largest_upload() {
        let budget = |pairs: &[(&str, &str)]| config(pairs).map(|config| config.settings.inspection.budget);
        assert_eq!(budget(&[]), Ok(Budget::default()));
        assert_eq!(budget(&[("max_upload", "4GiB")]).map(|budget| budget.inflated), Ok(16 << 30));
        let both = [("max_upload", "4GiB"), ("max_inflated", "4GiB")];
        assert_eq!(budget(&both).map(|budget| budget.inflated), Ok(4 << 30));
        let error = budget(&[("max_upload", "4GiB"), ("max_inflated", "2GiB")]).expect_err("they disagree");
        assert!(error.contains("MAX_INFLATED") && error.contains("max_upload"), "{error}");
        let set = [("max_parts", "7"), ("max_part", "1GiB"), ("max_embedded", "1MB")];
        let set = budget(&set).expect("valid");
        assert_eq!((set.entries, set.xml_part, set.embedded), (7, 1 << 30, 1_000_000));
    }

    #[test]
    fn a_wrong_value_is_named_with_its_source_and_what_is_expected() {
        for (key, text) in [
            ("listen", "3000"),
            ("link_ttl", "ten minutes"),
            ("link_ttl", "8d"),
            ("max_upload", "-1"),
            ("max_inflated", "1023MiB"),
            ("max_part", "much"),
            ("max_parts", "0"),
            ("max_embedded", "0"),
            ("database_url", "mysql://localhost/x"),
            ("database_url", "sqlite:a.db?mode=whatever"),
            ("database_url", "postgres://localhost:port/x"),
            ("database_url", "postgres://localhost/x?sslmode=whatever"),
            ("smtp_url", "mail.example.com"),
            ("smtp_url", "Folder"),
            ("trusted_proxies", "10.0.0.0/8,proxy"),
            ("forwarded_header", "via"),
            ("keep_alive", "0s"),
            ("hsts_subdomains", "1"),
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

    #[test]
    fn only_a_portal_that_knows_itself_and_listens_on_this_machine_is_for_development() {
        let is_development = |pairs: &[(&str, &str)]| config(pairs).expect("valid").is_development();
        let public = ("base_url", "https://portal.example.com");
        assert!(is_development(&[]));
        assert!(is_development(&[("listen", "localhost:3000")]));
        assert!(is_development(&[("smtp_url", "folder")]));
        assert!(!is_development(&[public]));
        assert!(!is_development(&[public, ("smtp_url", "folder")]));
        assert!(!is_development(&[("listen", "0.0.0.0:3000")]));
        assert!(!is_development(&[("listen", "unix:/run/a.sock"), ("base_url", "http://localhost")]));
        assert!(!is_development(&[("smtp_url", "smtps://mail.example.com")]));
    }

    #[test]
    fn where_mail_goes_is_not_left_open_by_a_portal_that_people_reach() {
        let public = ("base_url", "https://portal.example.com");
        let insists = |pairs: &[(&str, &str)]| config(pairs).expect("valid").insist_on_mail();
        assert!(insists(&[]).is_ok());
        assert!(insists(&[public, ("smtp_url", "folder")]).is_ok());
        assert!(insists(&[public, ("smtp_url", "smtps://mail.example.com")]).is_ok());
        let sentence = insists(&[public]).expect_err("mail would go nowhere").to_string();
        assert!(sentence.contains("smtp_url") && sentence.contains("folder"), "{sentence}");
        assert!(insists(&[("listen", "0.0.0.0:3000")]).is_err());
    }
}
