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
#[cfg(feature = "ops")]
pub mod upload;
pub mod visit;
pub mod words;

#[cfg(feature = "ssr")]
use domain::{Role, account::Visitor};
use leptos::{children::ToChildren, prelude::*, tachys::view::iterators::StaticVec};
#[cfg(feature = "ssr")]
use leptos_meta::MetaTags;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    any_nested_route::AnyNestedRoute,
    components::{FlatRoutes, FlatRoutesProps, Route, Router},
    hooks::use_location,
    path,
};

use components::{Header, Toaster, provide_toasts};
#[cfg(feature = "ssr")]
use visit::use_visitor;

/// The document around the app.
#[cfg(feature = "ssr")]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let style = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    let mut module = options.clone();
    module.output_name = module_of(&use_visitor()).into();
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
                <AutoReload options/>
                <HydrationScripts options=module/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
    .into_any()
}

/// The module that brings a visitor's pages to life: ops have every page in theirs, everybody else goes without the
/// pages of ops (docs/adr/0019). Who one is changes with a full load only, so no link leads from one to the other.
#[cfg(feature = "ssr")]
fn module_of(visitor: &Visitor) -> &'static str {
    // cargo-leptos, which sets this, builds one module.
    let is_only = option_env!("LEPTOS_OUTPUT_NAME").is_some();
    match visitor.me() {
        Some(me) if me.role == Role::Ops => "strongroom",
        _ if is_only => "strongroom",
        _ => "clients",
    }
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
    // Written out, since the macro takes its routes one by one.
    let routes = || StaticVec::from(routes());
    let fallback = || view! { <pages::Missing/> };
    FlatRoutes(FlatRoutesProps::builder().fallback(fallback).children(ToChildren::to_children(routes)).build())
        .into_any()
}

// The status of a page is known when all of it is: each is sent whole.
const WHOLE: SsrMode = SsrMode::Async;

#[cfg(not(feature = "ops"))]
fn routes() -> Vec<AnyNestedRoute> {
    routes_of_everyone()
}

#[cfg(feature = "ops")]
fn routes() -> Vec<AnyNestedRoute> {
    routes_of_everyone().into_iter().chain(routes_of_ops()).collect()
}

fn routes_of_everyone() -> Vec<AnyNestedRoute> {
    let routes = view! {
        <Route path=path!("/") view=pages::Start ssr=WHOLE/>
        <Route path=path!("/signup") view=pages::SignUpPage ssr=WHOLE/>
        <Route path=path!("/verify") view=pages::Verify ssr=WHOLE/>
        <Route path=path!("/confirm/:token") view=pages::Confirm ssr=WHOLE/>
        <Route path=path!("/login") view=pages::Login ssr=WHOLE/>
        <Route path=path!("/forgot") view=pages::Forgot ssr=WHOLE/>
        <Route path=path!("/reset/:token") view=pages::Reset ssr=WHOLE/>
        <Route path=path!("/invite/:token") view=pages::Invite ssr=WHOLE/>
        <Route path=path!("/setup/:token") view=pages::Invite ssr=WHOLE/>
        <Route path=path!("/documents") view=pages::Documents ssr=WHOLE/>
        <Route path=path!("/documents/:id") view=pages::Document ssr=WHOLE/>
        <Route path=path!("/account") view=pages::Account ssr=WHOLE/>
        <Route path=path!("/dead-link") view=pages::DeadLink ssr=WHOLE/>
        <Route path=path!("/dev/parts") view=pages::Parts ssr=WHOLE/>
    };
    routes.into_inner().into()
}

#[cfg(feature = "ops")]
fn routes_of_ops() -> Vec<AnyNestedRoute> {
    let routes = view! {
        <Route path=path!("/ops") view=pages::ops::Overview ssr=WHOLE/>
        <Route path=path!("/ops/upload") view=pages::ops::Upload ssr=WHOLE/>
        <Route path=path!("/ops/documents") view=pages::ops::Documents ssr=WHOLE/>
        <Route path=path!("/ops/clients") view=pages::ops::Clients ssr=WHOLE/>
        <Route path=path!("/ops/clients/:id") view=pages::ops::Person ssr=WHOLE/>
        <Route path=path!("/ops/team") view=pages::ops::Team ssr=WHOLE/>
        <Route path=path!("/ops/mail") view=pages::ops::Mail ssr=WHOLE/>
        <Route path=path!("/ops/activity") view=pages::ops::Activity ssr=WHOLE/>
    };
    routes.into_inner().into()
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
