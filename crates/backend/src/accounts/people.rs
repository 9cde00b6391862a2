//! Looking after other people's accounts: listing them, disabling and enabling, ending what is signed in, revoking
//! links. By ops in the portal, or by whoever has the command line of its machine.

use std::sync::Arc;

use domain::{
    AccountId, Email, ErrorCode, Page, Role, Timestamp,
    activity::Event,
    people::{AccountState, Measure, PeopleQuery, PersonRow},
};
use sqlx::FromRow;

use super::{moment, parse_email, parse_id, parse_name, parse_role};
use crate::{
    activity::{Entry, page},
    caller::{Caller, Origin, Person},
    core::Core,
    db::{Sql, Tx, work},
    error::Result,
    naming::{like_pattern, sort_key},
    policy::{self, Permission},
};

/// Looks after accounts.
#[derive(Clone)]
pub struct People {
    core: Arc<Core>,
}

/// On whose word it is done.
#[derive(Clone, Copy, Debug)]
pub enum Steward<'a> {
    /// Somebody who asks the portal, and has to be one of ops.
    Caller(&'a Caller),
    /// Whoever can run its program on its machine, and so can do anything.
    CommandLine,
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    email: String,
    role: String,
    created_at: i64,
    signed_in_at: Option<i64>,
    disabled_at: Option<i64>,
}

/// An account to which something is done, as it is in the transaction that does it.
struct Target {
    id: AccountId,
    email: String,
    role: Role,
    disabled: bool,
}

const COLUMNS: &str = "SELECT id, name, email, role, created_at, signed_in_at, disabled_at FROM accounts WHERE 1 = 1";

impl People {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// A page of accounts, by name.
    ///
    /// # Errors
    /// Not one of ops.
    pub async fn list(&self, by: Steward<'_>, query: &PeopleQuery) -> Result<Page<PersonRow>> {
        by.admit()?;
        let mut sql = Sql::new(COLUMNS);
        if let Some(role) = query.role {
            sql.push(" AND role = ").bind(role.as_str().to_owned());
        }
        match query.state {
            Some(AccountState::Active) => _ = sql.push(" AND disabled_at IS NULL"),
            Some(AccountState::Disabled) => _ = sql.push(" AND disabled_at IS NOT NULL"),
            None => {}
        }
        if !query.q.is_empty() {
            sql.push(" AND search LIKE ").bind(like_pattern(&query.q)).push(" ESCAPE '\\'");
        }
        if let Some(cursor) = &query.cursor {
            sql.push(" AND (name_sort, id) > (").bind(sort_key(&cursor.key));
            sql.push(", ").bind(cursor.id.clone()).push(")");
        }
        sql.push(" ORDER BY name_sort, id LIMIT ").bind(i64::from(PeopleQuery::LIMIT) + 1);
        let rows: Vec<Row> = sql.query_as().fetch_all(self.core.db.read()).await?;
        let rows = rows.into_iter().map(Row::into_person).collect::<Result<Vec<_>>>()?;
        Ok(page(rows, PeopleQuery::LIMIT as usize, |row| (row.name.to_string(), row.id.to_string())))
    }

    /// One account.
    ///
    /// # Errors
    /// Not one of ops; [`ErrorCode::NotFound`].
    pub async fn get(&self, by: Steward<'_>, id: AccountId) -> Result<PersonRow> {
        let mut sql = Sql::new(COLUMNS);
        sql.push(" AND id = ").bind(id.to_string());
        self.one(by, sql).await
    }

    /// The account of an address.
    ///
    /// # Errors
    /// Not one of ops; [`ErrorCode::NotFound`].
    pub async fn find(&self, by: Steward<'_>, email: &Email) -> Result<PersonRow> {
        let mut sql = Sql::new(COLUMNS);
        sql.push(" AND email = ").bind(email.as_str().to_owned());
        self.one(by, sql).await
    }

    async fn one(&self, by: Steward<'_>, sql: Sql) -> Result<PersonRow> {
        by.admit()?;
        let found: Option<Row> = sql.query_as().fetch_optional(self.core.db.read()).await?;
        found.ok_or(ErrorCode::NotFound)?.into_person()
    }

    /// Takes a measure. One that is in force already is no error, and is not written down again.
    ///
    /// # Errors
    /// Not one of ops; [`ErrorCode::NotFound`]; [`ErrorCode::OwnAccount`] for those who would disable themselves;
    /// [`ErrorCode::LastOps`] for an account without which nobody could look after the portal.
    pub async fn take(&self, by: Steward<'_>, id: AccountId, measure: Measure) -> Result<()> {
        let person = by.admit()?;
        if measure == Measure::Disable && person.is_some_and(|person| person.id() == id) {
            return Err(ErrorCode::OwnAccount.into());
        }
        let core = &self.core;
        core.db.transact(|tx| work(async move { core.take_measure(tx, by, person, id, measure).await })).await
    }
}

impl<'a> Steward<'a> {
    /// Who it is, where that is an account.
    fn admit(self) -> Result<Option<&'a Person>> {
        match self {
            Self::Caller(caller) => Ok(Some(policy::require(caller, Permission::ManagePeople)?)),
            Self::CommandLine => Ok(None),
        }
    }

    fn origin(self, local: &'a Origin) -> &'a Origin {
        match self {
            Self::Caller(caller) => &caller.origin,
            Self::CommandLine => local,
        }
    }
}

impl Row {
    fn into_person(self) -> Result<PersonRow> {
        Ok(PersonRow {
            id: parse_id(&self.id)?,
            name: parse_name(&self.name)?,
            email: parse_email(&self.email)?,
            role: parse_role(&self.role)?,
            since: moment(self.created_at),
            signed_in_at: self.signed_in_at.map(Timestamp::from_millis),
            disabled_at: self.disabled_at.map(Timestamp::from_millis),
        })
    }
}

impl Core {
    async fn take_measure(
        &self,
        tx: &mut Tx,
        by: Steward<'_>,
        person: Option<&Person>,
        id: AccountId,
        measure: Measure,
    ) -> Result<()> {
        // Before the account itself, so that two who disable each other do not wait for each other.
        let ops = if measure == Measure::Disable { self.lock_ops(tx).await? } else { Vec::new() };
        let target = self.lock_account(tx, id).await?;
        let event = match measure {
            Measure::Disable if target.disabled => return Ok(()),
            Measure::Enable if !target.disabled => return Ok(()),
            Measure::Disable if target.role == Role::Ops && ops.len() < 2 => return Err(ErrorCode::LastOps.into()),
            Measure::Disable => self.disable(tx, &target).await?,
            Measure::Enable => self.enable(tx, &target).await?,
            Measure::SignOut => self.sign_out(tx, &target).await?,
            Measure::RevokeLinks => self.revoke_links(tx, &target).await?,
        };
        let local = Origin::local();
        let entry = Entry::new(event, by.origin(&local)).about(&target.email);
        self.record(tx, if let Some(person) = person { entry.by(person) } else { entry }).await
    }

    /// Every ops account that can sign in, none of which anybody else changes until the transaction ends.
    async fn lock_ops(&self, tx: &mut Tx) -> Result<Vec<(String,)>> {
        Ok(sqlx::query_as(
            "UPDATE accounts SET disabled_at = disabled_at WHERE role = $1 AND disabled_at IS NULL RETURNING id",
        )
        .bind(Role::Ops.as_str())
        .fetch_all(&mut **tx)
        .await?)
    }

    /// The account, which nobody else changes until the transaction ends.
    async fn lock_account(&self, tx: &mut Tx, id: AccountId) -> Result<Target> {
        let found: Option<(String, String, Option<i64>)> = sqlx::query_as(
            "UPDATE accounts SET disabled_at = disabled_at WHERE id = $1 RETURNING email, role, disabled_at",
        )
        .bind(id.to_string())
        .fetch_optional(&mut **tx)
        .await?;
        let (email, role, disabled_at) = found.ok_or(ErrorCode::NotFound)?;
        Ok(Target { id, email, role: parse_role(&role)?, disabled: disabled_at.is_some() })
    }

    /// Everything that the account has opened so far ends with it, so that enabling it revives nothing.
    async fn disable(&self, tx: &mut Tx, target: &Target) -> Result<Event> {
        sqlx::query("UPDATE accounts SET disabled_at = $2 WHERE id = $1")
            .bind(target.id.to_string())
            .bind(self.now().millis())
            .execute(&mut **tx)
            .await?;
        self.sign_out(tx, target).await?;
        self.revoke_links(tx, target).await?;
        sqlx::query("UPDATE password_resets SET used_at = $2 WHERE account_id = $1 AND used_at IS NULL")
            .bind(target.id.to_string())
            .bind(self.now().millis())
            .execute(&mut **tx)
            .await?;
        Ok(Event::AccountDisabled { account: target.id })
    }

    async fn enable(&self, tx: &mut Tx, target: &Target) -> Result<Event> {
        sqlx::query("UPDATE accounts SET disabled_at = NULL WHERE id = $1")
            .bind(target.id.to_string())
            .execute(&mut **tx)
            .await?;
        Ok(Event::AccountEnabled { account: target.id })
    }

    async fn sign_out(&self, tx: &mut Tx, target: &Target) -> Result<Event> {
        self.end_credentials(tx, target.id, None).await?;
        Ok(Event::SignedOutByOps { account: target.id })
    }

    async fn revoke_links(&self, tx: &mut Tx, target: &Target) -> Result<Event> {
        sqlx::query("UPDATE accounts SET link_epoch = link_epoch + 1 WHERE id = $1")
            .bind(target.id.to_string())
            .execute(&mut **tx)
            .await?;
        Ok(Event::LinksRevoked { account: target.id })
    }
}
