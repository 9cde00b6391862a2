//! One mail to see whether mail arrives, past the outbox.

use domain::{Email, Timestamp};
use uuid::Builder;

use super::{MailTransport, OutgoingMail, SendError, letters};
use crate::{random::Random, settings::Settings};

/// Sends a test mail and returns its Message-ID, by which it is found in the log of the relay.
///
/// # Errors
/// Why it did not leave.
pub async fn send_trial(
    transport: &dyn MailTransport,
    settings: &Settings,
    now: Timestamp,
    random: &dyn Random,
    to: &Email,
) -> Result<String, SendError> {
    let written = letters::trial(&settings.portal_name, &settings.base_url)
        .map_err(|error| SendError::never(format!("a mail template: {error}")))?;
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    let id = Builder::from_random_bytes(bytes).into_uuid();
    let mail = OutgoingMail {
        message_id: format!("<{id}@{}>", settings.mail_from.domain()),
        from: settings.mail_from.clone(),
        reply_to: None,
        to: to.to_string(),
        subject: written.subject,
        text: written.text,
        html: written.html,
        date: now,
    };
    transport.send(&mail).await?;
    Ok(mail.message_id)
}
