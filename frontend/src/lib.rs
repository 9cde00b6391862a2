//! The browser's entry point: brings to life the page that the server has rendered.
//!
//! Two modules are made of it: with the pages of ops, and without (docs/adr/0019).

#![recursion_limit = "512"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's own script once the module is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
