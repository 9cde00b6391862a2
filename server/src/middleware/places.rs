//! Places for requests that are being answered.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// A bounded number of places, of which one group of addresses gets a part only; and of these, only some at the same
/// time: the others wait, so that a flood from one network takes turns with everybody else.
pub struct Places {
    all: Semaphore,
    share: Share,
    groups: Mutex<HashMap<String, Group>>,
}

/// What one group of addresses gets.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// Places, of those that wait too.
    pub places: usize,
    /// Requests answered at the same time.
    pub at_once: usize,
}

struct Group {
    taken: usize,
    turns: Arc<Semaphore>,
}

/// A place that is taken.
pub(super) struct Place<'a> {
    _seat: Option<Seat<'a>>,
    _turn: Option<OwnedSemaphorePermit>,
    _permit: SemaphorePermit<'a>,
}

/// A place among those of a group, given back when dropped.
struct Seat<'a> {
    places: &'a Places,
    group: String,
}

impl Places {
    /// So many places, and such a share for one group.
    #[must_use]
    pub fn new(all: usize, share: Share) -> Self {
        Self { all: Semaphore::new(all), share, groups: Mutex::default() }
    }

    /// A place, if there is one for this group, once it is its turn. Requests of which nobody knows whence they come
    /// are no group.
    pub(super) async fn take(&self, group: Option<String>) -> Option<Place<'_>> {
        let permit = self.all.try_acquire().ok()?;
        let Some(group) = group else { return Some(Place { _seat: None, _turn: None, _permit: permit }) };
        let (seat, turns) = self.sit(group)?;
        let turn = turns.acquire_owned().await.ok()?;
        Some(Place { _seat: Some(seat), _turn: Some(turn), _permit: permit })
    }

    fn sit(&self, name: String) -> Option<(Seat<'_>, Arc<Semaphore>)> {
        let mut groups = self.groups();
        let new = || Group { taken: 0, turns: Arc::new(Semaphore::new(self.share.at_once)) };
        let group = groups.entry(name.clone()).or_insert_with(new);
        if group.taken >= self.share.places {
            return None;
        }
        group.taken += 1;
        Some((Seat { places: self, group: name }, group.turns.clone()))
    }

    fn groups(&self) -> MutexGuard<'_, HashMap<String, Group>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut groups = self.places.groups();
        if let Some(group) = groups.get_mut(&self.group) {
            group.taken -= 1;
            if group.taken == 0 {
                groups.remove(&self.group);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;
    use std::pin::pin;

    /// What somebody who does not wait gets.
    fn take<'a>(places: &'a Places, group: &str) -> Option<Place<'a>> {
        places.take(Some(group.to_owned())).now_or_never().flatten()
    }

    #[test]
    fn one_group_cannot_take_all_places() {
        let places = Places::new(3, Share { places: 2, at_once: 2 });
        let (first, _second) = (take(&places, "a").expect("a place"), take(&places, "a").expect("a place"));
        assert!(take(&places, "a").is_none());
        let other = take(&places, "b").expect("the last place");
        assert!(take(&places, "c").is_none() && places.take(None).now_or_never().flatten().is_none());
        drop((first, other));
        assert!(take(&places, "a").is_some() && places.take(None).now_or_never().flatten().is_some());
        assert_eq!(places.groups().len(), 1, "groups without a place are forgotten");
    }

    #[test]
    fn those_of_a_group_who_are_many_take_turns_and_nobody_else_waits_for_them() {
        let places = Places::new(9, Share { places: 3, at_once: 1 });
        let first = take(&places, "a").expect("its turn");
        let mut second = pin!(places.take(Some("a".to_owned())));
        assert!(second.as_mut().now_or_never().is_none(), "it waits");
        assert!(take(&places, "b").is_some());
        drop(first);
        let second = second.now_or_never().flatten().expect("its turn has come");
        assert!(places.groups().contains_key("a"));
        drop(second);
        assert!(places.groups().is_empty());
    }

    #[test]
    fn who_leaves_while_waiting_leaves_no_place_taken() {
        let places = Places::new(9, Share { places: 2, at_once: 1 });
        let first = take(&places, "a").expect("its turn");
        assert!(take(&places, "a").is_none(), "it waits, and goes away");
        drop(first);
        assert!(places.groups().is_empty());
    }
}
