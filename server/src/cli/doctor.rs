//! `strongroom doctor`: looks at everything the portal depends on, and says what to mend.

use std::{fs, net::IpAddr, os::unix::fs::PermissionsExt as _, path::Path, process::ExitCode, time::Duration};

use backend::{
    clock::{Clock as _, SystemClock},
    db::Database,
    documents::{Audit, AuditScope},
    front,
    storage::{Blobs, KeyRing, NoKeys},
};
use domain::{Email, Timestamp};
use tokio::time::timeout;

use super::{mail, services};
use crate::config::{Config, ForwardedHeader, Listen};

/// What one look has found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// As it should be.
    Fine(String),
    /// It works, but is probably not meant.
    Odd(String),
    /// It does not work.
    Broken(String),
}

use Finding::{Broken, Fine, Odd};

pub(super) const PATIENCE: Duration = Duration::from_secs(15);

/// 2026-01-01: no clock of a machine that runs this program can be earlier.
const EARLIEST: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// 2100-01-01.
const LATEST: Timestamp = Timestamp::from_millis(4_102_444_800_000);

/// Looks at everything and prints a line for each; the exit code says whether all of it works.
/// With an address it sends a mail there, too.
pub(super) async fn examine(config: &Config, scope: AuditScope, mail_to: Option<&Email>) -> ExitCode {
    let mut findings = vec![
        ("configuration", Fine(format!("is read; the portal is at {}", config.settings.base_url))),
        ("data folder", data_folder(config)),
        ("keys", keys(config).await),
        ("database", database(config).await),
        ("storage", storage(config).await),
        ("documents", documents(config, scope).await),
        ("mail", mail::relay(config).await),
        ("outbox", mail::outbox(config).await),
        ("clock", clock(SystemClock.now())),
        ("address", address(config)),
        ("proxy", proxy(config, SystemClock.now()).await),
    ];
    if let Some(to) = mail_to {
        findings.push(("test mail", mail::trial(config, to).await));
    }
    for (name, finding) in &findings {
        let (mark, text) = match finding {
            Fine(text) => ("ok  ", text),
            Odd(text) => ("warn", text),
            Broken(text) => ("FAIL", text),
        };
        println!("{mark}  {name:<14} {text}");
    }
    if findings.iter().any(|(_, finding)| matches!(finding, Broken(_))) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn data_folder(config: &Config) -> Finding {
    let shown = config.data.display();
    let Ok(about) = fs::metadata(&config.data) else {
        return Odd(format!("{shown} does not exist yet; the first start makes it"));
    };
    if !about.is_dir() {
        return Broken(format!("{shown} is not a folder; name another with --data"));
    }
    match about.permissions().mode() & 0o077 {
        0 => Fine(format!("{shown} is its owner's alone")),
        _ => Odd(format!("{shown} can be entered by others on this machine; run: chmod 700 {shown}")),
    }
}

async fn keys(config: &Config) -> Finding {
    let folder = services::keys_folder(config);
    let ring = match KeyRing::read(&folder) {
        Ok(ring) => ring,
        Err(error) => return Broken(error.to_string()),
    };
    let missing =
        services::with_database(config, async |db| NoKeys::find(db, ring.as_ref(), folder.join("master.keys")).await);
    // A database that was never brought up to date has no such tables, and the line below says so.
    match (timeout(PATIENCE, missing).await, &ring) {
        (Ok(Ok(Some(missing))), _) => Broken(missing.to_string()),
        (_, Some(_)) => Fine(format!("{} can be read, and no document needs another", folder.display())),
        (_, None) => Odd("there are none yet; the first start makes them. Keep a copy in a safe place".to_owned()),
    }
}

/// Compares rows with keys and files. Nothing is made where there is nothing.
async fn documents(config: &Config, scope: AuditScope) -> Finding {
    let parts = (services::read_keys(config), services::open_unchanged(config).await);
    let (Ok(keys), Ok(db)) = parts else {
        return Odd("there are none to compare yet".to_owned());
    };
    if !services::blobs_folder(config).exists() {
        return Odd("there are none to compare yet".to_owned());
    }
    let audit = async {
        let backend = services::assemble(config, db.clone(), services::blobs(config)?, keys).await?;
        backend.documents.audit(scope).await.map_err(|error| services::database_failed(&error))
    };
    let audit = audit.await;
    db.close().await;
    match audit {
        Ok(Audit { checked, faults }) if faults.is_empty() => {
            let how = if scope.hashes { "byte for byte" } else { "with their keys and files" };
            Fine(format!("{checked} versions compared {how}"))
        }
        Ok(Audit { checked, faults }) => Broken(format!(
            "{} of {checked} versions are not as they were deposited; restore their files from a copy:\n{}",
            faults.len(),
            faults.iter().map(|fault| format!("                      {fault}")).collect::<Vec<_>>().join("\n")
        )),
        Err(failure) => {
            Broken(format!("{failure} If the database is of an earlier version, the next start changes that"))
        }
    }
}

async fn database(config: &Config) -> Finding {
    let embedded = config.database_url.starts_with("sqlite:");
    match timeout(PATIENCE, services::with_database(config, Database::ping)).await {
        Ok(Ok(())) if embedded => Fine("the embedded database answers".to_owned()),
        Ok(Ok(())) => Fine("PostgreSQL answers".to_owned()),
        Ok(Err(_)) if services::is_database_to_be_made(config) => {
            Odd("there is none yet; the first start makes it".to_owned())
        }
        Ok(Err(error)) => Broken(format!("{error} Check database_url")),
        Err(_) => Broken("does not answer within 15 seconds; check database_url and the network".to_owned()),
    }
}

async fn storage(config: &Config) -> Finding {
    let folder = services::blobs_folder(config);
    if !folder.exists() {
        return Odd("there is none yet; the first start makes it".to_owned());
    }
    if let Err(error) = write_and_read(&folder) {
        return Broken(format!("{} cannot be written and read: {error}", folder.display()));
    }
    match Blobs::in_folder(&folder) {
        Err(error) => Broken(error.to_string()),
        Ok(blobs) => match blobs.ping().await {
            Ok(()) => Fine(format!("{} can be written and read", folder.display())),
            Err(error) => Broken(error.to_string()),
        },
    }
}

/// The name is that of a staged file, so that the sweep removes it if this program does not get to.
fn write_and_read(folder: &Path) -> std::io::Result<()> {
    const PROBE: &[u8] = b"strongroom doctor";
    let path = folder.join(format!("doctor#{}", std::process::id()));
    fs::write(&path, PROBE)?;
    let read = fs::read(&path);
    fs::remove_file(&path)?;
    if read? == PROBE { Ok(()) } else { Err(std::io::Error::other("what was read is not what was written")) }
}

/// Links, sessions and mails end by the clock.
fn clock(now: Timestamp) -> Finding {
    if (EARLIEST..LATEST).contains(&now) {
        Fine(format!("shows {}; compare it with yours", now.words()))
    } else {
        Broken(format!("shows {}, which cannot be; set it, or run a time service", now.words()))
    }
}

fn address(config: &Config) -> Finding {
    let everybody = ["203.0.113.1", "2001:db8::1"].map(|text| text.parse::<IpAddr>());
    let trusts = |address: IpAddr| config.trusted_proxies.iter().any(|network| network.contains(&address));
    if everybody.into_iter().flatten().any(trusts) {
        return Broken(
            "trusted_proxies includes everybody, so that anybody can choose the address that is logged and throttled; \
             name the proxy alone"
                .to_owned(),
        );
    }
    let header = match config.forwarded_header {
        ForwardedHeader::XForwardedFor => "X-Forwarded-For",
        ForwardedHeader::Forwarded => "Forwarded",
    };
    if let Listen::Socket(path) = &config.listen {
        return Fine(format!(
            "{} through a proxy that may open {}; it has to pass Host and {header} on",
            config.settings.base_url,
            path.display()
        ));
    }
    match (config.is_https(), config.trusted_proxies.is_empty(), config.listen.is_loopback()) {
        (true, true, _) => Odd(
            "people come over TLS, which a proxy has to end, but trusted_proxies is empty: everybody seems to come \
             from the proxy. Set it to the proxy's address"
                .to_owned(),
        ),
        (false, _, false) => {
            Odd("it listens beyond this machine, without TLS; put a proxy in front and set base_url to its https://"
                .to_owned())
        }
        (true, false, _) => {
            Fine(format!("{} through a proxy; it has to pass Host and {header} on", config.settings.base_url))
        }
        (false, _, true) => Fine("for this machine alone".to_owned()),
    }
}

/// What requests have shown of the proxy in front.
async fn proxy(config: &Config, now: Timestamp) -> Finding {
    let troubles = services::with_database(config, async |db| front::troubles(db, now).await);
    match timeout(PATIENCE, troubles).await {
        Ok(Ok(troubles)) if !troubles.is_empty() => {
            let lines = troubles.iter().map(|trouble| {
                format!(
                    "{} Since {}, last {}. {}",
                    trouble.words(),
                    trouble.since.words(),
                    trouble.last_at.words(),
                    trouble.advice()
                )
            });
            Odd(lines.collect::<Vec<_>>().join("\n                      "))
        }
        Ok(Ok(_)) => Fine("of the last hour, the portal knows from where requests came".to_owned()),
        _ => Odd("it cannot be read what requests have shown of it; see the database above".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Layers, variable};

    fn config(pairs: &[(&str, &str)]) -> Config {
        let env = pairs.iter().map(|(key, text)| (variable(key), (*text).to_owned()));
        let layers = Layers::gather(None, env, []).expect("known settings");
        Config::parse(&layers).expect("valid settings")
    }

    #[test]
    fn a_proxy_that_is_everybody_is_a_fault() {
        let https = ("base_url", "https://portal.example.com");
        assert!(matches!(address(&config(&[https, ("trusted_proxies", "0.0.0.0/0")])), Broken(_)));
        assert!(matches!(address(&config(&[https])), Odd(_)));
        assert!(matches!(address(&config(&[https, ("trusted_proxies", "127.0.0.1")])), Fine(_)));
        assert!(matches!(address(&config(&[])), Fine(_)));
    }

    #[test]
    fn a_clock_without_a_battery_is_noticed() {
        assert!(matches!(clock(Timestamp::from_millis(0)), Broken(_)));
        assert!(matches!(clock(Timestamp::from_millis(1_795_356_300_000)), Fine(_)));
    }
}
