//! `/ops/mail`: what was sent, what waits, what failed, and sending it again. Filtered and paged by its URL.

use domain::{
    Page,
    mail::{MailOverview, MailRow, MailState},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use crate::{
    api::mail::{ListMails, ReadMailOverview, ResendMail, ResendMails, TryMails},
    browser,
    calls::{FormAction, FormActionOf, arguments_in, fetch, turns, url_of},
    components::{
        Badge, Banner, ButtonStyle, Column, EmptyState, Icon, LinkButton, Moment, NoticeBanner, PageHeader, Pager,
        PostForm, ProblemBanner, SubmitButton, Table, Tone, loaded, use_toasts,
    },
    field,
    live::{on, views},
    paths::Notice,
    words,
};

const PATH: &str = "/ops/mail";

/// What is chosen in the form now; the page starts over.
fn chosen() -> ListMails {
    let is_chosen = |state: &&MailState| {
        browser::element::<web_sys::HtmlInputElement>(&segment_id(state.as_str())).is_some_and(|input| input.checked())
    };
    let state = MailState::ALL.iter().find(is_chosen).map(|state| state.as_str()).unwrap_or_default();
    ListMails { state: state.to_owned(), cursor: String::new() }
}

/// The outbox.
#[component]
pub fn Mail() -> impl IntoView {
    let (resend, resend_all, try_now) =
        (FormAction::to::<ResendMail>(), FormAction::to::<ResendMails>(), FormAction::to::<TryMails>());
    let actions: [FormAction; 3] = [resend.into(), resend_all.into(), try_now.into()];
    let query = use_query_map();
    let arguments = Memo::new(move |_| query.with(arguments_in::<ListMails>));
    let overview = fetch(|| ReadMailOverview {}, &actions);
    let page = fetch(move || arguments.get(), &actions);
    let toasts = use_toasts();
    Effect::new(move |_| {
        if actions.into_iter().any(FormAction::is_done) {
            toasts.say(Notice::MailQueued.sentence());
        }
    });
    view! {
        <PageHeader title="Mail" lead="What was sent, what waits and what failed. What a mail says is sealed until it leaves, and gone afterwards."/>
        <NoticeBanner/>
        {views(actions.into_iter().map(|post| view! { <ProblemBanner problem=post.problem()/> }))}
        {loaded(overview, move |overview| view! { <Condition overview resend_all try_now/> })}
        <Filters arguments/>
        {loaded(page, move |page| view! { <Mails arguments=arguments.get_untracked() page resend/> })}
    }
    .into_any()
}

/// What is wrong, and what can be done about it; nothing while mail leaves.
#[component]
fn Condition(
    overview: MailOverview,
    resend_all: FormActionOf<ResendMails>,
    try_now: FormActionOf<TryMails>,
) -> impl IntoView {
    let button = |label: &'static str, post: FormAction| {
        view! {
            <PostForm post>
                <SubmitButton label style=ButtonStyle::Quiet busy=post.busy()/>
            </PostForm>
        }
    };
    if let Some(trouble) = overview.trouble.clone() {
        return view! {
            <Banner tone=Tone::Danger>
                <p>
                    <strong>"No mail leaves."</strong> " The mail server has failed since " <Moment at=trouble.since/> ". "
                    {format!("{} will leave once it works. The next attempt is due ", words::mails(overview.queued))} <Moment at=trouble.next_at/> "."
                </p>
                <p class="part">{trouble.words}</p>
                {button("Try now", try_now.into())}
            </Banner>
        }
        .into_any();
    }
    if overview.dead == 0 {
        return overview.into_folder.then(|| view! { <MailInFolder/> }).into_any();
    }
    view! {
        <Banner tone=Tone::Warning>
            <p>{format!("{} could not be delivered. Each row below says why.", words::mails(overview.dead))}</p>
            {button("Send all of them again", resend_all.into())}
        </Banner>
    }
    .into_any()
}

/// That mail leaves the portal, but not the server.
#[component]
pub fn MailInFolder() -> impl IntoView {
    view! {
        <Banner tone=Tone::Warning>
            <p>
                <strong>"Mail reaches nobody."</strong> " It is written into a folder of the server, because no mail server is set. \
                 Name one as smtp_url, and start the portal again."
            </p>
        </Banner>
    }
}

fn segment_id(state: &str) -> String {
    format!("mail-{}", if state.is_empty() { "all" } else { state })
}

#[component]
fn Filters(arguments: Memo<ListMails>) -> impl IntoView {
    let first = arguments.get_untracked();
    let navigate = use_navigate();
    let go = move || navigate(&url_of(PATH, chosen()), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    let on_change = go.clone();
    Effect::new(move |_| {
        let chosen = arguments.with(|arguments| segment_id(&arguments.state));
        if let Some(input) = browser::element::<web_sys::HtmlInputElement>(&chosen) {
            input.set_checked(true);
        }
    });
    let segment = |(value, label): (&'static str, &'static str)| {
        let id = segment_id(value);
        view! {
            <input id=id.clone() type="radio" name=field!(ListMails.state) value=value checked=value == first.state/>
            <label for=id>{label}</label>
        }
    };
    let states = MailState::ALL.iter().map(|state| (state.as_str(), state.label()));
    view! {
        // Going back must not bring back what was chosen later than the list that is shown.
        <form
            autocomplete="off"
            class="filters"
            method="get"
            action=PATH
            on:submit=on(move |event: web_sys::SubmitEvent| {
                event.prevent_default();
                go();
            })
            on:change=on(move |_| on_change())
        >
            <fieldset class="segments">
                <legend class="sr">"State"</legend>
                {views(std::iter::once(("", "All")).chain(states).map(segment))}
            </fieldset>
            <button type="submit" class="button quiet without-script">"Apply"</button>
        </form>
    }
    .into_any()
}

#[component]
fn Mails(arguments: ListMails, page: Page<MailRow>, resend: FormActionOf<ResendMail>) -> impl IntoView {
    if page.rows.is_empty() {
        return nothing(&arguments).into_any();
    }
    let (first, next) = turns(PATH, &arguments, page.next.as_ref());
    let mut columns = ["When", "State", "To", "What for"].map(Column::Text).to_vec();
    columns.push(Column::Unseen("Send again"));
    let rows = views(page.rows.into_iter().map(|row| view! { <Row row resend/> }));
    view! {
        <Table label="Mail" class="log mails" columns rows/>
        <Pager first next/>
    }
    .into_any()
}

fn nothing(arguments: &ListMails) -> impl IntoView + use<> {
    if *arguments == ListMails::default() {
        return view! { <EmptyState icon=Icon::Mail title="No mail yet" text="Whatever the portal sends is listed here."/> }
            .into_any();
    }
    view! {
        <EmptyState icon=Icon::Mail title="Nothing here" text="No mail is in that state.">
            <LinkButton href=PATH label="Show all mail" style=ButtonStyle::Quiet/>
        </EmptyState>
    }
    .into_any()
}

#[component]
fn Row(row: MailRow, resend: FormActionOf<ResendMail>) -> impl IntoView {
    let story = story(&row);
    let again = (row.state == MailState::Dead).then(|| {
        let described = format!("Send the mail to {} again", row.recipient);
        view! {
            <PostForm post=resend>
                <input type="hidden" name=field!(ResendMail.id) value=row.id.to_string()/>
                <SubmitButton label="Send again" style=ButtonStyle::Quiet described/>
            </PostForm>
        }
    });
    view! {
        <tr role="row">
            <td role="cell" class="cell-when"><Moment at=row.created_at/></td>
            <td role="cell" class="cell-what"><Badge label=row.state.label() tone=tone_of(&row)/></td>
            <td role="cell" class="cell-who" title=row.recipient.clone()>{row.recipient.clone()}</td>
            <td role="cell" class="cell-about">
                {row.kind.label()}
                <span class="muted detail">{story}</span>
            </td>
            <td role="cell" class="cell-action">{again}</td>
        </tr>
    }
    .into_any()
}

/// What has happened to a mail, and what will.
fn story(row: &MailRow) -> AnyView {
    let error = row.last_error.clone().map(|error| format!("{} ", sentence(&error)));
    match (row.state, row.sent_at) {
        (MailState::Sent, Some(at)) => view! { "Left " <Moment at/> }.into_any(),
        (MailState::Queued, _) if error.is_none() => "Leaves in a moment.".into_any(),
        (MailState::Queued, _) => view! { {error} "The next attempt is due " <Moment at=row.next_at/> "." }.into_any(),
        _ => error.into_any(),
    }
}

/// The words of a mail server as a sentence of their own.
fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if words.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

const fn tone_of(row: &MailRow) -> Tone {
    match row.state {
        MailState::Dead => Tone::Danger,
        MailState::Queued if row.last_error.is_some() => Tone::Warning,
        MailState::Queued => Tone::Plain,
        MailState::Sent => Tone::Good,
    }
}

/// The page of mails that were given up.
#[must_use]
pub fn failed_mails() -> String {
    url_of(PATH, ListMails { state: MailState::Dead.as_str().to_owned(), cursor: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Cursor;

    #[test]
    fn the_state_stays_while_paging() {
        let arguments = ListMails { state: "dead".into(), cursor: String::new() };
        let (first, next) = turns(PATH, &arguments, Some(&Cursor { key: "5".into(), id: "id".into() }));
        assert_eq!((first, next.as_deref()), (None, Some("/ops/mail?state=dead&cursor=id.5")));
        assert_eq!(failed_mails(), "/ops/mail?state=dead");
    }

    #[test]
    fn what_a_server_says_reads_as_a_sentence() {
        assert_eq!(sentence("the mail server answered 550 No"), "The mail server answered 550 No.");
        assert_eq!(sentence(""), ".");
    }
}
