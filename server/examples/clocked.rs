//! `strongroom serve` with a clock that can be moved, for the browser tests: expiry and retries are tried without waiting.
//!
//! Settings come from `STRONGROOM_…` variables. Besides the portal's own routes there is
//! `POST /test/clock?advance=SECONDS`. It listens on the loopback interface only.

use std::{
    error::Error,
    fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::Query, routing::post};
use backend::{
    Backend, Parts,
    clock::{Clock, SystemClock},
    db::Database,
    mail::{FolderTransport, MailFolder, MailTransport, SmtpTransport},
    random::OsRandom,
    storage::{self, Blobs, KeyRing},
};
use domain::Timestamp;
use serde::Deserialize;
use server::{
    AppState, Web,
    config::{Config, Layers},
    listener::{self, Limits, Listener},
    router,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// The machine's clock, so many seconds ahead.
#[derive(Default)]
struct MovableClock {
    ahead: AtomicU64,
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().after(self.ahead())
    }

    fn passed(&self) -> Duration {
        SystemClock.passed() + self.ahead()
    }
}

impl MovableClock {
    fn ahead(&self) -> Duration {
        Duration::from_secs(self.ahead.load(Ordering::SeqCst))
    }
}

/// How far to move the clock.
#[derive(Deserialize)]
struct Move {
    advance: u64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::parse(&Layers::gather(None, std::env::vars(), [])?)?;
    if !config.listen.is_loopback() {
        return Err("A server whose clock anybody can move listens on the loopback interface only.".into());
    }
    let clock = Arc::new(MovableClock::default());
    let mails = MailFolder::at(&config.data.join("mail"));
    let (backend, db) = open(&config, clock.clone(), &mails).await?;
    let web = Web::configured(&config);

    let (shutdown, stopping) = watch::channel(false);
    let worker = tokio::spawn({
        let backend = backend.clone();
        async move { backend.run_worker(stopping).await }
    });
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async move {
        terminate.recv().await;
    };
    let routes = router(AppState::new(backend, web)).merge(control(clock));
    listener::serve(Listener::bind(&config.listen).await?, routes, Limits::default(), stop).await;
    shutdown.send_replace(true);
    worker.await?;
    db.close().await;
    Ok(())
}

/// Opens what the services stand on, as `strongroom serve` does.
async fn open(
    config: &Config,
    clock: Arc<dyn Clock>,
    mails: &MailFolder,
) -> Result<(Backend, Database), Box<dyn Error>> {
    for folder in ["blobs", "mail"] {
        fs::create_dir_all(config.data.join(folder))?;
    }
    let random = Arc::new(OsRandom::default());
    let db = Database::connect(&config.database_url, random.clone()).await?;
    db.migrate().await?;
    let transport: Arc<dyn MailTransport> = match &config.smtp_url {
        Some(relay) => Arc::new(SmtpTransport::new(relay.clone(), config.mail_hello.clone())?),
        None => Arc::new(FolderTransport::new(mails.clone())),
    };
    let blobs = Blobs::in_folder(&config.data.join("blobs"))?;
    let keys = KeyRing::open(&config.data.join("keys"), random.as_ref())?;
    storage::join(&db, &blobs, storage::fresh_portal(random.as_ref(), clock.now()), clock.now()).await?;
    let backend = Backend::new(Parts {
        db: db.clone(),
        blobs,
        keys,
        clock,
        random,
        transport,
        settings: config.settings.clone(),
    });
    Ok((backend, db))
}

/// The one route that the portal does not have.
fn control(clock: Arc<MovableClock>) -> Router {
    let advance = move |Query(Move { advance }): Query<Move>| async move {
        clock.ahead.fetch_add(advance, Ordering::SeqCst);
    };
    Router::new().route("/test/clock", post(advance))
}
