//! Mail, as ops look after it.

use domain::{
    Page,
    mail::{MailOverview, MailRow},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::{arguments, calls::Paged};
#[cfg(feature = "ssr")]
use {
    super::context::{backend, caller, go_to_without_script},
    crate::paths::{Notice, with_notice},
    domain::{MailId, mail::MailQuery},
};

/// One page of the outbox, newest first.
#[server(
    prefix = "/api/fn",
    endpoint = "list_mails",
    input_derive = (Clone, Default, PartialEq, Eq, Serialize, Deserialize)
)]
pub async fn list_mails(
    #[server(default)] state: String,
    #[server(default)] cursor: String,
) -> Result<Page<MailRow>, ApiError> {
    let query = MailQuery::parse(&state, &cursor)?;
    Ok(backend()?.outbox.list(&caller()?, &query).await?)
}

/// How mail goes in general.
#[server(prefix = "/api/fn", endpoint = "read_mail_overview")]
pub async fn read_mail_overview() -> Result<MailOverview, ApiError> {
    Ok(backend()?.outbox.overview(&caller()?).await?)
}

/// Sends one mail again that was given up.
#[server(prefix = "/api/fn", endpoint = "resend_mail")]
pub async fn resend_mail(id: String) -> Result<(), ApiError> {
    let id: MailId = id.parse()?;
    backend()?.outbox.send_again(&caller()?, id).await?;
    go_to_without_script(&with_notice("/ops/mail", Notice::MailQueued));
    Ok(())
}

/// Tries what waits at once.
#[server(prefix = "/api/fn", endpoint = "try_mails")]
pub async fn try_mails() -> Result<(), ApiError> {
    backend()?.outbox.try_now(&caller()?).await?;
    go_to_without_script(&with_notice("/ops/mail", Notice::MailQueued));
    Ok(())
}

/// Sends everything again that was given up.
#[server(prefix = "/api/fn", endpoint = "resend_mails")]
pub async fn resend_mails() -> Result<(), ApiError> {
    backend()?.outbox.send_all_again(&caller()?).await?;
    go_to_without_script(&with_notice("/ops/mail", Notice::MailQueued));
    Ok(())
}

arguments! {
    ListMails { state, cursor }
    ReadMailOverview {}
}

impl Paged for ListMails {
    fn cursor(&mut self) -> &mut String {
        &mut self.cursor
    }
}
