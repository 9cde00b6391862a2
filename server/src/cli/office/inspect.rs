//! `strongroom office inspect`.

use std::{
    io::{self, Write as _},
    path::Path,
    process::ExitCode,
};

use office::{Examination, Verdict};
use serde::Serialize;

use super::{Inspect, REFUSED, kind_of, open, policy, shown, unreadable};
use crate::cli::Failure;

/// One line of the JSON.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    #[serde(flatten)]
    outcome: Outcome,
}

/// What is said of a file.
#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    Examined(Examination),
    Unreadable { error: String },
}

/// Inspects file after file. The exit status is that of the worst.
pub(super) fn inspect(arguments: &Inspect) -> ExitCode {
    let mut worst = 0;
    for path in &arguments.files {
        let outcome = match examine(path, arguments.strict) {
            Ok(examination) => Outcome::Examined(examination),
            Err(failure) => Outcome::Unreadable { error: failure.to_string() },
        };
        worst = worst.max(status(&outcome));
        // A reader that has seen enough, such as head, ends the work.
        if say(path, outcome, arguments.json).is_err() {
            break;
        }
    }
    ExitCode::from(worst)
}

fn examine(path: &Path, strict: bool) -> Result<Examination, Failure> {
    let kind = kind_of(path)?;
    office::examine(open(path)?, kind, &policy(strict)).map_err(|error| unreadable(path, &error))
}

const fn status(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Examined(Examination { verdict: Verdict::Accept, .. }) => 0,
        Outcome::Examined(Examination { verdict: Verdict::Flagged, .. }) => 1,
        Outcome::Examined(Examination { verdict: Verdict::Refused, .. }) | Outcome::Unreadable { .. } => REFUSED,
    }
}

fn say(path: &Path, outcome: Outcome, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, &Line { file: &path.to_string_lossy(), outcome })?;
        return writeln!(out);
    }
    match outcome {
        Outcome::Examined(examination) => write!(out, "{}", xray_view::text(&shown(path), &examination)),
        Outcome::Unreadable { error } => {
            eprintln!("strongroom: {error}");
            Ok(())
        }
    }
}
