//! Sending one file. `fetch` cannot tell how many bytes have left, so this is an `XMLHttpRequest`.

use domain::{ErrorCode, Problem, upload::UploadReport};
use leptos::serde_json;
use serde::Deserialize;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{File, FormData, ProgressEvent, XmlHttpRequest};

/// Where files go. The same path serves the page itself, so that the form works without JavaScript.
pub const ACTION: &str = "/ops/upload";
/// The form's field.
pub const FIELD: &str = "file";
/// What the inspection in the browser has said of the file that follows.
const INSPECTED: &str = "inspected";

/// What a transfer tells while it runs.
#[derive(Clone, Debug)]
pub enum Told {
    /// So many bytes have left.
    Progress(u64),
    /// All bytes have left.
    Sent,
    /// The server has answered.
    Answered(Result<UploadReport, Problem>),
    /// The connection broke.
    Broken,
}

/// A transfer under way. Its closures live as long as it does.
pub struct Transfer {
    request: XmlHttpRequest,
    _listeners: Vec<Closure<dyn FnMut(ProgressEvent)>>,
}

impl Transfer {
    /// Starts to send `file`, and before it what was found in it here; `None` when the browser refuses.
    #[must_use]
    pub fn start(file: &File, summary: Option<&str>, tell: impl Fn(Told) + Clone + 'static) -> Option<Self> {
        let request = XmlHttpRequest::new().ok()?;
        request.open("POST", ACTION).ok()?;
        request.set_request_header("Accept", "application/json").ok()?;
        let body = FormData::new().ok()?;
        if let Some(summary) = summary {
            body.append_with_str(INSPECTED, summary).ok()?;
        }
        body.append_with_blob_and_filename(FIELD, file, &file.name()).ok()?;

        let mut listeners = Vec::new();
        let mut listen = |on: Box<dyn FnMut(ProgressEvent)>| {
            listeners.push(Closure::wrap(on));
            listeners.last().map(|closure| closure.as_ref().unchecked_ref::<js_sys::Function>().clone())
        };
        let progress = tell.clone();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of bytes, sent as a double"
        )]
        let on_progress = listen(Box::new(move |event| progress(Told::Progress(event.loaded() as u64))));
        let sent = tell.clone();
        let on_sent = listen(Box::new(move |_| sent(Told::Sent)));
        let answered = (tell.clone(), request.clone());
        let on_answer = listen(Box::new(move |_| answered.0(Told::Answered(answer_of(&answered.1)))));
        let on_break = listen(Box::new(move |_| tell(Told::Broken)));

        let upload = request.upload().ok()?;
        upload.set_onprogress(on_progress.as_ref());
        upload.set_onload(on_sent.as_ref());
        request.set_onload(on_answer.as_ref());
        request.set_onerror(on_break.as_ref());
        request.set_ontimeout(on_break.as_ref());
        request.send_with_opt_form_data(Some(&body)).ok()?;
        Some(Self { request, _listeners: listeners })
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.request.set_onload(None);
        self.request.set_onerror(None);
        // A request that is over is not troubled by it.
        _ = self.request.abort();
    }
}

fn answer_of(request: &XmlHttpRequest) -> Result<UploadReport, Problem> {
    let body = request.response_text().ok().flatten().unwrap_or_default();
    read_answer(request.status().unwrap_or_default(), &body)
}

/// Reads an answer: a report with any status, or problem+json. Whatever a proxy in between says instead is told
/// apart by the status alone.
fn read_answer(status: u16, body: &str) -> Result<UploadReport, Problem> {
    #[derive(Deserialize)]
    struct Answer {
        code: ErrorCode,
        #[serde(default)]
        retry_after: Option<u32>,
    }
    if let Ok(report) = serde_json::from_str(body) {
        return Ok(report);
    }
    if let Ok(answer) = serde_json::from_str::<Answer>(body) {
        let mut problem = Problem::new(answer.code);
        problem.retry_after = answer.retry_after;
        return Err(problem);
    }
    Err(Problem::new(match status {
        401 => ErrorCode::NotSignedIn,
        403 => ErrorCode::OpsOnly,
        413 => ErrorCode::TooLarge,
        429 => ErrorCode::TooManyAttempts,
        502..=504 => ErrorCode::Unavailable,
        507 => ErrorCode::StorageFull,
        _ => ErrorCode::Internal,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_counts_whatever_its_status() {
        let body =
            r#"{"files":[],"rejected":[{"name":"a.docx","code":"macros","message":"It has macros.","findings":[]}]}"#;
        let report = read_answer(422, body).expect("a report");
        assert_eq!(report.rejected[0].code, "macros");
    }

    #[test]
    fn a_problem_is_read_by_its_code() {
        let body = r#"{"type":"about:blank","title":"Busy","status":503,"code":"busy","retry_after":5}"#;
        assert_eq!(read_answer(503, body), Err(Problem::new(ErrorCode::Busy).retry_after(5)));
    }

    #[test]
    fn what_a_proxy_says_is_told_by_its_status() {
        for (status, code) in [(413, ErrorCode::TooLarge), (502, ErrorCode::Unavailable), (500, ErrorCode::Internal)] {
            assert_eq!(read_answer(status, "<html>Bad Gateway</html>").map_err(|problem| problem.code), Err(code));
        }
    }
}
