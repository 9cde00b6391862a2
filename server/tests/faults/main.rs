//! The real program while its surroundings fail: a full disk, a database that somebody else holds. Each fault has a
//! file of its own; what they share is the program itself.

mod disk_full;
mod locked;
mod portal;
