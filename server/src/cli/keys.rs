//! `strongroom keys`: which master keys there are, and a new one.

use backend::{random::OsRandom, storage::KeyRing};

use super::{Failure, services};
use crate::config::Config;

/// Makes a fresh key the active one and wraps the keys of all documents under it. The portal may be running: its worker
/// does the same with what it deposited meanwhile.
pub(super) async fn rotate(config: &Config) -> Result<(), Failure> {
    let (backend, db) = services::open(config).await?;
    let ring = services::read_keys(config)?;
    ring.rotate(&OsRandom::default()).map_err(|error| Failure(error.to_string()))?;
    let folder = services::keys_folder(config);
    println!("A fresh master key is active. Keep a new copy of {} in a safe place.", folder.display());
    let rewrapped = backend.documents.rotated().await.map_err(|error| services::database_failed(&error))?;
    println!("The keys of {} document versions were wrapped anew.", rewrapped.done);
    db.close().await;
    match rewrapped.failed {
        0 => Ok(()),
        failed => Err(Failure(format!(
            "{failed} document versions could not be dealt with; the log above says why. Keep the old keys, and look \
             with: strongroom doctor"
        ))),
    }
}

/// Prints each key and what is sealed under it.
pub(super) async fn status(config: &Config) -> Result<(), Failure> {
    let uses = services::with_database(config, KeyRing::uses).await?;
    let ring = services::read_keys(config)?;
    let ids = ring.ids();
    for (place, id) in ids.iter().enumerate() {
        let used = uses.iter().find(|key| key.id == *id);
        let versions = used.map_or(0, |key| key.versions);
        let about = match (place, versions, used) {
            (0, _, _) => "active",
            (_, 0, None) => "not needed any more; its line can be taken out",
            _ => "still needed",
        };
        println!("{id}  {versions:>8} document versions  {about}");
    }
    for key in uses.iter().filter(|key| !ids.contains(&key.id)) {
        println!("{}  {:>8} document versions  MISSING; put it back from its copy", key.id, key.versions);
    }
    Ok(())
}
