//! The web server of Strongroom: routes, what every request passes on the way to one, and the command line.
//!
//! A request goes one way: [`listener`] → [`middleware`] → a route ([`pages`], [`rest`], [`upload`],
//! [`download`]) → one method of `backend` → its typed result as a page, JSON or bytes. What it may do is
//! decided by `backend`; here it is only found out who asks.

pub mod cli;
pub mod config;
pub mod dev_mail;
mod device;
mod disposition;
pub mod download;
mod handover;
pub mod health;
mod html;
mod inspection;
pub mod listener;
pub mod middleware;
mod multipart;
pub mod pages;
pub mod problem;
mod range;
pub mod rest;
pub mod router;
pub mod routes;
pub mod session;
pub mod site;
pub mod state;
mod topics;
pub mod upload;

pub use router::{listed_routes, router};
pub use routes::{Kind, Route};
pub use state::{AppState, Web};
