//! Bodies that are still arriving. They take no place from anybody, only memory, which is bounded here.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// Bodies that arrive at the same time. Each is at most 64 KiB, so all of them together are at most 64 MiB.
const ALL: usize = 1_024;

/// Of these, from one group of addresses.
const EACH: usize = 64;

/// Bodies on their way. When there are too many, the one that has been arriving for longest is given up: whoever sends
/// a body as fast as the network takes it is done long before its turn comes.
pub struct Arrivals {
    all: usize,
    each: usize,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    next: u64,
    bodies: BTreeMap<u64, Body>,
    groups: HashMap<String, usize>,
}

struct Body {
    group: Option<String>,
    give_up: Arc<Notify>,
}

/// One body on its way.
pub(super) struct Arrival<'a> {
    arrivals: &'a Arrivals,
    ticket: u64,
    given_up: Arc<Notify>,
}

impl Default for Arrivals {
    fn default() -> Self {
        Self { all: ALL, each: EACH, waiting: Mutex::default() }
    }
}

impl Arrivals {
    /// A body begins to arrive; another one has to go if there are too many.
    pub(super) fn begin(&self, group: Option<String>) -> Arrival<'_> {
        let given_up = Arc::new(Notify::new());
        let mut waiting = self.waiting();
        let crowded = group.as_ref().filter(|group| waiting.groups.get(*group).is_some_and(|n| *n >= self.each));
        if crowded.is_some() {
            waiting.give_up_oldest(|body| body.group == group);
        } else if waiting.bodies.len() >= self.all {
            waiting.give_up_oldest(|_| true);
        }
        let ticket = waiting.next;
        waiting.next += 1;
        if let Some(group) = &group {
            *waiting.groups.entry(group.clone()).or_default() += 1;
        }
        waiting.bodies.insert(ticket, Body { group, give_up: given_up.clone() });
        Arrival { arrivals: self, ticket, given_up }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn give_up_oldest(&mut self, is_meant: impl Fn(&Body) -> bool) {
        let oldest = self.bodies.iter().find(|(_, body)| is_meant(body)).map(|(ticket, _)| *ticket);
        if let Some(body) = oldest.and_then(|ticket| self.remove(ticket)) {
            body.give_up.notify_one();
        }
    }

    fn remove(&mut self, ticket: u64) -> Option<Body> {
        let body = self.bodies.remove(&ticket)?;
        if let Some(group) = &body.group
            && let Some(count) = self.groups.get_mut(group)
        {
            *count -= 1;
            if *count == 0 {
                self.groups.remove(group);
            }
        }
        Some(body)
    }
}

impl Arrival<'_> {
    /// Waits until somebody else needs the room.
    pub(super) async fn given_up(&self) {
        self.given_up.notified().await;
    }
}

impl Drop for Arrival<'_> {
    fn drop(&mut self) {
        self.arrivals.waiting().remove(self.ticket);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    fn bounded() -> Arrivals {
        Arrivals { all: 3, each: 2, waiting: Mutex::default() }
    }

    fn is_given_up(arrival: &Arrival<'_>) -> bool {
        arrival.given_up().now_or_never().is_some()
    }

    #[test]
    fn the_oldest_of_a_group_that_sends_too_many_has_to_go() {
        let arrivals = bounded();
        let begin = |group: &str| arrivals.begin(Some(group.to_owned()));
        let (first, other, second) = (begin("a"), begin("b"), begin("a"));
        let third = begin("a");
        assert!(is_given_up(&first));
        assert!(![&other, &second, &third].into_iter().any(is_given_up));
    }

    #[test]
    fn the_oldest_of_all_has_to_go_when_there_are_too_many() {
        let arrivals = bounded();
        let [first, second, third, fourth] = [None, None, None, None].map(|group| arrivals.begin(group));
        assert!(is_given_up(&first));
        assert!(![&second, &third, &fourth].into_iter().any(is_given_up));
        drop(second);
        let fifth = arrivals.begin(None);
        assert!(![&third, &fourth, &fifth].into_iter().any(is_given_up), "an end makes room");
    }

    #[test]
    fn nothing_is_left_of_bodies_that_have_arrived() {
        let arrivals = bounded();
        for _ in 0..10 {
            drop(arrivals.begin(Some("a".to_owned())));
        }
        assert!(arrivals.waiting().groups.is_empty() && arrivals.waiting().bodies.is_empty());
    }
}
