//! Calling server functions, once for all of them.
//!
//! Leptos has a typed action and a typed resource for every server function, and each of them is compiled into the
//! browser's module anew, about 10 kB a piece. Here forms and data travel as text, and only what is asked and what is
//! answered has a type: that of the server function itself. The server functions and their plain forms are the usual ones.
//!
//! - [`Arguments`] are what a server function is asked: its own struct, as texts.
//! - [`ask`] brings data to a page. What is asked is the server function's own struct, what is shown its own answer.
//! - [`FormAction`] is a form for one; [`field!`](crate::field) names its inputs after the fields of the struct.
//! - [`url_of`] and [`arguments_in`] write what is asked into a URL and read it back.

mod arguments;
mod fetching;
mod form_action;

use std::{fmt, str::FromStr};

use domain::Problem;
use leptos::server_fn::error::FromServerFnError;

use crate::{api::ApiError, browser};

pub use arguments::{Arguments, Paged, Pairs, arguments_in, turns, url_of};
pub use fetching::{Fetched, Replying, fetch};
pub use form_action::{FormAction, FormActionOf};

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

/// The JSON of the value, or the problem.
fn read(answer: &browser::Answer) -> Result<String, ApiError> {
    match answer.status {
        0 => Err(domain::ErrorCode::Unavailable.into()),
        400.. => answer.body.parse().map_or_else(|problem| Err(ApiError(problem)), Err),
        _ => Ok(answer.body.clone()),
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
