//! `/ops/documents`: the list that clients have, with more columns.

use leptos::prelude::*;

use crate::{
    components::{Icon, LinkButton, NoticeBanner, PageHeader},
    pages::document_list::DocumentList,
};

/// What ops look after.
#[component]
pub fn Documents() -> impl IntoView {
    view! {
        <PageHeader title="Documents" lead="Everything that was deposited.">
            <LinkButton href="/ops/upload" label="Upload" icon=Icon::Upload/>
        </PageHeader>
        <NoticeBanner/>
        <DocumentList path="/ops/documents" for_ops=true/>
    }
    .into_any()
}
