//! Where sealed blobs lie, the keys that seal them, and the sweep that removes what nothing names.
//!
//! A blob is named by the version it holds. It is written under a claim (a row in `uploads`) and becomes part of a
//! document only when that claim is exchanged for a row in `document_versions`, in one transaction. So at any
//! instant a blob is either claimed, named by a version with a key, or rubbish.
//!
//! Which database says so is settled first: database and store carry the id of their portal, and where the two differ
//! nothing starts and nothing is swept (docs/adr/0007-a-store-knows-its-portal.md).

mod blobs;
mod keys;
mod portal;
mod reader;
mod staged;
mod sweep;
mod writer;

pub use blobs::Blobs;
pub use keys::{KeyRing, KeyRingError, KeyUse, NoKeys};
pub use portal::{Apart, NotJoined, adopt, fresh_portal, join};
pub use sweep::Swept;

pub(crate) use reader::SealedReader;
pub(crate) use writer::BlobWriter;
