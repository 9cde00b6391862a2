//! The interface: one tree of components, rendered on the server and brought to life in the browser.
//!
//! - [`api`] holds the server functions, one area a file.
//! - `components` are the parts, one a file; `pages` compose them.
//! - What can be decided without a browser or a server is plain functions with tests: [`paths`], [`words`],
//!   [`upload::queue`].
#![recursion_limit = "256"]

#[cfg(not(erase_components))]
compile_error!("build with --cfg erase_components, on the server and in the browser alike: see .cargo/config.toml");

pub mod api;
pub mod browser;
pub mod calls;
pub mod components;
pub mod flash;
pub mod live;
pub mod pages;
pub mod paths;
pub mod upload;
pub mod visit;
pub mod words;

use leptos::prelude::*;
#[cfg(feature = "ssr")]
use leptos_meta::MetaTags;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    hooks::use_location,
    path,
};

use components::{Header, Toaster, provide_toasts};

/// The document around the app.
#[cfg(feature = "ssr")]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let style = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                <link id="leptos" rel="stylesheet" href=style/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
    .into_any()
}

/// Every page, inside its frame.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    visit::provide_visit();
    provide_toasts();
    view! {
        <Router>
            <Header/>
            <main id="main" tabindex="-1">
                <Pages/>
            </main>
            <FocusKeeper/>
            <Toaster/>
        </Router>
    }
    .into_any()
}

#[component]
fn Pages() -> impl IntoView {
    // The status of a page is known when all of it is: each is sent whole.
    let whole = || SsrMode::Async;
    view! {
        <FlatRoutes fallback=|| view! { <pages::Missing/> }>
            <Route path=path!("/") view=pages::Start ssr=whole()/>
            <Route path=path!("/signup") view=pages::SignUpPage ssr=whole()/>
            <Route path=path!("/verify") view=pages::Verify ssr=whole()/>
            <Route path=path!("/confirm/:token") view=pages::Confirm ssr=whole()/>
            <Route path=path!("/login") view=pages::Login ssr=whole()/>
            <Route path=path!("/forgot") view=pages::Forgot ssr=whole()/>
            <Route path=path!("/reset/:token") view=pages::Reset ssr=whole()/>
            <Route path=path!("/invite/:token") view=pages::Invite ssr=whole()/>
            <Route path=path!("/setup/:token") view=pages::Invite ssr=whole()/>
            <Route path=path!("/documents") view=pages::Documents ssr=whole()/>
            <Route path=path!("/documents/:id") view=pages::Document ssr=whole()/>
            <Route path=path!("/account") view=pages::Account ssr=whole()/>
            <Route path=path!("/dead-link") view=pages::DeadLink ssr=whole()/>
            <Route path=path!("/ops") view=pages::Overview ssr=whole()/>
            <Route path=path!("/ops/upload") view=pages::Upload ssr=whole()/>
            <Route path=path!("/ops/documents") view=pages::OpsDocuments ssr=whole()/>
            <Route path=path!("/ops/clients") view=pages::Clients ssr=whole()/>
            <Route path=path!("/ops/clients/:id") view=pages::Person ssr=whole()/>
            <Route path=path!("/ops/team") view=pages::Team ssr=whole()/>
            <Route path=path!("/ops/mail") view=pages::Mail ssr=whole()/>
            <Route path=path!("/ops/activity") view=pages::Activity ssr=whole()/>
            <Route path=path!("/dev/parts") view=pages::Parts ssr=whole()/>
        </FlatRoutes>
    }
    .into_any()
}

/// Moves the focus to the content when another page has taken the place of the last, as a full load would.
#[component]
fn FocusKeeper() -> impl IntoView {
    let path = use_location().pathname;
    Effect::new(move |last: Option<String>| {
        let path = path.get();
        if last.is_some_and(|last| last != path) {
            browser::focus("main");
        }
        path
    });
}
