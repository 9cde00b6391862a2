//! `/dead-link`: tells the owner of a link why it opens nothing any more, and offers what does.

use domain::{DocumentId, ErrorCode, Problem, Timestamp, document::DeadBecause};
use leptos::prelude::*;
use serde::{
    Deserialize,
    de::{IntoDeserializer, value::Error},
};

use super::arguments;
use crate::components::{ButtonStyle, Entry, LinkButton, Moment, Trouble};

/// The explanation.
#[component]
pub fn DeadLink() -> impl IntoView {
    let Some(because) = read::<DeadBecause>(&arguments("because")) else {
        return view! { <Trouble problem=Problem::new(ErrorCode::NotFound)/> }.into_any();
    };
    let document = arguments("document").parse::<DocumentId>().ok().filter(|_| because != DeadBecause::Deleted);
    let at = read::<Timestamp>(&arguments("at"));
    let (title, text) = words_of(because, document.is_some());
    view! {
        <Entry title lead=text>
            {at.map(|at| view! { <p class="muted">"It worked until " <Moment at/> "."</p> })}
            <div class="trouble-moves">
                {match document {
                    Some(id) => view! {
                        <LinkButton href=format!("/documents/{id}") label="Open the document’s page"/>
                        <LinkButton href="/documents" label="See all documents" style=ButtonStyle::Quiet/>
                    }
                    .into_any(),
                    None => view! { <LinkButton href="/documents" label="See your documents"/> }.into_any(),
                }}
            </div>
        </Entry>
    }
    .into_any()
}

/// A fresh link is promised only where the document is offered.
const fn words_of(because: DeadBecause, offered: bool) -> (&'static str, &'static str) {
    match because {
        DeadBecause::Expired if !offered => (
            "This link has expired",
            "The document could be collected for a time, which is over. Ask its sender if you still need it.",
        ),
        DeadBecause::Revoked if !offered => {
            ("This link was revoked", "The document was taken back from you. Ask its sender if you still need it.")
        }
        DeadBecause::Expired => (
            "This link has expired",
            "Download links live for a short time, so that a copied one is of little use. A fresh one is a click away.",
        ),
        DeadBecause::Revoked => {
            ("This link was revoked", "The links of your account were revoked. A fresh one is a click away.")
        }
        DeadBecause::Superseded => (
            "A newer version is here",
            "This link was for a version that has been replaced. The newer one is a click away.",
        ),
        DeadBecause::Deleted => (
            "This document was deleted",
            "Its sender took it back, and its bytes cannot be read any more. Ask them if you still need it.",
        ),
    }
}

/// Reads a value as it is written in JSON, without the quotes.
fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    let text: serde::de::value::StrDeserializer<'a, Error> = text.into_deserializer();
    T::deserialize(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_link_is_promised_only_where_the_document_is_offered() {
        for because in [DeadBecause::Expired, DeadBecause::Revoked, DeadBecause::Deleted] {
            assert!(!words_of(because, false).1.contains("click away"), "{because:?}");
        }
        for because in [DeadBecause::Expired, DeadBecause::Revoked, DeadBecause::Superseded] {
            assert!(words_of(because, true).1.contains("click away"), "{because:?}");
        }
    }

    #[test]
    fn the_reason_and_the_moment_are_read_and_nonsense_is_not() {
        assert_eq!(read::<DeadBecause>("superseded"), Some(DeadBecause::Superseded));
        assert_eq!(read::<DeadBecause>("because"), None);
        assert_eq!(read::<Timestamp>("2026-11-22T14:05:00Z"), Some(Timestamp::from_millis(1_795_356_300_000)));
        assert_eq!(read::<Timestamp>("yesterday"), None);
    }
}
