//! What every route stands on.

use std::{ops::Deref, sync::Arc};

use axum::extract::FromRef;
use backend::{Backend, mail::MailFolder};
use leptos::config::LeptosOptions;
use tokio::sync::Semaphore;

use crate::{
    config::Config,
    middleware::{
        arrivals::Arrivals,
        places::{Places, Share},
        proxy::Proxies,
    },
};

/// Requests answered at the same time; more are told to come back. Downloads in flight do not count,
/// because their route has answered when the bytes begin to flow.
const REQUESTS: usize = 512;

/// Of these, from one group of addresses: an office has enough, and a flood takes turns.
const SHARE: Share = Share { places: 128, at_once: backend::AT_ONCE };

/// Questions of a supervisor at the same time.
const HEALTH: usize = 32;

/// Uploads taken at the same time, which bounds memory.
const UPLOADS: usize = 64;

/// The shared state. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// What is in it.
pub struct Shared {
    /// The services.
    pub backend: Backend,
    /// How the portal is reached.
    pub web: Web,
    pub(crate) leptos: LeptosOptions,
    pub(crate) arrivals: Arrivals,
    pub(crate) places: Places,
    pub(crate) health: Semaphore,
    pub(crate) uploads: Semaphore,
}

/// How the portal is reached, and by whom it is fronted.
#[derive(Clone, Debug, Default)]
pub struct Web {
    /// Whether people reach it over TLS.
    pub https: bool,
    /// Whether browsers are told to reach the hosts below this one over TLS only, too.
    pub hsts_subdomains: bool,
    /// Who is believed about where requests come from.
    pub proxies: Proxies,
    /// Where mail is written, on a portal that is for development: only such a one shows it, at `/dev/mail`.
    pub mail_folder: Option<MailFolder>,
}

impl Web {
    /// As the configuration says.
    #[must_use]
    pub fn configured(config: &Config) -> Self {
        Self {
            https: config.is_https(),
            hsts_subdomains: config.hsts_subdomains,
            proxies: Proxies { trusted: config.trusted_proxies.clone(), header: config.forwarded_header },
            mail_folder: config.is_development().then(|| MailFolder::at(&config.mail_folder())),
        }
    }
}

impl AppState {
    /// State over open services.
    #[must_use]
    pub fn new(backend: Backend, web: Web) -> Self {
        let leptos =
            LeptosOptions::builder().output_name("strongroom").site_pkg_dir("pkg").site_root("target/site").build();
        Self(Arc::new(Shared {
            backend,
            web,
            leptos,
            arrivals: Arrivals::default(),
            places: Places::new(REQUESTS, SHARE),
            health: Semaphore::new(HEALTH),
            uploads: Semaphore::new(UPLOADS),
        }))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
