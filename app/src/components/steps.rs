//! Where one is in a short sequence.

use leptos::prelude::*;

use crate::live::views;

/// The steps in order; `current` counts from 0.
#[component]
pub fn Steps(
    /// Their names.
    names: &'static [&'static str],
    /// The one under way.
    current: usize,
) -> impl IntoView {
    let step = move |(index, name): (usize, &'static str)| {
        let class = match index.cmp(&current) {
            std::cmp::Ordering::Less => "step done",
            std::cmp::Ordering::Equal => "step now",
            std::cmp::Ordering::Greater => "step",
        };
        view! { <li class=class aria-current=(index == current).then_some("step")>{name}</li> }
    };
    view! { <ol class="steps" aria-label="Steps">{views(names.iter().copied().enumerate().map(step))}</ol> }
}
