//! Who may do what. The one place that compares roles.

use domain::{ErrorCode, Problem, Role, Timestamp, delivery::Audience};

use crate::caller::{Caller, Person};

/// Something that is allowed or not by who is asking alone. Which documents a person has access to is decided by
/// deliveries as well (see [`Reach`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// See the documents meant for one, and collect them.
    Collect,
    /// Look after one's own sessions, tokens and password.
    OwnAccount,
    /// Deposit files, and have files inspected and cleaned.
    Deposit,
    /// Read all that the inspection of a document found; without it, what concerns a reader.
    ReadExaminations,
    /// Read to how many people a document was handed over.
    ReadHandovers,
    /// Send deliveries, change their terms and revoke them.
    Deliver,
    /// Read what was delivered to whom.
    ReadDeliveries,
    /// Delete documents.
    Delete,
    /// Read the activity log.
    ReadActivity,
    /// Invite ops and withdraw invitations.
    ManageTeam,
    /// See everybody's account, disable and enable it, end its sessions, revoke its links; look after organisations.
    ManagePeople,
    /// See which mails wait or have failed, and have them sent again.
    ManageMail,
}

/// To which documents a person has access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All of them.
    EveryDocument,
    /// Those that were delivered to one of these audiences, on the terms of the delivery.
    Delivered {
        /// To which.
        audiences: Vec<Audience>,
        /// Since when it belongs to the organisation among them.
        member_since: Option<Timestamp>,
    },
}

impl Permission {
    /// All of them, for the tests of the policy.
    pub const ALL: [Self; 12] = [
        Self::Collect,
        Self::OwnAccount,
        Self::Deposit,
        Self::ReadExaminations,
        Self::ReadHandovers,
        Self::Deliver,
        Self::ReadDeliveries,
        Self::Delete,
        Self::ReadActivity,
        Self::ManageTeam,
        Self::ManagePeople,
        Self::ManageMail,
    ];

    const fn granted_to(self, role: Role) -> bool {
        match self {
            Self::Collect | Self::OwnAccount => true,
            Self::Deposit
            | Self::ReadExaminations
            | Self::ReadHandovers
            | Self::Deliver
            | Self::ReadDeliveries
            | Self::Delete
            | Self::ReadActivity
            | Self::ManageTeam
            | Self::ManagePeople
            | Self::ManageMail => matches!(role, Role::Ops),
        }
    }
}

/// Lets the caller through as a person, or says why not.
///
/// # Errors
/// [`ErrorCode::NotSignedIn`] for nobody, [`ErrorCode::OpsOnly`] for a client who asks for what ops do.
pub fn require(caller: &Caller, permission: Permission) -> Result<&Person, Problem> {
    let person = caller.person().ok_or(ErrorCode::NotSignedIn)?;
    if may(person, permission) { Ok(person) } else { Err(ErrorCode::OpsOnly.into()) }
}

/// Whether a person may do it.
#[must_use]
pub fn may(person: &Person, permission: Permission) -> bool {
    permission.granted_to(person.role())
}

/// The audiences to which a person belongs, or the role that needs none.
#[must_use]
pub fn reach_of(person: &Person) -> Reach {
    match person.role() {
        Role::Ops => Reach::EveryDocument,
        Role::Client => Reach::Delivered {
            audiences: [Audience::Everyone, Audience::Person(person.id())]
                .into_iter()
                .chain(person.membership.map(|membership| Audience::Organisation(membership.organisation)))
                .collect(),
            member_since: person.membership.map(|membership| membership.since),
        },
    }
}
