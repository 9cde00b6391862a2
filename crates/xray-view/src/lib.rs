//! What the inspector has found, in words: as HTML for the upload page and the document page, as text for a terminal.
//!
//! The same HTML is made by the worker in the browser, before a file is sent, and by the server, after. Every text that
//! comes out of a file is escaped by maud.

mod cleaned;
mod html;
mod terminal;
#[cfg(test)]
mod tests;
mod words;

pub use cleaned::removed;
pub use html::{before_sending, for_client, for_ops};
pub use terminal::text;
