//! Inspects every docx, xlsx and pptx file in the folders that are named, and counts the verdicts.
//!
//! `cargo run --release -p strongroom-office --example inspect -- FOLDER…`
//!
//! One line a file: verdict, codes (each once), path; below it, the finding that decides. Then the
//! totals, and how often each code occurs. Links to other folders are not followed.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsStr,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use office::{Code, Finding, Kind, Policy, Summary, inspect};

/// What has been counted.
#[derive(Default)]
struct Tally {
    verdicts: BTreeMap<&'static str, usize>,
    codes: BTreeMap<&'static str, usize>,
}

impl Tally {
    fn add(&mut self, summary: &Summary) {
        *self.verdicts.entry(summary.verdict.as_str()).or_default() += 1;
        for code in &summary.codes {
            *self.codes.entry(code.as_str()).or_default() += 1;
        }
    }
}

fn main() -> ExitCode {
    let paths: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    if paths.is_empty() {
        eprintln!("usage: inspect FOLDER…");
        return ExitCode::FAILURE;
    }
    match run(paths) {
        Ok(tally) => {
            let rows = tally.verdicts.iter().chain(&tally.codes);
            rows.for_each(|(name, count)| println!("{count:>8}  {name}"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("inspect: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut waiting: Vec<PathBuf>) -> io::Result<Tally> {
    let mut tally = Tally::default();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let mut inner =
                fs::read_dir(&path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
            inner.retain(|path| !path.is_symlink());
            inner.sort_unstable_by(|a, b| b.cmp(a));
            waiting.extend(inner);
        } else if let Some(kind) = kind(&path) {
            let report = inspect(File::open(&path)?, kind, &Policy::default())?;
            let summary = report.summary();
            println!("{} {} {}", summary.verdict.as_str(), codes(&summary.codes), path.display());
            if let Some(Finding { part, message, .. }) = report.deciding().or(report.findings.first()) {
                println!("         {}: {message}", part.as_deref().unwrap_or("archive"));
            }
            tally.add(&summary);
        }
    }
    Ok(tally)
}

fn kind(path: &Path) -> Option<Kind> {
    path.extension().and_then(OsStr::to_str).and_then(Kind::from_extension)
}

fn codes(codes: &[Code]) -> String {
    let names: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    if names.is_empty() { "-".to_owned() } else { names.join(",") }
}
