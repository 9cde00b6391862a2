//! Places for requests that are being answered.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Semaphore, SemaphorePermit};

/// A bounded number of places, of which one group of addresses gets a part only.
pub struct Places {
    all: Semaphore,
    each: usize,
    groups: Mutex<HashMap<String, usize>>,
}

/// A place that is taken.
pub(super) struct Place<'a> {
    places: &'a Places,
    group: Option<String>,
    _permit: SemaphorePermit<'a>,
}

impl Places {
    /// So many places, and so many for one group.
    #[must_use]
    pub fn new(all: usize, each: usize) -> Self {
        Self { all: Semaphore::new(all), each, groups: Mutex::default() }
    }

    /// A place, if there is one for this group. Requests of which nobody knows whence they come are no group.
    pub(super) fn take(&self, group: Option<String>) -> Option<Place<'_>> {
        let permit = self.all.try_acquire().ok()?;
        if let Some(group) = &group {
            let mut groups = self.groups();
            let taken = groups.entry(group.clone()).or_default();
            if *taken >= self.each {
                return None;
            }
            *taken += 1;
        }
        Some(Place { places: self, group, _permit: permit })
    }

    fn groups(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let Some(group) = self.group.take() else { return };
        let mut groups = self.places.groups();
        if let Some(taken) = groups.get_mut(&group) {
            *taken -= 1;
            if *taken == 0 {
                groups.remove(&group);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_group_cannot_take_all_places() {
        let places = Places::new(3, 2);
        let take = |group: &str| places.take(Some(group.to_owned()));
        let (first, _second) = (take("a").expect("a place"), take("a").expect("a place"));
        assert!(take("a").is_none());
        let other = take("b").expect("the last place");
        assert!(take("c").is_none() && places.take(None).is_none());
        drop((first, other));
        assert!(take("a").is_some() && places.take(None).is_some());
        assert_eq!(places.groups().len(), 1, "groups without a place are forgotten");
    }
}
