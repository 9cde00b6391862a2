//! What every page knows of its visitor and of the portal. Both come from the server with the page and stay as
//! they are until the next full load, which every sign-in and sign-out is.

use domain::{Role, account::Visitor};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The portal, as far as pages need to know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portal {
    /// What it calls itself.
    pub name: String,
    /// Most bytes of one file.
    pub max_upload: u64,
    /// The rules of every inspection, as the worker that inspects in the browser reads them.
    pub rules: String,
}

impl Default for Portal {
    fn default() -> Self {
        Self { name: "Strongroom".to_owned(), max_upload: 1 << 30, rules: String::new() }
    }
}

/// Whether the page has come to life. `false` on the server and until the first effect, so that the first render
/// is the same on both sides.
#[derive(Clone, Copy)]
pub struct Alive(pub ReadSignal<bool>);

#[derive(Clone)]
struct RequestId(Option<String>);

/// Provides [`Visitor`], [`Portal`] and [`Alive`]. Called once, by the app.
pub fn provide_visit() {
    provide_context(SharedValue::new(visitor_of_request).into_inner());
    provide_context(SharedValue::new(portal_of_request).into_inner());
    provide_context(RequestId(SharedValue::new(id_of_request).into_inner()));
    let (alive, set_alive) = signal(false);
    Effect::new(move |_| {
        set_alive.set(true);
        crate::browser::mark_alive();
    });
    provide_context(Alive(alive));
}

fn visitor_of_request() -> Visitor {
    use_context::<Visitor>().unwrap_or(Visitor::Nobody)
}

#[cfg(feature = "ssr")]
fn portal_of_request() -> Portal {
    use_context::<backend::Backend>().map_or_else(Portal::default, |backend| {
        let settings = backend.settings();
        Portal {
            name: settings.portal_name.clone(),
            max_upload: settings.max_upload,
            rules: settings.inspection.to_string(),
        }
    })
}

#[cfg(not(feature = "ssr"))]
fn portal_of_request() -> Portal {
    Portal::default()
}

#[cfg(feature = "ssr")]
fn id_of_request() -> Option<String> {
    crate::api::request_id()
}

#[cfg(not(feature = "ssr"))]
fn id_of_request() -> Option<String> {
    None
}

/// The visitor of this page.
#[must_use]
pub fn use_visitor() -> Visitor {
    use_context().unwrap_or(Visitor::Nobody)
}

/// The portal of this page.
#[must_use]
pub fn use_portal() -> Portal {
    use_context().unwrap_or_default()
}

/// Whether the visitor is one of ops. The module of clients answers before it runs, and leaves out what would follow.
#[must_use]
pub fn is_ops() -> bool {
    cfg!(feature = "ops") && use_visitor().me().is_some_and(|me| me.role == Role::Ops)
}

/// Whether the page has come to life.
#[must_use]
pub fn use_alive() -> ReadSignal<bool> {
    use_context::<Alive>().map_or_else(|| signal(false).0, |alive| alive.0)
}

/// The id under which the server logged the request for this page. Only while the page is as the server sent it:
/// what fails later fails in another request.
#[must_use]
pub fn use_request_id() -> Option<String> {
    let RequestId(id) = use_context()?;
    id.filter(|_| !use_alive().get_untracked())
}
