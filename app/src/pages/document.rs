//! `/documents/{id}`: one document, for clients and ops.

use domain::{DocumentRow, ErrorCode, Problem, document::size_words};
use leptos::prelude::*;

use super::segment;
use crate::{
    api::documents::{DeleteDocument, DocumentPage, MintLink, ReadDocument},
    browser,
    calls::{FormAction, FormActionOf, fetch},
    components::{
        Asked, ButtonStyle, CopyField, DownloadButton, Fact, Facts, Field, Moment, NewDot, PageTitle, PostForm,
        ProblemBanner, Sheet, SubmitButton, ask_first, loaded,
    },
    field,
    live::on,
    visit::{is_ops, use_alive},
    words,
};

const DELETE: Asked =
    Asked { id: "delete-dialog", button: "Delete…", title: "Delete this document?", keep: "Keep it" };

/// The document of the path.
#[component]
pub fn Document() -> impl IntoView {
    let id = segment("id");
    let document = fetch(move || ReadDocument { id: id.clone() }, &[]);
    let mint = FormAction::to::<MintLink>();
    view! {
        <ProblemBanner problem=mint.problem()/>
        {loaded(document, |document| view! { <Detail document/> })}
    }
    .into_any()
}

#[component]
fn Detail(document: DocumentPage) -> impl IntoView {
    let DocumentPage { row, handed_over_at, found } = document;
    let ops = is_ops();
    let back = if ops { ("/ops/documents", "All documents") } else { ("/documents", "All documents") };
    let new = row.is_new && !ops;
    let for_ops = ops.then(|| view! { <DeleteSection row=row.clone()/> });
    view! {
        <PageTitle title=row.name.to_string()/>
        <p class="way-back"><a href=back.0>{back.1}</a></p>
        <article class="document">
            <header class="document-head">
                <Sheet kind=row.kind/>
                <div class="document-title">
                    <h1>{row.name.to_string()} {new.then(|| view! { <NewDot/> })}</h1>
                    <p class="muted">
                        {format!("{} document · {} · from {} · ", row.kind.label(), size_words(row.size), row.sender)}
                        <Moment at=row.uploaded_at/>
                    </p>
                </div>
                <DownloadButton id=row.id name=row.name.clone()/>
            </header>
            <section class="card">
                <h2>"Details"</h2>
                <Facts>
                    <Fact name="Version">{row.version}</Fact>
                    <Fact name="Exact size">{format!("{} bytes", words::grouped(row.size))}</Fact>
                    <Fact name="Handed over">{match handed_over_at {
                        Some(at) => view! { "Your connection took every byte of this version: " <Moment at/> }.into_any(),
                        None if row.is_new => "You have not downloaded this version yet.".into_any(),
                        None => "Every byte of this version was sent to you.".into_any(),
                    }}</Fact>
                    {row.handed_over_to.map(|people| view! {
                        <Fact name="Handed over to">{words::people(people)}</Fact>
                    })}
                    <Fact name="SHA-256">
                        <CopyField id="sha256" label="SHA-256" text=row.sha256.to_string()/>
                        <p class="field-hint">"Compare it with your copy to know that not a single bit differs."</p>
                    </Fact>
                </Facts>
            </section>
            {found.map(|found| view! { <Inspection found ops/> })}
            {for_ops}
        </article>
    }
    .into_any()
}

/// What the inspection found: for ops all of it, for clients what they meet when they open it.
#[component]
fn Inspection(found: String, ops: bool) -> impl IntoView {
    let heading = if ops { "Inspection" } else { "Contents" };
    view! {
        <section class="card">
            <h2>{heading}</h2>
            <div inner_html=found></div>
        </section>
    }
    .into_any()
}

#[component]
fn DeleteSection(row: DocumentRow) -> impl IntoView {
    let action = FormAction::to::<DeleteDocument>();
    // It opens by itself when the page comes back with a problem.
    let open = RwSignal::new(action.problem().with_untracked(Option::is_some));
    let name = StoredValue::new(row.name.to_string());
    let id = StoredValue::new(row.id.to_string());
    let form = move || view! { <DeleteForm action id=id.get_value() name=name.get_value()/> }.into_any();
    view! {
        <section class="card danger-zone">
            <div>
                <h2>"Delete"</h2>
                <p class="muted">"The key of its bytes is destroyed. Links stop working, and nobody can bring it back."</p>
            </div>
            {ask_first(DELETE, open, form)}
        </section>
    }
    .into_any()
}

#[component]
fn DeleteForm(action: FormActionOf<DeleteDocument>, id: String, name: String) -> impl IntoView {
    let refusal = action.problem();
    let problem = Signal::derive(move || refusal.get().map(told_about_name));
    let alive = use_alive();
    let (typed, set_typed) = signal(String::new());
    let expected = name.clone();
    let other = Signal::derive(move || alive.get() && typed.with(|typed| !browser::reads_like(typed, &expected)));
    view! {
        <PostForm post=action>
            <p>"Type " <strong class="to-type">{name}</strong> " to confirm."</p>
            <ProblemBanner problem fields=&[field!(DeleteDocument.name)]/>
            <input type="hidden" name=field!(DeleteDocument.id) value=id/>
            <div on:input=on(move |event| set_typed.set(event_target_value(&event)))>
                <Field id="delete-name" name=field!(DeleteDocument.name) label="Name of the document" problem/>
            </div>
            <SubmitButton label="Delete for good" style=ButtonStyle::Danger busy=action.busy() disabled=other/>
        </PostForm>
    }
    .into_any()
}

/// The service says that the request is wrong; on this form only one thing can be.
fn told_about_name(problem: Problem) -> Problem {
    if problem.code == ErrorCode::InvalidRequest && problem.field.as_deref() == Some("name") {
        return Problem { message: "That is not its name. Type it as it stands above.".to_owned(), ..problem };
    }
    problem
}
