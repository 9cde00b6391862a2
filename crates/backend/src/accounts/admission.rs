//! The ground on which sessions and tokens are made.

use domain::{AccountId, PlainSecret};
use serde::{Deserialize, Serialize};

use crate::{core::Core, db::Tx, error::Result};

/// Somebody has just proven to be the holder of an account: by its password, by a mail, by an invitation, or by a
/// credential that lives.
///
/// It holds for the epoch under which that was checked. When the account's credentials end meanwhile (a new password,
/// a disabled account), nothing can be made of it any more. The cookie layer writes it into the data of a session and
/// reads it back; nothing else makes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admission {
    account: AccountId,
    epoch: i64,
    #[serde(skip)]
    device: Option<PlainSecret>,
}

impl Admission {
    pub(crate) fn under(account: AccountId, epoch: i64) -> Self {
        Self { account, epoch, device: None }
    }

    pub(super) fn with_device(mut self, device: Option<PlainSecret>) -> Self {
        self.device = device;
        self
    }

    /// Whose it is.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The epoch of the account's credentials when it was checked.
    pub(crate) fn epoch(&self) -> i64 {
        self.epoch
    }

    /// The secret by which the account knows this browser from now on; a program has none.
    #[must_use]
    pub fn device(&self) -> Option<&PlainSecret> {
        self.device.as_ref()
    }
}

impl Core {
    /// Counts the account's epoch up: what was checked under the earlier one is void, whether it is a session or a
    /// token already or still on its way. Takes the lock of the account's row, so it comes first in a transaction.
    pub(crate) async fn next_epoch(&self, tx: &mut Tx, account: AccountId) -> Result<i64> {
        let epoch = sqlx::query_scalar(
            "UPDATE accounts SET credential_epoch = credential_epoch + 1 WHERE id = $1 RETURNING credential_epoch",
        )
        .bind(account)
        .fetch_one(&mut **tx)
        .await?;
        Ok(epoch)
    }
}
