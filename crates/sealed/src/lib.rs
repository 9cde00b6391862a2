//! The container in which a document version lies on disk, and the wrapping of its key.
//!
//! Every version has a random 256-bit [`FileKey`] of its own. [`Sealer`] turns the plaintext, as it streams in, into
//! chunks of AES-256-GCM; [`Opener`] opens any one of them by arithmetic, so that a byte range costs only the chunks
//! that it touches; [`OpenReader`] gives the plaintext back as `Read + Seek`. The file key itself is stored as a
//! [`WrappedKey`], encrypted under a [`MasterKey`] and bound to the version it belongs to: rotating the master key
//! re-wraps rows and never touches a blob.
//!
//! The crate does no I/O beyond the `std::io` traits, has no randomness and no clock: keys, salts and nonces are
//! passed in. The format to the byte is in the README beside this crate.
//!
//! # What holds
//! - No plaintext is released before the tag of its chunk was verified.
//! - A container opens only with its own file key, in the context (version id) in which it was sealed.
//! - Chunks that were changed, moved, dropped, repeated or cut are refused, and so is a container whose size does not
//!   follow from the length in its row.
//! - Lengths up to `u64::MAX` are refused with an error where they are impossible; none of them panics.
//!
//! # Where this leaves C2SP chunked-encryption
//! The design is that of <https://c2sp.org/chunked-encryption>: HKDF-Expand over file key, salt and context yields
//! key, base nonce and a commitment that is checked first, and the last chunk is always the shorter one. It is not the
//! same format, for these reasons:
//! - *A header that names itself.* Eight bytes of magic and format version come first, and the version is part of the
//!   key derivation, so that a later format can be told apart and cannot be passed off as this one.
//! - *Chunks of 64 KiB instead of 16.* Documents are megabytes long and object stores charge by request; 64 KiB
//!   quarters the work around each chunk. At most 2³⁶ chunks keep the bound of 4 PiB.
//! - *A salt of 32 bytes instead of 24*, as long as the key, so that the length needs no argument.
//! - *A last flag in the nonce, beside the counter.* C2SP lets the short length speak for itself. Here no full chunk
//!   can stand in for a last one under the same nonce even if a reader gets its lengths wrong.
//! - *The total length as associated data of the last chunk.* C2SP binds everything in the context, which has to be
//!   known before the first byte; the length of an upload is known only at its end. Counter and flag imply it already,
//!   this says it outright. For reads that do not reach the end, the length belongs into the wrapped key as well: see
//!   [`Context::with_plain_len`].
//! - *An own label* in the derivation, because the result is not C2SP's.
//!
//! # What does not hold
//! `ring` keeps expanded keys inside [`Sealer`] and [`Opener`] and does not wipe them when they are dropped; what this
//! crate holds itself (file keys, master keys, buffered plaintext) is wiped. Sizes are not hidden.

mod cipher;
mod context;
mod error;
mod key;
mod layout;
mod opener;
mod reader;
mod sealer;
mod wrapped;

pub use cipher::SALT_LEN;
pub use context::Context;
pub use error::{OpenError, SealError};
pub use key::{FileKey, KeyId, MasterKey};
pub use layout::{CHUNK, HEADER_LEN, MAX_PLAIN_LEN, SEALED_CHUNK, TAG_LEN};
pub use opener::Opener;
pub use reader::OpenReader;
pub use sealer::{SealedSummary, Sealer};
pub use wrapped::WrappedKey;
