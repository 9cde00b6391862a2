//! The words of Strongroom as types, shared by browser and server.
//!
//! Everything that enters from outside is parsed here once, into types that
//! cannot be wrong afterwards. There is no I/O, no clock and no randomness in
//! this crate, and nothing heavy: all of it is compiled into the browser's module.

pub mod account;
pub mod activity;
mod column;
pub mod delivery;
pub mod document;
pub mod email;
pub mod file_name;
pub mod front;
mod hash;
pub mod id;
pub mod list;
pub mod mail;
mod named;
pub mod organisation;
pub mod password;
pub mod people;
pub mod problem;
pub mod secret;
pub mod text;
pub mod timestamp;
pub mod upload;

pub use account::{Me, PersonName, Role};
pub use document::{DocumentKind, DocumentQuery, DocumentRow, DocumentSort};
pub use email::Email;
pub use file_name::FileName;
pub use hash::Sha256;
pub use id::{
    AccountId, ActivityId, ApiTokenId, BlobId, DeliveryId, DocumentId, InvitationId, LinkId, MailId, OrganisationId,
    PortalId, SessionHandle, SignUpId, UploadId, VersionId,
};
pub use list::{Cursor, Limit, Page};
pub use password::PlainPassword;
pub use problem::{ErrorCode, Problem};
pub use secret::PlainSecret;
pub use timestamp::Timestamp;
