//! The pages: each composes components, asks one or two server functions, and decides nothing else.

pub mod account;
pub mod activity;
pub mod clients;
pub mod confirm;
pub mod dead_link;
pub mod document;
pub mod document_list;
pub mod documents;
pub mod forgot;
pub mod invite;
pub mod login;
pub mod mail;
pub mod missing;
pub mod overview;
pub mod parts;
pub mod person;
pub mod reset;
pub mod security;
pub mod signup;
pub mod start;
pub mod team;
pub mod tokens;
pub mod upload;
pub mod upload_list;
pub mod upload_review;
pub mod verify;

pub use account::Account;
pub use activity::Activity;
pub use clients::Clients;
pub use confirm::Confirm;
pub use dead_link::DeadLink;
pub use document::Document;
pub use documents::{Documents, OpsDocuments};
pub use forgot::Forgot;
pub use invite::Invite;
pub use login::Login;
pub use mail::Mail;
pub use missing::Missing;
pub use overview::Overview;
pub use parts::Parts;
pub use person::Person;
pub use reset::Reset;
pub use signup::SignUpPage;
pub use start::Start;
pub use team::Team;
pub use upload::Upload;
pub use verify::Verify;

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

/// A segment of the path, as it was when the page was opened.
fn segment(name: &str) -> String {
    use_params_map().with_untracked(|params| params.get_str(name).unwrap_or_default().to_owned())
}

/// A value of the query string, as it was when the page was opened.
fn asked(name: &str) -> String {
    use_query_map().with_untracked(|query| query.get_str(name).unwrap_or_default().to_owned())
}
