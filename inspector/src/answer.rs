//! Answers to the page: objects that a message can carry.

use js_sys::{Object, Reflect};
use office::{CleanError, Cleaned, Examination};
use wasm_bindgen::JsValue;
use web_sys::File;

/// What was found in a file.
pub(crate) fn inspected(examination: &Examination, id: &str) -> Object {
    let sentence = examination.report.deciding().map(|finding| finding.message.as_str());
    // The summary has neither maps nor numbers, so it is always JSON.
    let summary = serde_json::to_string(&examination.report.summary()).unwrap_or_default();
    object([
        ("verdict", examination.verdict.as_str().into()),
        ("sentence", sentence.unwrap_or_default().into()),
        ("summary", summary.into()),
        ("html", xray_view::before_sending(examination, id).into()),
        ("cleanable", is_cleanable(examination).into()),
    ])
}

/// A clean copy, and what was found in it. One that would be refused is none.
pub(crate) fn cleaned(copy: &File, cleaned: &Cleaned, examination: &Examination, id: &str) -> Object {
    if let Some(finding) = examination.report.deciding() {
        return object([("sentence", finding.message.as_str().into())]);
    }
    let answer = inspected(examination, id);
    set(&answer, "file", copy);
    set(&answer, "removed", &xray_view::removed(cleaned).into());
    answer
}

/// Why there is no clean copy.
pub(crate) fn not_cleaned(error: &CleanError) -> Object {
    let sentence = match error {
        CleanError::Refused(report) => report.deciding().map_or("The file is refused.", |finding| &finding.message),
        CleanError::NotRemovable(_) => "What was chosen cannot be removed.",
        CleanError::Impossible(sentence) => sentence,
        CleanError::Io(_) => "The file cannot be read.",
    };
    object([("sentence", sentence.into())])
}

/// Whether the HTML has something to choose from.
fn is_cleanable(examination: &Examination) -> bool {
    let sections = examination.xray.iter().flat_map(|xray| &xray.sections);
    sections.into_iter().any(|section| section.topic.is_removable())
}

fn object<const N: usize>(pairs: [(&str, JsValue); N]) -> Object {
    let object = Object::new();
    for (name, value) in pairs {
        set(&object, name, &value);
    }
    object
}

fn set(object: &Object, name: &str, value: &JsValue) {
    // Fails only for frozen objects.
    _ = Reflect::set(object, &name.into(), value);
}
