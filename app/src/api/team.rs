//! Ops: who they are, and inviting more of them.

use domain::{Email, account::TeamMember};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::arguments;
#[cfg(feature = "ssr")]
use {
    super::context::{backend, caller, go_to_without_script},
    crate::paths::{Notice, with_notice},
    domain::{InvitationId, PlainSecret},
};

/// What an invitation is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// The invited address; a set-up link carries none.
    pub email: Option<Email>,
}

/// Everyone who is in ops or invited.
#[server(prefix = "/api/fn", endpoint = "list_team")]
pub async fn list_team() -> Result<Vec<TeamMember>, ApiError> {
    Ok(backend()?.team.members(&caller()?).await?)
}

/// Invites somebody to ops by mail.
#[server(prefix = "/api/fn", endpoint = "invite_ops")]
pub async fn invite_ops(email: String) -> Result<(), ApiError> {
    backend()?.team.invite(&caller()?, &Email::parse(&email)?).await?;
    go_to_without_script(&with_notice("/ops/team", Notice::Invited));
    Ok(())
}

/// Withdraws an invitation that was not accepted yet.
#[server(prefix = "/api/fn", endpoint = "withdraw_invitation")]
pub async fn withdraw_invitation(id: String) -> Result<(), ApiError> {
    let id: InvitationId = id.parse()?;
    backend()?.team.withdraw(&caller()?, id).await?;
    go_to_without_script(&with_notice("/ops/team", Notice::Withdrawn));
    Ok(())
}

/// Looks at an invitation without accepting it.
#[server(prefix = "/api/fn", endpoint = "read_invitation")]
pub async fn read_invitation(token: String) -> Result<Invitation, ApiError> {
    let email = backend()?.team.invitation(&PlainSecret::of_link(&token)).await?;
    Ok(Invitation { email })
}

arguments! {
    ListTeam {}
    ReadInvitation { token }
}
