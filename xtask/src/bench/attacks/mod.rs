//! `attack`: what a hostile visitor, a full disk and a slow network do to a portal, in numbers.
//!
//! Every attack is one that worked once (docs/security.md). Each has a portal of its own, on loopback, and a bound on
//! what it sends. With `--program PATH` another build of the portal is attacked, so that two can be compared.

mod accounts;
mod bytes;
mod connections;
mod disk;

use std::path::{Path, PathBuf};

use super::{
    client::Request,
    portal::{Portal, SignedIn},
    remove,
    table::Table,
};
use crate::{
    process::{Failure, Outcome, say},
    serve,
    setup::{self, Need},
    workspace::{Workspace, create_folder},
};

/// What an attack works with.
struct Field<'a> {
    workspace: &'a Workspace,
    python: PathBuf,
    program: PathBuf,
    folder: PathBuf,
}

/// An attack: the word that picks it on the command line, and what it does.
type Attack = (&'static str, fn(&Field<'_>, &mut Table) -> Outcome);

const ATTACKS: [Attack; 8] = [
    ("reset", accounts::reset_against_sign_ins),
    ("guesses", accounts::guesses_from_one_address),
    ("nonsense", accounts::nonsense),
    ("deadlocks", accounts::many_sign_ins_on_postgres),
    ("slow", connections::half_bodies),
    ("idle", connections::idle),
    ("stalled", bytes::stalled_downloads),
    ("ranges", bytes::one_byte_ranges),
];
/// Needs the right to mount a file system, so it is not among the others.
const FULL_DISK: &str = "disk";

/// `cargo xtask attack`.
pub(crate) fn command(workspace: &Workspace, arguments: &[String]) -> Outcome {
    let (program, chosen) = match arguments {
        [option, program, chosen @ ..] if option == "--program" => (Some(PathBuf::from(program)), chosen),
        chosen => (None, chosen),
    };
    let known = |name: &String| name == FULL_DISK || ATTACKS.iter().any(|(known, _)| known == name);
    if let Some(unknown) = chosen.iter().find(|name| !known(name)) {
        return Err(Failure::new(format!("there is no attack `{unknown}`.")));
    }
    setup::require(workspace, &[Need::CCompiler, Need::Node, Need::Python, Need::Postgres], false)?;
    let program = match program {
        Some(program) => program,
        None => {
            serve::build(workspace, &[])?;
            workspace.path("target/release/strongroom")
        }
    };
    let folder = workspace.path("target/attack");
    let field = Field { workspace, python: setup::python(workspace)?, program, folder };
    let mut table = Table::default();
    for (name, attack) in ATTACKS {
        if chosen.is_empty() || chosen.iter().any(|word| word == name) {
            say(format!("attack: {name}"));
            attack(&field, &mut table)?;
        }
    }
    if chosen.is_empty() || chosen.iter().any(|word| word == FULL_DISK) {
        say("attack: disk");
        disk::full(&field, &mut table)?;
    }
    remove(&field.folder)?;
    println!("\n{}", table.text());
    Ok(())
}

impl Field<'_> {
    /// A portal of its own for one attack, behind a proxy on this machine that says for whom it speaks.
    fn portal(&self, settings: &[(&'static str, &str)]) -> Outcome<Portal> {
        remove(&self.folder.join("data"))?;
        self.portal_in(&self.folder, settings)
    }

    fn portal_in(&self, folder: &Path, settings: &[(&'static str, &str)]) -> Outcome<Portal> {
        create_folder(folder)?;
        let mut all = vec![("STRONGROOM_TRUSTED_PROXIES", "127.0.0.1"), ("STRONGROOM_LOG", "warn")];
        all.extend(settings);
        Portal::of(&self.program, folder, &all)
    }

    /// A genuine presentation of about so many mebibytes.
    fn deck(&self, mebibytes: u32) -> Outcome<PathBuf> {
        let files = self.folder.join("files");
        create_folder(&files)?;
        let deck = files.join(format!("deck-{mebibytes}.pptx"));
        let script = self.workspace.path("xtask/python/deck.py");
        let mut make = self.workspace.command(&self.python);
        crate::process::run(make.arg(script).arg(&deck).arg(mebibytes.to_string()))?;
        Ok(deck)
    }
}

/// A sign-in over the API, from an address that the proxy tells.
fn login(email: &str, password: &str, from: &str) -> Request {
    let body = format!(r#"{{"email":"{email}","password":"{password}"}}"#);
    Request::post("/api/v1/login", "application/json", body).with("X-Forwarded-For", from)
}

/// A list, as the page asks for it.
fn list(person: &SignedIn) -> Request {
    let request = Request::post("/api/fn/list_documents", "application/x-www-form-urlencoded", "sort=newest");
    person.by_session(request.with("Accept", "application/json"))
}

/// `200 × 3, 503 × 7`.
fn statuses(mut codes: Vec<u16>) -> String {
    codes.sort_unstable();
    let groups = codes.chunk_by(|one, other| one == other);
    let words: Vec<_> = groups.map(|group| format!("{} × {}", group[0], group.len())).collect();
    if words.is_empty() { "no answer".to_owned() } else { words.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_their_status() {
        assert_eq!(statuses(vec![503, 200, 503]), "200 × 1, 503 × 2");
        assert_eq!(statuses(Vec::new()), "no answer");
    }
}
