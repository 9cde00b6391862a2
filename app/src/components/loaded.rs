//! Data on its way into a page.

use std::sync::Arc;

use leptos::prelude::*;

use super::trouble::Trouble;
use crate::api::ApiError;

/// Grey lines where rows will be. They appear only when the wait is long enough to notice.
#[component]
pub fn Skeleton() -> impl IntoView {
    view! {
        <div class="skeleton" aria-hidden="true">
            <span></span>
            <span></span>
            <span></span>
        </div>
        <p class="sr" role="status">"Loading."</p>
    }
}

/// Shows the resource with `show` when it is there, or the problem in its place. While it is asked for again, the
/// old view stays.
pub fn loaded<T, V>(resource: Resource<Result<T, ApiError>>, show: impl Fn(T) -> V + Send + Sync + 'static) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let show = Arc::new(show);
    view! {
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || {
                let show = Arc::clone(&show);
                Suspend::new(async move {
                    match resource.await {
                        Ok(value) => show(value).into_any(),
                        Err(ApiError(problem)) => view! { <Trouble problem/> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}
