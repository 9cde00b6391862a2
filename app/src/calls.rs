//! Calling server functions, once for all of them.
//!
//! Leptos has a typed action and a typed resource for every server function, and each of them is compiled into the
//! browser's module anew, about 10 kB a piece. Here forms and data travel as text, and only what reads a value out of
//! the text knows its type. The server functions themselves and their plain forms are the usual ones.

use std::{fmt, future::Future, pin::Pin, str::FromStr, sync::Arc};

use domain::Problem;
use leptos::{
    prelude::*,
    serde_json,
    server::codee::string::FromToStringCodec,
    server_fn::{
        ServerFn,
        error::{FromServerFnError, ServerFnUrlError},
    },
    task::spawn_local,
};
use serde::{Serialize, de::DeserializeOwned};
use web_sys::HtmlFormElement;

use crate::{api::ApiError, browser};

/// The arguments of a server function, by their names.
pub type Pairs = Vec<(&'static str, String)>;

/// What a server function has answered: the JSON of its value, or its problem. Written as one line of text on its
/// way from the server to the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply(pub Result<String, ApiError>);

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(json) => write!(f, "+{json}"),
            Err(error) => write!(f, "-{}", String::from_utf8_lossy(&error.ser())),
        }
    }
}

impl FromStr for Reply {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        Ok(Self(match text.strip_prefix('+') {
            Some(json) => Ok(json.to_owned()),
            None => Err(text.strip_prefix('-').unwrap_or_default().parse()?),
        }))
    }
}

/// Data that a page has asked for.
pub type Asked = Resource<Reply, FromToStringCodec>;

type Answering = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// Asks the server function `F` for data, again whenever its arguments change or one of `after` has done its work.
pub fn ask<F>(arguments: impl Fn() -> Pairs + Send + Sync + 'static, after: &[Post]) -> Asked
where
    F: ServerFn<Error = ApiError> + DeserializeOwned + 'static,
    F::Output: Serialize,
{
    ask_with(Arc::new(arguments), after.to_vec(), call::<F>)
}

fn ask_with(arguments: Arc<dyn Fn() -> Pairs + Send + Sync>, after: Vec<Post>, call: fn(Pairs) -> Answering) -> Asked {
    let turn = move || after.iter().map(|post| post.turn.get()).sum::<u32>();
    Resource::new_str_blocking(move || (turn(), arguments()), move |(_, arguments)| call(arguments))
}

/// On the server the function is called as it is, in the context of the page.
#[cfg(feature = "ssr")]
fn call<F>(arguments: Pairs) -> Answering
where
    F: ServerFn<Error = ApiError> + DeserializeOwned + 'static,
    F::Output: Serialize,
{
    use domain::ErrorCode;
    use serde::de::value::{Error, MapDeserializer};

    let arguments = F::deserialize(MapDeserializer::<_, Error>::new(arguments.into_iter()));
    Box::pin(async move {
        let Ok(arguments) = arguments else { return Reply(Err(ErrorCode::InvalidRequest.into())) };
        Reply(match arguments.run_body().await {
            Ok(value) => serde_json::to_string(&value).map_err(|_| ErrorCode::Internal.into()),
            Err(error) => Err(error),
        })
    })
}

/// In the browser its arguments are posted to its path.
#[cfg(not(feature = "ssr"))]
fn call<F: ServerFn<Error = ApiError>>(arguments: Pairs) -> Answering {
    let pairs: Vec<_> = arguments.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let body = crate::paths::query_of(&pairs);
    // Posted when it is polled, not before: while a page comes to life Leptos only looks at what this would read.
    Box::pin(async move { Reply(read(&browser::post(F::PATH, body.trim_start_matches('?')).await)) })
}

/// The JSON of the value, or the problem.
fn read(answer: &browser::Answer) -> Result<String, ApiError> {
    match answer.status {
        0 => Err(domain::ErrorCode::Unavailable.into()),
        400.. => answer.body.parse().map_or_else(|problem| Err(ApiError(problem)), Err),
        _ => Ok(answer.body.clone()),
    }
}

/// A form that is posted to a server function, and what has become of it.
#[derive(Clone, Copy)]
pub struct Post {
    path: &'static str,
    stage: RwSignal<Stage>,
    turn: RwSignal<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// Not sent yet.
    Idle,
    /// On its way.
    Busy,
    /// It has worked, and another page is loading.
    Leaving,
    /// It has worked; the JSON of the answer.
    Done(String),
    /// It has not.
    Refused(Problem),
}

impl Post {
    /// A form for `F`. Without JavaScript its problem comes back in the URL of the page.
    #[must_use]
    pub fn to<F: ServerFn<Error = ApiError>>() -> Self {
        Self::to_path(F::PATH)
    }

    fn to_path(path: &'static str) -> Self {
        let brought = use_context::<ServerActionError>().filter(|error| error.path() == path);
        let stage = match brought {
            Some(error) => Stage::Refused(ServerFnUrlError::<ApiError>::decode_err(error.err()).0),
            None => Stage::Idle,
        };
        Self { path, stage: RwSignal::new(stage), turn: RwSignal::new(0) }
    }

    /// Where it is posted to.
    #[must_use]
    pub fn path(self) -> &'static str {
        self.path
    }

    /// The problem with which it ended last, until it is tried again.
    #[must_use]
    pub fn problem(self) -> Signal<Option<Problem>> {
        Signal::derive(move || {
            self.stage.with(|stage| match stage {
                Stage::Refused(problem) => Some(problem.clone()),
                _ => None,
            })
        })
    }

    /// Whether it is under way, or leads away already.
    #[must_use]
    pub fn busy(self) -> Signal<bool> {
        Signal::derive(move || self.stage.with(|stage| matches!(stage, Stage::Busy | Stage::Leaving)))
    }

    /// Whether it has worked, and the page stays.
    #[must_use]
    pub fn is_done(self) -> bool {
        self.stage.with(|stage| matches!(stage, Stage::Done(_)))
    }

    /// What the server function has answered.
    #[must_use]
    pub fn answer<T: DeserializeOwned>(self) -> Option<T> {
        self.stage.with(|stage| match stage {
            Stage::Done(json) => serde_json::from_str(json).ok(),
            _ => None,
        })
    }

    /// Sends what stands in the form.
    pub fn send(self, form: &HtmlFormElement) {
        if self.stage.with_untracked(|stage| matches!(stage, Stage::Busy | Stage::Leaving)) {
            return;
        }
        self.stage.set(Stage::Busy);
        let answer = browser::post(self.path, &browser::form_text(form));
        let form = form.clone();
        spawn_local(async move {
            if self.end(&answer.await) {
                form.reset();
            }
        });
    }

    /// Whether it has worked, and the page stays.
    fn end(self, answer: &browser::Answer) -> bool {
        let stage = match read(answer) {
            Err(ApiError(problem)) => Stage::Refused(problem),
            Ok(json) => match &answer.leads_to {
                Some(path) => {
                    browser::go_to(path);
                    Stage::Leaving
                }
                None => Stage::Done(json),
            },
        };
        let worked = matches!(stage, Stage::Done(_));
        // The page may have been left before the answer came.
        let here = self.stage.try_set(stage).is_none();
        if here && worked {
            self.turn.update(|turn| *turn += 1);
        }
        here && worked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ErrorCode;

    #[test]
    fn a_reply_is_read_back_as_it_was_written() {
        let value = Reply(Ok(r#"{"rows":[],"next":null}"#.to_owned()));
        let problem = Reply(Err(ApiError(Problem::new(ErrorCode::NotFound).on("id"))));
        for reply in [value, problem] {
            assert_eq!(reply.to_string().parse::<Reply>().expect("reads"), reply);
        }
    }

    #[test]
    fn a_broken_connection_is_told_apart_from_a_refusal() {
        let answer = |status, body: &str| browser::Answer { status, body: body.to_owned(), leads_to: None };
        let code = |answer| read(&answer).map_err(|error| error.0.code);
        assert_eq!(code(answer(0, "")), Err(ErrorCode::Unavailable));
        assert_eq!(code(answer(401, r#"{"code":"sign_in_failed"}"#)), Err(ErrorCode::SignInFailed));
        assert_eq!(code(answer(502, "<html>")), Err(ErrorCode::Internal));
        assert_eq!(code(answer(200, "null")), Ok("null".to_owned()));
    }
}
