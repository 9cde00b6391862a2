//! Data that a page asks for.

use std::{future::Future, marker::PhantomData, pin::Pin, sync::Arc};

use leptos::{prelude::*, server::codee::string::FromToStringCodec, server_fn::ServerFn};
use serde::Serialize;

use super::{Arguments, FormAction, Pairs, Reply};
use crate::api::ApiError;

/// A reply as text, once it is there.
pub type Replying = Resource<Reply, FromToStringCodec>;

/// What a page has asked of the server function `F`.
pub struct Fetched<F> {
    reply: Replying,
    function: PhantomData<fn() -> F>,
}

impl<F> Clone for Fetched<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Fetched<F> {}

impl<F> Fetched<F> {
    /// The answer as text.
    #[must_use]
    pub fn reply(self) -> Replying {
        self.reply
    }

    /// Asks again.
    pub fn refetch(self) {
        self.reply.refetch();
    }
}

type Answering = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// Asks a server function for data, again whenever the question changes or one of `after` has done its work.
pub fn fetch<F>(question: impl Fn() -> F + Send + Sync + 'static, after: &[FormAction]) -> Fetched<F>
where
    F: ServerFn<Error = ApiError> + Arguments + 'static,
    F::Output: Serialize,
{
    let question = Arc::new(move || question().pairs());
    Fetched { reply: fetch_text(question, after.to_vec(), call::<F>), function: PhantomData }
}

/// The part that does not depend on the type, so that it is compiled once.
fn fetch_text(
    question: Arc<dyn Fn() -> Pairs + Send + Sync>,
    after: Vec<FormAction>,
    call: fn(Pairs) -> Answering,
) -> Replying {
    let turn = move || after.iter().map(|post| post.turn()).sum::<u32>();
    Resource::new_str_blocking(move || (turn(), question()), move |(_, question)| call(question))
}

/// On the server the function is called as it is, in the context of the page.
#[cfg(feature = "ssr")]
fn call<F>(question: Pairs) -> Answering
where
    F: ServerFn<Error = ApiError> + Arguments + 'static,
    F::Output: Serialize,
{
    let text = |name| question.iter().find(|(known, _)| *known == name).map(|(_, text)| text.clone());
    let question = F::read(&|name| text(name).unwrap_or_default());
    Box::pin(async move {
        Reply(match question.run_body().await {
            Ok(value) => leptos::serde_json::to_string(&value).map_err(|_| domain::ErrorCode::Internal.into()),
            Err(error) => Err(error),
        })
    })
}

/// In the browser the question is posted to its path.
#[cfg(not(feature = "ssr"))]
fn call<F: ServerFn<Error = ApiError>>(question: Pairs) -> Answering {
    let body = crate::paths::query_of(&question);
    // Posted when it is polled, not before: while a page comes to life Leptos only looks at what this would read.
    Box::pin(async move { Reply(super::read(&crate::browser::post(F::PATH, body.trim_start_matches('?')).await)) })
}
