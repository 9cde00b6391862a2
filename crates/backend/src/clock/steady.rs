//! A clock that never goes back.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::Timestamp;

use super::Clock;

/// The time by which everything expires, waits and is written down.
///
/// When the clock below is set back, nothing that has expired may live again, and nobody may wait for an hour because
/// an hour came twice. So time goes on from where it was, at half its speed, until the clock has caught up: a link that
/// lives ten minutes then lives twenty at most. A step of more than a day is no slip but a clock that was plainly wrong
/// before, and is followed at once.
pub(crate) struct SteadyClock {
    clock: Arc<dyn Clock>,
    latest: Mutex<Latest>,
}

/// The latest moment at which the clock below was believed.
struct Latest {
    at: Timestamp,
    passed: Duration,
    /// Whether the clock below is behind, and that was said.
    behind: bool,
}

/// How far back the clock below may be set without being followed.
pub(crate) const LONGEST_STEP: Duration = Duration::from_secs(24 * 3600);
/// Less than this is what time servers do all day.
const WORTH_A_WORD: Duration = Duration::from_secs(10);

impl SteadyClock {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let latest = Latest { at: clock.now(), passed: clock.passed(), behind: false };
        Self { clock, latest: Mutex::new(latest) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let (told, passed) = (self.clock.now(), self.clock.passed());
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let steady = latest.at.after(passed.saturating_sub(latest.passed) / 2);
        let behind_by = steady.since(told);
        if behind_by.is_zero() || behind_by > LONGEST_STEP {
            if latest.behind || !behind_by.is_zero() {
                tracing::warn!(?behind_by, now = %told.rfc3339(), "the clock is followed again");
            }
            *latest = Latest { at: told, passed, behind: false };
            return told;
        }
        if !latest.behind && behind_by > WORTH_A_WORD {
            latest.behind = true;
            tracing::warn!(?behind_by, now = %steady.rfc3339(), "the clock was set back; time goes on from where it was");
        }
        steady
    }

    /// What has passed, whatever the clock was set to.
    pub(crate) fn passed(&self) -> Duration {
        self.clock.passed()
    }

    /// Time has been at `moment` already: before a restart, or on another machine.
    pub(crate) fn has_been(&self, moment: Timestamp) {
        if moment > self.now() {
            let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
            *latest = Latest { at: moment, passed: self.clock.passed(), behind: false };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    const START: Timestamp = Timestamp::from_millis(1_795_356_300_000);
    const MINUTE: Duration = Duration::from_secs(60);
    const HOUR: Duration = Duration::from_secs(3600);

    fn steady() -> (Arc<ManualClock>, SteadyClock) {
        let clock = Arc::new(ManualClock::new(START));
        (clock.clone(), SteadyClock::new(clock))
    }

    #[test]
    fn it_follows_a_clock_that_goes_on_or_is_set_forward() {
        let (clock, steady) = steady();
        clock.advance(MINUTE);
        assert_eq!(steady.now(), START.after(MINUTE));
        clock.set(START.after(HOUR));
        assert_eq!(steady.now(), START.after(HOUR));
    }

    #[test]
    fn set_back_it_neither_goes_back_nor_stands_still() {
        let (clock, steady) = steady();
        clock.set(START.before(HOUR));
        assert_eq!(steady.now(), START);
        clock.advance(10 * MINUTE);
        assert_eq!(steady.now(), START.after(5 * MINUTE));
        clock.advance(110 * MINUTE);
        assert_eq!(steady.now(), START.after(HOUR), "the clock has caught up");
        clock.advance(MINUTE);
        assert_eq!(steady.now(), START.after(61 * MINUTE), "and is followed again");
    }

    #[test]
    fn many_small_steps_come_to_the_same() {
        let (clock, steady) = steady();
        clock.set(START.before(HOUR));
        for _ in 0..10_000 {
            clock.advance(Duration::from_millis(1));
            steady.now();
        }
        assert_eq!(steady.now(), START.after(Duration::from_secs(5)));
    }

    #[test]
    fn a_clock_that_was_plainly_wrong_is_followed_back() {
        let (clock, steady) = steady();
        clock.set(START.after(400 * 24 * HOUR));
        steady.now();
        clock.set(START.after(MINUTE));
        assert_eq!(steady.now(), START.after(MINUTE));
    }

    #[test]
    fn it_goes_on_from_where_time_has_been_before() {
        let (clock, steady) = steady();
        steady.has_been(START.after(HOUR));
        assert_eq!(steady.now(), START.after(HOUR));
        clock.advance(MINUTE);
        assert_eq!(steady.now(), START.after(HOUR + MINUTE / 2));
        steady.has_been(START);
        assert_eq!(steady.now(), START.after(HOUR + MINUTE / 2));
        steady.has_been(START.after(400 * 24 * HOUR));
        assert_eq!(steady.now(), START.after(MINUTE), "what cannot be is not believed");
    }
}
