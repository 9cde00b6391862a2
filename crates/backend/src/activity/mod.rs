//! The activity log. Rows are written in the transaction of what they tell, and never changed. Only refusals that
//! anybody can cause, and what an account does over and over, share a row (see [`crate::bookkeeping`]).
//!
//! A row holds the event as data, and the ids of what it is about; names and addresses lie in a row beside it.

mod entry;
mod habit;
mod log;

pub use entry::Entry;
pub(crate) use entry::Line;
pub(crate) use habit::Habit;
pub use log::ActivityLog;

/// The statement of the log that is put together from parts.
#[cfg(test)]
pub(crate) fn statement(query: &domain::activity::ActivityQuery) -> String {
    log::list_sql(query).expect("a cursor that is a time").text().to_owned()
}
