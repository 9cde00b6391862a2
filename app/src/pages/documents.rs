//! `/documents` and `/ops/documents`: the same list, with more columns for ops.

use leptos::prelude::*;

use super::document_list::DocumentList;
use crate::components::{Icon, LinkButton, NoticeBanner, PageHeader};

/// What a client may collect.
#[component]
pub fn Documents() -> impl IntoView {
    view! {
        <PageHeader title="Documents" lead="What was sent to you. A download link is made for you when you click, and works for you alone."/>
        <DocumentList path="/documents" for_ops=false/>
    }
    .into_any()
}

/// What ops look after.
#[component]
pub fn OpsDocuments() -> impl IntoView {
    view! {
        <PageHeader title="Documents" lead="Everything that was deposited.">
            <LinkButton href="/ops/upload" label="Upload" icon=Icon::Upload/>
        </PageHeader>
        <NoticeBanner/>
        <DocumentList path="/ops/documents" for_ops=true/>
    }
    .into_any()
}
