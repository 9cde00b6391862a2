//! The parts that pages are composed of, one a file. A part takes plain data and renders; what it has to decide
//! lies beside it as plain functions with tests. All of them stand together on `/dev/parts` in debug builds.

pub mod badge;
pub mod banner;
pub mod button;
pub mod code_box;
pub mod copy_field;
pub mod dialog;
pub mod download_button;
pub mod drop_zone;
pub mod empty_state;
pub mod facts;
pub mod field;
pub mod header;
pub mod icon;
pub mod loaded;
pub mod moment;
pub mod page_header;
pub mod pager;
pub mod progress;
pub mod sheet;
pub mod steps;
pub mod toast;
pub mod trouble;

pub use badge::{Badge, NewDot, Tone};
pub use banner::{Banner, NoticeBanner, ProblemBanner};
pub use button::{ButtonLook, LinkButton, SubmitButton};
pub use code_box::CodeBox;
pub use copy_field::CopyField;
pub use dialog::Dialog;
pub use download_button::DownloadButton;
pub use drop_zone::DropZone;
pub use empty_state::EmptyState;
pub use facts::{Fact, Facts};
pub use field::{Field, PasswordField};
pub use header::{Header, SignOutForm};
pub use icon::{Icon, IconMark};
pub use loaded::{Skeleton, loaded};
pub use moment::Moment;
pub use page_header::{Entry, PageHeader, PageTitle};
pub use pager::Pager;
pub use progress::Progress;
pub use sheet::Sheet;
pub use steps::Steps;
pub use toast::{Toaster, provide_toasts, use_toasts};
pub use trouble::Trouble;

use domain::Problem;
use leptos::{prelude::*, server_fn::ServerFn};

use crate::api::ApiError;

/// The problem with which the action ended last, until it is tried again.
pub fn problem_of<F>(action: ServerAction<F>) -> Signal<Option<Problem>>
where
    F: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    F::Output: Send + Sync + 'static,
{
    Signal::derive(move || {
        action.value().with(|value| match value {
            Some(Err(ApiError(problem))) => Some(problem.clone()),
            Some(Ok(_)) | None => None,
        })
    })
}

/// Whether the action is under way. With `leads_away` also after it has succeeded: the next page is loading then.
pub fn busy_of<F>(action: ServerAction<F>, leads_away: bool) -> Signal<bool>
where
    F: ServerFn<Error = ApiError> + Clone + Send + Sync + 'static,
    F::Output: Send + Sync + 'static,
{
    Signal::derive(move || {
        let done = action.value().with(|value| matches!(value, Some(Ok(_))));
        action.pending().get() || (leads_away && done)
    })
}
