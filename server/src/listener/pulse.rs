//! What a connection is doing, as far as time is concerned.

use std::{
    cmp::Reverse,
    collections::HashMap,
    future::poll_fn,
    net::IpAddr,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Poll, Waker, ready},
    time::Duration,
};

use http::Version;
use tokio::time::{Instant, sleep_until};

use super::Limits;

/// The life signs of one connection.
pub(super) struct Pulse {
    state: Mutex<State>,
    network: Option<IpAddr>,
    crowd: Arc<Crowd>,
    ticket: u64,
}

struct State {
    /// Requests whose answer is not finished.
    requests: usize,
    /// Those among them of whose answer it is for the portal to give the next bytes.
    owed: usize,
    /// When it last ceased to owe any.
    settled: Instant,
    /// Since when, and for what, the client is waited for; `None` while there are requests.
    quiet: Option<Quiet>,
    /// Since when the client takes nothing of what it is sent.
    blocked: Option<Instant>,
    /// Bytes need not be the beginning of a request.
    multiplexed: bool,
    /// Somebody else needs the place; no longer, once the client has done its part.
    is_unwanted: bool,
    waker: Option<Waker>,
}

#[derive(Clone, Copy)]
struct Quiet {
    since: Instant,
    awaits: Awaits,
}

#[derive(Clone, Copy, PartialEq)]
enum Awaits {
    /// The first byte of a connection.
    FirstByte,
    /// The rest of a head.
    Head,
    /// The next request.
    Request,
}

/// All connections. It knows whose end costs the fewest people the least.
#[derive(Default)]
pub(super) struct Crowd(Mutex<Members>);

#[derive(Default)]
struct Members {
    next: u64,
    pulses: HashMap<u64, Weak<Pulse>>,
}

/// A connection that could make room, the first to go being the least: that of the network which has the most, one
/// that nobody waits for before one that is being sent something, and the one that has been so for longest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Dispensable {
    neighbours: Reverse<usize>,
    is_stalled: bool,
    since: Instant,
    ticket: u64,
}

/// A request that is being answered. Its end is that of its answer.
pub(super) struct Busy {
    pulse: Arc<Pulse>,
    /// Since when it is for the client to take what was given; `None` while the portal owes it something.
    given_at: Option<Instant>,
}

/// Of so many connections one goes when room is needed, so that it is not looked for again at once.
const SHARE: usize = 256;

impl Crowd {
    /// Ends the connections that are missed the least.
    pub(super) fn make_room(&self, limits: &Limits) {
        let pulses: Vec<Arc<Pulse>> = locked(&self.0).pulses.values().filter_map(Weak::upgrade).collect();
        let mut networks: HashMap<Option<IpAddr>, usize> = HashMap::new();
        for pulse in &pulses {
            *networks.entry(pulse.network).or_default() += 1;
        }
        let dispensable = |pulse: &Arc<Pulse>| {
            let neighbours = Reverse(networks.get(&pulse.network).copied().unwrap_or_default());
            let (is_stalled, since) = locked(&pulse.state).dispensable_since(limits)?;
            Some((Dispensable { neighbours, is_stalled, since, ticket: pulse.ticket }, pulse.clone()))
        };
        let mut dispensable: Vec<_> = pulses.iter().filter_map(dispensable).collect();
        dispensable.sort_unstable_by_key(|(place, _)| *place);
        for (_, pulse) in dispensable.into_iter().take(pulses.len() / SHARE + 1) {
            let mut state = locked(&pulse.state);
            state.is_unwanted = true;
            if let Some(waker) = state.waker.take() {
                waker.wake();
            }
        }
    }
}

impl Pulse {
    /// The pulse of a connection that has just been accepted, from a network of those that one client has to itself;
    /// proxies on this machine are one of them.
    pub(super) fn new(crowd: Arc<Crowd>, network: Option<IpAddr>) -> Arc<Self> {
        let mut members = locked(&crowd.0);
        let ticket = members.next;
        members.next += 1;
        let quiet = Some(Quiet { since: Instant::now(), awaits: Awaits::FirstByte });
        let state = State {
            requests: 0,
            owed: 0,
            settled: Instant::now(),
            quiet,
            blocked: None,
            multiplexed: false,
            is_unwanted: false,
            waker: None,
        };
        let pulse = Arc::new(Self { state: Mutex::new(state), network, crowd: crowd.clone(), ticket });
        members.pulses.insert(ticket, Arc::downgrade(&pulse));
        drop(members);
        pulse
    }

    /// Bytes have arrived.
    pub(super) fn received(&self) {
        let mut state = locked(&self.state);
        let begins = state.quiet.is_some_and(|quiet| quiet.awaits != Awaits::Head) && !state.multiplexed;
        if begins {
            state.wait_for(Awaits::Head);
        }
    }

    /// The client has taken bytes.
    pub(super) fn sent(&self) {
        let mut state = locked(&self.state);
        state.blocked = None;
        // The end of an answer may still be on its way when the next request is waited for.
        let is_multiplexed = state.multiplexed;
        let finishing = |quiet: &&mut Quiet| quiet.awaits == Awaits::Request && !is_multiplexed;
        if let Some(quiet) = state.quiet.as_mut().filter(finishing) {
            quiet.since = Instant::now();
        }
    }

    /// The client does not take what it is sent.
    pub(super) fn blocked(&self) {
        locked(&self.state).blocked.get_or_insert_with(Instant::now);
    }

    /// A request has arrived.
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> Busy {
        let mut state = locked(&self.state);
        state.requests += 1;
        state.owed += 1;
        state.multiplexed = version == Version::HTTP_2;
        state.quiet = None;
        state.is_unwanted = false;
        Busy { pulse: self.clone(), given_at: None }
    }
}

impl Busy {
    /// Whether other requests may be answered on the same connection meanwhile.
    pub(super) fn is_multiplexed(&self) -> bool {
        locked(&self.pulse.state).multiplexed
    }

    /// The client has asked for more of the answer.
    pub(super) fn owe(&mut self) {
        if self.given_at.take().is_some() {
            let mut state = locked(&self.pulse.state);
            state.owed += 1;
            state.is_unwanted = false;
        }
    }

    /// The portal has given what it was asked for, and it is for the client to take it.
    pub(super) fn give(&mut self) {
        let now = Instant::now();
        if self.given_at.replace(now).is_none() {
            locked(&self.pulse.state).settle(now);
        }
    }

    /// Since when the client has not asked for more; `None` while it waits for the portal.
    pub(super) fn given_at(&self) -> Option<Instant> {
        self.given_at
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.give();
        let mut state = locked(&self.pulse.state);
        state.requests -= 1;
        if state.requests == 0 {
            state.wait_for(Awaits::Request);
        }
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        locked(&self.crowd.0).pulses.remove(&self.ticket);
    }
}

impl State {
    fn wait_for(&mut self, awaits: Awaits) {
        self.quiet = Some(Quiet { since: Instant::now(), awaits });
    }

    fn settle(&mut self, now: Instant) {
        self.owed -= 1;
        if self.owed == 0 {
            self.settled = now;
        }
    }

    /// Whether the client is being sent something that it does not take, and since when nobody would miss it.
    fn dispensable_since(&self, limits: &Limits) -> Option<(bool, Instant)> {
        let is_stalled = self.requests > 0 && self.owed == 0 && self.settled.elapsed() >= limits.stalled;
        let stalled = is_stalled.then_some((true, self.settled));
        self.quiet.map(|quiet| (false, quiet.since)).or(stalled)
    }

    /// Until when the client has time, and whether no request is cut off then.
    fn deadline(&self, limits: &Limits, is_leaving: bool) -> Option<(Instant, bool)> {
        let quiet = self.quiet.map(|quiet| {
            let patience = match (quiet.awaits, is_leaving) {
                (Awaits::FirstByte | Awaits::Head, false) | (Awaits::Head, true) => limits.header,
                (Awaits::FirstByte, true) => Duration::ZERO,
                (Awaits::Request, false) => limits.keep_alive,
                (Awaits::Request, true) => limits.farewell_write,
            };
            (quiet.since + patience, true)
        });
        let patience = if is_leaving { limits.farewell_write } else { limits.write };
        let blocked = self.blocked.map(|since| (since + patience, false));
        quiet.into_iter().chain(blocked).min_by_key(|(at, _)| *at)
    }
}

/// Waits until the connection has to end; true when no request is cut off by that.
pub(super) async fn overdue(pulse: &Pulse, limits: &Limits, is_leaving: bool) -> bool {
    let mut alarm = pin!(sleep_until(Instant::now()));
    poll_fn(|context| {
        loop {
            let deadline = {
                let mut state = locked(&pulse.state);
                if state.is_unwanted {
                    return Poll::Ready(state.quiet.is_some());
                }
                state.waker = Some(context.waker().clone());
                state.deadline(limits, is_leaving)
            };
            let Some((at, is_quiet)) = deadline else { return Poll::Pending };
            if at <= Instant::now() {
                return Poll::Ready(is_quiet);
            }
            if alarm.deadline() != at {
                alarm.as_mut().reset(at);
            }
            ready!(alarm.as_mut().poll(context));
        }
    })
    .await
}

/// Nothing that is done under these locks can leave half of it undone.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
