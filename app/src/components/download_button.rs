//! Downloading a document: a plain form, so that it is the same with and without JavaScript. The answer is a redirect
//! along a fresh link, and the browser saves what comes.

use std::time::Duration;

use domain::{DocumentId, FileName};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    button::{ButtonStyle, SubmitButton},
    icon::Icon,
};
use crate::{api::documents::MintLink, field, live::on};

/// How long after the click the list is asked again what is still new.
const SETTLES: Duration = Duration::from_secs(3);

/// The button and its form.
#[component]
pub fn DownloadButton(
    /// Which document.
    id: DocumentId,
    /// Its name, which readers hear with the button.
    name: FileName,
    /// How the button looks.
    #[prop(optional)]
    style: ButtonStyle,
    /// Called a moment after the download has begun.
    #[prop(optional, into)]
    on_download: Option<Callback<()>>,
) -> impl IntoView {
    let submitted = move |_| {
        if let Some(on_download) = on_download {
            set_timeout(move || on_download.run(()), SETTLES);
        }
    };
    view! {
        <form class="download" method="post" action=MintLink::url() on:submit=on(submitted)>
            <input type="hidden" name=field!(MintLink.id) value=id.to_string()/>
            <SubmitButton label="Download" style icon=Icon::Download described=format!("Download {name}")/>
        </form>
    }
    .into_any()
}
