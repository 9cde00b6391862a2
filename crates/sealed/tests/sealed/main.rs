//! The container format from outside: vectors of another implementation, damage of every kind, and ranges.

mod malformed;
mod ranges;
mod samples;
mod vectors;
mod wrapping;
