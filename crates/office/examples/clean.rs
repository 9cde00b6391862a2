//! Writes clean copies of files into a folder, under their own names.
//!
//! `cargo run --release -p strongroom-office --example clean -- TOPICS FOLDER FILE…`
//!
//! `TOPICS` are stable names with commas, or `unseen` for all that nobody sees. One line a file: `copied`, with the topics
//! that an X-ray of the copy still has something of; `same` where there was nothing to remove; or why there is no copy.

use std::{
    env,
    ffi::OsStr,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::Path,
    process::ExitCode,
};

use office::{CleanError, Cleaned, Kind, Policy, Removal, Topic, clean, examine};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [topics, folder, files @ ..] = &arguments[..] else {
        eprintln!("usage: clean TOPICS FOLDER FILE…");
        return ExitCode::FAILURE;
    };
    let Some(topics) = parse(topics) else {
        eprintln!("clean: {topics} names something that is no topic");
        return ExitCode::FAILURE;
    };
    for file in files {
        let said = match copy(Path::new(file), Path::new(folder), &topics) {
            Ok(cleaned) if cleaned == Cleaned::default() => "same".to_owned(),
            Ok(_) => left(Path::new(folder), Path::new(file), &topics),
            Err(CleanError::Refused(report)) => {
                format!("refused ({})", report.deciding().map_or("", |finding| finding.code.as_str()))
            }
            Err(error) => format!("failed ({error:?})"),
        };
        println!("{said} {file}");
    }
    ExitCode::SUCCESS
}

fn parse(topics: &str) -> Option<Vec<Topic>> {
    if topics == "unseen" {
        let unseen = Topic::ALL.iter().copied().filter(|topic| topic.removal() == Removal::Unseen);
        return Some(unseen.collect());
    }
    topics.split(',').map(|name| name.parse().ok()).collect()
}

/// What an X-ray of the copy says.
fn left(folder: &Path, file: &Path, topics: &[Topic]) -> String {
    let copy = file.file_name().map(|name| folder.join(name)).filter(|copy| copy.exists());
    let examination = copy.and_then(|copy| {
        let kind = copy.extension().and_then(OsStr::to_str).and_then(Kind::from_extension)?;
        examine(File::open(copy).ok()?, kind, &Policy::default()).ok()
    });
    let Some(xray) = examination.and_then(|examination| examination.xray) else {
        return "failed (the copy is refused)".to_owned();
    };
    let left: Vec<&str> = topics.iter().filter(|topic| xray.count(**topic) > 0).map(|topic| topic.as_str()).collect();
    if left.is_empty() { "copied".to_owned() } else { format!("copied (left: {})", left.join(",")) }
}

fn copy(file: &Path, folder: &Path, topics: &[Topic]) -> Result<Cleaned, CleanError> {
    let kind = file.extension().and_then(OsStr::to_str).and_then(Kind::from_extension);
    let (Some(kind), Some(name)) = (kind, file.file_name()) else {
        return Err(io::Error::from(io::ErrorKind::Unsupported).into());
    };
    let target = folder.join(name);
    let mut output = BufWriter::new(File::create(&target)?);
    let cleaned = clean(File::open(file)?, &mut output, kind, topics, &Policy::default());
    let flushed = output.flush();
    if cleaned.is_err() {
        fs::remove_file(&target)?;
    }
    flushed?;
    cleaned
}
