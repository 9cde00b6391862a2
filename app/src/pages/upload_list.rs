//! What has become of each file that was sent.

use domain::{
    document::size_words,
    upload::{DepositedFile, Finding, RejectedFile, UploadReport},
};
use leptos::prelude::*;

use super::{document::FindingItem, upload::Uploads};
use crate::{
    components::{Badge, Progress, Tone},
    live::{flag, on, part, text, views},
    upload::queue::{Item, Key, Phase, Queue},
    words,
};

/// The queue, file by file.
#[component]
pub fn UploadList(
    /// The queue.
    uploads: Uploads,
) -> impl IntoView {
    let queue = uploads.queue();
    let keys = Memo::new(move |_| queue.with(|queue| queue.items().iter().map(|item| item.key).collect::<Vec<_>>()));
    let is_empty = flag(move || keys.with(Vec::is_empty));
    let items = move |keys: Vec<Key>| views(keys.into_iter().map(|key| view! { <UploadItem uploads key_=key/> }));
    let summary: Signal<String> = Memo::new(move |_| queue.with(Queue::summary)).into();
    view! {
        <section class="card uploads" hidden=is_empty>
            <div class="card-head">
                <h2>"Files"</h2>
                <p class="muted" role="status">{summary}</p>
                <button type="button" class="button quiet small" on:click=on(move |_| uploads.tidy())>"Clear finished"</button>
            </div>
            <ul class="upload-items">
                {part(move || Some(items(keys.get())))}
            </ul>
        </section>
    }
    .into_any()
}

#[component]
fn UploadItem(uploads: Uploads, key_: Key) -> impl IntoView {
    let queue = uploads.queue();
    let item = Memo::new(move |_| queue.with(|queue| queue.item(key_).cloned()));
    let title = item.with_untracked(|item| item.as_ref().map(|item| (item.name.clone(), size_words(item.size))));
    let (name, size) = title.unwrap_or_default();
    // The bar stays in place while its value changes; only a change of phase draws anew.
    let stage = Memo::new(move |_| item.with(|item| item.as_ref().map(|item| Stage::of(&item.phase))));
    let label = format!("Upload of {name}");
    let progress = Signal::derive(move || item.with(|item| item.as_ref().and_then(share_sent)));
    let left = text(move || item.with(|item| item.as_ref().map(speed_words).unwrap_or_default()));
    let body = part(move || match stage.get() {
        Some(Stage::Moving) => Some(
            view! { <Progress label=label.clone() value=progress/> <p class="muted small-print">{left}</p> }.into_any(),
        ),
        Some(Stage::Over) => item.with(|item| item.as_ref().map(|item| outcome(&item.phase))),
        Some(Stage::Waiting) | None => None,
    });
    view! {
        <li class="upload-item">
            <div class="upload-line">
                <strong class="upload-name">{name.clone()}</strong>
                <span class="muted">{size}</span>
                <PhaseBadge item/>
                <Moves uploads key_ item name/>
            </div>
            {body}
        </li>
    }
    .into_any()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Moving,
    Over,
}

impl Stage {
    const fn of(phase: &Phase) -> Self {
        match phase {
            Phase::Waiting => Self::Waiting,
            Phase::Sending { .. } | Phase::Checking => Self::Moving,
            Phase::Deposited(_) | Phase::Refused { .. } | Phase::Failed(_) | Phase::Cancelled => Self::Over,
        }
    }
}

#[component]
fn PhaseBadge(item: Memo<Option<Item>>) -> impl IntoView {
    let words = Memo::new(move |_| item.with(|item| item.as_ref().map(|item| phase_words(&item.phase))));
    part(move || words.get().map(|(label, tone)| view! { <Badge label tone/> }))
}

const fn phase_words(phase: &Phase) -> (&'static str, Tone) {
    match phase {
        Phase::Waiting => ("Waiting", Tone::Plain),
        Phase::Sending { .. } => ("Sending", Tone::Plain),
        Phase::Checking => ("Inspecting", Tone::Plain),
        Phase::Deposited(_) => ("Deposited", Tone::Good),
        Phase::Refused { .. } => ("Not accepted", Tone::Danger),
        Phase::Failed(_) => ("Not arrived", Tone::Warning),
        Phase::Cancelled => ("Cancelled", Tone::Plain),
    }
}

#[component]
fn Moves(uploads: Uploads, key_: Key, item: Memo<Option<Item>>, name: String) -> impl IntoView {
    let cannot_cancel = flag(move || {
        !item.with(|item| item.as_ref().is_some_and(|item| item.is_on_its_way() || item.phase == Phase::Waiting))
    });
    let cannot_retry = flag(move || {
        !item.with(|item| item.as_ref().is_some_and(|item| matches!(item.phase, Phase::Failed(_) | Phase::Cancelled)))
    });
    view! {
        <button
            type="button"
            class="button quiet small"
            hidden=cannot_cancel
            aria-label=format!("Cancel {name}")
            on:click=on(move |_| uploads.cancel(key_))
        >
            "Cancel"
        </button>
        <button
            type="button"
            class="button quiet small"
            hidden=cannot_retry
            aria-label=format!("Try {name} again")
            on:click=on(move |_| uploads.retry(key_))
        >
            "Try again"
        </button>
    }
}

/// What has become of a file, in the end.
fn outcome(phase: &Phase) -> AnyView {
    match phase {
        Phase::Deposited(id) => view! { <p><a href=format!("/documents/{id}")>"Open its page"</a></p> }.into_any(),
        Phase::Refused { reason, findings } => {
            view! { <Refusal reason=reason.clone() findings=findings.clone()/> }.into_any()
        }
        Phase::Failed(reason) => view! { <p>{reason.clone()}</p> }.into_any(),
        Phase::Waiting | Phase::Sending { .. } | Phase::Checking | Phase::Cancelled => ().into_any(),
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
        </section>
    }
    .into_any()
}

/// The share of the bytes that have left, in thousandths; nothing while the server inspects, when the bar moves by itself.
fn share_sent(item: &Item) -> Option<u64> {
    match item.phase {
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
