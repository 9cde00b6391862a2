//! When a delivery gives what is in it.

use serde::{Deserialize, Serialize};

use crate::{
    problem::{ErrorCode, Problem},
    timestamp::Timestamp,
};

/// When a delivery gives what is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Terms {
    /// Not before this moment; `None`: at once, whatever the clock of whoever asks shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Until just before this moment; `None`: without an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// What terms come to at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It begins then.
    NotYet(Timestamp),
    /// It gives what is in it.
    Open,
    /// It ended then. An end goes before a beginning that would come after it.
    Over(Timestamp),
}

impl Terms {
    /// Terms that can still be had at `now`.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidTerms`] on `until`, when it is over by then or ends before it begins.
    pub fn agreed(from: Option<Timestamp>, until: Option<Timestamp>, now: Timestamp) -> Result<Self, Problem> {
        let begins = from.unwrap_or(now).max(now);
        if until.is_some_and(|until| until <= begins) {
            return Err(Problem::new(ErrorCode::InvalidTerms).on("until"));
        }
        Ok(Self { from, until })
    }

    /// How they stand.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Standing {
        match (self.from, self.until) {
            (_, Some(until)) if until <= now => Standing::Over(until),
            (Some(from), _) if now < from => Standing::NotYet(from),
            _ => Standing::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn terms_are_open_from_their_beginning_until_just_before_their_end() {
        let terms = Terms { from: Some(at(1_000)), until: Some(at(2_000)) };
        for (now, standing) in [
            (999, Standing::NotYet(at(1_000))),
            (1_000, Standing::Open),
            (1_999, Standing::Open),
            (2_000, Standing::Over(at(2_000))),
            (i64::MAX, Standing::Over(at(2_000))),
        ] {
            assert_eq!(terms.at(at(now)), standing, "at {now}");
        }
    }

    #[test]
    fn terms_without_an_end_or_a_beginning_have_none() {
        for now in [i64::MIN, 0, i64::MAX] {
            assert_eq!(Terms::default().at(at(now)), Standing::Open);
        }
        assert_eq!(Terms { from: Some(at(5)), until: None }.at(at(i64::MAX)), Standing::Open);
        assert_eq!(Terms { from: None, until: Some(at(5)) }.at(at(i64::MIN)), Standing::Open);
    }

    #[test]
    fn what_can_never_be_had_is_not_agreed() {
        let agreed = |from: Option<i64>, until: Option<i64>| {
            Terms::agreed(from.map(at), until.map(at), at(1_000)).map_err(|problem| problem.field)
        };
        for (from, until) in [(None, None), (None, Some(1_001)), (Some(5), Some(1_001)), (Some(2_000), Some(2_001))] {
            assert!(agreed(from, until).is_ok(), "{from:?} {until:?}");
        }
        for (from, until) in [(None, Some(1_000)), (Some(5), Some(999)), (Some(2_000), Some(2_000))] {
            assert_eq!(agreed(from, until), Err(Some("until".to_owned())), "{from:?} {until:?}");
        }
    }

    #[test]
    fn terms_that_end_before_they_begin_are_never_open() {
        let terms = Terms { from: Some(at(2_000)), until: Some(at(1_000)) };
        for now in [999, 1_000, 1_500, 2_000] {
            assert_ne!(terms.at(at(now)), Standing::Open, "at {now}");
        }
    }
}
