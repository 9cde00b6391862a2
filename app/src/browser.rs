//! The few things asked of the browser directly. Only effects and event handlers call these: they never run while
//! the server renders.

use js_sys::Date;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

use crate::words::Wall;

/// The browser's clock, in milliseconds since the epoch.
#[must_use]
pub fn now_millis() -> f64 {
    Date::now()
}

/// A moment in the browser's time zone.
#[must_use]
pub fn wall(millis: f64) -> Wall {
    let date = Date::new(&millis.into());
    let local = millis - date.get_timezone_offset() * 60_000.0;
    Wall {
        year: date.get_full_year(),
        month: date.get_month() + 1,
        day: date.get_date(),
        hour: date.get_hours(),
        minute: date.get_minutes(),
        #[expect(clippy::cast_possible_truncation, reason = "a number of days fits")]
        day_number: (local / 86_400_000.0).floor() as i64,
    }
}

/// Loads another page, or this one anew.
pub fn go_to(path: &str) {
    // The only failure is an address that cannot be parsed; there is then nowhere to go.
    _ = window().location().assign(path);
}

/// The path and query of the page that is shown.
#[must_use]
pub fn here() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// Moves the focus to the element with this id.
pub fn focus(id: &str) {
    if let Some(element) = element::<web_sys::HtmlElement>(id) {
        _ = element.focus();
    }
}

/// The element with this id, if it is of type `T`.
#[must_use]
pub fn element<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Whether a person is typing into a field right now, so that a key is not a command.
#[must_use]
pub fn is_typing() -> bool {
    document().active_element().is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") || element.has_attribute("contenteditable")
    })
}

/// Puts text on the clipboard, then says whether the browser allowed it.
pub fn copy(text: &str, done: impl Fn(bool) + Clone + 'static) {
    let clipboard = window().navigator().clipboard();
    if clipboard.is_undefined() {
        done(false);
        return;
    }
    let refused = done.clone();
    let copied = Closure::once(move |_: JsValue| done(true));
    let failed = Closure::once(move |_: JsValue| refused(false));
    _ = clipboard.write_text(text).then2(&copied, &failed);
    // Exactly one of the two is called, once; both are a few bytes.
    copied.forget();
    failed.forget();
}
