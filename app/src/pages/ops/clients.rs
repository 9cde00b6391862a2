//! `/ops/clients`: everybody who has an account, searched, filtered and paged by the URL.

use domain::{
    Page, Role,
    people::{AccountState, PersonRow},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    api::people::ListPeople,
    calls::{arguments_in, fetch, turns},
    components::{Badge, ButtonStyle, EmptyState, Icon, IconMark, LinkButton, Moment, PageHeader, Pager, Tone, loaded},
    field,
    live::views,
};

const PATH: &str = "/ops/clients";

/// Everybody.
#[component]
pub fn Clients() -> impl IntoView {
    let query = use_query_map();
    let arguments = Memo::new(move |_| query.with(arguments_in::<ListPeople>));
    let page = fetch(move || arguments.get(), &[]);
    view! {
        <PageHeader title="Clients" lead="Everybody who can sign in: clients, and ops among them."/>
        <Filters first=arguments.get_untracked()/>
        {loaded(page, move |page| view! { <People arguments=arguments.get_untracked() page/> })}
    }
    .into_any()
}

/// A plain form: it is filled in once and sent, so that nothing has to follow its fields in the browser.
#[component]
fn Filters(first: ListPeople) -> impl IntoView {
    let choice = |value: &'static str, label: &'static str, chosen: &str| {
        view! { <option value=value selected=value == chosen>{label}</option> }
    };
    let roles = [("", "Every role"), (Role::Client.as_str(), "Clients"), (Role::Ops.as_str(), "Ops")];
    let states = AccountState::ALL.map(|state| (state.as_str(), state.label()));
    let states = std::iter::once(("", "Every state")).chain(states);
    view! {
        <form autocomplete="off" class="filters" method="get" action=PATH role="search">
            <div class="search">
                <IconMark icon=Icon::Search/>
                <label class="sr" for="people-search">"Search by name or address"</label>
                <input id="people-search" type="search" name=field!(ListPeople.q) value=first.q.clone() placeholder="Name or address" autocomplete="off" spellcheck="false" maxlength="200"/>
            </div>
            <label class="sort">
                <span class="sr">"Role"</span>
                <select name=field!(ListPeople.role)>{views(roles.into_iter().map(|(value, label)| choice(value, label, &first.role)))}</select>
            </label>
            <label class="sort">
                <span class="sr">"State"</span>
                <select name=field!(ListPeople.state)>{views(states.map(|(value, label)| choice(value, label, &first.state)))}</select>
            </label>
            <button type="submit" class="button quiet">"Search"</button>
        </form>
    }
    .into_any()
}

#[component]
fn People(arguments: ListPeople, page: Page<PersonRow>) -> impl IntoView {
    if page.rows.is_empty() && is_narrowed(&arguments) {
        return view! {
            <EmptyState icon=Icon::Search title="Nobody matches" text="No account has that in its name or address, or none is in that state.">
                <LinkButton href=PATH label="Clear the filters" style=ButtonStyle::Quiet/>
            </EmptyState>
        }
        .into_any();
    }
    let (first, next) = turns(PATH, &arguments, page.next.as_ref());
    view! {
        <section class="card">
            <ul class="people" aria-label="People">{views(page.rows.into_iter().map(person))}</ul>
        </section>
        <Pager first next/>
    }
    .into_any()
}

fn is_narrowed(ListPeople { q, role, state, organisation, cursor: _ }: &ListPeople) -> bool {
    [q, role, state, organisation].into_iter().any(|narrowing| !narrowing.is_empty())
}

fn person(row: PersonRow) -> AnyView {
    view! {
        <li class="person">
            <div class="person-text">
                <strong>
                    <a href=format!("{PATH}/{}", row.id)><bdi>{row.name.to_string()}</bdi></a>
                    {standing(&row)}
                </strong>
                <span class="muted">{row.email.to_string()}</span>
            </div>
            <span class="muted">{last_sign_in(&row)}</span>
        </li>
    }
    .into_any()
}

/// What a row is besides an active client.
pub(super) fn standing(row: &PersonRow) -> AnyView {
    let ops = (row.role == Role::Ops).then(|| view! { " " <Badge label="Ops"/> });
    let disabled = row.disabled_at.map(|_| view! { " " <Badge label="Disabled" tone=Tone::Danger/> });
    view! { {ops} {disabled} }.into_any()
}

/// When somebody signed in last.
pub(super) fn last_sign_in(row: &PersonRow) -> AnyView {
    match row.signed_in_at {
        Some(at) => view! { "signed in " <Moment at/> }.into_any(),
        None => "has not signed in since joining".into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Cursor;

    #[test]
    fn filters_stay_while_paging() {
        let arguments =
            ListPeople { q: "ana b".into(), role: "ops".into(), state: "disabled".into(), ..ListPeople::default() };
        let (first, next) = turns(PATH, &arguments, Some(&Cursor { key: "ana".into(), id: "id".into() }));
        let narrowed = "/ops/clients?q=ana%20b&role=ops&state=disabled&cursor=id.ana";
        assert_eq!((first, next.as_deref()), (None, Some(narrowed)));
        assert_eq!(turns(PATH, &ListPeople::default(), None), (None, None));
        let second = ListPeople { cursor: "id.ana".into(), ..ListPeople::default() };
        assert!(is_narrowed(&arguments) && !is_narrowed(&second));
    }
}
