//! `strongroom storage`: saying that a store and a database belong together.

use backend::{
    clock::{Clock as _, SystemClock},
    random::OsRandom,
    storage,
};

use super::{Failure, services};
use crate::config::Config;

/// Makes the store and the database that are configured one portal.
pub(super) async fn adopt(config: &Config) -> Result<(), Failure> {
    services::prepare_data(config)?;
    let blobs = services::blobs(config)?;
    let db = services::open_database(config).await?;
    let now = SystemClock.now();
    let adopted = storage::adopt(&db, &blobs, storage::fresh_portal(&OsRandom::default(), now), now).await;
    db.close().await;
    let id = adopted.map_err(|error| Failure(format!("They could not be brought together: {error}.")))?;
    println!("{} and the database are portal {id} now.", services::blobs_folder(config).display());
    println!("Files that the database names nowhere are set aside after 48 hours and removed a week later.");
    Ok(())
}
