//! `strongroom people`: everybody's account, without the portal having to run.

use std::io::{self, Write};

use backend::{Backend, accounts::Steward};
use clap::{Args, Subcommand};
use domain::{
    Email, Problem,
    people::{Measure, PeopleQuery, PersonRow},
};

use super::{Failure, services};
use crate::config::Config;

#[derive(Subcommand)]
pub(super) enum People {
    /// List accounts by name, one a line: address, role, state, last sign-in, name
    List {
        /// Part of a name or address
        #[arg(long, default_value = "")]
        search: String,
        /// Only `client` or `ops`
        #[arg(long, default_value = "")]
        role: String,
        /// Only `active` or `disabled`
        #[arg(long, default_value = "")]
        state: String,
    },
    /// Sign somebody out everywhere and keep them out
    Disable(Whom),
    /// Let somebody sign in again
    Enable(Whom),
    /// End every session and token of somebody
    SignOut(Whom),
    /// Make every link that somebody has useless
    RevokeLinks(Whom),
}

#[derive(Args)]
pub(super) struct Whom {
    /// The address of the account
    #[arg(long)]
    email: String,
}

/// Does what the command says.
pub(super) async fn run(config: &Config, command: &People) -> Result<(), Failure> {
    let (backend, db) = services::open(config).await?;
    let done = match command {
        People::List { search, role, state } => list(&backend, search, role, state).await,
        People::Disable(whom) => take(&backend, whom, Measure::Disable, "is disabled").await,
        People::Enable(whom) => take(&backend, whom, Measure::Enable, "can sign in again").await,
        People::SignOut(whom) => take(&backend, whom, Measure::SignOut, "is signed out everywhere").await,
        People::RevokeLinks(whom) => take(&backend, whom, Measure::RevokeLinks, "has no working link any more").await,
    };
    db.close().await;
    done.map_err(Failure::of)
}

async fn take(backend: &Backend, whom: &Whom, measure: Measure, outcome: &str) -> Result<(), Problem> {
    let email = Email::parse(&whom.email)?;
    let person =
        backend.people.find(Steward::CommandLine, &email).await.map_err(|error| match error.into_problem() {
            problem if problem.code == domain::ErrorCode::NotFound => {
                Problem { message: format!("Nobody has an account with the address {email}."), ..problem }
            }
            problem => problem,
        })?;
    backend.people.take(Steward::CommandLine, person.id, measure).await?;
    println!("{email} {outcome}.");
    Ok(())
}

async fn list(backend: &Backend, search: &str, role: &str, state: &str) -> Result<(), Problem> {
    let mut query = PeopleQuery::parse(search, role, state, "", "")?;
    loop {
        let page = backend.people.list(Steward::CommandLine, &query).await?;
        // Whoever reads may have seen enough: `strongroom people list | head`.
        if page.rows.iter().try_for_each(|row| writeln!(io::stdout().lock(), "{}", line(row))).is_err() {
            return Ok(());
        }
        match page.next {
            Some(cursor) => query.cursor = Some(cursor),
            None => return Ok(()),
        }
    }
}

fn line(row: &PersonRow) -> String {
    let state = if row.disabled_at.is_some() { "disabled" } else { "active" };
    let seen = row.signed_in_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    format!("{}\t{}\t{state}\t{seen}\t{}", row.email, row.role.as_str(), row.name)
}
