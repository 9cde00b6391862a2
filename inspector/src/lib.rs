//! The inspector in the browser, as the module of a Web Worker: the page goes on while a file is read, and fetches
//! this module only when the first file is chosen.
//!
//! `worker.js` hands each request to one of the two functions here and posts what they return. The page gets text and
//! HTML that is ready to be shown; it knows nothing of findings and topics.

mod answer;
mod browser;
mod progress;
mod window;

use std::io;

use js_sys::Object;
use office::{CleanError, Cleaned, Examination, Kind, Policy, Topic};
use wasm_bindgen::prelude::{JsError, wasm_bindgen};
use web_sys::File;

use crate::{
    browser::{Parts, Slices},
    progress::Progress,
};

/// Called once, by the generated script.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// Examines a file and answers with `verdict`, `summary`, `html` and `cleanable`; of a refused file also with the
/// `sentence` of the finding that decides. `id` is the prefix of the ids in the HTML, `rules` is
/// the text of a policy.
///
/// # Errors
/// When the file cannot be read, for instance because it has been changed since it was chosen.
#[wasm_bindgen]
pub fn inspect(file: &File, id: &str, rules: &str) -> Result<Object, JsError> {
    let examination = examine(file, &policy(rules)?, &Progress::of(file, 1))?;
    Ok(answer::inspected(&examination, id))
}

/// Makes a copy of a file that goes by the same name and is without `topics`, a text of form fields. Answers with the
/// copy as `file`, with what was `removed`, and with everything that [`inspect`] says of the copy; or with a `sentence`
/// when there can be no such copy.
///
/// # Errors
/// When the file cannot be read.
#[wasm_bindgen]
pub fn clean(file: &File, id: &str, rules: &str, topics: &str) -> Result<Object, JsError> {
    // The original is inspected and copied, the copy is inspected.
    let progress = Progress::of(file, 3);
    let policy = policy(rules)?;
    let (copy, cleaned) = match write_copy(file, &topics_of(topics), &policy, &progress) {
        Ok(written) => written,
        Err(CleanError::Io(error)) => return Err(error.into()),
        Err(error) => return Ok(answer::not_cleaned(&error)),
    };
    let examination = examine(&copy, &policy, &progress)?;
    Ok(answer::cleaned(&copy, &cleaned, &examination, id))
}

/// The portal's own policy, or the usual one where nothing is said.
fn policy(rules: &str) -> Result<Policy, JsError> {
    if rules.is_empty() { Ok(Policy::default()) } else { Ok(rules.parse()?) }
}

fn examine(file: &File, policy: &Policy, progress: &Progress) -> io::Result<Examination> {
    office::examine(progress.watch(Slices::of(file)), kind_of(file)?, policy)
}

fn write_copy(
    file: &File,
    topics: &[Topic],
    policy: &Policy,
    progress: &Progress,
) -> Result<(File, Cleaned), CleanError> {
    let mut parts = Parts::default();
    let cleaned = office::clean(progress.watch(Slices::of(file)), &mut parts, kind_of(file)?, topics, policy)?;
    Ok((parts.into_file(file)?, cleaned))
}

/// The page lets no other file come this far.
fn kind_of(file: &File) -> io::Result<Kind> {
    let name = file.name();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    Kind::from_extension(extension).ok_or_else(|| io::ErrorKind::Unsupported.into())
}

/// The topics of `topic=comments&topic=metadata`. The names need no decoding; unknown ones are left out.
fn topics_of(fields: &str) -> Vec<Topic> {
    fields.split('&').filter_map(|field| field.strip_prefix("topic=")?.parse().ok()).collect()
}
