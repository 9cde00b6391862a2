//! `strongroom office`: what is in Office files, for people at a terminal and for scripts. It touches neither the
//! configuration nor the database nor the portal's files.

mod clean;
mod inspect;

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use office::{Budget, Kind, Policy};

use super::Failure;

/// The commands.
#[derive(Subcommand)]
pub(super) enum Office {
    /// Say what is in files, and whether the portal would take them
    ///
    /// The exit status is that of the worst file: 0 nothing found, 1 flagged, 2 refused or not readable.
    Inspect(Inspect),
    /// Write a copy of a file without what its reader need not see
    ///
    /// The exit status is 0 when the copy is written, and 2 when it is not; then nothing is written at all.
    Clean(Clean),
}

/// What to inspect.
#[derive(Args)]
pub(super) struct Inspect {
    /// .docx, .xlsx and .pptx files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One JSON object a line for each file instead of text
    #[arg(long)]
    json: bool,
    /// Refuse embedded objects that cannot be read in full, as a portal with strict_inspection does
    #[arg(long)]
    strict: bool,
}

/// What to clean.
#[derive(Args)]
pub(super) struct Clean {
    /// A .docx, .xlsx or .pptx file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where to write the copy; a file that is there already stays as it is
    #[arg(long, short, value_name = "OUT")]
    output: PathBuf,
    /// What to remove, with commas between [default: everything that nobody sees]
    #[arg(long, value_name = "TOPICS")]
    remove: Option<String>,
    /// Also remove hidden sheets
    #[arg(long)]
    hidden_sheets: bool,
    /// Also remove hidden slides
    #[arg(long)]
    hidden_slides: bool,
    /// Also remove digital signatures, which any change makes invalid
    #[arg(long)]
    signatures: bool,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
    /// Refuse embedded objects that cannot be read in full, as a portal with strict_inspection does
    #[arg(long)]
    strict: bool,
}

/// The exit status of a file that the portal would refuse, or that cannot be read or cleaned.
const REFUSED: u8 = 2;

/// Runs a command.
pub(super) fn run(command: &Office) -> ExitCode {
    let done = match command {
        Office::Inspect(arguments) => Ok(inspect::inspect(arguments)),
        Office::Clean(arguments) => clean::clean(arguments),
    };
    done.unwrap_or_else(|failure| {
        eprintln!("strongroom: {failure}");
        ExitCode::from(REFUSED)
    })
}

fn policy(strict: bool) -> Policy {
    Policy { strict, budget: Budget::default() }
}

/// The kind that the extension of a file claims.
fn kind_of(path: &Path) -> Result<Kind, Failure> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let wrong = || Failure(format!("{} is none of .docx, .xlsx and .pptx by its name.", shown(path)));
    Kind::from_extension(extension).ok_or_else(wrong)
}

fn open(path: &Path) -> Result<BufReader<File>, Failure> {
    File::open(path).map(BufReader::new).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure(format!("{} cannot be read: {error}.", shown(path)))
}

/// A name without anything that could disturb a terminal.
fn shown(path: &Path) -> String {
    domain::text::printed(&path.to_string_lossy(), usize::MAX)
}
