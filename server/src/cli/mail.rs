//! What the doctor says of mail.

use backend::{
    clock::{Clock as _, SystemClock},
    mail::{self, Security, SendError},
    random::OsRandom,
};
use domain::{Email, mail::MailOverview};
use tokio::time::timeout;

use super::{
    doctor::{
        Finding::{self, Broken, Fine, Odd},
        PATIENCE,
    },
    services,
};
use crate::config::Config;

/// Whether the mail server lets the portal in.
pub(super) async fn relay(config: &Config) -> Finding {
    let Some(relay) = &config.smtp_url else {
        return match config.insist_on_mail() {
            Ok(()) => Odd(format!(
                "nobody receives it: it is written into {}; set smtp_url to send it",
                config.mail_folder().display()
            )),
            Err(error) => Broken(error.to_string()),
        };
    };
    let transport = match services::transport(config) {
        Ok(transport) => transport,
        Err(failure) => return Broken(failure.to_string()),
    };
    match timeout(PATIENCE, transport.check()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Broken(format!("{}; check smtp_url and the certificate of {relay}", error.text)),
        Err(_) => return Broken(format!("{relay} does not answer within 15 seconds; check smtp_url and the network")),
    }
    let from = &config.settings.mail_from;
    match relay.security() {
        _ if from.is_local() => {
            Odd(format!("{relay} lets the portal in, but mail comes from {from}, which nobody has; set mail_from"))
        }
        Security::Plain => Odd(format!(
            "{relay} lets the portal in, but nothing is encrypted on the way: whoever is on it reads every mail with its \
             links, and the password. Use smtp:// or smtps:// unless the network is private"
        )),
        Security::Tls | Security::StartTls | Security::Loopback => {
            Fine(format!("{relay} lets the portal in; mail comes from {from}"))
        }
    }
}

/// What waits, and what the running portal has last heard of the mail server.
pub(super) async fn outbox(config: &Config) -> Finding {
    if services::is_database_to_be_made(config) {
        return Odd("there is none yet; the first start makes it".to_owned());
    }
    let into_folder = config.smtp_url.is_none();
    match timeout(PATIENCE, services::with_database(config, async |db| mail::overview(db, into_folder).await)).await {
        Ok(Ok(overview)) => state_of(&overview, &config.settings.base_url),
        Ok(Err(_)) | Err(_) => Odd("it cannot be read; run: strongroom migrate".to_owned()),
    }
}

fn state_of(MailOverview { queued, dead, trouble, .. }: &MailOverview, base_url: &str) -> Finding {
    match trouble {
        Some(trouble) => Broken(format!(
            "no mail has left since {}, and {queued} wait: {}; the next attempt is at {}",
            trouble.since.words(),
            trouble.words,
            trouble.next_at.words()
        )),
        None if *dead > 0 => Odd(format!(
            "{dead} mails were given up, and {queued} wait; see why and send them again at {base_url}/ops/mail"
        )),
        None => Fine(format!("{queued} mails wait, none was given up")),
    }
}

/// Sends one mail.
pub(super) async fn trial(config: &Config, to: &Email) -> Finding {
    let transport = match services::transport(config) {
        Ok(transport) => transport,
        Err(failure) => return Broken(failure.to_string()),
    };
    if let Err(failure) = services::prepare_data(config) {
        return Broken(failure.to_string());
    }
    let sent =
        mail::send_trial(transport.as_ref(), &config.settings, SystemClock.now(), &OsRandom::default(), to).await;
    transport.rest().await;
    match (sent, &config.smtp_url) {
        (Err(SendError { text, .. }), _) => Broken(format!("did not leave: {text}")),
        (Ok(id), Some(relay)) => Fine(format!("{relay} took it for {to}, as {id}; look into that mailbox")),
        (Ok(id), None) => {
            Odd(format!("is written into {}, as {id}; nobody receives it", config.mail_folder().display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Timestamp, mail::RelayTrouble};

    #[test]
    fn a_relay_that_fails_is_told_in_its_own_words() {
        let at = Timestamp::from_millis(1_795_356_300_000);
        let trouble = RelayTrouble { since: at, words: "535 5.7.8 Bad credentials".to_owned(), next_at: at };
        let overview = MailOverview { queued: 3, dead: 1, trouble: Some(trouble), into_folder: false };
        let Broken(sentence) = state_of(&overview, "https://portal.example.com") else { panic!("it is broken") };
        assert!(sentence.contains("3 wait: 535 5.7.8 Bad credentials"), "{sentence}");
        let given_up = MailOverview { trouble: None, ..overview };
        assert!(matches!(state_of(&given_up, "https://portal.example.com"), Odd(text) if text.contains("/ops/mail")));
        assert!(matches!(state_of(&MailOverview::default(), ""), Fine(_)));
    }
}
