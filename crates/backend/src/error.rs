//! Failures of a service: either a [`Problem`] that may be shown, or a cause that may only be logged.

use std::{error::Error as StdError, io};

use domain::{ErrorCode, Problem};

use crate::db::Fault;

/// What a service method returns.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a service did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller's doing, or the state of things: shown as it is.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// The database failed.
    #[error("database: {0}")]
    Database(#[source] sqlx::Error),
    /// The store of blobs failed.
    #[error("storage: {0}")]
    Storage(#[from] object_store::Error),
    /// A file could not be read or written.
    #[error("file: {0}")]
    Io(#[from] io::Error),
    /// What is stored is not what was once written: a damaged row or blob, or a missing key.
    #[error("damaged: {0}")]
    Damaged(String),
}

impl From<ErrorCode> for Error {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code.into())
    }
}

impl From<sqlx::Error> for Error {
    /// A column that cannot be read as its type is no fault of the database. What is said of it names the column and
    /// the type, not what is in it.
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Damaged(error.to_string()),
            error => Self::Database(error),
        }
    }
}

impl Error {
    /// The face for people and programs. Anything that is not for them is logged here and nowhere else,
    /// inside the span that carries the request id.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        let code = match &self {
            Self::Refused(problem) => return problem.clone(),
            cause if is_storage_full(cause) => ErrorCode::StorageFull,
            Self::Database(cause) => match Fault::of(cause) {
                Some(Fault::Full) => ErrorCode::StorageFull,
                Some(_) => ErrorCode::Unavailable,
                None => ErrorCode::Internal,
            },
            Self::Storage(object_store::Error::NotFound { .. }) | Self::Damaged(_) => ErrorCode::Internal,
            Self::Storage(_) => ErrorCode::Unavailable,
            Self::Io(cause) if cause.kind() == io::ErrorKind::ReadOnlyFilesystem => ErrorCode::Unavailable,
            Self::Io(_) => ErrorCode::Internal,
        };
        tracing::error!(cause = %chain(&self), code = code.as_str(), "a service failed");
        let problem = Problem::new(code);
        if code == ErrorCode::Unavailable { problem.retry_after(5) } else { problem }
    }

    /// The fault of the database behind it, if it is one that can be told.
    pub(crate) fn fault(&self) -> Option<Fault> {
        match self {
            Self::Database(cause) => Fault::of(cause),
            _ => None,
        }
    }

    /// The code it will be answered with.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(problem) => Some(problem.code),
            _ => None,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        error.into_problem()
    }
}

/// The error and its sources in one line.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn is_storage_full(error: &(dyn StdError + 'static)) -> bool {
    let mut source = Some(error);
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<io::Error>()
            && matches!(io.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        {
            return true;
        }
        source = cause.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart_however_deep_it_is_wrapped() {
        let full = object_store::Error::Generic {
            store: "local",
            source: Box::new(io::Error::new(io::ErrorKind::StorageFull, "no space")),
        };
        assert_eq!(Error::Storage(full).into_problem().code, ErrorCode::StorageFull);
    }

    #[test]
    fn causes_never_reach_the_person() {
        let problem = Error::Damaged("row 17 of table secrets".to_owned()).into_problem();
        assert_eq!(problem.code, ErrorCode::Internal);
        assert!(!problem.message.contains("17"));
    }
}
