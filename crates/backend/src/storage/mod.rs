//! Where sealed blobs lie, which there are, the keys that seal them, and how what nothing names is removed.
//!
//! - [`store`] is a place for bytes; [`Blobs`] puts bytes there by the id of their blob.
//! - [`register`] has a row for every blob. It is entered before a byte is written, and says what becomes of the blob. So
//!   at any instant a blob is claimed by an upload, named by what keeps it, or on its way out.
//! - [`SealingWriter`] seals as bytes come; [`Plain`], [`Chunks`] and [`Plaintext`] open what was sealed, and [`Outgoing`] sends it.
//!
//! Which database says so is settled first: database and store carry the id of their portal, and where the two differ
//! nothing starts and nothing is swept (docs/adr/0008-a-store-knows-its-portal.md).

mod blobs;
mod chunks;
mod keys;
mod outgoing;
mod plain;
mod portal;
mod reader;
pub(crate) mod register;
mod removal;
mod sealing;
mod store;
mod sweep;
mod writer;

pub use blobs::Blobs;
pub use keys::{KeyRing, KeyRingError, KeyUse, NoKeys};
pub use portal::{Apart, NotJoined, adopt, fresh_portal, join};
pub use sweep::Swept;

pub(crate) use chunks::{Buffers, Chunks};
pub(crate) use keys::RowKey;
pub(crate) use outgoing::Outgoing;
pub(crate) use plain::{Plain, SealedBlob};
pub(crate) use reader::Plaintext;
pub(crate) use register::Holds;
pub(crate) use sealing::SealingWriter;
