//! The top of every page: the portal's name, where one can go, and who one is.

use domain::{
    Role,
    account::{Me, Visitor},
};
use leptos::prelude::*;
use leptos_router::components::A;

use super::{
    button::{ButtonStyle, SubmitButton},
    form::PostForm,
    icon::{Icon, IconMark},
};
use crate::{
    api::accounts::SignOut,
    calls::FormAction,
    field,
    live::views,
    visit::{use_portal, use_visitor},
};

struct Place {
    href: &'static str,
    label: &'static str,
    icon: Icon,
    /// Whether the pages below it are other places.
    exact: bool,
}

const fn place(href: &'static str, label: &'static str, icon: Icon) -> Place {
    Place { href, label, icon, exact: false }
}

const CLIENT: &[Place] =
    &[place("/documents", "Documents", Icon::Documents), place("/account", "Account", Icon::Account)];

const OPS: &[Place] = &[
    Place { href: "/ops", label: "Overview", icon: Icon::Overview, exact: true },
    place("/ops/upload", "Upload", Icon::Upload),
    place("/ops/documents", "Documents", Icon::Documents),
    place("/ops/clients", "Clients", Icon::Clients),
    place("/ops/team", "Team", Icon::Team),
    place("/ops/activity", "Activity", Icon::Activity),
    place("/account", "Account", Icon::Account),
];

/// The header. Its navigation is a bar at the bottom of narrow screens.
#[component]
pub fn Header() -> impl IntoView {
    let portal = use_portal().name;
    let visitor = use_visitor();
    let (places, side) = match &visitor {
        Visitor::SignedIn(me) => (
            Some(match me.role {
                Role::Ops => OPS,
                Role::Client => CLIENT,
            }),
            view! { <PersonMenu me=me.clone()/> }.into_any(),
        ),
        Visitor::Unverified(_) => (None, view! { <SignOutForm label="Start again" next=String::new()/> }.into_any()),
        Visitor::Nobody => (None, ().into_any()),
    };
    view! {
        <a class="skip-link" href="#main" rel="external">"Skip to the content"</a>
        <header class="top">
            <div class="top-inner">
                <a class="brand" href="/" rel="external">
                    <Mark/>
                    <span>{portal}</span>
                </a>
                {places.map(|places| view! { <Places places/> })}
                <div class="top-side">{side}</div>
            </div>
        </header>
    }
    .into_any()
}

#[component]
fn Places(places: &'static [Place]) -> impl IntoView {
    let item = |place: &'static Place| {
        view! {
            <li>
                <A href=place.href exact=place.exact>
                    <IconMark icon=place.icon/>
                    <span>{place.label}</span>
                </A>
            </li>
        }
    };
    view! {
        <nav class="places" aria-label="Main">
            <ul>{views(places.iter().map(item))}</ul>
        </nav>
    }
}

#[component]
fn PersonMenu(me: Me) -> impl IntoView {
    let role = match me.role {
        Role::Ops => "Ops",
        Role::Client => "Client",
    };
    view! {
        <details class="menu" name="person">
            <summary>
                <span class="avatar" aria-hidden="true">{initials(me.name.as_str())}</span>
                <span class="sr">"Your account"</span>
            </summary>
            <div class="menu-body">
                <p class="menu-who">
                    <strong>{me.name.to_string()}</strong>
                    <span class="muted">{me.email.to_string()}</span>
                    <span class="muted">{role}</span>
                </p>
                <A href="/account">"Account and security"</A>
                <SignOutForm label="Sign out" next=String::new()/>
            </div>
        </details>
    }
    .into_any()
}

/// Signs out, and leads back to `next` after the next sign-in.
#[component]
pub fn SignOutForm(
    /// What the button says.
    label: &'static str,
    /// Where to come back to; empty for nowhere in particular.
    next: String,
) -> impl IntoView {
    let action = FormAction::to::<SignOut>();
    view! {
        <PostForm post=action>
            <input type="hidden" name=field!(SignOut.next) value=next/>
            <SubmitButton label style=ButtonStyle::Quiet busy=action.busy()/>
        </PostForm>
    }
    .into_any()
}

#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <rect class="mark-door" x="2" y="2" width="28" height="28" rx="7"></rect>
            <circle class="mark-wheel" cx="16" cy="16" r="6.5"></circle>
            <path class="mark-wheel" d="M16 6.5v4M16 21.5v4M6.5 16h4M21.5 16h4"></path>
        </svg>
    }
}

/// The first letters of the first and the last word of a name.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next();
    let last = words.next_back();
    [first, last].into_iter().flatten().filter_map(|word| word.chars().next()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_last_name() {
        assert_eq!(initials("Ana López García"), "AG");
        assert_eq!(initials("ben"), "B");
        assert_eq!(initials("  "), "");
    }
}
