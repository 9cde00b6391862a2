//! What happened, as data.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Action, PasswordChange, Resent, SessionsEnded, SignInFault, VerificationFault, Withheld};
use crate::{
    delivery::Terms,
    hash::Sha256,
    id::{AccountId, ApiTokenId, DeliveryId, DocumentId, LinkId, OrganisationId, VersionId},
    problem::ErrorCode,
};

/// Something that happened, with all that is needed to track it, and nothing that names a person or a document: names
/// and addresses lie beside it, so that they can be erased and it can stay.
///
/// As JSON, the `event` is the text of its [`Action`] or begins with it ([`Further`](Self::Further) has it in a field),
/// and the fields are stored for good: they may become more, and never mean something else.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "event")]
pub enum Event {
    /// Someone filled in the sign-up form.
    #[serde(rename = "account.signed_up")]
    SignedUp,
    /// A sign-up for an address that has an account already.
    #[serde(rename = "account.sign_up_repeated")]
    SignUpRepeated,
    /// An address was confirmed and the account exists.
    #[serde(rename = "account.verified")]
    Verified,
    /// A proof of an address was refused.
    #[serde(rename = "account.verification_failed")]
    VerificationFailed {
        /// What is wrong with it.
        because: VerificationFault,
    },
    /// A password reset was asked for.
    #[serde(rename = "account.reset_requested")]
    ResetRequested,
    /// A password was changed or reset.
    #[serde(rename = "account.password_changed")]
    PasswordChanged {
        /// On what grounds.
        by: PasswordChange,
    },
    /// An ops account came to be.
    #[serde(rename = "account.ops_created")]
    OpsCreated,
    /// One of ops invited another.
    #[serde(rename = "account.ops_invited")]
    OpsInvited,
    /// An invitation was withdrawn.
    #[serde(rename = "account.invitation_withdrawn")]
    InvitationWithdrawn,
    /// Somebody's account was disabled.
    #[serde(rename = "account.disabled")]
    AccountDisabled {
        /// Whose.
        account: AccountId,
    },
    /// Somebody's account was enabled again.
    #[serde(rename = "account.enabled")]
    AccountEnabled {
        /// Whose.
        account: AccountId,
    },
    /// Somebody's sessions and tokens were ended by another.
    #[serde(rename = "account.signed_out")]
    SignedOutByOps {
        /// Whose.
        account: AccountId,
    },
    /// A session or a token began.
    #[serde(rename = "session.started")]
    SignedIn,
    /// A sign-in was refused.
    #[serde(rename = "session.refused")]
    SignInFailed {
        /// Why.
        because: SignInFault,
    },
    /// Sessions were ended by their owner.
    #[serde(rename = "session.ended")]
    SignedOut {
        /// Which.
        sessions: SessionsEnded,
    },
    /// A bearer token was made.
    #[serde(rename = "token.created")]
    TokenCreated {
        /// Which.
        token: ApiTokenId,
    },
    /// A bearer token was revoked.
    #[serde(rename = "token.revoked")]
    TokenRevoked {
        /// Which.
        token: ApiTokenId,
    },
    /// A file became a version of a document.
    #[serde(rename = "document.deposited")]
    Deposited {
        /// The document.
        document: DocumentId,
        /// Its version.
        version: VersionId,
        /// Which one of the document's versions, from 1.
        number: u32,
        /// Bytes of the file.
        size: u64,
        /// The hash of the file.
        sha256: Sha256,
        /// The delivery by which it is given at once, if it is; that of rows of before has the id of the document.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delivery: Option<DeliveryId>,
    },
    /// A file was refused.
    #[serde(rename = "document.refused")]
    UploadRefused {
        /// The code of the finding that decided.
        code: String,
    },
    /// The inspection before sending and the one on arrival said different things of the same file.
    #[serde(rename = "document.inspection_differed")]
    InspectionDiffered {
        /// What the sender's said: the verdict, and codes.
        browser: String,
        /// What ours said.
        server: String,
    },
    /// A document was deleted and its keys destroyed.
    #[serde(rename = "document.deleted")]
    Deleted {
        /// Which.
        document: DocumentId,
    },
    /// Documents were delivered.
    #[serde(rename = "delivery.sent")]
    Delivered {
        /// The delivery.
        delivery: DeliveryId,
        /// What is in it.
        documents: Vec<DocumentId>,
        /// How many audiences it has; its own rows name them.
        audiences: u64,
        /// Whether everyone is among them.
        everyone: bool,
        /// On which terms.
        #[serde(flatten)]
        terms: Terms,
    },
    /// The terms of a delivery were changed.
    #[serde(rename = "delivery.changed")]
    DeliveryChanged {
        /// Which.
        delivery: DeliveryId,
        /// To which.
        #[serde(flatten)]
        terms: Terms,
    },
    /// A delivery was revoked.
    #[serde(rename = "delivery.revoked")]
    DeliveryRevoked {
        /// Which.
        delivery: DeliveryId,
    },
    /// An organisation came to be.
    #[serde(rename = "organisation.created")]
    OrganisationCreated {
        /// Which.
        organisation: OrganisationId,
    },
    /// An organisation was given another name.
    #[serde(rename = "organisation.renamed")]
    OrganisationRenamed {
        /// Which.
        organisation: OrganisationId,
    },
    /// A person was put into an organisation, or out of one.
    #[serde(rename = "organisation.person_moved")]
    PersonMoved {
        /// Who.
        account: AccountId,
        /// Into which; none when they belong to none now.
        organisation: Option<OrganisationId>,
    },
    /// A link was minted.
    #[serde(rename = "link.minted")]
    LinkMinted {
        /// The document.
        document: DocumentId,
        /// Its version.
        version: VersionId,
        /// The link; it opens nothing.
        link: LinkId,
        /// The delivery that gives it; none where the role does, or nobody has noted it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delivery: Option<DeliveryId>,
    },
    /// Links were minted for what a list shows.
    #[serde(rename = "link.minted_for_list")]
    LinksMinted {
        /// How many.
        documents: u64,
    },
    /// Every link of an account was revoked.
    #[serde(rename = "link.revoked")]
    LinksRevoked {
        /// Whose.
        account: AccountId,
    },
    /// Bytes began to flow.
    #[serde(rename = "download.started")]
    DownloadStarted {
        /// The document.
        document: DocumentId,
        /// Its version.
        version: VersionId,
        /// Bytes of it.
        size: u64,
        /// Which of them are sent.
        range: Range<u64>,
        /// The delivery that gives them, as in the link.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delivery: Option<DeliveryId>,
    },
    /// Every byte was taken by connections of the account.
    #[serde(rename = "download.handed_over")]
    HandedOver {
        /// The document.
        document: DocumentId,
        /// Its version.
        version: VersionId,
        /// Bytes of it.
        size: u64,
        /// The delivery that gave the last of them, as in the link.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delivery: Option<DeliveryId>,
    },
    /// A link, a document or an action was refused to the asker.
    #[serde(rename = "access.denied")]
    Denied {
        /// The document that was asked for, if one was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<DocumentId>,
        /// What the asker was told.
        code: ErrorCode,
    },
    /// A request that another site had sent was refused.
    #[serde(rename = "access.cross_site")]
    CrossSite,
    /// A request for mail was refused because there were too many.
    #[serde(rename = "access.throttled")]
    Throttled,
    /// A mail could not be delivered after every attempt.
    #[serde(rename = "mail.failed")]
    MailFailed,
    /// Ops had mail sent again, or tried at once.
    #[serde(rename = "mail.resent")]
    MailResent {
        /// Which.
        mails: Resent,
    },
    /// Strangers have caused enough mail to an address today.
    #[serde(rename = "mail.withheld")]
    MailWithheld {
        /// Enough of what.
        because: Withheld,
    },
    /// The command line made a fresh master key the active one.
    #[serde(rename = "keys.rotated")]
    KeysRotated {
        /// Its id.
        key: String,
    },
    /// Keys of versions were wrapped anew, under the active master key.
    #[serde(rename = "keys.rotated_versions")]
    VersionsRewrapped {
        /// Its id.
        key: String,
        /// How many.
        versions: u64,
        /// How many could not be.
        failed: u64,
    },
    /// An account went on with something of which it has had as many rows in the hour as it gets.
    #[serde(rename = "further")]
    Further {
        /// With what.
        of: Action,
    },
}

/// What an event is about, by id: what lists and tracking look rows up by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ids {
    /// The document.
    pub document: Option<DocumentId>,
    /// Its version.
    pub version: Option<VersionId>,
    /// The delivery that gives it.
    pub delivery: Option<DeliveryId>,
    /// The account that something was done to; who did it is told apart.
    pub account: Option<AccountId>,
}

impl Event {
    /// What kind of event it is.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::SignedUp => Action::SignedUp,
            Self::SignUpRepeated => Action::SignUpRepeated,
            Self::Verified => Action::Verified,
            Self::VerificationFailed { .. } => Action::VerificationFailed,
            Self::ResetRequested => Action::ResetRequested,
            Self::PasswordChanged { .. } => Action::PasswordChanged,
            Self::OpsCreated => Action::OpsCreated,
            Self::OpsInvited => Action::OpsInvited,
            Self::InvitationWithdrawn => Action::InvitationWithdrawn,
            Self::AccountDisabled { .. } => Action::AccountDisabled,
            Self::AccountEnabled { .. } => Action::AccountEnabled,
            Self::SignedOutByOps { .. } => Action::SignedOutByOps,
            Self::SignedIn => Action::SignedIn,
            Self::SignInFailed { .. } => Action::SignInFailed,
            Self::SignedOut { .. } => Action::SignedOut,
            Self::TokenCreated { .. } => Action::TokenCreated,
            Self::TokenRevoked { .. } => Action::TokenRevoked,
            Self::Deposited { .. } => Action::Deposited,
            Self::UploadRefused { .. } => Action::UploadRefused,
            Self::InspectionDiffered { .. } => Action::InspectionDiffered,
            Self::Deleted { .. } => Action::Deleted,
            Self::Delivered { .. } => Action::Delivered,
            Self::DeliveryChanged { .. } => Action::DeliveryChanged,
            Self::DeliveryRevoked { .. } => Action::DeliveryRevoked,
            Self::OrganisationCreated { .. } => Action::OrganisationCreated,
            Self::OrganisationRenamed { .. } => Action::OrganisationRenamed,
            Self::PersonMoved { .. } => Action::PersonMoved,
            Self::LinkMinted { .. } | Self::LinksMinted { .. } => Action::LinkMinted,
            Self::LinksRevoked { .. } => Action::LinksRevoked,
            Self::DownloadStarted { .. } => Action::DownloadStarted,
            Self::HandedOver { .. } => Action::HandedOver,
            Self::Denied { .. } => Action::Denied,
            Self::CrossSite => Action::CrossSite,
            Self::Throttled => Action::Throttled,
            Self::MailFailed => Action::MailFailed,
            Self::MailResent { .. } => Action::MailResent,
            Self::MailWithheld { .. } => Action::MailWithheld,
            Self::KeysRotated { .. } | Self::VersionsRewrapped { .. } => Action::KeysRotated,
            Self::Further { of } => *of,
        }
    }

    /// What it is about.
    #[must_use]
    pub const fn ids(&self) -> Ids {
        const NONE: Ids = Ids { document: None, version: None, delivery: None, account: None };
        match *self {
            Self::AccountDisabled { account }
            | Self::AccountEnabled { account }
            | Self::SignedOutByOps { account }
            | Self::PersonMoved { account, .. }
            | Self::LinksRevoked { account } => Ids { account: Some(account), ..NONE },
            Self::Delivered { delivery, .. }
            | Self::DeliveryChanged { delivery, .. }
            | Self::DeliveryRevoked { delivery } => Ids { delivery: Some(delivery), ..NONE },
            Self::Deposited { document, version, delivery, .. }
            | Self::LinkMinted { document, version, delivery, .. }
            | Self::DownloadStarted { document, version, delivery, .. }
            | Self::HandedOver { document, version, delivery, .. } => {
                Ids { document: Some(document), version: Some(version), delivery, account: None }
            }
            Self::Deleted { document } => Ids { document: Some(document), ..NONE },
            Self::Denied { document, .. } => Ids { document, ..NONE },
            _ => NONE,
        }
    }

    /// What its kind does not say, in short words; often there is nothing to add.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::VerificationFailed { because } => because.words().to_owned(),
            Self::PasswordChanged { by: PasswordChange::ResetLink } => "by reset link".to_owned(),
            Self::SignInFailed { because } => because.words().to_owned(),
            Self::SignedOut { sessions: SessionsEnded::Others } => "other sessions".to_owned(),
            Self::Deposited { number, size, .. } => format!("version {number}, {size} bytes"),
            Self::UploadRefused { code } => code.clone(),
            Self::InspectionDiffered { browser, server } => format!("browser {browser}; server {server}"),
            Self::Delivered { documents, audiences, .. } => {
                format!("documents: {}, recipients: {audiences}", documents.len())
            }
            Self::LinkMinted { link, .. } => format!("link {link}"),
            Self::LinksMinted { .. } => "with a list".to_owned(),
            Self::DownloadStarted { size, range, .. } => format!("bytes {}–{} of {size}", range.start, range.end),
            Self::HandedOver { size, .. } => format!("{size} bytes"),
            Self::Denied { code, .. } => code.as_str().to_owned(),
            Self::MailResent { mails: Resent::Failed(count) } => format!("{count} that had failed"),
            Self::MailResent { mails: Resent::Waiting(count) } => format!("{count} that waited"),
            Self::MailWithheld { because } => because.words().to_owned(),
            Self::KeysRotated { key } => format!("key {key}, by the command line"),
            Self::VersionsRewrapped { key, versions, failed: 0 } => format!("{versions} versions are under key {key}"),
            Self::VersionsRewrapped { key, versions, failed } => {
                format!("{versions} versions are under key {key}, {failed} could not be")
            }
            Self::Further { .. } => "further ones in the same hour".to_owned(),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> DocumentId {
        "0198c0de-0000-7000-8000-000000000001".parse().expect("an id")
    }

    fn version() -> VersionId {
        "0198c0de-0000-7000-8000-000000000002".parse().expect("an id")
    }

    fn delivery() -> DeliveryId {
        "0198c0de-0000-7000-8000-000000000004".parse().expect("an id")
    }

    /// One of each shape; what is stored of it, and what people read.
    fn samples() -> Vec<(Event, &'static str, &'static str)> {
        let account = "0198c0de-0000-7000-8000-000000000003".parse().expect("an id");
        let deposited = Event::Deposited {
            document: document(),
            version: version(),
            number: 1,
            size: 384_707,
            sha256: Sha256::new([0xab; 32]),
            delivery: None,
        };
        vec![
            (Event::SignedUp, r#"{"event":"account.signed_up"}"#, ""),
            (
                Event::SignInFailed { because: SignInFault::WrongPassword },
                r#"{"because":"wrong_password","event":"session.refused"}"#,
                "wrong password",
            ),
            (
                deposited,
                r#"{"document":"0198c0de-0000-7000-8000-000000000001","event":"document.deposited","number":1,"sha256":"abababababababababababababababababababababababababababababababab","size":384707,"version":"0198c0de-0000-7000-8000-000000000002"}"#,
                "version 1, 384707 bytes",
            ),
            (
                Event::DownloadStarted {
                    document: document(),
                    version: version(),
                    size: 10,
                    range: 2..7,
                    delivery: None,
                },
                r#"{"document":"0198c0de-0000-7000-8000-000000000001","event":"download.started","range":{"end":7,"start":2},"size":10,"version":"0198c0de-0000-7000-8000-000000000002"}"#,
                "bytes 2–7 of 10",
            ),
            (
                Event::HandedOver { document: document(), version: version(), size: 10, delivery: Some(delivery()) },
                r#"{"delivery":"0198c0de-0000-7000-8000-000000000004","document":"0198c0de-0000-7000-8000-000000000001","event":"download.handed_over","size":10,"version":"0198c0de-0000-7000-8000-000000000002"}"#,
                "10 bytes",
            ),
            (Event::LinksMinted { documents: 50 }, r#"{"documents":50,"event":"link.minted_for_list"}"#, "with a list"),
            (
                Event::Denied { document: None, code: ErrorCode::NotFound },
                r#"{"code":"not_found","event":"access.denied"}"#,
                "not_found",
            ),
            (
                Event::AccountDisabled { account },
                r#"{"account":"0198c0de-0000-7000-8000-000000000003","event":"account.disabled"}"#,
                "",
            ),
            (
                Event::MailResent { mails: Resent::Failed(3) },
                r#"{"event":"mail.resent","mails":{"failed":3}}"#,
                "3 that had failed",
            ),
            (
                Event::KeysRotated { key: "0123456789abcdef".to_owned() },
                r#"{"event":"keys.rotated","key":"0123456789abcdef"}"#,
                "key 0123456789abcdef, by the command line",
            ),
            (
                Event::VersionsRewrapped { key: "0123456789abcdef".to_owned(), versions: 2, failed: 1 },
                r#"{"event":"keys.rotated_versions","failed":1,"key":"0123456789abcdef","versions":2}"#,
                "2 versions are under key 0123456789abcdef, 1 could not be",
            ),
            (
                Event::Further { of: Action::LinkMinted },
                r#"{"event":"further","of":"link.minted"}"#,
                "further ones in the same hour",
            ),
        ]
    }

    #[test]
    fn what_is_stored_reads_back_and_never_changes() {
        for (event, stored, words) in samples() {
            assert_eq!(serde_json::to_value(&event).expect("serialises"), json(stored));
            assert_eq!(serde_json::from_str::<Event>(stored).expect("reads back"), event);
            assert_eq!(event.detail(), words);
        }
    }

    #[test]
    fn the_text_of_an_event_begins_with_that_of_its_kind() {
        for (event, ..) in samples() {
            let stored = serde_json::to_value(&event).expect("serialises");
            let kind = if let Event::Further { .. } = event { &stored["of"] } else { &stored["event"] };
            assert!(kind.as_str().expect("a text").starts_with(event.action().as_str()), "{stored}");
        }
    }

    #[test]
    fn what_an_event_is_about_is_found_by_its_ids() {
        let by = Some(delivery());
        let handed_over = Event::HandedOver { document: document(), version: version(), size: 1, delivery: by };
        let all = Ids { document: Some(document()), version: Some(version()), delivery: by, account: None };
        assert_eq!(handed_over.ids(), all);
        assert_eq!(Event::Deleted { document: document() }.ids(), Ids { version: None, delivery: None, ..all });
        assert_eq!(Event::SignedIn.ids(), Ids::default());
    }

    fn json(text: &str) -> serde_json::Value {
        serde_json::from_str(text).expect("JSON")
    }
}
