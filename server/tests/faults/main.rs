//! The real program while its surroundings fail: a full disk, a database that somebody else holds. Each fault has a
//! file of its own; what they share is in `testkit::program`.

mod disk_full;
mod locked;
