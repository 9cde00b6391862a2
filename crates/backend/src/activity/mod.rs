//! The activity log. Rows are written in the transaction of what they tell, and never changed. Only refusals that
//! anybody can cause, and what an account does over and over, share a row (see [`crate::bookkeeping`]).
//!
//! A row holds the event as data, and the ids of what it is about; names and addresses lie in a row beside it.

mod entry;
mod habit;
mod log;

use domain::{Cursor, Page};

pub use entry::Entry;
pub(crate) use entry::Line;
pub(crate) use habit::Habit;
pub use log::ActivityLog;

/// Cuts `rows`, of which one more than `limit` was asked for, to a page; `key` gives the cursor of a row.
pub(crate) fn page<T>(mut rows: Vec<T>, limit: usize, key: impl Fn(&T) -> (String, String)) -> Page<T> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| {
        let (key, id) = key(row);
        Cursor { key, id }
    });
    Page { rows, next }
}
