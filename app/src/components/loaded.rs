//! Data on its way into a page.

use std::sync::Arc;

use domain::{ErrorCode, Problem};
use leptos::{prelude::*, serde_json, server_fn::ServerFn};
use serde::de::DeserializeOwned;

use super::trouble::Trouble;
use crate::{
    api::ApiError,
    calls::{Fetched, Reply, Replying},
};

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

/// Shows what was asked for with `show` when it is there, or the problem in its place. While it is asked for again,
/// the old view stays.
pub fn loaded<F, V>(fetched: Fetched<F>, show: impl Fn(F::Output) -> V + Send + Sync + 'static) -> AnyView
where
    F: ServerFn,
    F::Output: DeserializeOwned,
    V: IntoView + 'static,
{
    loaded_text(fetched.reply(), Arc::new(move |json| Some(show(serde_json::from_str(json).ok()?).into_any())))
}

type Show = Arc<dyn Fn(&str) -> Option<AnyView> + Send + Sync>;

/// The part that does not depend on the type, so that it is compiled once.
fn loaded_text(fetched: Replying, show: Show) -> AnyView {
    let shown = move |Reply(reply): Reply| {
        let problem = match reply {
            Ok(json) => match show(&json) {
                Some(view) => return view,
                None => Problem::new(ErrorCode::Internal),
            },
            Err(ApiError(problem)) => problem,
        };
        view! { <Trouble problem/> }.into_any()
    };
    let shown = Arc::new(shown);
    view! {
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || {
                let shown = Arc::clone(&shown);
                Suspend::new(async move { shown(fetched.await) })
            }}
        </Transition>
    }
    .into_any()
}
