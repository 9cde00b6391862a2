//! Identifiers: one type per thing, so that one cannot be passed for another.
//!
//! All are UUIDv7 (RFC 9562, section 5.7): they sort by the time at which they
//! were made and are never reused. They are made by `backend` from its own
//! clock and randomness; here they are only parsed and printed.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    column::text_column,
    problem::{ErrorCode, Problem},
};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = "uuid"))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that the caller has just made, or read from a column of this type.
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID itself.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Problem;

            /// # Errors
            /// [`ErrorCode::NotFound`]: what is not an id names nothing.
            fn from_str(text: &str) -> Result<Self, Problem> {
                Uuid::try_parse(text).map(Self).map_err(|_| Problem::new(ErrorCode::NotFound))
            }
        }

        text_column!($name);
    )*};
}

ids! {
    /// A person who can sign in: a client or one of ops.
    AccountId
    /// One row of the activity log.
    ActivityId
    /// A bearer token of the API (the id, never the secret).
    ApiTokenId
    /// Sealed bytes in the store, whatever they are for.
    BlobId
    /// Documents given to an audience, on terms.
    DeliveryId
    /// What ops deposit; it has versions.
    DocumentId
    /// An invitation, by mail or on the terminal, to become one of ops.
    InvitationId
    /// A link that was minted; who has it opens nothing.
    LinkId
    /// A mail in the outbox.
    MailId
    /// A client company, to which several people belong.
    OrganisationId
    /// One portal: a database and a store that belong together.
    PortalId
    /// The name by which a person sees and ends a session; it opens nothing.
    SessionHandle
    /// A sign-up whose address is not verified yet.
    SignUpId
    /// A file on its way in.
    UploadId
    /// The exact bytes of a document at one time.
    VersionId
}
