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
mod organisations;
mod passwords;
mod people;
mod secrets;
mod sign_in;
mod sign_up;
mod team;

use std::sync::Arc;

use domain::{AccountId, Email, PersonName, Role, Timestamp};
use sqlx::FromRow;

use crate::{
    core::Core,
    db::Tx,
    error::Result,
    naming::{folded_lines, sort_key},
};

pub use admission::Admission;
pub use confirm::Chosen;
pub use expiry::KNOWN_FOR;
pub use hasher::PasswordHasher;
pub use organisations::Organisations;
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
#[derive(FromRow)]
struct Credentials {
    id: AccountId,
    password_hash: String,
    #[sqlx(rename = "credential_epoch")]
    epoch: i64,
    disabled_at: Option<Timestamp>,
}

impl Core {
    /// Inserts an account; `None` when the address has one already.
    async fn create_account(&self, tx: &mut Tx, new: NewAccount<'_>) -> Result<Option<AccountId>> {
        let id = AccountId::new(self.uuid());
        let inserted = sqlx::query(
            "INSERT INTO accounts (id, email, name, role, password_hash, link_epoch, created_at, search, name_sort) \
             VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8) ON CONFLICT (email) DO NOTHING",
        )
        .bind(id)
        .bind(new.email)
        .bind(new.name)
        .bind(new.role)
        .bind(new.password_hash)
        .bind(self.now())
        .bind(folded_lines(&[new.name.as_str(), new.email.as_str()]))
        .bind(sort_key(new.name.as_str()))
        .execute(&mut **tx)
        .await?;
        Ok((inserted.rows_affected() == 1).then_some(id))
    }

    async fn credentials(&self, email: &Email) -> Result<Option<Credentials>> {
        Ok(sqlx::query_as("SELECT id, password_hash, credential_epoch, disabled_at FROM accounts WHERE email = $1")
            .bind(email)
            .fetch_optional(self.db.read())
            .await?)
    }
}

/// The statements over accounts that are put together from parts.
#[cfg(test)]
pub(crate) fn statements(query: &domain::people::PeopleQuery) -> Vec<String> {
    use std::time::Duration;

    let nobody = Email::parse("nobody@example.com").expect("an address");
    let retention = crate::settings::Settings::default().retention;
    let old = expiry::old(Timestamp::from_millis(0), Duration::ZERO, &retention);
    let nil = uuid::Uuid::nil();
    let cursor = "0198c0de-0000-7000-8000-000000000001.a";
    let organisations = domain::organisation::OrganisationQuery::parse("a", cursor, "").expect("valid");
    let sql = [
        people::list_sql(query),
        people::one_sql(AccountId::new(nil)),
        people::find_sql(&nobody),
        organisations::list_sql(&organisations),
        organisations::one_sql(domain::OrganisationId::new(nil)),
    ];
    sql.iter().map(crate::db::Sql::text).chain(old.iter().map(|old| old.statement)).map(str::to_owned).collect()
}
