//! The files that were chosen, and what has become of each.

use domain::{
    document::size_words,
    upload::{DepositedFile, Finding, RejectedFile, Severity, StoppedUpload, UploadReport},
};
use leptos::prelude::*;

use super::upload_review::Review;
use crate::{
    browser,
    components::{Badge, Progress, Tone, move_button},
    live::{flag, on, part, text, views},
    upload::{
        driver::Uploads,
        item::{Item, Key, Phase, Verdict},
        queue::Queue,
    },
    words,
};

/// The queue, file by file, and the button that sends it.
#[component]
pub fn UploadList(
    /// The queue.
    uploads: Uploads,
) -> impl IntoView {
    let queue = uploads.queue();
    let keys = Memo::new(move |_| queue.with(|queue| queue.items().iter().map(|item| item.key).collect::<Vec<_>>()));
    let none_is_over = flag_of(queue, |queue| !queue.items().iter().any(Item::is_over));
    let items = move |keys: Vec<Key>| views(keys.into_iter().map(|key| view! { <UploadItem uploads key_=key/> }));
    let summary: Signal<String> = Memo::new(move |_| queue.with(Queue::summary)).into();
    view! {
        <section class="card uploads" hidden=flag_of(queue, |queue| queue.items().is_empty())>
            <div class="card-head">
                <h2>"Files"</h2>
                <p class="muted" role="status">{summary}</p>
                {move_button("Clear finished", "files", none_is_over, move || uploads.tidy())}
            </div>
            <ul class="upload-items">
                {part(move || Some(items(keys.get())))}
            </ul>
            <DepositAll uploads/>
        </section>
    }
    .into_any()
}

/// Nothing leaves before this is pressed, or the button of a single file.
#[component]
fn DepositAll(uploads: Uploads) -> impl IntoView {
    let queue = uploads.queue();
    let not_needed = flag_of(queue, |queue| !queue.is_examining() && (queue.ready().is_empty() || is_only_copy(queue)));
    let not_yet = flag_of(queue, |queue| !queue.is_releasable());
    view! {
        <div class="upload-deposit" hidden=not_needed>
            <button type="button" class="button" disabled=not_yet on:click=on(move |_| uploads.deposit_all())>
                {words_of(queue, deposit_words)}
            </button>
            <p class="muted small-print">{words_of(queue, privacy_words)}</p>
        </div>
    }
    .into_any()
}

/// A clean copy has a button of its own, which says what is deposited.
fn is_only_copy(queue: &Queue) -> bool {
    matches!(queue.ready().as_slice(), [key] if queue.item(*key).is_some_and(|item| item.copy.is_some()))
}

fn deposit_words(queue: &Queue) -> String {
    match queue.ready().len() {
        0 | 1 => "Deposit".to_owned(),
        files => format!("Deposit {files} files"),
    }
}

fn privacy_words(queue: &Queue) -> String {
    let has_left = |item: &Item| matches!(item.phase, Phase::Deposited(_)) || item.is_on_its_way();
    if queue.items().iter().any(has_left) { String::new() } else { "Nothing has left your computer yet.".to_owned() }
}

fn flag_of(queue: ReadSignal<Queue>, fits: fn(&Queue) -> bool) -> Signal<bool> {
    flag(move || queue.with(fits))
}

fn words_of(queue: ReadSignal<Queue>, say: fn(&Queue) -> String) -> Signal<String> {
    text(move || queue.with(say))
}

#[component]
fn UploadItem(uploads: Uploads, key_: Key) -> impl IntoView {
    let queue = uploads.queue();
    let item = Memo::new(move |_| queue.with(|queue| queue.item(key_).cloned()));
    let name = item.with_untracked(|item| item.as_ref().map(|item| item.name.clone())).unwrap_or_default();
    let size = text(move || item.with(|item| item.as_ref().map(|item| size_words(item.size)).unwrap_or_default()));
    view! {
        <li class="upload-item">
            <div class="upload-line">
                <strong class="upload-name">{name.clone()}</strong>
                <span class="muted">{size}</span>
                <PhaseBadge item/>
                {moves(uploads, key_, item, &name)}
            </div>
            <Body uploads item name/>
        </li>
    }
    .into_any()
}

/// The bar stays in place while its value changes, and a form while it is filled in: only another stage draws anew.
#[component]
fn Body(uploads: Uploads, item: Memo<Option<Item>>, name: String) -> impl IntoView {
    let stage = Memo::new(move |_| item.with(|item| item.as_ref().map(Stage::of)));
    let progress = Signal::derive(move || item.with(|item| item.as_ref().and_then(share_done)));
    let left = text(move || item.with(|item| item.as_ref().map(speed_words).unwrap_or_default()));
    part(move || {
        let stage = stage.get()?;
        let bar = |what: &str| view! { <Progress label=format!("{what} of {name}") value=progress/> }.into_any();
        Some(match stage {
            Stage::Inspecting => bar("Inspection"),
            Stage::Cleaning => bar("Clean copy"),
            Stage::Moving => view! { {bar("Upload")} <p class="muted small-print">{left}</p> }.into_any(),
            Stage::Ready { .. } => {
                let item = item.get_untracked()?;
                view! { <Review uploads item/> }.into_any()
            }
            Stage::Over => outcome(&item.get_untracked()?),
            Stage::Waiting => return None,
        })
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Inspecting,
    Ready { is_copy: bool },
    Cleaning,
    Waiting,
    Moving,
    Over,
}

impl Stage {
    const fn of(item: &Item) -> Self {
        match item.phase {
            Phase::Inspecting(_) => Self::Inspecting,
            Phase::Ready => Self::Ready { is_copy: item.copy.is_some() },
            Phase::Cleaning(_) => Self::Cleaning,
            Phase::Waiting => Self::Waiting,
            Phase::Sending { .. } | Phase::Checking => Self::Moving,
            Phase::Deposited(_) | Phase::Refused { .. } | Phase::Failed(_) | Phase::Cancelled => Self::Over,
        }
    }
}

#[component]
fn PhaseBadge(item: Memo<Option<Item>>) -> impl IntoView {
    let words = Memo::new(move |_| item.with(|item| item.as_ref().map(phase_words)));
    part(move || words.get().map(|(label, tone)| view! { <Badge label tone/> }))
}

fn phase_words(item: &Item) -> (&'static str, Tone) {
    match item.phase {
        Phase::Inspecting(_) | Phase::Checking => ("Inspecting", Tone::Plain),
        Phase::Ready => ready_words(item),
        Phase::Cleaning(_) => ("Making a clean copy", Tone::Plain),
        Phase::Waiting => ("Waiting", Tone::Plain),
        Phase::Sending { .. } => ("Sending", Tone::Plain),
        Phase::Deposited(_) => ("Deposited", Tone::Good),
        Phase::Refused { .. } => ("Not accepted", Tone::Danger),
        Phase::Failed(_) => ("Not arrived", Tone::Warning),
        Phase::Cancelled => ("Cancelled", Tone::Plain),
    }
}

fn ready_words(item: &Item) -> (&'static str, Tone) {
    match item.inspected.as_ref().map(|inspected| inspected.verdict) {
        _ if item.copy.is_some() => ("Clean copy", Tone::Good),
        Some(Verdict::Accept) => ("Ready", Tone::Good),
        Some(Verdict::Flagged | Verdict::Refused) => ("Ready, with notes", Tone::Warning),
        None => ("Not inspected yet", Tone::Warning),
    }
}

fn moves(uploads: Uploads, key: Key, item: Memo<Option<Item>>, name: &str) -> Vec<AnyView> {
    let unless = move |fits: fn(&Item) -> bool| flag(move || !item.with(|item| item.as_ref().is_some_and(fits)));
    let remove = move || {
        uploads.remove(key);
        // The button that had the focus is gone.
        browser::focus("upload-files");
    };
    vec![
        move_button("Cancel", name, unless(is_cancellable), move || uploads.cancel(key)),
        move_button("Try again", name, unless(is_repeatable), move || uploads.retry(key)),
        move_button("Remove", name, unless(is_removable), remove),
    ]
}

fn is_repeatable(item: &Item) -> bool {
    matches!(item.phase, Phase::Failed(_) | Phase::Cancelled)
}

fn is_cancellable(item: &Item) -> bool {
    item.is_on_its_way() || matches!(item.phase, Phase::Waiting | Phase::Cleaning(_))
}

fn is_removable(item: &Item) -> bool {
    !is_cancellable(item) && !matches!(item.phase, Phase::Deposited(_))
}

/// What has become of a file, in the end.
fn outcome(item: &Item) -> AnyView {
    match &item.phase {
        Phase::Deposited(id) => view! { <p><a href=format!("/documents/{id}")>"Open its page"</a></p> }.into_any(),
        Phase::Refused { reason, findings } => match &item.inspected {
            // Refused here: the inspection has said it all.
            Some(inspected) if inspected.verdict == Verdict::Refused => {
                view! { <div class="upload-xray" inner_html=inspected.html.clone()></div> }.into_any()
            }
            _ => view! { <Refusal reason=reason.clone() findings=findings.clone()/> }.into_any(),
        },
        Phase::Failed(reason) => view! { <p>{reason.clone()}</p> }.into_any(),
        _ => ().into_any(),
    }
}

#[component]
fn Refusal(reason: String, findings: Vec<Finding>) -> impl IntoView {
    view! {
        <p>{reason}</p>
        {(findings.len() > 1).then(|| view! {
            <ul class="findings">{views(findings.into_iter().map(|finding| view! { <FindingItem finding/> }))}</ul>
        })}
    }
}

#[component]
fn FindingItem(finding: Finding) -> impl IntoView {
    let (label, tone) = match finding.severity {
        Severity::Flag => ("Note", Tone::Warning),
        Severity::Reject => ("Refused", Tone::Danger),
    };
    view! {
        <li class="finding">
            <Badge label tone/>
            <span>{finding.message} {finding.part.map(|part| view! { " " <code class="part">{part}</code> })}</span>
        </li>
    }
}

/// The verdict on a form that was sent without JavaScript.
#[component]
pub fn Report(
    /// The verdict.
    report: UploadReport,
) -> impl IntoView {
    let deposited = |file: DepositedFile| {
        view! {
            <li class="upload-item">
                <div class="upload-line">
                    <strong class="upload-name">{file.name.to_string()}</strong>
                    <span class="muted">{size_words(file.size)}</span>
                    <Badge label="Deposited" tone=Tone::Good/>
                </div>
                <p><a href=format!("/documents/{}", file.id)>"Open its page"</a></p>
            </li>
        }
    };
    let rejected = |file: RejectedFile| {
        view! {
            <li class="upload-item">
                <div class="upload-line">
                    <strong class="upload-name">{file.name}</strong>
                    <Badge label="Not accepted" tone=Tone::Danger/>
                </div>
                <Refusal reason=file.message findings=file.findings/>
            </li>
        }
    };
    view! {
        <section class="card uploads" aria-label="What was sent">
            <h2>"What was sent"</h2>
            <ul class="upload-items">
                {views(report.files.into_iter().map(deposited))}
                {views(report.rejected.into_iter().map(rejected))}
            </ul>
            {report.stopped.map(|stopped| view! { <Stopped stopped/> })}
        </section>
    }
    .into_any()
}

/// What was not taken, and what to do about it.
#[component]
fn Stopped(stopped: StoppedUpload) -> impl IntoView {
    let place = match stopped.file {
        Some(name) => format!("{name} was not taken, nor what came after it."),
        None => "What came after these files was not taken.".to_owned(),
    };
    view! {
        <p class="upload-stopped" role="alert">
            <strong>{place}</strong>" "{stopped.message}" Choose only those files again: what is listed as deposited is in."
        </p>
    }
}

/// How much is done, in thousandths; nothing while the server inspects, when the bar moves by itself.
fn share_done(item: &Item) -> Option<u64> {
    match item.phase {
        Phase::Inspecting(share) | Phase::Cleaning(share) => Some(share),
        Phase::Sending { sent, .. } if item.size > 0 => Some(sent.saturating_mul(1000) / item.size),
        _ => None,
    }
}

/// How far, how fast, how much longer.
fn speed_words(item: &Item) -> String {
    let Phase::Sending { sent, speed } = item.phase else { return String::new() };
    let mut words = format!("{} of {}", size_words(sent), size_words(item.size));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive speed, shown to one digit")]
    if let (Some(speed), Some(seconds)) = (speed, item.seconds_left()) {
        words = format!("{words} · {}/s · {}", size_words(speed as u64), words::time_left(seconds));
    }
    words
}
