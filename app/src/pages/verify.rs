//! `/verify`: the page after signing up. The only one there is until the address is confirmed.

use std::time::Duration;

use domain::{
    Timestamp,
    account::{PendingSignUp, Visitor},
};
use leptos::prelude::*;

use super::signup::STEPS;
use crate::{
    api::accounts::{CorrectEmail, ResendCode, VerifyCode},
    browser,
    calls::{FormAction, FormActionOf},
    components::{
        ButtonStyle, CodeBox, Entry, Field, LinkButton, NoticeBanner, PostForm, ProblemBanner, Steps, SubmitButton,
        use_toasts,
    },
    field,
    live::text,
    visit::use_visitor,
    words,
};

/// A browser whose clock is wrong must not keep its owner waiting longer than this.
const LONGEST_WAIT_SECONDS: u64 = 300;

/// Says where the mail went, and takes the code from it.
#[component]
pub fn Verify() -> impl IntoView {
    match use_visitor() {
        Visitor::Unverified(pending) => view! { <Waiting pending/> }.into_any(),
        Visitor::SignedIn(_) => view! {
            <Entry title="Your address is confirmed">
                <LinkButton href="/" label="See your documents"/>
            </Entry>
        }
        .into_any(),
        Visitor::Nobody => view! {
            <Entry title="Nothing to confirm" lead="If your address is confirmed, sign in. If it is not, use the link in the mail, or sign up again.">
                <LinkButton href="/login" label="Go to sign-in"/>
            </Entry>
        }
        .into_any(),
    }
}

#[component]
fn Waiting(pending: PendingSignUp) -> impl IntoView {
    let verify = FormAction::to::<VerifyCode>();
    let resend = FormAction::to::<ResendCode>();
    let correct = FormAction::to::<CorrectEmail>();
    let pending = RwSignal::new(pending);
    let toasts = use_toasts();
    Effect::new(move |_| {
        if let Some(now) = resend.answer() {
            pending.set(now);
            toasts.say("The mail is on its way again.");
        }
    });
    Effect::new(move |_| {
        if let Some(now) = correct.answer() {
            pending.set(now);
            toasts.say("The mail is on its way to the new address.");
        }
    });
    let problem = verify.problem();
    view! {
        <Entry title="Check your mail">
            <Steps names=STEPS current=1/>
            <NoticeBanner/>
            <p class="lead">
                "We sent a mail to " <strong>{text(move || pending.with(|pending| pending.email.to_string()))}</strong>
                ". Open the link in it within 24 hours, or type the code here within 10 minutes. Sent again, both begin anew."
            </p>
            <ProblemBanner problem fields=&["code"]/>
            <ProblemBanner problem=resend.problem()/>
            <PostForm post=verify>
                <CodeBox id="verify-code" problem/>
                <SubmitButton label="Confirm" busy=verify.busy()/>
            </PostForm>
            <div class="card-foot stack">
                <ResendForm resend at=Signal::derive(move || pending.with(|pending| pending.resend_at))/>
                <CorrectForm correct/>
            </div>
        </Entry>
    }
    .into_any()
}

#[component]
fn ResendForm(resend: FormActionOf<ResendCode>, at: Signal<Timestamp>) -> impl IntoView {
    let left = seconds_until(at);
    let waiting = Signal::derive(move || left.get().is_some_and(|seconds| seconds > 0));
    view! {
        <PostForm post=resend>
            <div class="inline-form">
                <span>"No mail? Look into the spam folder first."</span>
                <SubmitButton label="Send it again" style=ButtonStyle::Quiet busy=resend.busy() disabled=waiting/>
            </div>
            <p class="muted small-print" aria-live="off">
                {text(move || match left.get() {
                    None => format!("Possible again from {}.", at.get().words()),
                    Some(0) => String::new(),
                    Some(seconds) => format!("Possible again in {}.", words::countdown(seconds)),
                })}
            </p>
        </PostForm>
    }
    .into_any()
}

#[component]
fn CorrectForm(correct: FormActionOf<CorrectEmail>) -> impl IntoView {
    let problem = correct.problem();
    view! {
        <details class="disclosure" open=problem.with_untracked(Option::is_some)>
            <summary>"Wrong address? Correct it"</summary>
            <ProblemBanner problem fields=&[field!(CorrectEmail.email)]/>
            <PostForm post=correct>
                <Field id="correct-email" name=field!(CorrectEmail.email) label="The right e-mail address" kind="email" autocomplete="email" problem/>
                <SubmitButton label="Send the mail there" style=ButtonStyle::Quiet busy=correct.busy()/>
            </PostForm>
        </details>
    }
    .into_any()
}

/// Seconds until the moment, counted down once a second by the browser's clock; `None` on the server.
fn seconds_until(at: Signal<Timestamp>) -> Signal<Option<u64>> {
    let left = RwSignal::new(None);
    let count = move || {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since the epoch fit")]
        let now = Timestamp::from_millis(browser::now_millis() as i64);
        let seconds = at.get_untracked().since(now).as_millis().div_ceil(1000);
        left.set(Some(u64::try_from(seconds).unwrap_or(0).min(LONGEST_WAIT_SECONDS)));
    };
    Effect::new(move |last: Option<Option<IntervalHandle>>| {
        at.track();
        if let Some(timer) = last.flatten() {
            timer.clear();
        }
        count();
        set_interval_with_handle(count, Duration::from_secs(1)).ok().inspect(|timer| {
            let timer = *timer;
            on_cleanup(move || timer.clear());
        })
    });
    left.into()
}
