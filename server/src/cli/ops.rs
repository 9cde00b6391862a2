//! `strongroom ops create`.

use std::io::{self, BufRead as _, IsTerminal as _};

use domain::{Email, PersonName, PlainPassword};

use super::{Failure, services};
use crate::config::Config;

/// Makes an ops account.
pub(super) async fn create(config: &Config, email: &str, name: Option<&str>) -> Result<(), Failure> {
    let email = Email::parse(email)?;
    let usual = email.as_str().split('@').next().unwrap_or_default();
    let name = PersonName::parse(name.unwrap_or(usual))?;
    let password = PlainPassword::parse(read_password()?)?;
    let (backend, db) = services::open(config).await?;
    let created = backend.team.create_ops(email.clone(), name, password).await;
    db.close().await;
    created.map_err(|error| Failure::of(error.into_problem()))?;
    println!("{email} can sign in as ops now, at {}/login", config.settings.base_url);
    Ok(())
}

/// From a terminal twice, without showing it; from anything else one line, taken as it is.
fn read_password() -> Result<String, Failure> {
    let failed = |error: io::Error| Failure(format!("The password cannot be read: {error}."));
    if io::stdin().is_terminal() {
        let first = rpassword::prompt_password("Password: ").map_err(failed)?;
        let again = rpassword::prompt_password("Again: ").map_err(failed)?;
        return if first == again { Ok(first) } else { Err(Failure("The two passwords are not the same.".to_owned())) };
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(failed)?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}
