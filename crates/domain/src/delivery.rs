//! Deliveries: documents given to an audience, on terms.

use std::{fmt, str::FromStr};

use crate::{
    problem::{ErrorCode, Problem},
    timestamp::Timestamp,
};

/// Whom a delivery is for. Its text, which is stored, never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Everybody who has an account.
    Everyone,
}

const EVERYONE: &str = "everyone";

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str(EVERYONE),
        }
    }
}

impl FromStr for Audience {
    type Err = Problem;

    /// # Errors
    /// [`ErrorCode::InvalidRequest`]: what is not an audience must never become one that is larger.
    fn from_str(text: &str) -> Result<Self, Problem> {
        match text {
            EVERYONE => Ok(Self::Everyone),
            _ => Err(Problem::new(ErrorCode::InvalidRequest).on("audience")),
        }
    }
}

crate::column::text_column!(Audience);

/// When a delivery gives what is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Terms {
    /// Not before this moment; `None`: at once, whatever the clock of whoever asks shows.
    pub from: Option<Timestamp>,
    /// Until just before this moment; `None`: without an end.
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
    fn terms_that_end_before_they_begin_are_never_open() {
        let terms = Terms { from: Some(at(2_000)), until: Some(at(1_000)) };
        for now in [999, 1_000, 1_500, 2_000] {
            assert_ne!(terms.at(at(now)), Standing::Open, "at {now}");
        }
    }

    #[test]
    fn an_audience_reads_back_and_nothing_else_is_one() {
        assert_eq!(Audience::Everyone.to_string().parse(), Ok(Audience::Everyone));
        for text in ["", "Everyone", "everyone ", "every", "*"] {
            assert_eq!(text.parse::<Audience>().expect_err(text).field.as_deref(), Some("audience"));
        }
    }
}
