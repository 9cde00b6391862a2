//! What is inside a docx, xlsx or pptx file, and whether it may be handed on.
//!
//! [`inspect`] reads a file once, through any `Read + Seek`, and answers with a [`Report`] of
//! [`Finding`]s. It opens nothing, follows nothing and writes nothing. Memory and time are bounded by
//! the [`Budget`], whatever the file claims about itself. The same code runs in the browser and on the
//! server.
//!
//! The way of a file through the crate: `zip` proves the structure of the archive and hands out the
//! bytes of each entry, counted; `package` reads content types and relationships; `xml` walks the
//! parts; `checks` decide; `inspection` ties them together.

mod base64;
mod checks;
mod clean;
mod examination;
mod finding;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod inspection;
mod kind;
mod package;
mod picture;
mod policy;
mod report;
#[cfg(test)]
mod tests;
mod xml;
mod xray;
mod zip;

pub use clean::{CleanError, Cleaned, Removed, clean};
pub use examination::{Examination, examine};
pub use finding::{Code, Finding, Severity};
pub use inspection::inspect;
pub use kind::Kind;
pub use policy::{Budget, NoPolicy, Policy};
pub use report::{Report, Summary, Verdict};
pub use xray::{Item, Removal, Section, Topic, Xray};
