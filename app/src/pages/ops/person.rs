//! `/ops/clients/{id}`: one person's account, and what can be done to it.

use domain::people::{Measure, PersonRow};
use leptos::prelude::*;

use super::clients::{last_sign_in, standing};
use crate::{
    api::people::{ReadPerson, TakeMeasure},
    calls::{FormAction, FormActionOf, fetch},
    components::{
        Asked, ButtonStyle, Fact, Facts, Moment, NoticeBanner, PageTitle, PostForm, ProblemBanner, SubmitButton,
        ask_first, loaded,
    },
    field,
    pages::segment,
    paths::encode,
    visit::use_visitor,
};

const DISABLE: Asked =
    Asked { id: "disable-dialog", button: "Disable…", title: "Disable this account?", keep: "Keep it enabled" };

/// The person of the path.
#[component]
pub fn Person() -> impl IntoView {
    let id = segment("id");
    let post = FormAction::to::<TakeMeasure>();
    let person = fetch(move || ReadPerson { id: id.clone() }, &[post.into()]);
    view! {
        <p class="way-back"><a href="/ops/clients">"Everybody"</a></p>
        <NoticeBanner/>
        <ProblemBanner problem=post.problem()/>
        {loaded(person, move |row| view! { <Account row post/> })}
    }
    .into_any()
}

#[component]
fn Account(row: PersonRow, post: FormActionOf<TakeMeasure>) -> impl IntoView {
    let own = use_visitor().me().is_some_and(|me| me.id == row.id);
    let (name, email, seen) = (row.name.to_string(), row.email.to_string(), last_sign_in(&row));
    let activity = format!("/ops/activity?q={}", encode(&email));
    let sign_out = measure_form(post, &row, Measure::SignOut, "Sign out everywhere", ButtonStyle::Quiet);
    let revoke = measure_form(post, &row, Measure::RevokeLinks, "Revoke all links", ButtonStyle::Quiet);
    let disabled = row.disabled_at.map(|at| view! { <Fact name="Disabled"><Moment at/></Fact> });
    view! {
        <PageTitle title=name.clone()/>
        <article class="document">
            <h1><bdi>{name}</bdi> {standing(&row)}</h1>
            <section class="card">
                <h2>"Account"</h2>
                <Facts>
                    <Fact name="Address">{email}</Fact>
                    <Fact name="Since"><Moment at=row.since/></Fact>
                    <Fact name="Last sign-in">{seen}</Fact>
                    {disabled}
                    <Fact name="Activity"><a href=activity>"What they did, and what was done to them"</a></Fact>
                </Facts>
            </section>
            <Move title="Sign out everywhere" text="Every session and every API token ends. They can sign in again.">
                {sign_out}
            </Move>
            <Move title="Revoke all links" text="Download links that they have stop working. They can get fresh ones from the documents’ pages.">
                {revoke}
            </Move>
            {access(post, row, own)}
        </article>
    }
    .into_any()
}

/// The way out, or back in.
fn access(post: FormActionOf<TakeMeasure>, row: PersonRow, own: bool) -> AnyView {
    if own {
        let text = "This is your own account. Only another of ops can disable it.";
        return view! { <Move title="Disable" text>""</Move> }.into_any();
    }
    if row.disabled_at.is_none() {
        return view! { <Disable post row/> }.into_any();
    }
    let text = "They can sign in again, with the password they had. Sessions, tokens and links of before stay dead.";
    let enable = measure_form(post, &row, Measure::Enable, "Enable", ButtonStyle::Quiet);
    view! { <Move title="Enable" text>{enable}</Move> }.into_any()
}

/// Something that can be done, what it means, and its button.
#[component]
fn Move(title: &'static str, text: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="card danger-zone">
            <div>
                <h2>{title}</h2>
                <p class="muted">{text}</p>
            </div>
            {children()}
        </section>
    }
    .into_any()
}

/// The form that takes a measure.
fn measure_form(
    post: FormActionOf<TakeMeasure>,
    row: &PersonRow,
    measure: Measure,
    label: &'static str,
    style: ButtonStyle,
) -> AnyView {
    let (id, described) = (row.id.to_string(), format!("{label}: {}", row.name));
    view! {
        <PostForm post>
            <input type="hidden" name=field!(TakeMeasure.id) value=id/>
            <input type="hidden" name=field!(TakeMeasure.measure) value=measure.as_str()/>
            <SubmitButton label style busy=post.busy() described/>
        </PostForm>
    }
    .into_any()
}

/// Asks first, by name and address.
#[component]
fn Disable(post: FormActionOf<TakeMeasure>, row: PersonRow) -> impl IntoView {
    let row = StoredValue::new(row);
    let question = move || {
        let row = row.get_value();
        let disable = measure_form(post, &row, Measure::Disable, "Disable the account", ButtonStyle::Danger);
        view! {
            <p>
                <strong><bdi>{row.name.to_string()}</bdi></strong> ", " {row.email.to_string()}
                ", is signed out everywhere and cannot sign in until the account is enabled again. Their links stop working."
            </p>
            {disable}
        }
        .into_any()
    };
    view! {
        <Move title="Disable" text="For people who left, and for accounts in wrong hands. Nothing is deleted.">
            {ask_first(DISABLE, RwSignal::new(false), question)}
        </Move>
    }
    .into_any()
}
