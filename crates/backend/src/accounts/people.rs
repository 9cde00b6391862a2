//! Looking after other people's accounts: listing them, disabling and enabling, ending what is signed in, revoking
//! links. By ops in the portal, or by whoever has the command line of its machine.

use std::sync::Arc;

use domain::{
    AccountId, Email, ErrorCode, OrganisationId, Page, PersonName, Role, Timestamp,
    activity::Event,
    organisation::OrganisationName,
    people::{AccountState, Belongs, Measure, PeopleQuery, PersonRow},
};
use sqlx::FromRow;

use crate::{
    activity::Entry,
    caller::{Caller, Origin, Person},
    core::Core,
    db::{Sql, Tx, page, work},
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
    id: AccountId,
    name: PersonName,
    email: Email,
    role: Role,
    organisation_id: Option<OrganisationId>,
    organisation: Option<OrganisationName>,
    created_at: Timestamp,
    signed_in_at: Option<Timestamp>,
    disabled_at: Option<Timestamp>,
}

/// An account to which something is done, as it is in the transaction that does it.
#[derive(FromRow)]
struct Target {
    id: AccountId,
    email: Email,
    role: Role,
    disabled_at: Option<Timestamp>,
}

const COLUMNS: &str = "SELECT a.id, a.name, a.email, a.role, a.organisation_id, o.name AS organisation, a.created_at, \
     a.signed_in_at, a.disabled_at FROM accounts a LEFT JOIN organisations o ON o.id = a.organisation_id WHERE 1 = 1";

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
        let rows: Vec<Row> = list_sql(query).query_as().fetch_all(self.core.db.read()).await?;
        let rows = rows.into_iter().map(Row::into_person).collect();
        Ok(page(rows, PeopleQuery::LIMIT, |row| (row.name.to_string(), row.id.to_string())))
    }

    /// One account.
    ///
    /// # Errors
    /// Not one of ops; [`ErrorCode::NotFound`].
    pub async fn get(&self, by: Steward<'_>, id: AccountId) -> Result<PersonRow> {
        self.one(by, one_sql(id)).await
    }

    /// The account of an address.
    ///
    /// # Errors
    /// Not one of ops; [`ErrorCode::NotFound`].
    pub async fn find(&self, by: Steward<'_>, email: &Email) -> Result<PersonRow> {
        self.one(by, find_sql(email)).await
    }

    async fn one(&self, by: Steward<'_>, sql: Sql) -> Result<PersonRow> {
        by.admit()?;
        let found: Option<Row> = sql.query_as().fetch_optional(self.core.db.read()).await?;
        Ok(found.ok_or(ErrorCode::NotFound)?.into_person())
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

/// The query of a page and one row more.
pub(super) fn list_sql(query: &PeopleQuery) -> Sql {
    let mut sql = Sql::new(COLUMNS);
    if let Some(role) = query.role {
        sql.push(" AND a.role = ").bind(role);
    }
    match query.state {
        Some(AccountState::Active) => _ = sql.push(" AND a.disabled_at IS NULL"),
        Some(AccountState::Disabled) => _ = sql.push(" AND a.disabled_at IS NOT NULL"),
        None => {}
    }
    if let Some(organisation) = query.organisation {
        sql.push(" AND a.organisation_id = ").bind(organisation);
    }
    if !query.q.is_empty() {
        sql.push(" AND a.search LIKE ").bind(like_pattern(&query.q)).push(" ESCAPE '\\'");
    }
    if let Some(cursor) = &query.cursor {
        sql.push(" AND (a.name_sort, a.id) > (").bind(sort_key(&cursor.key));
        sql.push(", ").bind(cursor.id.clone()).push(")");
    }
    sql.push(" ORDER BY a.name_sort, a.id").limit(PeopleQuery::LIMIT);
    sql
}

/// The query of the account with this id.
pub(super) fn one_sql(id: AccountId) -> Sql {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" AND a.id = ").bind(id);
    sql
}

/// The query of the account with this address.
pub(super) fn find_sql(email: &Email) -> Sql {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" AND a.email = ").bind(email);
    sql
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
    fn into_person(self) -> PersonRow {
        let Self { id, name, email, role, organisation_id, organisation, created_at, signed_in_at, disabled_at } = self;
        let organisation = organisation_id.zip(organisation).map(|(id, name)| Belongs { id, name });
        PersonRow { id, name, email, role, organisation, since: created_at, signed_in_at, disabled_at }
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
            Measure::Disable if target.disabled_at.is_some() => return Ok(()),
            Measure::Enable if target.disabled_at.is_none() => return Ok(()),
            Measure::Disable if target.role == Role::Ops && ops.len() < 2 => return Err(ErrorCode::LastOps.into()),
            Measure::Disable => self.disable(tx, &target).await?,
            Measure::Enable => self.enable(tx, &target).await?,
            Measure::SignOut => self.sign_out(tx, &target).await?,
            Measure::RevokeLinks => self.revoke_links(tx, &target).await?,
        };
        let local = Origin::local();
        let entry = Entry::new(event, by.origin(&local)).about(target.email.as_str());
        self.record(tx, if let Some(person) = person { entry.by(person) } else { entry }).await
    }

    /// Every ops account that can sign in, none of which anybody else changes until the transaction ends.
    async fn lock_ops(&self, tx: &mut Tx) -> Result<Vec<AccountId>> {
        Ok(sqlx::query_scalar(
            "UPDATE accounts SET disabled_at = disabled_at WHERE role = $1 AND disabled_at IS NULL RETURNING id",
        )
        .bind(Role::Ops)
        .fetch_all(&mut **tx)
        .await?)
    }

    /// The account, which nobody else changes until the transaction ends.
    async fn lock_account(&self, tx: &mut Tx, id: AccountId) -> Result<Target> {
        let found: Option<Target> = sqlx::query_as(
            "UPDATE accounts SET disabled_at = disabled_at WHERE id = $1 RETURNING id, email, role, disabled_at",
        )
        .bind(id)
        .fetch_optional(&mut **tx)
        .await?;
        Ok(found.ok_or(ErrorCode::NotFound)?)
    }

    /// Everything that the account has opened so far ends with it, so that enabling it revives nothing.
    async fn disable(&self, tx: &mut Tx, target: &Target) -> Result<Event> {
        sqlx::query("UPDATE accounts SET disabled_at = $2 WHERE id = $1")
            .bind(target.id)
            .bind(self.now())
            .execute(&mut **tx)
            .await?;
        self.sign_out(tx, target).await?;
        self.revoke_links(tx, target).await?;
        sqlx::query("UPDATE password_resets SET used_at = $2 WHERE account_id = $1 AND used_at IS NULL")
            .bind(target.id)
            .bind(self.now())
            .execute(&mut **tx)
            .await?;
        Ok(Event::AccountDisabled { account: target.id })
    }

    async fn enable(&self, tx: &mut Tx, target: &Target) -> Result<Event> {
        sqlx::query("UPDATE accounts SET disabled_at = NULL WHERE id = $1").bind(target.id).execute(&mut **tx).await?;
        Ok(Event::AccountEnabled { account: target.id })
    }

    async fn sign_out(&self, tx: &mut Tx, target: &Target) -> Result<Event> {
        self.end_credentials(tx, target.id, None).await?;
        Ok(Event::SignedOutByOps { account: target.id })
    }

    async fn revoke_links(&self, tx: &mut Tx, target: &Target) -> Result<Event> {
        sqlx::query("UPDATE accounts SET link_epoch = link_epoch + 1 WHERE id = $1")
            .bind(target.id)
            .execute(&mut **tx)
            .await?;
        Ok(Event::LinksRevoked { account: target.id })
    }
}
