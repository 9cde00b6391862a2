//! Opens what the services stand on, as the configuration says.

use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use backend::{
    Backend, Parts,
    clock::{Clock as _, SystemClock},
    db::Database,
    mail::{FolderTransport, MailFolder, MailTransport, SmtpTransport},
    random::OsRandom,
    storage::{self, Blobs, KeyRing, NoKeys, NotJoined},
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

/// Makes the data folder, for its owner alone.
pub(super) fn prepare_data(config: &Config) -> Result<(), Failure> {
    for folder in [config.data.clone(), blobs_folder(config), config.mail_folder()] {
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

/// Opens the database as it is: nothing is made and nothing brought up to date.
pub(super) async fn open_unchanged(config: &Config) -> Result<Database, Failure> {
    // SQLite makes no file without being told to (`mode=rwc`).
    let url = config.database_url.replace("mode=rwc", "mode=rw");
    let db = Database::connect(&url, Arc::new(OsRandom::default())).await;
    db.map_err(|error| Failure(format!("The database cannot be opened: {error}.")))
}

/// Asks the database as it is, and closes it.
pub(super) async fn with_database<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Database) -> backend::Result<T>,
) -> Result<T, Failure> {
    let db = open_unchanged(config).await?;
    let outcome = work(&db).await;
    db.close().await;
    outcome.map_err(|error| database_failed(&error))
}

/// Whether an embedded database has no file yet.
pub(super) fn is_database_to_be_made(config: &Config) -> bool {
    let file = config.database_url.strip_prefix("sqlite:").map(|url| url.trim_start_matches("//"));
    file.and_then(|url| url.split('?').next()).is_some_and(|file| !Path::new(file).exists())
}

/// Opens the store.
pub(super) fn blobs(config: &Config) -> Result<Blobs, Failure> {
    Blobs::in_folder(&blobs_folder(config)).map_err(|error| Failure(format!("The storage cannot be opened: {error}.")))
}

/// Reads the master keys, which have to be there.
pub(super) fn read_keys(config: &Config) -> Result<KeyRing, Failure> {
    let folder = keys_folder(config);
    let ring = KeyRing::read(&folder).map_err(|error| Failure(error.to_string()))?;
    ring.ok_or_else(|| Failure(format!("There are no master keys in {}.", folder.display())))
}

/// Opens everything. What belongs to another portal, or needs keys that are not there, is not opened.
pub(super) async fn open(config: &Config) -> Result<(Backend, Database), Failure> {
    prepare_data(config)?;
    let blobs = blobs(config)?;
    let db = open_database(config).await?;
    let random = Arc::new(OsRandom::default());
    let now = SystemClock.now();
    let joined = storage::join(&db, &blobs, storage::fresh_portal(random.as_ref(), now), now).await;
    joined.map_err(|error| not_joined(config, &error))?;
    let keys = open_keys(config, &db, random.as_ref()).await?;
    keys.note_active(&db, now).await.map_err(|error| database_failed(&error))?;
    Ok((assemble(config, db.clone(), blobs, keys).await?, db))
}

/// Puts the services together.
pub(super) async fn assemble(config: &Config, db: Database, blobs: Blobs, keys: KeyRing) -> Result<Backend, Failure> {
    let parts = Parts {
        db,
        blobs,
        keys,
        clock: Arc::new(SystemClock),
        random: Arc::new(OsRandom::default()),
        transport: transport(config)?,
        settings: config.settings.clone(),
    };
    let backend = Backend::new(parts);
    backend.resume_time().await.map_err(|error| Failure(format!("The database cannot be read: {error}.")))?;
    Ok(backend)
}

/// The master keys. They are made for a portal that has never had any, and for no other.
async fn open_keys(config: &Config, db: &Database, random: &OsRandom) -> Result<KeyRing, Failure> {
    let folder = keys_folder(config);
    let ring = KeyRing::read(&folder).map_err(|error| Failure(error.to_string()))?;
    let missing = NoKeys::find(db, ring.as_ref(), folder.join("master.keys")).await;
    if let Some(missing) = missing.map_err(|error| database_failed(&error))? {
        return Err(Failure(missing.to_string()));
    }
    match ring {
        Some(ring) => Ok(ring),
        None => KeyRing::open(&folder, random).map_err(|error| Failure(error.to_string())),
    }
}

fn not_joined(config: &Config, error: &NotJoined) -> Failure {
    match error {
        NotJoined::Apart(apart) => Failure(format!(
            "The files in {} and the database {} do not belong together: {apart}. Nothing was changed. Check data and \
             database_url, or restore the copy that is missing; if they are to be one portal, run: strongroom storage \
             adopt",
            blobs_folder(config).display(),
            config.shown_database_url()
        )),
        NotJoined::Failed(error) => Failure(format!("The database and the storage cannot be compared: {error}.")),
    }
}

/// A failure of the database, as a sentence.
pub(super) fn database_failed(error: &backend::Error) -> Failure {
    Failure(format!("The database failed: {error}."))
}

/// The state of the web server over open services.
pub(super) fn state(config: &Config, backend: Backend) -> AppState {
    AppState::new(backend, Web::configured(config))
}

/// How mail leaves.
pub(super) fn transport(config: &Config) -> Result<Arc<dyn MailTransport>, Failure> {
    match &config.smtp_url {
        None => Ok(Arc::new(FolderTransport::new(MailFolder::at(&config.mail_folder())))),
        Some(relay) => match SmtpTransport::new(relay.clone(), config.mail_hello.clone()) {
            Ok(transport) => Ok(Arc::new(transport)),
            Err(sentence) => Err(Failure(format!("The setting smtp_url cannot be used: {sentence}."))),
        },
    }
}
