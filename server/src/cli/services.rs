//! Opens what the services stand on, as the configuration says.

use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt as _, path::PathBuf, sync::Arc};

use backend::{
    Backend, Parts,
    clock::SystemClock,
    db::Database,
    mail::{FolderTransport, MailFolder, MailTransport, SmtpTransport},
    random::OsRandom,
    storage::{Blobs, KeyRing},
};

use super::Failure;
use crate::{
    config::Config,
    state::{AppState, Web},
};

/// Where sealed files lie.
pub(super) fn blobs_folder(config: &Config) -> PathBuf {
    config.data.join("blobs")
}

/// Where the master keys lie.
pub(super) fn keys_folder(config: &Config) -> PathBuf {
    config.data.join("keys")
}

/// Where mail is written while there is no mail server.
pub(super) fn mail_folder(config: &Config) -> PathBuf {
    config.data.join("mail")
}

/// Makes the data folder, for its owner alone.
pub(super) fn prepare_data(config: &Config) -> Result<(), Failure> {
    for folder in [config.data.clone(), blobs_folder(config), mail_folder(config)] {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|error| Failure(format!("The folder {} cannot be made: {error}.", folder.display())))?;
    }
    Ok(())
}

/// Opens the database and brings it up to date.
pub(super) async fn open_database(config: &Config) -> Result<Database, Failure> {
    let failed = |step: &str, error: backend::Error| Failure(format!("The database cannot be {step}: {error}."));
    let random = Arc::new(OsRandom::default());
    let db = Database::connect(&config.database_url, random).await.map_err(|error| failed("opened", error))?;
    db.migrate().await.map_err(|error| failed("brought up to date", error))?;
    Ok(db)
}

/// Opens everything.
pub(super) async fn open(config: &Config) -> Result<(Backend, Database), Failure> {
    prepare_data(config)?;
    let random = OsRandom::default();
    let keys = KeyRing::open(&keys_folder(config), &random).map_err(|error| Failure(error.to_string()))?;
    let blobs = Blobs::in_folder(&blobs_folder(config))
        .map_err(|error| Failure(format!("The storage cannot be opened: {error}.")))?;
    let db = open_database(config).await?;
    let parts = Parts {
        db: db.clone(),
        blobs,
        keys,
        clock: Arc::new(SystemClock),
        random: Arc::new(random),
        transport: transport(config)?,
        settings: config.settings.clone(),
    };
    let backend = Backend::new(parts);
    backend.resume_time().await.map_err(|error| Failure(format!("The database cannot be read: {error}.")))?;
    Ok((backend, db))
}

/// The state of the web server over open services.
pub(super) fn state(config: &Config, backend: Backend) -> AppState {
    let mail_folder = config.smtp_url.is_none().then(|| MailFolder::at(&mail_folder(config)));
    let web = Web { https: config.is_https(), trusted_proxies: config.trusted_proxies.clone(), mail_folder };
    AppState::new(backend, web)
}

/// How mail leaves.
pub(super) fn transport(config: &Config) -> Result<Arc<dyn MailTransport>, Failure> {
    match &config.smtp_url {
        None => Ok(Arc::new(FolderTransport::new(MailFolder::at(&mail_folder(config))))),
        Some(relay) => match SmtpTransport::new(relay.clone(), config.mail_hello.clone()) {
            Ok(transport) => Ok(Arc::new(transport)),
            Err(sentence) => Err(Failure(format!("The setting smtp_url cannot be used: {sentence}."))),
        },
    }
}
