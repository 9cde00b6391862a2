//! Client companies: what they are called, and who belongs to them.

use std::sync::Arc;

use domain::{
    AccountId, Email, ErrorCode, OrganisationId, Page, Timestamp,
    activity::Event,
    organisation::{OrganisationName, OrganisationQuery, OrganisationRow},
};
use sqlx::FromRow;

use crate::{
    activity::Entry,
    caller::Caller,
    core::Core,
    db::{Sql, Tx, page, work},
    error::Result,
    naming::{folded, like_pattern, sort_key},
    policy::{self, Permission},
};

/// Looks after organisations.
#[derive(Clone)]
pub struct Organisations {
    core: Arc<Core>,
}

#[derive(FromRow)]
struct Row {
    id: OrganisationId,
    name: OrganisationName,
    created_at: Timestamp,
    people: i64,
}

/// A person who is put into an organisation, or out of one.
#[derive(FromRow)]
struct Moved {
    email: Email,
    organisation_id: Option<OrganisationId>,
}

const COLUMNS: &str = "SELECT o.id, o.name, o.created_at, \
     (SELECT COUNT(*) FROM accounts a WHERE a.organisation_id = o.id) AS people FROM organisations o WHERE 1 = 1";

impl Organisations {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// A page of organisations, by name.
    ///
    /// # Errors
    /// Not one of ops.
    pub async fn list(&self, caller: &Caller, query: &OrganisationQuery) -> Result<Page<OrganisationRow>> {
        policy::require(caller, Permission::ManagePeople)?;
        let rows: Vec<Row> = list_sql(query).query_as().fetch_all(self.core.db.read()).await?;
        let rows = rows.into_iter().map(OrganisationRow::from).collect();
        Ok(page(rows, query.limit, |row| (row.name.to_string(), row.id.to_string())))
    }

    /// One organisation.
    ///
    /// # Errors
    /// Not one of ops; [`ErrorCode::NotFound`].
    pub async fn get(&self, caller: &Caller, id: OrganisationId) -> Result<OrganisationRow> {
        policy::require(caller, Permission::ManagePeople)?;
        let found: Option<Row> = one_sql(id).query_as().fetch_optional(self.core.db.read()).await?;
        Ok(found.ok_or(ErrorCode::NotFound)?.into())
    }

    /// Makes an organisation to which nobody belongs yet.
    ///
    /// # Errors
    /// Not one of ops; [`ErrorCode::OrganisationExists`] when there is one whose name reads the same.
    pub async fn create(&self, caller: &Caller, name: &OrganisationName) -> Result<OrganisationRow> {
        let person = policy::require(caller, Permission::ManagePeople)?;
        let (core, id) = (&self.core, OrganisationId::new(self.core.uuid()));
        let event = Event::OrganisationCreated { organisation: id };
        let entry = &Entry::new(event, &caller.origin).by(person).about(name.as_str());
        core.db
            .transact(|tx| {
                work(async move {
                    let created = sqlx::query(
                        "INSERT INTO organisations (id, name, name_folded, name_sort, created_at) \
                         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name_folded) DO NOTHING",
                    )
                    .bind(id)
                    .bind(name)
                    .bind(folded(name.as_str()))
                    .bind(sort_key(name.as_str()))
                    .bind(core.now())
                    .execute(&mut **tx)
                    .await?;
                    if created.rows_affected() == 0 {
                        return Err(ErrorCode::OrganisationExists.into());
                    }
                    core.record(tx, entry.clone()).await
                })
            })
            .await?;
        self.get(caller, id).await
    }

    /// Gives an organisation another name.
    ///
    /// # Errors
    /// Not one of ops; [`ErrorCode::NotFound`]; [`ErrorCode::OrganisationExists`] when another's name reads the same.
    pub async fn rename(&self, caller: &Caller, id: OrganisationId, name: &OrganisationName) -> Result<()> {
        let person = policy::require(caller, Permission::ManagePeople)?;
        let event = Event::OrganisationRenamed { organisation: id };
        let (core, entry) = (&self.core, &Entry::new(event, &caller.origin).by(person).about(name.as_str()));
        core.db
            .transact(|tx| {
                work(async move {
                    let renamed = sqlx::query(
                        "UPDATE organisations SET name = $2, name_folded = $3, name_sort = $4 WHERE id = $1 \
                         AND NOT EXISTS (SELECT 1 FROM organisations o WHERE o.name_folded = $3 AND o.id <> $1)",
                    )
                    .bind(id)
                    .bind(name)
                    .bind(folded(name.as_str()))
                    .bind(sort_key(name.as_str()))
                    .execute(&mut **tx)
                    .await?;
                    if renamed.rows_affected() == 0 {
                        let known = is_known(tx, id).await?;
                        return Err(if known { ErrorCode::OrganisationExists } else { ErrorCode::NotFound }.into());
                    }
                    core.record(tx, entry.clone()).await
                })
            })
            .await
    }

    /// Puts a person into an organisation, or into none. What was delivered to the one that they leave is theirs no
    /// more, from the next byte request on.
    ///
    /// # Errors
    /// Not one of ops; [`ErrorCode::NotFound`] for a person, or an organisation, that is not there.
    pub async fn move_person(
        &self,
        caller: &Caller,
        account: AccountId,
        organisation: Option<OrganisationId>,
    ) -> Result<()> {
        let person = policy::require(caller, Permission::ManagePeople)?;
        let entry = Entry::new(Event::PersonMoved { account, organisation }, &caller.origin).by(person);
        let (core, entry) = (&self.core, &entry);
        core.db
            .transact(|tx| {
                work(async move {
                    let moved = lock(tx, account).await?;
                    if let Some(organisation) = organisation
                        && !is_known(tx, organisation).await?
                    {
                        return Err(ErrorCode::NotFound.into());
                    }
                    if moved.organisation_id == organisation {
                        return Ok(());
                    }
                    sqlx::query("UPDATE accounts SET organisation_id = $2, member_since = $3 WHERE id = $1")
                        .bind(account)
                        .bind(organisation)
                        .bind(core.now())
                        .execute(&mut **tx)
                        .await?;
                    core.record(tx, entry.clone().about(moved.email.as_str())).await
                })
            })
            .await
    }
}

async fn lock(tx: &mut Tx, account: AccountId) -> Result<Moved> {
    let found: Option<Moved> = sqlx::query_as(
        "UPDATE accounts SET member_since = member_since WHERE id = $1 RETURNING email, organisation_id",
    )
    .bind(account)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(found.ok_or(ErrorCode::NotFound)?)
}

async fn is_known(tx: &mut Tx, id: OrganisationId) -> Result<bool> {
    let found: Option<OrganisationId> =
        sqlx::query_scalar("SELECT id FROM organisations WHERE id = $1").bind(id).fetch_optional(&mut **tx).await?;
    Ok(found.is_some())
}

/// The query of a page and one row more.
pub(super) fn list_sql(query: &OrganisationQuery) -> Sql {
    let mut sql = Sql::new(COLUMNS);
    if !query.q.is_empty() {
        sql.push(" AND o.name_folded LIKE ").bind(like_pattern(&query.q)).push(" ESCAPE '\\'");
    }
    if let Some(cursor) = &query.cursor {
        sql.push(" AND (o.name_sort, o.id) > (").bind(sort_key(&cursor.key));
        sql.push(", ").bind(cursor.id.clone()).push(")");
    }
    sql.push(" ORDER BY o.name_sort, o.id").limit(query.limit);
    sql
}

/// The query of the organisation with this id.
pub(super) fn one_sql(id: OrganisationId) -> Sql {
    let mut sql = Sql::new(COLUMNS);
    sql.push(" AND o.id = ").bind(id);
    sql
}

impl From<Row> for OrganisationRow {
    fn from(Row { id, name, created_at, people }: Row) -> Self {
        Self { id, name, people: people.unsigned_abs(), since: created_at }
    }
}
