//! What every request passes on its way to a route, and every answer on its way back.
//!
//! From the outside in: [`context`] (request id, log, where the request came from) → [`headers`] → [`compression`] →
//! [`crate::problem::render`] → panics → CSRF → [`limits`] → session → [`principal`] → [`access`].

pub mod access;
pub mod arrivals;
pub mod compression;
pub mod context;
pub mod headers;
pub mod limits;
pub mod places;
pub mod principal;
pub mod proxy;
pub mod way_back;

pub use context::RequestId;
