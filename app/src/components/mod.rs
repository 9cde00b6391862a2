//! The parts that pages are composed of, one a file. A part takes plain data and renders; what it has to decide
//! lies beside it as plain functions with tests. All of them stand together on `/dev/parts` in debug builds.

pub mod badge;
pub mod banner;
pub mod button;
pub mod code_box;
pub mod copy_field;
pub mod dialog;
pub mod download_button;
#[cfg(feature = "ops")]
pub mod drop_zone;
pub mod empty_state;
pub mod facts;
pub mod field;
pub mod form;
pub mod header;
pub mod icon;
pub mod loaded;
pub mod moment;
pub mod page_header;
pub mod pager;
pub mod progress;
pub mod question;
pub mod sheet;
pub mod steps;
pub mod table;
pub mod toast;
pub mod trouble;

pub use badge::{Badge, NewDot, Tone};
pub use banner::{Banner, NoticeBanner, ProblemBanner};
pub use button::{ButtonStyle, LinkButton, SubmitButton, move_button, move_button_as};
pub use code_box::CodeBox;
pub use copy_field::CopyField;
pub use dialog::Dialog;
pub use download_button::DownloadButton;
#[cfg(feature = "ops")]
pub use drop_zone::DropZone;
pub use empty_state::EmptyState;
pub use facts::{Fact, Facts};
pub use field::{Field, PasswordField};
pub use form::PostForm;
pub use header::{Header, SignOutForm};
pub use icon::{Icon, IconMark};
pub use loaded::{Skeleton, loaded};
pub use moment::Moment;
pub use page_header::{Entry, PageHeader, PageTitle};
pub use pager::Pager;
pub use progress::Progress;
pub use question::{Asked, ask_first};
pub use sheet::Sheet;
pub use steps::Steps;
pub use table::{Column, Table};
pub use toast::{Toaster, provide_toasts, use_toasts};
pub use trouble::Trouble;
