//! `/dev/parts`: every part in its states, to look at while working on them. Debug builds only.

use domain::{DocumentKind, ErrorCode, Problem, Timestamp};
use leptos::prelude::*;

use super::missing::Missing;
use crate::{
    components::{
        Badge, Banner, ButtonStyle, CodeBox, CopyField, Dialog, EmptyState, Fact, Facts, Field, Icon, IconMark,
        LinkButton, Moment, NewDot, PageHeader, Pager, PasswordField, Progress, Sheet, Skeleton, Steps, SubmitButton,
        Tone, use_toasts,
    },
    live::{on, views},
};

/// The parts, or nothing in a release build.
#[component]
pub fn Parts() -> impl IntoView {
    if !cfg!(debug_assertions) {
        return view! { <Missing/> }.into_any();
    }
    view! {
        <PageHeader title="Parts" lead="Every part in its states."/>
        <div class="stack">
            <Buttons/>
            <Fields/>
            <Words/>
            <Lists/>
        </div>
    }
    .into_any()
}

#[component]
fn Buttons() -> impl IntoView {
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    view! {
        <section class="card">
            <h2>"Buttons, dialog, toast"</h2>
            <div class="inline-form">
                <SubmitButton label="Primary"/>
                <SubmitButton label="Quiet" style=ButtonStyle::Quiet/>
                <SubmitButton label="Danger" style=ButtonStyle::Danger/>
                <SubmitButton label="Busy" busy=true/>
                <SubmitButton label="Disabled" disabled=true/>
                <SubmitButton label="With icon" icon=Icon::Download/>
                <LinkButton href="/dev/parts" label="A link"/>
                <button type="button" class="button quiet" on:click=on(move |_| open.set(true))>"Open the dialog"</button>
                <button type="button" class="button quiet" on:click=on(move |_| toasts.say("Copied."))>"Say something"</button>
            </div>
            <Dialog id="parts-dialog" title="Delete this document?" open>
                <p>"It cannot be brought back."</p>
                <button type="button" class="button quiet" on:click=on(move |_| open.set(false))>"Keep it"</button>
            </Dialog>
        </section>
    }
    .into_any()
}

#[component]
fn Fields() -> impl IntoView {
    let wrong = Signal::stored(Some(Problem::new(ErrorCode::InvalidEmail).on("wrong")));
    let code = Signal::stored(Some(Problem::new(ErrorCode::CodeWrong).on("code")));
    view! {
        <section class="card">
            <h2>"Fields"</h2>
            <Field id="parts-plain" name="plain" label="Label" hint="A hint."/>
            <Field id="parts-wrong" name="wrong" label="With a problem" value="ana@" problem=wrong/>
            <PasswordField id="parts-password" name="password" label="Password" autocomplete="off"/>
            <CodeBox id="parts-code" problem=code/>
            <CopyField id="parts-copy" label="SHA-256" text="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"/>
        </section>
    }
    .into_any()
}

#[component]
fn Words() -> impl IntoView {
    view! {
        <section class="card">
            <h2>"Words"</h2>
            <Steps names=&["Your details", "Confirm", "Documents"] current=1/>
            <Banner>"Just so."</Banner>
            <Banner tone=Tone::Good>"As it should be."</Banner>
            <Banner tone=Tone::Warning>"Worth a look."</Banner>
            <Banner tone=Tone::Danger>"Wrong."</Banner>
            <p>
                <Badge label="Plain"/> " " <Badge label="Good" tone=Tone::Good/> " " <Badge label="Warning" tone=Tone::Warning/>
                " " <Badge label="Danger" tone=Tone::Danger/> " " <NewDot/>
            </p>
            <p><Moment at=Timestamp::from_millis(1_795_356_300_123)/></p>
            <p class="icons">{views(Icon::ALL.into_iter().map(|icon| view! { <IconMark icon/> }))}</p>
        </section>
    }
    .into_any()
}

#[component]
fn Lists() -> impl IntoView {
    view! {
        <section class="card">
            <h2>"Lists and progress"</h2>
            <p>{views(DocumentKind::ALL.into_iter().map(|kind| view! { <Sheet kind/> }))}</p>
            <Progress label="Half way" value=Some(500)/>
            <Progress label="Under way" value=None/>
            <Facts>
                <Fact name="Version">"2"</Fact>
                <Fact name="Exact size">"1048576 bytes"</Fact>
            </Facts>
            <Pager first=Some("/dev/parts".to_owned()) next=Some("/dev/parts".to_owned())/>
            <EmptyState icon=Icon::Documents title="No documents yet" text="When something is sent to you, it appears here.">
                <LinkButton href="/dev/parts" label="The next move" style=ButtonStyle::Quiet/>
            </EmptyState>
            <Skeleton/>
        </section>
    }
    .into_any()
}
