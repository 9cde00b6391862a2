//! What an account knows: browsers by a cookie, networks by their address. Tries at its password from there are
//! counted apart from those of strangers, so that nobody can lock its owner out by guessing (ASVS V6.1.1).

use domain::{AccountId, Email, PlainSecret, Timestamp};

use super::hash_secret;
use crate::{
    caller::{Device, Origin},
    core::Core,
    db::Tx,
    error::Result,
    throttle::{Count, SIGN_IN_ACCOUNT, SIGN_IN_ADDRESS},
};

/// Browsers that one account knows; the ones used longest ago are forgotten beyond.
const DEVICES: i64 = 50;

/// One try at the password of an account, as it is counted.
pub(super) struct Try {
    account: Count,
    network: Option<Count>,
}

impl Try {
    /// A try by a browser or token that is signed in to the account: its own affair.
    pub(super) fn of_credential(email: &Email, credential: &str) -> Self {
        Self { account: SIGN_IN_ACCOUNT.count(&format!("{email} by {credential}")), network: None }
    }

    pub(super) fn counts(&self) -> Vec<Count> {
        [Some(self.account.clone()), self.network.clone()].into_iter().flatten().collect()
    }
}

impl Core {
    /// How a try at the password of `email` is counted.
    ///
    /// A known device has a count of its own and nothing else to wait for: behind a shared address, or a proxy that
    /// is not configured, everybody has the network of the guesser. A known network without a known device has a
    /// count of its own for this account, and shares the one of its network. Strangers share both.
    pub(super) async fn password_try(&self, email: &Email, origin: &Origin) -> Result<Try> {
        if let Device::Browser(Some(secret)) = &origin.device {
            let hash = hash_secret(secret);
            if self.knows_device(email, &hash).await? {
                return Ok(Try::of_credential(email, &hash));
            }
        }
        let Some(network) = origin.group() else {
            return Ok(Try { account: SIGN_IN_ACCOUNT.count(email.as_str()), network: None });
        };
        let account = match self.knows_network(email, &network).await? {
            true => SIGN_IN_ACCOUNT.count(&format!("{email} from {network}")),
            false => SIGN_IN_ACCOUNT.count(email.as_str()),
        };
        Ok(Try { account, network: Some(SIGN_IN_ADDRESS.count(&network)) })
    }

    /// Takes the counted try back and forgets the account's earlier failures, as far as they were counted with it.
    pub(super) async fn forgive(&self, tx: &mut Tx, tried: &Try) -> Result<()> {
        self.forget_failures(tx, &tried.account).await?;
        self.take_back_in(tx, tried.network.as_slice()).await
    }

    /// Remembers that the owner of an account was here: the network, and the browser if it is one. Answers with the
    /// secret that the browser keeps.
    pub(super) async fn remember(
        &self,
        tx: &mut Tx,
        account: AccountId,
        origin: &Origin,
    ) -> Result<Option<PlainSecret>> {
        if let Some(network) = origin.group() {
            self.remember_network(tx, account, &network).await?;
        }
        match &origin.device {
            Device::Program => Ok(None),
            Device::Browser(presented) => self.remember_device(tx, account, presented.as_ref()).await.map(Some),
        }
    }

    async fn remember_network(&self, tx: &mut Tx, account: AccountId, network: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO known_addresses (account_id, address, seen_at) VALUES ($1, $2, $3) \
             ON CONFLICT (account_id, address) DO UPDATE SET seen_at = $3",
        )
        .bind(account)
        .bind(network)
        .bind(self.now())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// A browser has one secret for every account that is used in it. A secret that no account knows is not adopted:
    /// somebody else may have put it there.
    async fn remember_device(
        &self,
        tx: &mut Tx,
        account: AccountId,
        presented: Option<&PlainSecret>,
    ) -> Result<PlainSecret> {
        let known: Option<Timestamp> = sqlx::query_scalar(
            "SELECT seen_at FROM known_devices WHERE secret_hash = $1 ORDER BY seen_at DESC LIMIT 1",
        )
        .bind(presented.map(hash_secret))
        .fetch_optional(&mut **tx)
        .await?;
        let secret = presented.filter(|_| known.is_some()).cloned().unwrap_or_else(|| self.new_secret());
        sqlx::query(
            "INSERT INTO known_devices (account_id, secret_hash, seen_at) VALUES ($1, $2, $3) \
             ON CONFLICT (account_id, secret_hash) DO UPDATE SET seen_at = $3",
        )
        .bind(account)
        .bind(hash_secret(&secret))
        .bind(self.now())
        .execute(&mut **tx)
        .await?;
        sqlx::query(
            "DELETE FROM known_devices WHERE account_id = $1 AND secret_hash NOT IN (SELECT secret_hash \
             FROM known_devices WHERE account_id = $1 ORDER BY seen_at DESC, secret_hash LIMIT $2)",
        )
        .bind(account)
        .bind(DEVICES)
        .execute(&mut **tx)
        .await?;
        Ok(secret)
    }

    /// Forgets every browser of an account: one of them may not have been its owner's.
    pub(super) async fn forget_devices(&self, tx: &mut Tx, account: AccountId) -> Result<()> {
        sqlx::query("DELETE FROM known_devices WHERE account_id = $1").bind(account).execute(&mut **tx).await?;
        Ok(())
    }

    async fn knows_device(&self, email: &Email, secret_hash: &str) -> Result<bool> {
        let known: Option<Timestamp> = sqlx::query_scalar(
            "SELECT k.seen_at FROM known_devices k JOIN accounts a ON a.id = k.account_id \
             WHERE a.email = $1 AND k.secret_hash = $2",
        )
        .bind(email)
        .bind(secret_hash)
        .fetch_optional(self.db.read())
        .await?;
        Ok(known.is_some())
    }

    async fn knows_network(&self, email: &Email, network: &str) -> Result<bool> {
        let known: Option<Timestamp> = sqlx::query_scalar(
            "SELECT k.seen_at FROM known_addresses k JOIN accounts a ON a.id = k.account_id \
             WHERE a.email = $1 AND k.address = $2",
        )
        .bind(email)
        .bind(network)
        .fetch_optional(self.db.read())
        .await?;
        Ok(known.is_some())
    }
}
