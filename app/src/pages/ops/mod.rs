//! The pages that ops alone see. The module that clients load has nothing of them (docs/adr/0019).

pub mod activity;
pub mod clients;
pub mod documents;
pub mod mail;
pub mod overview;
pub mod person;
pub mod team;
pub mod upload;
pub mod upload_list;
pub mod upload_review;

pub use activity::Activity;
pub use clients::Clients;
pub use documents::Documents;
pub use mail::Mail;
pub use overview::Overview;
pub use person::Person;
pub use team::Team;
pub use upload::Upload;
