//! `/ops/clients`: everybody who has an account, searched, filtered and paged by the URL.

use domain::{
    Page, Role,
    people::{AccountState, PersonRow},
};
use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, params::ParamsMap};

use crate::{
    api::people::ListPeople,
    calls::{Pairs, ask},
    components::{Badge, ButtonLook, EmptyState, Icon, IconMark, LinkButton, Moment, PageHeader, Pager, Tone, loaded},
    live::views,
    paths::query_of,
};

const PATH: &str = "/ops/clients";

/// What stands in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct State {
    q: String,
    role: String,
    state: String,
    cursor: String,
}

impl State {
    fn read(query: &ParamsMap) -> Self {
        let text = |name| query.get_str(name).unwrap_or_default().to_owned();
        Self { q: text("q"), role: text("role"), state: text("state"), cursor: text("cursor") }
    }

    fn url(&self) -> String {
        let pairs = [("q", self.q.trim()), ("role", &*self.role), ("state", &*self.state), ("cursor", &*self.cursor)];
        format!("{PATH}{}", query_of(&pairs))
    }

    fn pairs(&self) -> Pairs {
        let Self { q, role, state, cursor } = self.clone();
        vec![("q", q), ("role", role), ("state", state), ("cursor", cursor)]
    }

    fn at(&self, cursor: &str) -> Self {
        Self { cursor: cursor.to_owned(), ..self.clone() }
    }

    fn is_narrowed(&self) -> bool {
        !(self.q.is_empty() && self.role.is_empty() && self.state.is_empty())
    }
}

/// Everybody.
#[component]
pub fn Clients() -> impl IntoView {
    let query = use_query_map();
    let state = Memo::new(move |_| query.with(State::read));
    let page = ask::<ListPeople>(move || state.with(State::pairs), &[]);
    view! {
        <PageHeader title="Clients" lead="Everybody who can sign in: clients, and ops among them."/>
        <Filters first=state.get_untracked()/>
        {loaded(page, move |page: Page<PersonRow>| view! { <People state=state.get_untracked() page/> })}
    }
    .into_any()
}

/// A plain form: it is filled in once and sent, so that nothing has to follow its fields in the browser.
#[component]
fn Filters(first: State) -> impl IntoView {
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
                <input id="people-search" type="search" name="q" value=first.q.clone() placeholder="Name or address" autocomplete="off" spellcheck="false" maxlength="200"/>
            </div>
            <label class="sort">
                <span class="sr">"Role"</span>
                <select name="role">{views(roles.into_iter().map(|(value, label)| choice(value, label, &first.role)))}</select>
            </label>
            <label class="sort">
                <span class="sr">"State"</span>
                <select name="state">{views(states.map(|(value, label)| choice(value, label, &first.state)))}</select>
            </label>
            <button type="submit" class="button quiet">"Search"</button>
        </form>
    }
    .into_any()
}

#[component]
fn People(state: State, page: Page<PersonRow>) -> impl IntoView {
    if page.rows.is_empty() && state.is_narrowed() {
        return view! {
            <EmptyState icon=Icon::Search title="Nobody matches" text="No account has that in its name or address, or none is in that state.">
                <LinkButton href=PATH label="Clear the filters" look=ButtonLook::Quiet/>
            </EmptyState>
        }
        .into_any();
    }
    let first = (!state.cursor.is_empty()).then(|| state.at("").url());
    let next = page.next.as_ref().map(|cursor| state.at(&cursor.to_string()).url());
    view! {
        <section class="card">
            <ul class="people" aria-label="People">{views(page.rows.into_iter().map(person))}</ul>
        </section>
        <Pager first next/>
    }
    .into_any()
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

    #[test]
    fn filters_stay_while_paging() {
        let state = State { q: "ana b".into(), role: "ops".into(), state: "disabled".into(), cursor: String::new() };
        assert_eq!(state.at("id.ana").url(), "/ops/clients?q=ana%20b&role=ops&state=disabled&cursor=id.ana");
        assert_eq!(State::default().url(), "/ops/clients");
        assert!(state.is_narrowed() && !State::default().at("id.ana").is_narrowed());
    }
}
