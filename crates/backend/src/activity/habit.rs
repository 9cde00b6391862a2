//! What an account can do over and over.

use domain::activity::Action;

/// Events that one account can cause as often as it likes. They are counted apart, so that a program which collects a
/// lot does not push a changed password out of the log's detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Habit {
    /// Asking for documents.
    Collecting,
    /// Beginning and ending sessions and tokens.
    Credentials,
}

impl Habit {
    /// `None` for what has a bound of its own.
    pub(crate) const fn of(action: Action) -> Option<Self> {
        match action {
            Action::LinkMinted | Action::DownloadStarted | Action::Denied => Some(Self::Collecting),
            Action::SignedIn
            | Action::SignedOut
            | Action::TokenCreated
            | Action::TokenRevoked
            | Action::PasswordChanged => Some(Self::Credentials),
            // The proof itself, once for each account and version: it always has its row.
            Action::HandedOver | Action::SentWhole => None,
            // Once for each account.
            Action::Verified => None,
            // Throttled by network and recipient.
            Action::SignedUp | Action::SignUpRepeated | Action::ResetRequested => None,
            // Bounded by the mails that there are.
            Action::MailFailed | Action::MailWithheld => None,
            // Anybody can cause them, so they are folded from the first one on.
            Action::VerificationFailed | Action::SignInFailed | Action::CrossSite | Action::Throttled => None,
            // What ops do, who are trusted and answer for it, and the command line.
            Action::OpsCreated
            | Action::OpsInvited
            | Action::InvitationWithdrawn
            | Action::AccountDisabled
            | Action::AccountEnabled
            | Action::SignedOutByOps
            | Action::Deposited
            | Action::UploadRefused
            | Action::InspectionDiffered
            | Action::Deleted
            | Action::Delivered
            | Action::DeliveryChanged
            | Action::DeliveryRevoked
            | Action::OrganisationCreated
            | Action::OrganisationRenamed
            | Action::PersonMoved
            | Action::LinksRevoked
            | Action::MailResent
            | Action::KeysRotated => None,
        }
    }
}
