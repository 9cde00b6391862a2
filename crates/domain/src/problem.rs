//! What can go wrong, with the three faces of an error kept apart: the stable code, the sentence for a person, and the
//! cause, which comes along for the log and is never sent.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::document::size_words;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal $text:tt, $message:literal;)*) => {
        /// A stable reason. The text is part of the API: it never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum ErrorCode {$(
            $(#[$doc])*
            #[serde(rename = $text)]
            $name,
        )*}

        impl ErrorCode {
            /// All of them, for documentation and tests.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The text in JSON, logs and URLs.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The HTTP status that goes with it (RFC 9110).
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What happened and what to do next, for a person.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message,)* }
            }
        }
    };
}

codes! {
    /// The request could not be read at all.
    InvalidRequest = 400 "invalid_request", "The request could not be read. Check it against the documentation and send it again.";
    /// A query parameter is wrong; `field` names it.
    InvalidQuery = 400 "invalid_query", "One of the list’s settings is not valid. Clear the filters and try again.";
    /// Not an address.
    InvalidEmail = 422 "invalid_email", "That is not a complete e-mail address. It looks like name@company.com.";
    /// Not a name.
    InvalidName = 422 "invalid_name", "Enter a name of 1 to 120 characters, in any script. Control characters and those that change the direction of text are no part of one.";
    /// A name with characters that names do not have.
    NameUnusual = 422 "name_unusual", "Use the letters of your name. Digits, spaces, hyphens, apostrophes, commas, brackets and initials with a dot are fine; addresses and other signs are not.";
    /// Too short.
    PasswordTooShort = 422 "password_too_short", "Use at least 8 characters. 15 or more are better; a few words in a row work well.";
    /// Too long.
    PasswordTooLong = 422 "password_too_long", "Use at most 1,024 bytes for a password.";
    /// Among those that attackers try first.
    PasswordTooCommon = 422 "password_too_common", "That password is among the first that attackers try. Choose another; a few words in a row work well.";
    /// Ops only: the address has an account. Never said to anyone else.
    AddressTaken = 409 "address_taken", "This address has an account already. Use another, or ask its holder to sign in.";
    /// Nobody disables the account that they are signed in with.
    OwnAccount = 409 "own_account", "This is your own account. Ask another of ops to disable it.";
    /// Without this account nobody could look after the portal.
    LastOps = 409 "last_ops", "This is the last ops account that can sign in. Invite or enable another one first.";
    /// The current password did not match.
    PasswordWrong = 422 "password_wrong", "The current password is not right. Type it again, or reset it from the sign-in page.";
    /// The name of a file cannot be kept as it is.
    InvalidFileName = 422 "invalid_file_name", "The file’s name cannot be kept. Rename it and send it again.";
    /// The extension is not one of the three.
    UnsupportedKind = 422 "unsupported_kind", "Only .docx, .xlsx and .pptx files can be deposited.";
    /// Address or password wrong, or the account may not sign in. Never says which.
    SignInFailed = 401 "sign_in_failed", "The address or the password is not right. Try again, or reset the password. If you signed up and have not confirmed your address yet, use the link in the mail, or sign up again.";
    /// A credential is missing or no longer valid.
    NotSignedIn = 401 "not_signed_in", "Sign in first.";
    /// The address is not verified.
    EmailUnverified = 403 "email_unverified", "Confirm your e-mail address first. The link and the code are in the mail we sent you.";
    /// Only ops may do it.
    OpsOnly = 403 "ops_only", "Only ops can do this.";
    /// A state change that came from another site.
    CrossSite = 403 "cross_site", "This request came from another site and was not carried out. Open the page here and try again.";
    /// Nothing there for the asker, whether or not it exists.
    NotFound = 404 "not_found", "There is nothing here for you. The address may be mistyped, or meant for another account.";
    /// The path exists, the method does not.
    MethodNotAllowed = 405 "method_not_allowed", "That method is not possible here.";
    /// The body did not arrive in time.
    RequestTimeout = 408 "request_timeout", "The request did not arrive in time. Check the connection and send it again.";
    /// The asker's own link is over.
    LinkExpired = 410 "link_expired", "This link has expired. Open the document’s page to get a fresh one.";
    /// The asker's own link was revoked.
    LinkRevoked = 410 "link_revoked", "This link was revoked. Open the document’s page to get a fresh one.";
    /// A newer version took its place.
    LinkSuperseded = 410 "link_superseded", "A newer version has replaced this one. Open the document’s page to get it.";
    /// The document is gone.
    DocumentDeleted = 410 "document_deleted", "This document was deleted by its sender. Ask them if you still need it.";
    /// A verification, reset or invitation link that is none: cut off, mistyped, or forgotten long ago.
    SecretSpent = 410 "secret_spent", "This link does not lead anywhere. It may have lost its end on the way: open it from the mail again, or ask for a new one.";
    /// A link that was used.
    SecretUsed = 410 "secret_used", "This link was used already, and a link works once. If it was you, sign in; if not, reset your password.";
    /// A link whose place a newer one has taken, or that was withdrawn.
    SecretReplaced = 410 "secret_replaced", "This link works no more: a newer one took its place, or it was withdrawn. Use the link in the newest mail.";
    /// A link whose time is up.
    SecretExpired = 410 "secret_expired", "The time of this link is up. Ask for a new one.";
    /// No sign-up waits in the browser that asks.
    NothingToConfirm = 410 "nothing_to_confirm", "Nothing waits to be confirmed in this browser any more. If your address is confirmed, sign in; if it is not, sign up again.";
    /// An address is confirmed outside the browser that signed up, without a password.
    PasswordNeeded = 422 "password_needed", "Choose the password of the account. Only the browser that signed up can do without.";
    /// Six digits whose time is up.
    CodeExpired = 422 "code_expired", "A code works for 10 minutes, and these are over. Send the mail again for a fresh one, or use the link in it.";
    /// Wrong six digits.
    CodeWrong = 422 "code_wrong", "That code is not right. Check the newest mail; after five tries only its link works.";
    /// Somebody has to wait; `retry_after` says how long.
    TooManyAttempts = 429 "too_many_attempts", "Too many attempts. Wait a moment and try again.";
    /// `If-Match` names other bytes than there are.
    PreconditionFailed = 412 "precondition_failed", "The document is no longer the one that was asked for. Fetch it from the beginning.";
    /// The body is larger than allowed.
    TooLarge = 413 "too_large", "The file is larger than this portal accepts.";
    /// Fewer or more bytes arrived than were declared.
    LengthMismatch = 400 "length_mismatch", "The upload did not arrive whole. Send it again.";
    /// An upload without a file.
    NoFile = 422 "no_file", "Choose at least one file.";
    /// None of the files was taken.
    NothingAccepted = 422 "nothing_accepted", "None of the files was accepted. The reasons are listed with each.";
    /// A document that was deposited before examinations were kept.
    NotExamined = 404 "not_examined", "This document was deposited before its content was looked into. Inspect a copy of the file instead.";
    /// The inspection refuses the file; the answer lists the findings.
    FileRefused = 422 "file_refused", "The inspection refuses this file. The findings say why, and what to do about it.";
    /// A clean copy cannot be without something that is part of what is seen.
    NotRemovable = 422 "not_removable", "A copy without it cannot be made: it is part of what is seen.";
    /// Something in this file keeps a clean copy from being made.
    NotCleanable = 422 "not_cleanable", "A clean copy of this file cannot be made.";
    /// A delivery without a document, or with too many.
    NothingToDeliver = 422 "nothing_to_deliver", "Choose the documents to deliver, 200 at most.";
    /// A delivery without a recipient, or with too many.
    NobodyToDeliverTo = 422 "nobody_to_deliver_to", "Choose who gets the documents: people, organisations, or everyone.";
    /// A recipient that is none. Nobody else gets the delivery in its place.
    UnknownRecipient = 422 "unknown_recipient", "One of the recipients is not known here. Nothing was sent. Choose again from the list.";
    /// A delivery that nobody could ever open.
    InvalidTerms = 422 "invalid_terms", "A delivery ends after it begins, and not in the past. Choose a later end.";
    /// A note that cannot be kept.
    InvalidNote = 422 "invalid_note", "A note has up to 2,000 characters and no control characters. Shorten it.";
    /// A delivery that was revoked is not changed any more.
    DeliveryRevoked = 409 "delivery_revoked", "This delivery was revoked and cannot be changed. Send it again as a new one.";
    /// Two organisations whose names read the same.
    OrganisationExists = 409 "organisation_exists", "There is an organisation of that name. Open it, or choose another name.";
    /// Not the media type that the route takes.
    UnsupportedMediaType = 415 "unsupported_media_type", "The content type is not one that is accepted here.";
    /// A range outside the document.
    RangeNotSatisfiable = 416 "range_not_satisfiable", "The document is shorter than the part that was asked for.";
    /// Too much work is waiting.
    Busy = 503 "busy", "The server is busy. Try again in a moment.";
    /// A dependency does not answer.
    Unavailable = 503 "unavailable", "Something this page depends on does not answer. Try again in a minute.";
    /// No room left.
    StorageFull = 507 "storage_full", "The server has no room left for files. Tell whoever runs it; nothing was lost.";
    /// A defect. The request id leads to the cause in the log.
    Internal = 500 "internal", "Something went wrong on our side. Try again; if it stays, tell whoever runs this portal.";
}

/// An error as it may be shown: to a person, to a script, to the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// The stable reason.
    pub code: ErrorCode,
    /// What happened and what to do next.
    pub message: String,
    /// The input it is about.
    pub field: Option<String>,
    /// Seconds to wait before trying again.
    pub retry_after: Option<u32>,
    /// What it came from, for the log of whoever answers with it.
    #[serde(skip)]
    pub cause: Cause,
}

/// What a problem came from. It is never sent, and no part of what makes two problems the same.
#[derive(Clone, Debug, Default)]
pub struct Cause(Option<Arc<str>>);

impl Cause {
    /// The text, if there is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl PartialEq for Cause {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Cause {}

impl Problem {
    /// A problem with the usual sentence of its code.
    #[must_use]
    pub fn new(code: ErrorCode) -> Self {
        Self { code, message: code.message().to_owned(), field: None, retry_after: None, cause: Cause::default() }
    }

    /// Something that is larger than may be: what it is, and the most bytes that it may have.
    #[must_use]
    pub fn too_large(what: &str, limit: u64) -> Self {
        let message = format!("The {what} is larger than {}, the most that is accepted here.", size_words(limit));
        Self { message, ..Self::new(ErrorCode::TooLarge) }
    }

    /// The same, about one input.
    #[must_use]
    pub fn on(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    /// The same, with what it came from.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Arc<str>>) -> Self {
        self.cause = Cause(Some(cause.into()));
        self
    }

    /// The same, with a wait of so many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

impl From<ErrorCode> for Problem {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_is_too_large_is_told_with_the_limit() {
        let problem = Problem::too_large("file", 50_000_000);
        assert_eq!(problem.message, "The file is larger than 50.0 MB, the most that is accepted here.");
        assert_eq!(problem.code, ErrorCode::TooLarge);
    }

    #[test]
    fn a_cause_is_neither_sent_nor_compared() {
        let problem = Problem::new(ErrorCode::Internal).caused_by("row 17");
        assert_eq!(problem, ErrorCode::Internal.into());
        assert_eq!(problem.cause.text(), Some("row 17"));
        assert!(!serde_json::to_string(&problem).expect("serialises").contains("17"));
    }

    #[test]
    fn codes_are_unique_and_every_sentence_is_whole() {
        let texts: BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(texts.len(), ErrorCode::ALL.len());
        for code in ErrorCode::ALL {
            assert!(code.message().ends_with('.'), "{}", code.as_str());
            assert!(!code.message().contains('!'), "{}", code.as_str());
            assert!((400..600).contains(&code.status()), "{}", code.as_str());
        }
    }
}
