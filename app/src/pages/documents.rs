//! `/documents`: what a client may collect.

use leptos::prelude::*;

use super::document_list::DocumentList;
use crate::components::PageHeader;

/// What a client may collect.
#[component]
pub fn Documents() -> impl IntoView {
    view! {
        <PageHeader title="Documents" lead="What was sent to you. A download link is made for you when you click, and works for you alone."/>
        <DocumentList path="/documents" for_ops=false/>
    }
    .into_any()
}
