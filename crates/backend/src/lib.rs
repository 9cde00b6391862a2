//! The services of Strongroom. What a person or a program can ask for is a method here; routes and
//! server functions parse, call one of them, and answer.
//!
//! A call goes one way: [`Caller`] → [`policy`] → one transaction (state, activity row and outbox row
//! together) → typed result. This crate knows neither axum nor Leptos. Time, randomness and mail come
//! in from outside, so that expiry, throttling and retries are tested without waiting.

use std::sync::Arc;

mod access;
mod core;
mod later;
mod naming;

pub mod accounts;
pub mod activity;
mod bookkeeping;
pub mod caller;
pub mod clock;
pub mod db;
pub mod deliveries;
pub mod documents;
pub mod error;
pub mod front;
pub mod intake;
pub mod jobs;
pub mod mail;
pub mod policy;
pub mod random;
mod readiness;
pub mod sessions;
pub mod settings;
pub mod storage;
pub mod throttle;
pub mod worker;

pub use caller::{AT_ONCE, Caller, Credential, Device, Membership, Origin, Person, Principal, network};
pub use core::Parts;
pub use error::{Error, Result, Trace, log_cause_of};
pub use settings::Settings;

use crate::{
    accounts::{Accounts, Organisations, People, Team},
    activity::ActivityLog,
    core::Core,
    deliveries::Deliveries,
    documents::{Documents, Links},
    front::Front,
    intake::Uploads,
    mail::Outbox,
    sessions::{Sessions, Tokens},
};

/// Every service, over one database, one store of blobs and one clock. Cheap to clone.
#[derive(Clone)]
pub struct Backend {
    /// Sign-up, verification, sign-in, passwords.
    pub accounts: Accounts,
    /// Ops: the set-up link, invitations.
    pub team: Team,
    /// Everybody's account, looked after by ops.
    pub people: People,
    /// Browser sessions.
    pub sessions: Sessions,
    /// Bearer tokens of the API.
    pub tokens: Tokens,
    /// Listing and deleting documents.
    pub documents: Documents,
    /// Sending documents to people, on terms.
    pub deliveries: Deliveries,
    /// Client companies, and who belongs to them.
    pub organisations: Organisations,
    /// Depositing files.
    pub uploads: Uploads,
    /// Minting links and opening them.
    pub links: Links,
    /// Reading the activity log.
    pub activity: ActivityLog,
    /// The proxy in front.
    pub front: Front,
    /// Mail on its way out.
    pub outbox: Outbox,
    core: Arc<Core>,
}

impl Backend {
    /// Puts the services together over an open database (migrated), storage, clock, randomness and mail transport.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let core = Arc::new(Core::new(parts));
        Self {
            accounts: Accounts::new(core.clone()),
            team: Team::new(core.clone()),
            people: People::new(core.clone()),
            sessions: Sessions::new(core.clone()),
            tokens: Tokens::new(core.clone()),
            documents: Documents::new(core.clone()),
            deliveries: Deliveries::new(core.clone()),
            organisations: Organisations::new(core.clone()),
            uploads: Uploads::new(core.clone()),
            links: Links::new(core.clone()),
            activity: ActivityLog::new(core.clone()),
            front: Front::new(core.clone()),
            outbox: Outbox::new(core.clone()),
            core,
        }
    }

    /// The settings it runs with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.core.settings
    }

    /// Now, by the clock that was passed in. It never goes back.
    #[must_use]
    pub fn now(&self) -> domain::Timestamp {
        self.core.now()
    }
}
