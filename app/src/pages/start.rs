//! `/`: leads everyone to their first page.

use domain::{Role, account::Visitor};
use leptos::prelude::*;

use crate::{components::PageTitle, visit::use_visitor};

/// The start.
#[component]
pub fn Start() -> impl IntoView {
    let home = home_of(&use_visitor());
    #[cfg(feature = "ssr")]
    leptos_axum::redirect(home);
    Effect::new(move |_| crate::browser::go_to(home));
    view! {
        <PageTitle title="Start"/>
        <p class="muted">"Continue to " <a href=home rel="external">"your first page"</a> "."</p>
    }
}

const fn home_of(visitor: &Visitor) -> &'static str {
    match visitor {
        Visitor::Nobody => "/login",
        Visitor::Unverified(_) => "/verify",
        Visitor::SignedIn(me) => match me.role {
            Role::Client => "/documents",
            Role::Ops => "/ops",
        },
    }
}
