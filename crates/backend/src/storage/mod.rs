//! Where sealed blobs lie, the keys that seal them, and the sweep that removes what nothing names.
//!
//! A blob is named by the version it holds. It is written under a claim (a row in `uploads`) and becomes part of a
//! document only when that claim is exchanged for a row in `document_versions`, in one transaction. So at any
//! instant a blob is either claimed, named by a version with a key, or rubbish.

mod blobs;
mod keys;
mod reader;
mod staged;
mod sweep;
mod writer;

pub use blobs::Blobs;
pub use keys::{KeyRing, KeyRingError};
pub use sweep::Swept;

pub(crate) use reader::SealedReader;
pub(crate) use writer::BlobWriter;
