//! A moment: rendered in UTC, which server and browser agree on, then said in the reader's own time.

use domain::Timestamp;
use leptos::prelude::*;

use crate::{browser, words};

/// A moment in time, with the exact one on hover and for machines.
#[component]
pub fn Moment(
    /// When.
    at: Timestamp,
) -> impl IntoView {
    let text = RwSignal::new(at.words());
    Effect::new(move |_| {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since the epoch are exact in a double")]
        let then = browser::wall(at.millis() as f64);
        text.set(words::spoken(&then, &browser::wall(browser::now_millis())));
    });
    let shown: Signal<String> = text.into();
    view! { <time datetime=at.rfc3339() title=at.words()>{shown}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_says_it_in_utc() {
        let html = Owner::new().with(|| view! { <Moment at=Timestamp::from_millis(1_795_356_300_000)/> }.to_html());
        assert!(html.contains("datetime=\"2026-11-22T14:05:00Z\""), "{html}");
        assert!(html.contains("22 November 2026, 14:05 UTC"), "{html}");
    }
}
