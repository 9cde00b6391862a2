//! Letting callers through, and writing down whom not.

use std::borrow::Cow;

use domain::{DocumentId, ErrorCode, Problem, activity::Event};

use super::Grant;
use crate::{
    activity::Entry,
    caller::{Caller, Person},
    core::Core,
    error::{Error, Result},
    policy::{self, Permission},
};

/// What somebody asks for.
pub(crate) struct Subject<'a> {
    pub(crate) document: Option<DocumentId>,
    pub(crate) name: Cow<'a, str>,
}

impl From<DocumentId> for Subject<'_> {
    fn from(document: DocumentId) -> Self {
        Self { document: Some(document), name: document.to_string().into() }
    }
}

impl<'a> From<&'a str> for Subject<'a> {
    fn from(name: &'a str) -> Self {
        Self { document: None, name: name.into() }
    }
}

impl Core {
    /// Lets the caller through as a person who may do it. A person who may not is written down.
    pub(crate) async fn allow<'a>(
        &self,
        caller: &'a Caller,
        permission: Permission,
        subject: impl Into<Subject<'_>>,
    ) -> Result<&'a Person> {
        match policy::require(caller, permission) {
            Ok(person) => Ok(person),
            Err(problem) => Err(self.deny(caller, subject, problem).await?),
        }
    }

    /// Lets the person through to a document. One who has no access is told that there is none, whatever the reason, and
    /// written down.
    pub(crate) async fn granted(&self, caller: &Caller, person: &Person, document: DocumentId) -> Result<Grant> {
        match self.grant(person, document).await? {
            Ok(grant) => Ok(grant),
            Err(_) => Err(self.deny(caller, document, ErrorCode::NotFound).await?),
        }
    }

    /// Writes a denial down in the caller's name and gives it back as an error. One without a name is not written:
    /// it only has to sign in, and a stranger cannot make the log grow.
    pub(crate) async fn deny(
        &self,
        caller: &Caller,
        subject: impl Into<Subject<'_>>,
        problem: impl Into<Problem>,
    ) -> Result<Error> {
        let (problem, Subject { document, name }) = (problem.into(), subject.into());
        if let Some(person) = caller.person() {
            let event = Event::Denied { document, code: problem.code };
            self.record_later(Entry::new(event, &caller.origin).by(person).about(&name));
        }
        Ok(problem.into())
    }
}
