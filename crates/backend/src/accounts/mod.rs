//! People: signing up, proving an address, signing in, passwords, and the ops team.
//!
//! A sign-up is a row of its own until its address is proven; only then does an account exist. So an
//! address that nobody has verified reserves nothing, and nobody can prepare an account for a
//! stranger's address and wait for them to verify it.

mod admission;
mod common_passwords;
mod confirm;
mod expiry;
mod hasher;
mod known;
mod links;
mod passwords;
mod people;
mod secrets;
mod sign_in;
mod sign_up;
mod team;

use std::sync::Arc;

use domain::{AccountId, Email, PersonName, Role, Timestamp};

use crate::{
    core::Core,
    db::Tx,
    error::{Error, Result},
    naming::{folded_lines, sort_key},
};

pub use admission::Admission;
pub use confirm::Chosen;
pub use expiry::KNOWN_FOR;
pub use hasher::PasswordHasher;
pub(crate) use passwords::RESET_LIFE;
pub use people::{People, Steward};
pub use secrets::hash_secret;
pub(crate) use team::INVITATION_LIFE;
pub use team::Team;

/// Sign-up, verification, sign-in and passwords.
#[derive(Clone)]
pub struct Accounts {
    core: Arc<Core>,
}

impl Accounts {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }
}

/// An account about to exist.
struct NewAccount<'a> {
    email: &'a Email,
    name: &'a PersonName,
    role: Role,
    password_hash: &'a str,
}

/// What signing in and changing a password need of an account.
struct Credentials {
    id: AccountId,
    password_hash: String,
    epoch: i64,
    disabled: bool,
}

impl Core {
    /// Inserts an account; `None` when the address has one already.
    async fn create_account(&self, tx: &mut Tx, new: NewAccount<'_>) -> Result<Option<AccountId>> {
        let id = AccountId::new(self.uuid());
        let inserted = sqlx::query(
            "INSERT INTO accounts (id, email, name, role, password_hash, link_epoch, created_at, search, name_sort) \
             VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8) ON CONFLICT (email) DO NOTHING",
        )
        .bind(id.to_string())
        .bind(new.email.as_str())
        .bind(new.name.as_str())
        .bind(new.role.as_str())
        .bind(new.password_hash)
        .bind(self.now().millis())
        .bind(folded_lines(&[new.name.as_str(), new.email.as_str()]))
        .bind(sort_key(new.name.as_str()))
        .execute(&mut **tx)
        .await?;
        Ok((inserted.rows_affected() == 1).then_some(id))
    }

    async fn credentials(&self, email: &Email) -> Result<Option<Credentials>> {
        let row: Option<(String, String, i64, Option<i64>)> =
            sqlx::query_as("SELECT id, password_hash, credential_epoch, disabled_at FROM accounts WHERE email = $1")
                .bind(email.as_str())
                .fetch_optional(self.db.read())
                .await?;
        row.map(|(id, password_hash, epoch, disabled_at)| {
            Ok(Credentials { id: parse_id(&id)?, password_hash, epoch, disabled: disabled_at.is_some() })
        })
        .transpose()
    }
}

/// An id out of a column that only ever holds ids.
pub(crate) fn parse_id<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::Damaged(format!("the id {text:?}")))
}

/// An address out of a column that only ever holds addresses.
pub(crate) fn parse_email(text: &str) -> Result<Email> {
    Email::parse(text).map_err(|_| Error::Damaged("an address".to_owned()))
}

/// A name out of a column that only ever holds names.
pub(crate) fn parse_name(text: &str) -> Result<PersonName> {
    PersonName::kept(text).map_err(|_| Error::Damaged("a name".to_owned()))
}

/// A role out of a column that only ever holds roles.
pub(crate) fn parse_role(text: &str) -> Result<Role> {
    Role::from_name(text).ok_or_else(|| Error::Damaged(format!("the role {text:?}")))
}

/// A moment out of a column.
pub(crate) fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}
