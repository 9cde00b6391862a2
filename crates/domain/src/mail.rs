//! Mail as ops see it: what was sent to whom, what waits, and whether the relay works. Never its text.

use serde::{Deserialize, Serialize};

use crate::{
    id::MailId,
    list::{Cursor, Limit, given},
    named::named,
    problem::Problem,
    timestamp::Timestamp,
};

named! {
    /// What a mail is for. It is all that is known of its content once it is sent.
    MailKind on "kind" {
        /// Link and code that prove the address of a sign-up.
        Verify = "verify", "Confirm an address";
        /// To an address that has an account and was used to sign up.
        AlreadyRegistered = "already_registered", "Has an account already";
        /// A link to choose a new password.
        ResetPassword = "reset_password", "Choose a new password";
        /// The password is another one now.
        PasswordChanged = "password_changed", "Password was changed";
        /// An invitation to ops.
        Invitation = "invitation", "Invitation to ops";
        /// A mail from before mails were sealed.
        Written = "written", "Earlier mail";
    }
}

named! {
    /// Where a mail is.
    MailState on "state" {
        /// It waits for its turn, or for its next attempt.
        Queued = "queued", "Waiting";
        /// The relay took it.
        Sent = "sent", "Sent";
        /// It was refused for good, or waited too long.
        Dead = "dead", "Failed";
    }
}

/// Which mails to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailQuery {
    /// One state only.
    pub state: Option<MailState>,
    /// After which row.
    pub cursor: Option<Cursor>,
}

impl MailQuery {
    /// Rows on a page.
    pub const LIMIT: Limit = Limit::at_most(50);

    /// Parses the texts of a query string; empty means not given.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidQuery`] on the first parameter that is wrong.
    pub fn parse(state: &str, cursor: &str) -> Result<Self, Problem> {
        Ok(Self { state: given(state)?, cursor: given(cursor)? })
    }
}

/// One mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailRow {
    /// The name by which it can be sent again.
    pub id: MailId,
    /// What it is for.
    pub kind: MailKind,
    /// Where it is.
    pub state: MailState,
    /// The address it goes to.
    pub recipient: String,
    /// How often the relay has answered for this very mail that it does not take it; 0 once it is sent.
    pub attempts: u32,
    /// The last such answer, or the last fault of the relay while this mail was its turn.
    pub last_error: Option<String>,
    /// When it was caused.
    pub created_at: Timestamp,
    /// When it is tried next; of no meaning once it is sent or dead.
    pub next_at: Timestamp,
    /// When the relay took it.
    pub sent_at: Option<Timestamp>,
}

/// How mail goes in general.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailOverview {
    /// Mails that wait.
    pub queued: u32,
    /// Mails that were given up.
    pub dead: u32,
    /// What is wrong with the relay, while something is.
    pub trouble: Option<RelayTrouble>,
    /// Whether it only goes into a folder of the server, where nobody receives it.
    pub into_folder: bool,
}

/// A relay that does not take any mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayTrouble {
    /// Since when.
    pub since: Timestamp,
    /// In its own words, or those of the network.
    pub words: String,
    /// When it is asked next.
    pub next_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_texts_read_back() {
        for kind in MailKind::ALL {
            assert_eq!(kind.as_str().parse::<MailKind>().expect("known"), *kind);
        }
        for state in MailState::ALL {
            assert_eq!(MailQuery::parse(state.as_str(), "").expect("known").state, Some(*state));
        }
        assert_eq!(MailQuery::parse("lost", "").map_err(|problem| problem.field), Err(Some("state".into())));
    }
}
