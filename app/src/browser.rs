//! The few things asked of the browser directly. Only effects and event handlers call these: they never run while
//! the server renders.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use domain::text::as_typed;
use js_sys::{Date, JsString};
use leptos::{prelude::*, server_fn::redirect::REDIRECT_HEADER};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    File, FormData, HtmlAnchorElement, HtmlFormElement, ProgressEvent, Url, UrlSearchParams, XmlHttpRequest,
};

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

/// Says in the document that its scripts have taken over: `html[data-alive]`, which styles and tests can wait for.
pub fn mark_alive() {
    if let Some(root) = document().document_element() {
        _ = root.set_attribute("data-alive", "");
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
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            || element.has_attribute("contenteditable")
    })
}

/// Whether a typed text may pass for another, as far as the browser can tell; the server decides. Case does not count,
/// nor how an accent, a quote, a dash or a space is written.
#[must_use]
pub fn reads_like(typed: &str, text: &str) -> bool {
    let plain = |text: &str| {
        let text: String = text.chars().map(as_typed).filter(|c| !c.is_whitespace()).collect();
        JsString::from(text).normalize("NFKC").to_lower_case()
    };
    plain(typed) == plain(text)
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

/// Lets the browser save a file, as if it had been downloaded.
pub fn save(file: &File) {
    let Ok(address) = Url::create_object_url_with_blob(file) else { return };
    if let Some(link) = document().create_element("a").ok().and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) {
        link.set_href(&address);
        link.set_download(&file.name());
        link.click();
    }
    // The browser has taken hold of the file by then; the address would keep it in memory for as long as the page lives.
    set_timeout(move || _ = Url::revoke_object_url(&address), Duration::from_secs(60));
}

/// What stands in a form, as a form without JavaScript would send it.
#[must_use]
pub fn form_text(form: &HtmlFormElement) -> String {
    let data = FormData::new_with_form(form);
    let pairs = data.and_then(|data| UrlSearchParams::new_with_str_sequence_sequence(&data));
    pairs.map(|pairs| String::from(pairs.to_string())).unwrap_or_default()
}

/// The answer to a posted text.
#[derive(Debug, Default)]
pub struct Answer {
    /// The status; 0 when there was no answer.
    pub status: u16,
    /// The body.
    pub body: String,
    /// Another page, if the answer leads there.
    pub leads_to: Option<String>,
}

/// An [`Answer`] to come. It can be awaited anywhere, though what it waits for lives in the browser's one thread.
pub struct Answering(Arc<Mutex<Slot>>);

#[derive(Default)]
struct Slot {
    answer: Option<Answer>,
    waker: Option<Waker>,
}

/// Posts a text of form fields.
#[must_use]
pub fn post(path: &str, fields: &str) -> Answering {
    let slot = Arc::new(Mutex::new(Slot::default()));
    if start_post(path, fields, Arc::clone(&slot)).is_none() {
        arrived(&slot, Answer::default());
    }
    Answering(slot)
}

fn start_post(path: &str, fields: &str, slot: Arc<Mutex<Slot>>) -> Option<()> {
    let request = XmlHttpRequest::new().ok()?;
    request.open("POST", path).ok()?;
    request.set_request_header("Accept", "application/json").ok()?;
    request.set_request_header("Content-Type", "application/x-www-form-urlencoded").ok()?;
    let answered = request.clone();
    // Called once in any case: after an answer, a failure and an abort.
    let ended = Closure::once_into_js(move |_: ProgressEvent| {
        let header = |name| answered.get_response_header(name).ok().flatten();
        arrived(
            &slot,
            Answer {
                status: answered.status().unwrap_or_default(),
                body: answered.response_text().ok().flatten().unwrap_or_default(),
                leads_to: header(REDIRECT_HEADER).and_then(|_| header("location")),
            },
        );
    });
    request.set_onloadend(Some(ended.unchecked_ref()));
    request.send_with_opt_str(Some(fields)).ok()
}

fn arrived(slot: &Mutex<Slot>, answer: Answer) {
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    slot.answer = Some(answer);
    if let Some(waker) = slot.waker.take() {
        waker.wake();
    }
}

impl Future for Answering {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match slot.answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => {
                slot.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}
