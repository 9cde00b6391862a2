//! Forms for server functions.

use std::{marker::PhantomData, ops::Deref};

use domain::Problem;
use leptos::{
    prelude::*,
    serde_json,
    server_fn::{ServerFn, error::ServerFnUrlError},
    task::spawn_local,
};
use serde::de::DeserializeOwned;
use web_sys::HtmlFormElement;

use super::read;
use crate::{api::ApiError, browser};

/// A form that is posted to a server function, and what has become of it.
#[derive(Clone, Copy)]
pub struct FormAction {
    path: &'static str,
    stage: RwSignal<Stage>,
    turn: RwSignal<u32>,
}

/// A form for the server function `F`, whose answer is that of `F`.
pub struct FormActionOf<F> {
    action: FormAction,
    function: PhantomData<fn() -> F>,
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

impl FormAction {
    /// A form for `F`. Without JavaScript its problem comes back in the URL of the page.
    #[must_use]
    pub fn to<F: ServerFn<Error = ApiError>>() -> FormActionOf<F> {
        FormActionOf { action: Self::to_path(F::PATH), function: PhantomData }
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

    /// Counts how often it has worked.
    pub(super) fn turn(self) -> u32 {
        self.turn.get()
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

impl<F> FormActionOf<F>
where
    F: ServerFn,
    F::Output: DeserializeOwned,
{
    /// What the server function has answered.
    #[must_use]
    pub fn answer(self) -> Option<F::Output> {
        self.action.stage.with(|stage| match stage {
            Stage::Done(json) => serde_json::from_str(json).ok(),
            _ => None,
        })
    }
}

impl<F> Clone for FormActionOf<F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for FormActionOf<F> {}

impl<F> Deref for FormActionOf<F> {
    type Target = FormAction;

    fn deref(&self) -> &FormAction {
        &self.action
    }
}

impl<F> From<FormActionOf<F>> for FormAction {
    fn from(of: FormActionOf<F>) -> Self {
        of.action
    }
}
