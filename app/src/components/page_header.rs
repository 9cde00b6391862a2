//! The top of a page: its title in the window and on the page.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::visit::use_portal;

/// The title in the window alone, for pages that draw their own heading.
#[component]
pub fn PageTitle(
    /// The title.
    #[prop(into)]
    title: String,
) -> impl IntoView {
    let portal = use_portal().name;
    view! { <Title text=format!("{title} · {portal}")/> }
}

/// Title, a line below it, and what can be done at the right.
#[component]
pub fn PageHeader(
    /// The title.
    #[prop(into)]
    title: String,
    /// A line below it.
    #[prop(optional, into)]
    lead: Option<String>,
    /// What can be done.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <PageTitle title=title.clone()/>
        <div class="page-head">
            <div>
                <h1>{title}</h1>
                {lead.map(|lead| view! { <p class="lead">{lead}</p> })}
            </div>
            {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
        </div>
    }
    .into_any()
}

/// A narrow page with one thing on it: signing in and all that leads there.
#[component]
pub fn Entry(
    /// The title.
    #[prop(into)]
    title: String,
    /// A line below it.
    #[prop(optional, into)]
    lead: Option<String>,
    /// The one thing.
    children: Children,
) -> impl IntoView {
    view! {
        <PageTitle title=title.clone()/>
        <div class="entry">
            <section class="card">
                <h1>{title}</h1>
                {lead.map(|lead| view! { <p class="lead">{lead}</p> })}
                {children()}
            </section>
        </div>
    }
    .into_any()
}
