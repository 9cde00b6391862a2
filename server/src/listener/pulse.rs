//! What a connection is doing, as far as time is concerned.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Poll, Waker, ready},
    time::Duration,
};

use http::Version;
use tokio::time::{Instant, sleep_until};

use super::Limits;

/// The life signs of one connection.
pub(super) struct Pulse {
    state: Mutex<State>,
    idle: Arc<Idle>,
    /// Somebody else needs the place.
    is_unwanted: AtomicBool,
}

struct State {
    /// Requests whose answer is not finished.
    requests: usize,
    /// Since when, and for what, the client is waited for; `None` while there are requests.
    quiet: Option<Quiet>,
    /// Since when the client takes nothing of what it is sent.
    blocked: Option<Instant>,
    /// Bytes need not be the beginning of a request.
    multiplexed: bool,
    waker: Option<Waker>,
}

#[derive(Clone, Copy)]
struct Quiet {
    since: Instant,
    awaits: Awaits,
    /// Its place among the idle ones.
    ticket: u64,
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

/// The connections that nobody would miss, the one that is idle for longest in front.
#[derive(Default)]
pub(super) struct Idle(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    next: u64,
    waiting: BTreeMap<u64, Weak<Pulse>>,
}

/// A request that is being answered. Its end is that of its answer.
pub(super) struct Busy(Arc<Pulse>);

impl Idle {
    /// Ends the connection that is idle for longest.
    pub(super) fn end_oldest(&self) {
        let oldest = locked(&self.0).waiting.pop_first();
        if let Some(pulse) = oldest.and_then(|(_, pulse)| pulse.upgrade()) {
            pulse.is_unwanted.store(true, Ordering::Relaxed);
            if let Some(waker) = locked(&pulse.state).waker.take() {
                waker.wake();
            }
        }
    }

    fn enter(&self, pulse: Weak<Pulse>) -> u64 {
        let mut queue = locked(&self.0);
        queue.next += 1;
        let ticket = queue.next;
        queue.waiting.insert(ticket, pulse);
        ticket
    }

    fn leave(&self, ticket: u64) {
        locked(&self.0).waiting.remove(&ticket);
    }
}

impl Pulse {
    /// The pulse of a connection that has just been accepted.
    pub(super) fn new(idle: Arc<Idle>) -> Arc<Self> {
        Arc::new_cyclic(|pulse| {
            let ticket = idle.enter(pulse.clone());
            let quiet = Some(Quiet { since: Instant::now(), awaits: Awaits::FirstByte, ticket });
            let state = State { requests: 0, quiet, blocked: None, multiplexed: false, waker: None };
            Self { state: Mutex::new(state), idle, is_unwanted: AtomicBool::new(false) }
        })
    }

    /// Bytes have arrived.
    pub(super) fn received(self: &Arc<Self>) {
        let mut state = locked(&self.state);
        let begins = state.quiet.is_some_and(|quiet| quiet.awaits != Awaits::Head) && !state.multiplexed;
        if begins {
            self.wait_for(Awaits::Head, &mut state);
        }
    }

    /// The client has taken bytes.
    pub(super) fn sent(self: &Arc<Self>) {
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
        state.multiplexed = version == Version::HTTP_2;
        if let Some(quiet) = state.quiet.take() {
            self.idle.leave(quiet.ticket);
        }
        Busy(self.clone())
    }

    fn wait_for(self: &Arc<Self>, awaits: Awaits, state: &mut State) {
        if let Some(quiet) = state.quiet.take() {
            self.idle.leave(quiet.ticket);
        }
        let ticket = self.idle.enter(Arc::downgrade(self));
        state.quiet = Some(Quiet { since: Instant::now(), awaits, ticket });
    }
}

impl Busy {
    /// Whether other requests may be answered on the same connection meanwhile.
    pub(super) fn is_multiplexed(&self) -> bool {
        locked(&self.0.state).multiplexed
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = locked(&self.0.state);
        state.requests -= 1;
        if state.requests == 0 {
            self.0.wait_for(Awaits::Request, &mut state);
        }
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(quiet) = state.quiet {
            self.idle.leave(quiet.ticket);
        }
    }
}

impl State {
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
                if pulse.is_unwanted.load(Ordering::Relaxed) && state.quiet.is_some() {
                    return Poll::Ready(true);
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
