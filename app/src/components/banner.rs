//! A sentence across the page: what has just been done, or what went wrong and whose move is next.

use domain::{ErrorCode, Problem};
use leptos::prelude::*;
use leptos_router::hooks::{use_query_map, use_url};

use super::{
    badge::Tone,
    icon::{Icon, IconMark},
};
use crate::{
    live::part,
    paths::{Notice, login_for},
    words,
};

/// A sentence in a frame. Warnings and failures are read out at once.
#[component]
pub fn Banner(
    /// What it is about.
    #[prop(optional)]
    tone: Tone,
    /// The sentence.
    children: Children,
) -> impl IntoView {
    let (icon, role) = match tone {
        Tone::Plain => (Icon::Info, "status"),
        Tone::Good => (Icon::Check, "status"),
        Tone::Warning | Tone::Danger => (Icon::Warning, "alert"),
    };
    view! {
        <div class=format!("banner {}", tone.class()) role=role>
            <IconMark icon/>
            <div class="banner-text">{children()}</div>
        </div>
    }
}

/// The problem of a form, unless one of its fields shows it already.
#[component]
pub fn ProblemBanner(
    /// The problem.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
    /// The fields that show their own.
    #[prop(optional)]
    fields: &'static [&'static str],
) -> impl IntoView {
    let url = use_url();
    let shown = move || problem.get().filter(|problem| !is_shown_by_field(problem, fields));
    part(move || {
        shown().map(|problem| {
            let sign_in = (problem.code == ErrorCode::NotSignedIn).then(|| {
                let here = url.with_untracked(|url| url.path().to_owned());
                view! { " " <a href=login_for(&here) rel="external">"Go to sign-in"</a> }
            });
            view! { <Banner tone=Tone::Danger>{sentence(&problem)} {sign_in}</Banner> }
        })
    })
}

/// What the page's URL says has just been done.
#[component]
pub fn NoticeBanner() -> impl IntoView {
    let query = use_query_map();
    part(move || {
        let notice = query.with(|query| query.get_str("notice").and_then(Notice::from_query));
        notice.map(|notice| view! { <Banner tone=Tone::Good>{notice.sentence()}</Banner> })
    })
}

/// The problem's sentence, with the wait that goes with it.
pub(super) fn sentence(problem: &Problem) -> String {
    match problem.retry_after {
        Some(seconds) if seconds > 1 => format!("{} It will work again in {}.", problem.message, words::wait(seconds)),
        _ => problem.message.clone(),
    }
}

fn is_shown_by_field(problem: &Problem, fields: &[&str]) -> bool {
    problem.field.as_deref().is_some_and(|field| fields.contains(&field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_part_of_the_sentence() {
        let problem = Problem::new(ErrorCode::TooManyAttempts).retry_after(30);
        assert_eq!(
            sentence(&problem),
            "Too many attempts. Wait a moment and try again. It will work again in 30 seconds."
        );
    }

    #[test]
    fn a_problem_is_shown_once() {
        let problem = Problem::new(ErrorCode::InvalidEmail).on("email");
        assert!(is_shown_by_field(&problem, &["name", "email"]));
        assert!(!is_shown_by_field(&problem, &["name"]));
        assert!(!is_shown_by_field(&Problem::new(ErrorCode::SignInFailed), &["email"]));
    }

    #[test]
    fn a_failure_is_announced_and_a_notice_waits_its_turn() {
        let failure = view! { <Banner tone=Tone::Danger>"No."</Banner> }.to_html();
        assert!(failure.contains("role=\"alert\""), "{failure}");
        let notice = view! { <Banner tone=Tone::Good>"Done."</Banner> }.to_html();
        assert!(notice.contains("role=\"status\""), "{notice}");
    }
}
