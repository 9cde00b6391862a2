//! The kinds of events, in words that stay the same.

use crate::named::named;

named! {
    /// Something worth remembering.
    #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
    Action on "action" {
        /// Someone filled in the sign-up form.
        SignedUp = "account.signed_up", "Signed up";
        /// A sign-up for an address that has an account already; its owner was told by mail.
        SignUpRepeated = "account.sign_up_repeated", "Signed up again";
        /// An address was confirmed and the account exists.
        Verified = "account.verified", "Verified address";
        /// A wrong or spent verification code or link.
        VerificationFailed = "account.verification_failed", "Verification failed";
        /// A password reset was asked for.
        ResetRequested = "account.reset_requested", "Asked for a password reset";
        /// A password was changed or reset.
        PasswordChanged = "account.password_changed", "Changed password";
        /// An ops account came to be: by set-up link, command line or invitation.
        OpsCreated = "account.ops_created", "Ops account created";
        /// One of ops invited another.
        OpsInvited = "account.ops_invited", "Invited to ops";
        /// An invitation was withdrawn.
        InvitationWithdrawn = "account.invitation_withdrawn", "Withdrew invitation";
        /// Somebody's account was disabled.
        AccountDisabled = "account.disabled", "Disabled account";
        /// Somebody's account was enabled again.
        AccountEnabled = "account.enabled", "Enabled account";
        /// Somebody's sessions and tokens were ended by another.
        SignedOutByOps = "account.signed_out", "Signed out everywhere";
        /// A session began.
        SignedIn = "session.started", "Signed in";
        /// A sign-in was refused.
        SignInFailed = "session.refused", "Sign-in failed";
        /// A session was ended by its owner.
        SignedOut = "session.ended", "Signed out";
        /// A bearer token was made.
        TokenCreated = "token.created", "API token created";
        /// A bearer token was revoked.
        TokenRevoked = "token.revoked", "API token revoked";
        /// A file became a document.
        Deposited = "document.deposited", "Deposited";
        /// A file was refused.
        UploadRefused = "document.refused", "Upload refused";
        /// The inspection before sending and the one on arrival said different things of the same file.
        InspectionDiffered = "document.inspection_differed", "Inspections differ";
        /// A document was deleted and its key destroyed.
        Deleted = "document.deleted", "Deleted";
        /// Documents were delivered.
        Delivered = "delivery.sent", "Delivered";
        /// The terms of a delivery were changed.
        DeliveryChanged = "delivery.changed", "Delivery changed";
        /// A delivery was revoked.
        DeliveryRevoked = "delivery.revoked", "Delivery revoked";
        /// An organisation came to be.
        OrganisationCreated = "organisation.created", "Organisation created";
        /// An organisation was given another name.
        OrganisationRenamed = "organisation.renamed", "Organisation renamed";
        /// A person was put into an organisation, or out of one.
        PersonMoved = "organisation.person_moved", "Person moved";
        /// A link was minted.
        LinkMinted = "link.minted", "Link minted";
        /// Every link of an account was revoked.
        LinksRevoked = "link.revoked", "Revoked all links";
        /// Bytes began to flow.
        DownloadStarted = "download.started", "Download started";
        /// Every byte was taken by connections of the account. That it arrived is for its reader to say.
        HandedOver = "download.handed_over", "Handed over";
        /// Every byte was sent: how far it was counted before it was known what a connection has taken.
        SentWhole = "download.completed", "Sent whole";
        /// A link or document was refused to the asker.
        Denied = "access.denied", "Denied";
        /// A request that another site had sent was refused.
        CrossSite = "access.cross_site", "Refused from another site";
        /// A request for mail was refused because there were too many.
        Throttled = "access.throttled", "Slowed down";
        /// A mail could not be delivered after every attempt.
        MailFailed = "mail.failed", "Mail failed";
        /// Ops had mail sent again, or tried at once.
        MailResent = "mail.resent", "Mail sent again";
        /// A fresh master key became active, or keys of documents were wrapped anew.
        KeysRotated = "keys.rotated", "Rotated master key";
        /// Strangers have caused enough mail to an address today; more is not sent.
        MailWithheld = "mail.withheld", "Mail withheld";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_texts_are_unique_and_read_back() {
        for action in Action::ALL {
            assert_eq!(action.as_str().parse::<Action>().expect("known"), *action);
        }
        assert!("account.became_root".parse::<Action>().is_err());
    }
}
