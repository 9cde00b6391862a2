//! The commands of the project. `cargo xtask` lists them; CONTRIBUTING.md says when to use which.
//!
//! This crate depends on nothing, so that the first command of a fresh clone answers within seconds. Whatever a command
//! needs, it fetches or builds under `target/`; system packages are only named, unless `--install` asks for them.

mod bench;
mod checks;
mod dependencies;
mod e2e;
mod postgres;
mod process;
mod serve;
mod setup;
mod site;
mod timing;
mod workspace;

use std::{env, process::ExitCode};

use process::{Failure, Outcome};
use workspace::Workspace;

/// One command: its name, its arguments as help shows them, one line about it, and the function behind it.
struct Entry {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    run: fn(&Workspace, &[String]) -> Outcome,
}

const ENTRIES: &[Entry] = &[
    Entry {
        name: "serve",
        arguments: "[option of `strongroom serve` …]",
        about: "build everything and serve it on http://127.0.0.1:3000",
        run: serve::serve,
    },
    Entry {
        name: "watch",
        arguments: "[option of `strongroom serve` …]",
        about: "the same, built again whenever a file changes",
        run: serve::watch,
    },
    Entry {
        name: "check",
        arguments: "",
        about: "format, clippy and the tests that need neither PostgreSQL nor a browser",
        run: checks::check,
    },
    Entry {
        name: "test",
        arguments: "[--install]",
        about: "everything that CI runs; --install fetches missing system packages with apt-get",
        run: checks::test,
    },
    Entry {
        name: "e2e",
        arguments: "[option of `playwright test` …]",
        about: "only the browser tests",
        run: e2e::command,
    },
    Entry {
        name: "build",
        arguments: "",
        about: "the release: target/release/strongroom, one file with the site inside",
        run: serve::build,
    },
    Entry {
        name: "bench",
        arguments: "[--built] [--pages]",
        about: "the release, measured beside what it should reach: speed, memory, bytes",
        run: bench::command,
    },
    Entry {
        name: "attack",
        arguments: "[--program PATH] [name …]",
        about: "the release, attacked in the ways that once worked, in numbers",
        run: bench::attacks::command,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        print!("{}", help());
        return ExitCode::SUCCESS;
    };
    if ["help", "-h", "--help"].contains(&name.as_str()) {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    match dispatch(name, rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(name: &str, rest: &[String]) -> Outcome {
    let entry = ENTRIES
        .iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| Failure::new(format!("there is no command `{name}`.\n\n{}", help())))?;
    (entry.run)(&Workspace::find()?, rest)
}

fn help() -> String {
    let mut text = String::from("The commands of the project:\n\n");
    for Entry { name, arguments, about, .. } in ENTRIES {
        let line = format!("cargo xtask {name} {arguments}");
        text.push_str(&format!("  {:<56} {about}\n", line.trim_end()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_has_a_line_for_every_command() {
        for entry in ENTRIES {
            assert!(help().contains(&format!("cargo xtask {}", entry.name)), "{} is not listed", entry.name);
        }
    }

    #[test]
    fn an_unknown_command_is_answered_with_the_list() {
        let failure = dispatch("polish", &[]).expect_err("no such command");
        assert!(failure.to_string().contains("cargo xtask serve"));
    }
}
