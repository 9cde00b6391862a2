//! The pages: each composes components, asks one or two server functions, and decides nothing else.

pub mod account;
pub mod confirm;
pub mod dead_link;
pub mod document;
pub mod document_list;
pub mod documents;
pub mod forgot;
pub mod invite;
pub mod login;
pub mod missing;
#[cfg(feature = "ops")]
pub mod ops;
pub mod parts;
pub mod reset;
pub mod security;
pub mod signup;
pub mod start;
pub mod tokens;
pub mod verify;

pub use account::Account;
pub use confirm::Confirm;
pub use dead_link::DeadLink;
pub use document::Document;
pub use documents::Documents;
pub use forgot::Forgot;
pub use invite::Invite;
pub use login::Login;
pub use missing::Missing;
pub use parts::Parts;
pub use reset::Reset;
pub use signup::SignUpPage;
pub use start::Start;
pub use verify::Verify;

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

/// A segment of the path, as it was when the page was opened.
fn segment(name: &str) -> String {
    use_params_map().with_untracked(|params| params.get_str(name).unwrap_or_default().to_owned())
}

/// A value of the query string, as it was when the page was opened.
fn arguments(name: &str) -> String {
    use_query_map().with_untracked(|query| query.get_str(name).unwrap_or_default().to_owned())
}
