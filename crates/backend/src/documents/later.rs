//! What is written down about a download, off the path of its bytes: while the database cannot be written, bytes flow
//! all the same, and what is to be written waits its turn.

use std::{sync::Arc, time::Duration};

use tokio::{runtime::Handle, sync::watch, time};

use crate::error::{Error, Result};

/// What waits to be written down. Cheap to clone; all clones are one queue.
#[derive(Clone)]
pub(super) struct Later(Arc<watch::Sender<usize>>);

/// A place in the queue, for as long as it is held.
pub(super) struct Place(Arc<watch::Sender<usize>>);

/// What waits at most. One entry is a few hundred bytes.
const PLACES: usize = 10_000;
/// How often the database is asked again, first after a second and then after twice as long each time: eight minutes.
const TRIES: u32 = 9;

impl Default for Later {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Later {
    /// Takes a place; `None` when there is no more.
    pub(super) fn place(&self) -> Option<Place> {
        let taken = self.0.send_if_modified(|count| {
            let free = *count < PLACES;
            *count += usize::from(free);
            free
        });
        taken.then(|| Place(self.0.clone()))
    }

    /// Writes something down, as soon as it can be.
    pub(super) fn write<F>(&self, what: &'static str, work: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<()>> + Send,
    {
        let (Some(place), Ok(runtime)) = (self.place(), Handle::try_current()) else {
            tracing::warn!(what, "there is too much to write down, and this is not");
            return;
        };
        runtime.spawn(async move { place.write(what, work).await });
    }

    /// Waits until everything is written down.
    pub(super) async fn settle(&self) {
        // The sender is alive as long as this value is, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl Place {
    /// Does the work, again and again while the database fails, and gives the place free.
    pub(super) async fn write<F>(self, what: &'static str, work: impl Fn() -> F + Send + Sync)
    where
        F: Future<Output = Result<()>> + Send,
    {
        let mut tries = 0;
        while let Err(error) = work().await {
            if tries == TRIES || !matches!(error, Error::Database(_)) {
                tracing::error!(%error, what, "was not written down");
                return;
            }
            tracing::warn!(%error, what, "cannot be written down yet");
            time::sleep(Duration::from_secs(1 << tries)).await;
            tries += 1;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_waits_is_bounded() {
        let later = Later::default();
        let places: Vec<_> = (0..PLACES).map(|_| later.place().expect("free")).collect();
        assert!(later.place().is_none());
        drop(places);
        assert!(later.place().is_some());
    }
}
