//! The list of documents: search, kind, order and page stand in the URL, so that it can be linked to, works as a
//! plain form, and the back button does what it should.

use std::time::Duration;

use domain::{DocumentKind, DocumentRow, DocumentSort, Page};
use leptos::{leptos_dom::helpers::debounce, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use crate::{
    api::documents::{ListDocuments, MintLink},
    browser,
    calls::{FormAction, arguments_in, fetch, turns, url_of},
    components::{
        ButtonStyle, Column, DownloadButton, EmptyState, Icon, IconMark, LinkButton, Moment, NewDot, Pager,
        ProblemBanner, Sheet, Table, loaded,
    },
    field,
    live::{on, views},
    words,
};

/// The list at `path`.
#[component]
pub fn DocumentList(
    /// Where it lives; its links and its form lead there.
    path: &'static str,
    /// Whether to show what only ops see.
    for_ops: bool,
) -> impl IntoView {
    let query = use_query_map();
    let arguments = Memo::new(move |_| query.with(arguments_in::<ListDocuments>));
    let page = fetch(move || arguments.get(), &[]);
    let mint = FormAction::to::<MintLink>();
    view! {
        <ProblemBanner problem=mint.problem()/>
        <Filters path arguments/>
        {loaded(page, move |rows| {
            let arguments = arguments.get_untracked();
            let again = Callback::new(move |()| page.refetch());
            view! { <Rows path for_ops arguments page=rows again/> }
        })}
    }
    .into_any()
}

const SEARCH: &str = "document-search";
const SORT: &str = "document-sort";

/// Reads what stands in the form now; the page starts over. What is usual is not said.
fn typed() -> ListDocuments {
    let kind = DocumentKind::ALL.into_iter().find(|kind| {
        browser::element::<web_sys::HtmlInputElement>(&kind_id(kind.as_str())).is_some_and(|input| input.checked())
    });
    let q = browser::element::<web_sys::HtmlInputElement>(SEARCH).map(|input| input.value().trim().to_owned());
    let sort = browser::element::<web_sys::HtmlSelectElement>(SORT).map(|select| select.value());
    ListDocuments {
        q: q.unwrap_or_default(),
        kind: kind.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        sort: sort.filter(|sort| sort != DocumentSort::default().as_str()).unwrap_or_default(),
        ..ListDocuments::default()
    }
}

/// Puts what the URL asks into the form, after a link or the back button has changed it.
fn fill_in(arguments: &ListDocuments) {
    if let Some(input) = browser::element::<web_sys::HtmlInputElement>(SEARCH)
        && input.value().trim() != arguments.q
    {
        input.set_value(&arguments.q);
    }
    if let Some(input) = browser::element::<web_sys::HtmlInputElement>(&kind_id(&arguments.kind)) {
        input.set_checked(true);
    }
    if let Some(select) = browser::element::<web_sys::HtmlSelectElement>(SORT) {
        select.set_value(arguments.sort.parse::<DocumentSort>().unwrap_or_default().as_str());
    }
}

fn kind_id(kind: &str) -> String {
    format!("kind-{}", if kind.is_empty() { "all" } else { kind })
}

#[component]
fn Filters(path: &'static str, arguments: Memo<ListDocuments>) -> impl IntoView {
    let first = arguments.get_untracked();
    let navigate = use_navigate();
    let go = move |replace: bool| {
        navigate(&url_of(path, typed()), NavigateOptions { replace, scroll: false, ..NavigateOptions::default() });
    };
    let (on_submit, on_change) = (go.clone(), go.clone());
    let on_input = debounce(Duration::from_millis(250), move |_: web_sys::Event| go(true));
    Effect::new(move |_| arguments.with(fill_in));
    let slash = window_event_listener_on_slash();
    on_cleanup(move || slash.remove());
    let sort = first.sort.parse::<DocumentSort>().unwrap_or_default();
    let order = move |option: DocumentSort| {
        view! { <option value=option.as_str() selected=option == sort>{option.label()}</option> }
    };
    view! {
        // Going back must not bring back what was chosen later than the list that is shown.
        <form
            autocomplete="off"
            class="filters"
            method="get"
            action=path
            role="search"
            on:submit=on(move |event: web_sys::SubmitEvent| {
                event.prevent_default();
                on_submit(false);
            })
            on:change=on(move |_| on_change(false))
        >
            <div class="search">
                <IconMark icon=Icon::Search/>
                <label class="sr" for=SEARCH>"Search by name"</label>
                <input
                    id=SEARCH
                    type="search"
                    name=field!(ListDocuments.q)
                    value=first.q.clone()
                    placeholder="Search by name"
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="200"
                    aria-keyshortcuts="/"
                    on:input=on(on_input)
                    on:change=on(|event: web_sys::Event| event.stop_propagation())
                />
                <kbd aria-hidden="true">"/"</kbd>
            </div>
            <Kinds chosen=first.kind.clone()/>
            <label class="sort">
                <span class="sr">"Order"</span>
                <select id=SORT name=field!(ListDocuments.sort)>{views(DocumentSort::ALL.into_iter().map(order))}</select>
            </label>
            <button type="submit" class="button quiet without-script">"Apply"</button>
        </form>
    }
    .into_any()
}

#[component]
fn Kinds(chosen: String) -> impl IntoView {
    let all = std::iter::once(("", "All"));
    let kinds = DocumentKind::ALL.into_iter().map(|kind| (kind.as_str(), kind.label()));
    let segment = |(value, label): (&'static str, &'static str)| {
        let id = kind_id(value);
        view! {
            <input id=id.clone() type="radio" name=field!(ListDocuments.kind) value=value checked=value == chosen/>
            <label for=id>{label}</label>
        }
    };
    view! {
        <fieldset class="segments">
            <legend class="sr">"Kind"</legend>
            {views(all.chain(kinds).map(segment))}
        </fieldset>
    }
}

/// `/` moves the focus to the search, unless a person is typing.
fn window_event_listener_on_slash() -> WindowListenerHandle {
    window_event_listener(leptos::ev::keydown, |event| {
        let alone = !(event.ctrl_key() || event.meta_key() || event.alt_key());
        if event.key() == "/" && alone && !browser::is_typing() {
            event.prevent_default();
            browser::focus(SEARCH);
        }
    })
}

#[component]
fn Rows(
    path: &'static str,
    for_ops: bool,
    arguments: ListDocuments,
    page: Page<DocumentRow>,
    again: Callback<()>,
) -> impl IntoView {
    if page.rows.is_empty() {
        return view! { <Nothing path for_ops narrowed=is_narrowed(&arguments)/> }.into_any();
    }
    let (first, next) = turns(path, &arguments, page.next.as_ref());
    let mut columns = ["Name", "From", "Deposited"].map(Column::Text).to_vec();
    columns.push(Column::Number("Size"));
    columns.extend(for_ops.then_some(Column::Number("Handed over to")));
    columns.push(Column::Unseen("Download"));
    let class = if for_ops { "documents for-ops" } else { "documents" };
    let rows = views(page.rows.into_iter().map(|row| view! { <Row for_ops row again/> }));
    view! {
        <Table label="Documents" class=class columns rows/>
        <Pager first next/>
    }
    .into_any()
}

#[component]
fn Row(for_ops: bool, row: DocumentRow, again: Callback<()>) -> impl IntoView {
    let new = row.is_new && !for_ops;
    let version = (row.version > 1).then(|| view! { <span class="muted version">{format!("v{}", row.version)}</span> });
    view! {
        <tr role="row" class:is-new=new>
            <td role="cell" class="cell-name">
                <Sheet kind=row.kind/>
                <a href=format!("/documents/{}", row.id)>{row.name.to_string()}</a>
                {version}
                {new.then(|| view! { <NewDot/> })}
            </td>
            <td role="cell" class="cell-from">{row.sender}</td>
            <td role="cell" class="cell-date"><Moment at=row.uploaded_at/></td>
            <td role="cell" class="cell-size number">{domain::document::size_words(row.size)}</td>
            {for_ops.then(|| view! { <td role="cell" class="cell-handed-over number">{words::people(row.handed_over_to.unwrap_or(0))}</td> })}
            <td role="cell" class="cell-action">
                <DownloadButton id=row.id name=row.name style=ButtonStyle::Quiet on_download=again/>
            </td>
        </tr>
    }
    .into_any()
}

fn is_narrowed(ListDocuments { q, kind, .. }: &ListDocuments) -> bool {
    !(q.is_empty() && kind.is_empty())
}

#[component]
fn Nothing(path: &'static str, for_ops: bool, narrowed: bool) -> impl IntoView {
    if narrowed {
        return view! {
            <EmptyState icon=Icon::Search title="Nothing matches" text="No document has that in its name, or none of that kind is here.">
                <LinkButton href=path label="Clear the filters" style=ButtonStyle::Quiet/>
            </EmptyState>
        }
        .into_any();
    }
    if for_ops {
        return view! {
            <EmptyState icon=Icon::Documents title="No documents yet" text="Deposit the first one, and clients will see it here.">
                <LinkButton href="/ops/upload" label="Upload" icon=Icon::Upload/>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState icon=Icon::Documents title="No documents yet" text="When something is sent to you, it appears here. You need not wait on this page."/>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Cursor;
    use leptos_router::params::ParamsMap;

    #[test]
    fn the_url_says_what_is_asked_and_is_read_back() {
        let arguments = ListDocuments { q: "q3 & q4".into(), kind: "docx".into(), ..ListDocuments::default() };
        assert_eq!(url_of("/documents", arguments.clone()), "/documents?q=q3%20%26%20q4&kind=docx");
        assert_eq!(url_of("/documents", ListDocuments::default()), "/documents");
        let query =
            ParamsMap::from_iter([("kind", "docx".to_owned()), ("q", "q3 & q4".to_owned()), ("other", "x".to_owned())]);
        assert_eq!(arguments_in::<ListDocuments>(&query), arguments);
    }

    #[test]
    fn another_page_keeps_the_filters() {
        let arguments = ListDocuments { q: "q3".into(), sort: "name".into(), ..ListDocuments::default() };
        let (first, next) = turns("/documents", &arguments, Some(&Cursor { key: "key".into(), id: "id".into() }));
        assert_eq!((first, next.as_deref()), (None, Some("/documents?q=q3&sort=name&cursor=id.key")));
        let arguments = ListDocuments { cursor: "id.key".into(), ..arguments };
        assert_eq!(turns("/documents", &arguments, None), (Some("/documents?q=q3&sort=name".to_owned()), None));
    }
}
