//! Everything that is not a page.

use domain::{ErrorCode, Problem};
use leptos::prelude::*;

use crate::components::Trouble;

/// Nothing here.
#[component]
pub fn Missing() -> impl IntoView {
    view! { <Trouble problem=Problem::new(ErrorCode::NotFound)/> }
}
