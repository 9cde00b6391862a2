//! Link tokens: PASETO v4.local, readable and forgeable by nobody without the key, and opened for one account only.

use domain::{AccountId, DeliveryId, Timestamp, VersionId};
use pasetors::{
    Local,
    token::UntrustedToken,
    version4::{LocalToken, V4},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    storage::KeyRing,
};

/// What a link says. It is only ever half the truth: whether the account may still read the version is asked of the
/// database on every request.
///
/// The account is not among the claims. It is the implicit assertion of the token, so that for any other account the
/// token does not even decrypt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LinkClaims {
    /// Names the link in `downloads`.
    pub(super) jti: Uuid,
    /// The portal it was minted by.
    pub(super) aud: String,
    /// No earlier than this.
    pub(super) nbf: Timestamp,
    /// No later than this.
    pub(super) exp: Timestamp,
    /// The version it opens.
    #[serde(rename = "ver")]
    pub(super) version: VersionId,
    /// The delivery that gives it. Links of ops have none, nor have links of before; those are good for whatever gives
    /// access.
    #[serde(rename = "dlv", default, skip_serializing_if = "Option::is_none")]
    pub(super) delivery: Option<DeliveryId>,
    /// The account's epoch at that time.
    pub(super) epoch: i64,
    /// What the token is for; other purposes have tokens of their own.
    #[serde(rename = "use")]
    pub(super) purpose: Purpose,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Purpose {
    /// Reading the bytes of one version.
    Download,
}

#[derive(Serialize, Deserialize)]
struct Footer {
    kid: String,
}

/// No token of ours is longer.
const MAX_LEN: usize = 2048;

/// Encrypts a link for one account. The nonce is the library's, from the operating system's generator.
pub(super) fn seal(keys: &KeyRing, account: AccountId, claims: &LinkClaims) -> Result<String> {
    let failed = |what: &dyn std::fmt::Display| Error::Damaged(format!("link token: {what}"));
    let keys = keys.active();
    let message = serde_json::to_vec(claims).map_err(|error| failed(&error))?;
    let footer = serde_json::to_vec(&Footer { kid: keys.id().to_owned() }).map_err(|error| failed(&error))?;
    LocalToken::encrypt(&keys.link, &message, Some(&footer), Some(assertion(account).as_bytes()))
        .map_err(|error| failed(&error))
}

/// Decrypts a link that was minted for this account; `None` for anything else, without a word about why.
pub(super) fn open(keys: &KeyRing, account: AccountId, token: &str) -> Option<LinkClaims> {
    if token.len() > MAX_LEN {
        return None;
    }
    let untrusted = UntrustedToken::<Local, V4>::try_from(token).ok()?;
    let footer: Footer = serde_json::from_slice(untrusted.untrusted_footer()).ok()?;
    let keys = keys.by_id(&footer.kid)?;
    let trusted = LocalToken::decrypt(&keys.link, &untrusted, None, Some(assertion(account).as_bytes())).ok()?;
    serde_json::from_str(trusted.payload()).ok()
}

fn assertion(account: AccountId) -> String {
    format!("strongroom account {account}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;

    const ANA: &str = "0198c0de-0000-7000-8000-00000000000a";
    const BEN: &str = "0198c0de-0000-7000-8000-00000000000b";

    fn account(id: &str) -> AccountId {
        id.parse().expect("an id")
    }

    fn claims() -> LinkClaims {
        LinkClaims {
            jti: Uuid::try_parse(ANA).expect("an id"),
            aud: "https://portal.example.com".to_owned(),
            nbf: Timestamp::from_millis(1_000),
            exp: Timestamp::from_millis(2_000),
            version: BEN.parse().expect("an id"),
            delivery: Some(ANA.parse().expect("an id")),
            epoch: 3,
            purpose: Purpose::Download,
        }
    }

    fn keys() -> (tempfile::TempDir, KeyRing) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let keys = KeyRing::open(&folder.path().join("keys"), &OsRandom::default()).expect("made");
        (folder, keys)
    }

    #[test]
    fn a_token_opens_for_its_account_alone_and_shows_nothing() {
        let (_folder, keys) = keys();
        let token = seal(&keys, account(ANA), &claims()).expect("sealed");
        assert_eq!(open(&keys, account(ANA), &token), Some(claims()));
        assert_eq!(open(&keys, account(BEN), &token), None);
        assert!(token.starts_with("v4.local.") && !token.contains(BEN));
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')));
    }

    #[test]
    fn a_token_of_before_says_nothing_of_a_delivery_and_opens() {
        let (_folder, keys) = keys();
        let claims = LinkClaims { delivery: None, ..claims() };
        let json = serde_json::to_string(&claims).expect("serialises");
        assert!(!json.contains("dlv"), "{json}");
        let token = seal(&keys, account(ANA), &claims).expect("sealed");
        assert_eq!(open(&keys, account(ANA), &token), Some(claims));
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let (_folder, keys) = keys();
        let token = seal(&keys, account(ANA), &claims()).expect("sealed");
        for place in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).expect("still ASCII");
            assert_eq!(open(&keys, account(ANA), &forged), None, "changed at {place}");
        }
        for nonsense in ["", "v4.local.", "v4.public.AAAA", "../../etc/passwd", &"v4.local.".repeat(1_000)] {
            assert_eq!(open(&keys, account(ANA), nonsense), None);
        }
    }

    #[test]
    fn a_token_for_another_purpose_or_from_another_key_ring_is_nothing() {
        let (_folder, ours) = keys();
        let (_other, theirs) = keys();
        let token = seal(&theirs, account(ANA), &claims()).expect("sealed");
        assert_eq!(open(&ours, account(ANA), &token), None);

        let json = serde_json::to_string(&claims()).expect("serialises").replace("download", "password_reset");
        let footer = format!("{{\"kid\":\"{}\"}}", ours.active().id());
        let assertion = assertion(account(ANA));
        let token = LocalToken::encrypt(
            &ours.active().link,
            json.as_bytes(),
            Some(footer.as_bytes()),
            Some(assertion.as_bytes()),
        )
        .expect("sealed");
        assert_eq!(open(&ours, account(ANA), &token), None);
    }
}
