//! `/ops/activity`: the log, filtered and paged by its URL.

use domain::{
    Page,
    activity::{Action, ActivityRow},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use crate::{
    api::activity::ListActivity,
    browser,
    calls::{arguments_in, fetch, turns, url_of},
    components::{
        Badge, ButtonStyle, Column, EmptyState, Icon, IconMark, LinkButton, Moment, PageHeader, Pager, Table, Tone,
        loaded,
    },
    field,
    live::{on, views},
};

const PATH: &str = "/ops/activity";
const SEARCH: &str = "activity-search";
const ACTION: &str = "activity-action";

/// What stands in the form now; the page starts over.
fn typed() -> ListActivity {
    let action = browser::element::<web_sys::HtmlSelectElement>(ACTION).map(|select| select.value());
    let q = browser::element::<web_sys::HtmlInputElement>(SEARCH).map(|input| input.value().trim().to_owned());
    ListActivity { action: action.unwrap_or_default(), q: q.unwrap_or_default(), ..ListActivity::default() }
}

/// The activity log.
#[component]
pub fn Activity() -> impl IntoView {
    let query = use_query_map();
    let arguments = Memo::new(move |_| query.with(arguments_in::<ListActivity>));
    let page = fetch(move || arguments.get(), &[]);
    view! {
        <PageHeader title="Activity" lead="Every sign-in, upload, link, download and refusal. Rows are never changed; refusals of one kind share a row for an hour."/>
        <Filters arguments/>
        {loaded(page, move |page| view! { <Log arguments=arguments.get_untracked() page/> })}
    }
    .into_any()
}

#[component]
fn Filters(arguments: Memo<ListActivity>) -> impl IntoView {
    let first = arguments.get_untracked();
    let navigate = use_navigate();
    let go = move || navigate(&url_of(PATH, typed()), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    let on_change = go.clone();
    Effect::new(move |_| {
        let arguments = arguments.get();
        if let Some(input) = browser::element::<web_sys::HtmlInputElement>(SEARCH) {
            input.set_value(&arguments.q);
        }
        if let Some(select) = browser::element::<web_sys::HtmlSelectElement>(ACTION) {
            select.set_value(&arguments.action);
        }
    });
    let option = |action: &'static Action| {
        view! { <option value=action.as_str() selected=action.as_str() == first.action>{action.label()}</option> }
    };
    view! {
        // Going back must not bring back what was chosen later than the list that is shown.
        <form
            autocomplete="off"
            class="filters"
            method="get"
            action=PATH
            role="search"
            on:submit=on(move |event: web_sys::SubmitEvent| {
                event.prevent_default();
                go();
            })
        >
            <div class="search">
                <IconMark icon=Icon::Search/>
                <label class="sr" for=SEARCH>"Search by person or subject"</label>
                <input id=SEARCH type="search" name=field!(ListActivity.q) value=first.q.clone() placeholder="Person or document" autocomplete="off" maxlength="200"/>
            </div>
            <label class="sort">
                <span class="sr">"Kind of event"</span>
                <select id=ACTION name=field!(ListActivity.action) on:change=on(move |_| on_change())>
                    <option value="" selected=first.action.is_empty()>"Every kind"</option>
                    {views(Action::ALL.iter().map(option))}
                </select>
            </label>
            <button type="submit" class="button quiet">"Search"</button>
        </form>
    }
    .into_any()
}

#[component]
fn Log(arguments: ListActivity, page: Page<ActivityRow>) -> impl IntoView {
    if page.rows.is_empty() {
        return view! {
            <EmptyState icon=Icon::Activity title="Nothing matches" text="No event is of that kind or about that person.">
                <LinkButton href=PATH label="Clear the filters" style=ButtonStyle::Quiet/>
            </EmptyState>
        }
        .into_any();
    }
    let (first, next) = turns(PATH, &arguments, page.next.as_ref());
    let columns = ["When", "What", "Who", "About", "From"].map(Column::Text).to_vec();
    let rows = views(page.rows.into_iter().map(|row| view! { <LogRow row/> }));
    view! {
        <Table label="Activity" class="log" columns rows/>
        <Pager first next/>
    }
    .into_any()
}

#[component]
fn LogRow(row: ActivityRow) -> impl IntoView {
    let who = row.actor_label.clone();
    let again = row.last_at.map(|last| {
        view! { <span class="muted detail">{format!("{} times, last ", row.times)} <Moment at=last/></span> }
    });
    view! {
        <tr role="row">
            <td role="cell" class="cell-when"><Moment at=row.at/></td>
            <td role="cell" class="cell-what"><Badge label=row.action.label() tone=tone_of(row.action)/></td>
            <td role="cell" class="cell-who" title=who>{row.actor_label}</td>
            <td role="cell" class="cell-about">
                {row.subject}
                {(!row.detail.is_empty()).then(|| view! { <span class="muted detail">{row.detail}</span> })}
                {again}
            </td>
            <td role="cell" class="cell-address"><code>{row.address}</code></td>
        </tr>
    }
    .into_any()
}

const fn tone_of(action: Action) -> Tone {
    match action {
        Action::VerificationFailed | Action::SignInFailed | Action::UploadRefused | Action::InspectionDiffered => {
            Tone::Warning
        }
        Action::Denied | Action::MailFailed | Action::Deleted | Action::AccountDisabled => Tone::Danger,
        Action::Deposited | Action::HandedOver | Action::Verified => Tone::Good,
        _ => Tone::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Cursor;

    #[test]
    fn filters_stay_while_paging() {
        let arguments =
            ListActivity { action: "link.minted".into(), q: "ana".into(), cursor: "id.5".into(), limit: String::new() };
        let (first, next) = turns(PATH, &arguments, Some(&Cursor { key: "7".into(), id: "id".into() }));
        assert_eq!(first.as_deref(), Some("/ops/activity?action=link.minted&q=ana"));
        assert_eq!(next.as_deref(), Some("/ops/activity?action=link.minted&q=ana&cursor=id.7"));
        assert_eq!(turns(PATH, &ListActivity::default(), None), (None, None));
    }
}
