//! `strongroom serve`.

use std::io::{self, Write};

use domain::PlainSecret;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use super::{Failure, descriptors, services};
use crate::{
    config::Config,
    listener::{self, Limits, Listener},
    router::router,
};

/// Serves until SIGTERM or SIGINT, then lets requests in flight end.
pub(super) async fn serve(mut config: Config) -> Result<(), Failure> {
    config.insist_on_mail()?;
    let limits = Limits { keep_alive: config.keep_alive, ..Limits::default() }.within(descriptors::raise());
    let listener = Listener::bind(&config.listen)
        .await
        .map_err(|error| Failure(format!("Listening on {} is not possible: {error}.", config.listen)))?;
    if let (Some(own), Some(actual)) = (config.listen.own_address(), listener.address())
        && own.ends_with(":0")
        && config.settings.base_url == format!("http://{own}")
    {
        // The system chose the port, so only now is the address known that links start with.
        config.settings.base_url = format!("http://{}{}", own.trim_end_matches('0'), actual.port());
    }
    let stop = stop_signal()?;
    let (backend, db) = services::open(&config).await?;
    let setup = backend.team.setup_secret().await.map_err(|error| Failure(format!("The database failed: {error}.")))?;
    announce(&config, setup.as_ref());

    let (shutdown, stopping) = watch::channel(false);
    let worker = tokio::spawn({
        let backend = backend.clone();
        async move { backend.run_worker(stopping).await }
    });
    listener::serve(listener, router(services::state(&config, backend)), limits, stop).await;
    tracing::info!("stopping");
    // Nobody listens any more when the worker has ended already.
    let _ = shutdown.send(true);
    if let Err(error) = worker.await {
        tracing::error!(%error, "the worker did not end well");
    }
    db.close().await;
    Ok(())
}

fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    let failed = |error| Failure(format!("Signals cannot be received: {error}."));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Says on standard output where the portal is, and how its first ops account comes to be.
fn announce(config: &Config, setup: Option<&PlainSecret>) {
    // Nobody has to be reading: a terminal that is gone must not end the portal.
    _ = write_announcement(&mut io::stdout().lock(), config, setup);
}

fn write_announcement(out: &mut impl Write, config: &Config, setup: Option<&PlainSecret>) -> io::Result<()> {
    let base = &config.settings.base_url;
    writeln!(out, "{} is at {base}", config.settings.portal_name)?;
    let folder = config.mail_folder();
    if config.is_development() {
        writeln!(out, "Mail is written into {} and can be read at {base}/dev/mail", folder.display())?;
    } else if config.smtp_url.is_none() {
        writeln!(out, "Mail reaches nobody: it is written into {}, as smtp_url says", folder.display())?;
    }
    if let Some(secret) = setup {
        writeln!(out, "There is no ops account yet. Make the first one here (the link works once):")?;
        writeln!(out, "  {base}/setup/{}", secret.expose())?;
    }
    Ok(())
}
