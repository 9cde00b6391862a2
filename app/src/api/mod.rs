//! The server functions: what pages ask the server for. One area a file; each takes its context, parses what
//! arrived into domain types, makes one call to `backend`, and answers with a domain type.

#[cfg(feature = "ssr")]
mod context;
mod error;

#[expect(missing_docs, reason = "the macro makes the arguments of a server function fields of a public struct")]
pub mod accounts;
#[expect(missing_docs, reason = "the macro makes the arguments of a server function fields of a public struct")]
pub mod activity;
#[expect(missing_docs, reason = "the macro makes the arguments of a server function fields of a public struct")]
pub mod documents;
pub mod front;
#[expect(missing_docs, reason = "the macro makes the arguments of a server function fields of a public struct")]
pub mod mail;
#[expect(missing_docs, reason = "the macro makes the arguments of a server function fields of a public struct")]
pub mod own;
#[expect(missing_docs, reason = "the macro makes the arguments of a server function fields of a public struct")]
pub mod people;
#[cfg(feature = "ssr")]
pub mod session;
#[expect(missing_docs, reason = "the macro makes the arguments of a server function fields of a public struct")]
pub mod team;

#[cfg(feature = "ssr")]
pub(crate) use context::{request_id, set_status_of, take_flash};
pub use error::ApiError;
