//! On to the next rows of a list, or back to its first. There is no count: the list is read in order, so that it
//! stays quick however long it is.

use leptos::prelude::*;

use super::icon::{Icon, IconMark};

/// Links to the first and the next page, each there only when it leads somewhere.
#[component]
pub fn Pager(
    /// The first page, unless this is it.
    first: Option<String>,
    /// The next page, unless this is the last.
    next: Option<String>,
) -> impl IntoView {
    if first.is_none() && next.is_none() {
        return None;
    }
    Some(view! {
        <nav class="pager" aria-label="Pages">
            {first.map(|href| view! { <a class="button quiet" href=href>"Back to first"</a> })}
            {next.map(|href| view! { <a class="button quiet" href=href rel="next"><span>"Next"</span><IconMark icon=Icon::Next/></a> })}
        </nav>
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_page_has_no_pager() {
        assert!(!view! { <Pager first=None next=None/> }.to_html().contains("<nav"));
        let html = view! { <Pager first=None next=Some("?cursor=a".to_owned())/> }.to_html();
        assert!(html.contains("Next") && !html.contains("Back to first"), "{html}");
    }
}
