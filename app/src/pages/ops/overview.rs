//! `/ops`: what has just happened, and the next thing to do.

use domain::{DocumentRow, Page, activity::ActivityRow, document::size_words, front::ProxyTrouble, mail::MailOverview};
use leptos::prelude::*;

use crate::{
    api::{activity::ListActivity, documents::ListDocuments, front::ReadProxyTroubles, mail::ReadMailOverview},
    calls::fetch,
    components::{Banner, EmptyState, Icon, LinkButton, Moment, PageHeader, Sheet, Tone, loaded},
    live::views,
    pages::ops::mail::{MailInFolder, failed_mails},
    visit::use_visitor,
    words,
};

const LATEST_DOCUMENTS: &str = "6";
const LATEST_EVENTS: &str = "8";

/// The first page of ops.
#[component]
pub fn Overview() -> impl IntoView {
    let name = use_visitor().me().map(|me| me.name.to_string()).unwrap_or_default();
    let documents = fetch(|| ListDocuments { limit: LATEST_DOCUMENTS.to_owned(), ..ListDocuments::default() }, &[]);
    let activity = fetch(|| ListActivity { limit: LATEST_EVENTS.to_owned(), ..ListActivity::default() }, &[]);
    let mail = fetch(|| ReadMailOverview {}, &[]);
    let proxies = fetch(|| ReadProxyTroubles {}, &[]);
    view! {
        <PageHeader title="Overview" lead=format!("Signed in as {name}.")>
            <LinkButton href="/ops/upload" label="Upload" icon=Icon::Upload/>
        </PageHeader>
        {loaded(proxies, |troubles| views(troubles.into_iter().map(proxy_trouble)))}
        {loaded(mail, |overview| view! { <MailCondition overview/> })}
        <div class="columns">
            <section class="card">
                <div class="card-head">
                    <h2>"Latest documents"</h2>
                    <a href="/ops/documents">"All documents"</a>
                </div>
                {loaded(documents, |page| view! { <LatestDocuments page/> })}
            </section>
            <section class="card">
                <div class="card-head">
                    <h2>"Latest activity"</h2>
                    <a href="/ops/activity">"All activity"</a>
                </div>
                {loaded(activity, |page| view! { <LatestActivity page/> })}
            </section>
        </div>
    }
    .into_any()
}

fn proxy_trouble(trouble: ProxyTrouble) -> impl IntoView {
    view! {
        <Banner tone=Tone::Warning>
            <p>
                <strong>{trouble.words()}</strong> " Seen since " <Moment at=trouble.since/> ", last " <Moment at=trouble.last_at/> "."
            </p>
            <p>{trouble.advice()}</p>
        </Banner>
    }
}

/// How mail goes: a line of its own, red while none leaves.
#[component]
fn MailCondition(overview: MailOverview) -> impl IntoView {
    let MailOverview { queued, dead, trouble, into_folder } = overview;
    if let Some(trouble) = trouble {
        return view! {
            <Banner tone=Tone::Danger>
                <p>
                    <strong>"No mail leaves"</strong> " since " <Moment at=trouble.since/> "; " {words::mails(queued)} " waiting. "
                    <a href="/ops/mail">"Look at the mail"</a>
                </p>
                <p class="part">{trouble.words}</p>
            </Banner>
        }
        .into_any();
    }
    if dead > 0 {
        return view! {
            <Banner tone=Tone::Warning>
                {format!("{} could not be delivered. ", words::mails(dead))} <a href=failed_mails()>"See why, and send again"</a>
            </Banner>
        }
        .into_any();
    }
    let how = match queued {
        _ if into_folder => String::new(),
        0 => "Mail leaves as it should. ".to_owned(),
        waiting => format!("{} waiting to leave. ", words::mails(waiting)),
    };
    view! {
        {into_folder.then(|| view! { <MailInFolder/> })}
        <p class="muted overview-mail">{how} <a href="/ops/mail">"All mail"</a></p>
    }
    .into_any()
}

#[component]
fn LatestDocuments(page: Page<DocumentRow>) -> impl IntoView {
    if page.rows.is_empty() {
        return view! {
            <EmptyState icon=Icon::Documents title="No documents yet" text="Deposit the first one, and clients will see it.">
                <LinkButton href="/ops/upload" label="Upload" icon=Icon::Upload/>
            </EmptyState>
        }
        .into_any();
    }
    let item = |row: DocumentRow| {
        let people = words::people(row.handed_over_to.unwrap_or(0));
        view! {
            <li class="mini-row">
                <Sheet kind=row.kind/>
                <div class="mini-text">
                    <a href=format!("/documents/{}", row.id)>{row.name.to_string()}</a>
                    <span class="muted">{format!("{} · handed over to {people} · ", size_words(row.size))}<Moment at=row.uploaded_at/></span>
                </div>
            </li>
        }
    };
    view! { <ul class="mini-list">{views(page.rows.into_iter().map(item))}</ul> }.into_any()
}

#[component]
fn LatestActivity(page: Page<ActivityRow>) -> impl IntoView {
    let item = |row: ActivityRow| {
        let who = if row.actor_label.is_empty() { "Somebody".to_owned() } else { row.actor_label };
        view! {
            <li class="event">
                <span class="event-what">{row.action.label()} {(!row.subject.is_empty()).then(|| format!(" · {}", row.subject))}</span>
                <span class="muted">{who} " · " <Moment at=row.at/></span>
            </li>
        }
    };
    view! { <ol class="timeline">{views(page.rows.into_iter().map(item))}</ol> }
}
