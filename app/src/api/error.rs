//! What a server function answers when it does not do what was asked.

use std::{fmt, str::FromStr};

use domain::{ErrorCode, Problem};
use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// A [`Problem`] on its way to the browser.
///
/// Only the code, the field and the wait travel; the sentence is looked up from the code on arrival. Without
/// JavaScript an error arrives in the page's URL, and a URL can be made up by anybody: it must not be able to
/// put words into the portal's mouth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub struct ApiError(pub Problem);

#[derive(Clone, Serialize, Deserialize)]
struct Wire {
    code: ErrorCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
}

impl From<Wire> for ApiError {
    fn from(wire: Wire) -> Self {
        let mut problem = Problem::new(wire.code);
        problem.field = wire.field;
        problem.retry_after = wire.retry_after;
        Self(problem)
    }
}

impl From<ApiError> for Wire {
    fn from(ApiError(problem): ApiError) -> Self {
        Self { code: problem.code, field: problem.field, retry_after: problem.retry_after }
    }
}

impl From<Problem> for ApiError {
    /// On the server this is the one place through which every failure of a server function passes, so the
    /// status of the response is set here, and the cause is logged.
    #[cfg(feature = "ssr")]
    fn from(mut problem: Problem) -> Self {
        super::context::log_cause_of(&mut problem);
        super::context::answer_with_status_of(&problem);
        Self(problem)
    }

    #[cfg(not(feature = "ssr"))]
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Problem::new(code).into()
    }
}

#[cfg(feature = "ssr")]
impl From<backend::Error> for ApiError {
    fn from(error: backend::Error) -> Self {
        error.into_problem().into()
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    /// What the framework's own failures amount to for a person. Their texts stay behind.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let code = match error {
            ServerFnErrorErr::Request(_) => ErrorCode::Unavailable,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Serialization(_) => {
                ErrorCode::InvalidRequest
            }
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::Deserialization(_)
            | ServerFnErrorErr::Response(_) => ErrorCode::Internal,
        };
        code.into()
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ApiError {
    type Err = Problem;

    /// Reads the JSON form back.
    fn from_str(text: &str) -> Result<Self, Problem> {
        Ok(Self::de(text.to_owned().into()))
    }
}

impl std::error::Error for ApiError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_field_and_wait_arrive_as_they_were_sent() {
        let sent = ApiError(Problem::new(ErrorCode::TooManyAttempts).on("password").retry_after(30));
        assert_eq!(ApiError::de(sent.ser()), sent);
    }

    #[test]
    fn a_made_up_error_cannot_bring_its_own_sentence() {
        let forged = r#"{"code":"internal","message":"Call us on 555 0100 and read out your password."}"#;
        let error: ApiError = forged.parse().expect("reads");
        assert_eq!(error.0.message, ErrorCode::Internal.message());
        let nonsense: ApiError = "<script>".parse().expect("reads");
        assert_eq!(nonsense.0.code, ErrorCode::Internal);
    }

    #[test]
    fn texts_of_the_framework_stay_behind() {
        let error = ApiError::from_server_fn_error(ServerFnErrorErr::Args("missing field `password` at line 1".into()));
        assert_eq!(error.0, Problem::new(ErrorCode::InvalidRequest));
    }
}
