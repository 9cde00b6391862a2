//! `strongroom office clean`.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use office::{CleanError, Cleaned, Kind, Policy, Topic};

use super::{Clean, kind_of, open, policy, shown, unreadable};
use crate::{cli::Failure, topics};

/// Writes the copy and says what it is without.
pub(super) fn clean(arguments: &Clean) -> Result<ExitCode, Failure> {
    let (input, output) = (&arguments.file, &arguments.output);
    let kind = kind_of(input)?;
    if kind_of(output)? != kind {
        return Err(Failure(format!("{} does not end as {} does.", shown(output), shown(input))));
    }
    let topics = wanted(arguments)?;
    let source = open(input)?;
    let mut draft = Draft::beside(output)?;
    let cleaned = office::clean(source, &mut draft.file, kind, &topics, &policy(arguments.strict));
    let cleaned = cleaned.map_err(|error| not_cleaned(input, error))?;
    draft.inspect(kind, &policy(arguments.strict))?;
    draft.publish(output)?;
    // The copy is there, whether or not anybody hears of it.
    let _ = say(output, &cleaned, arguments.json);
    Ok(ExitCode::SUCCESS)
}

fn wanted(arguments: &Clean) -> Result<Vec<Topic>, Failure> {
    let mut topics = match &arguments.remove {
        Some(list) => topics::parse(list).map_err(|wrong| Failure(wrong.to_string()))?,
        None => topics::usual(),
    };
    topics.extend(arguments.hidden_sheets.then_some(Topic::HiddenSheets));
    topics.extend(arguments.hidden_slides.then_some(Topic::HiddenSlides));
    topics.extend(arguments.signatures.then_some(Topic::Signatures));
    Ok(topics)
}

/// The copy while it is written, beside the place where it is to be. Dropped, it is gone.
struct Draft {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Draft {
    fn beside(output: &Path) -> Result<Self, Failure> {
        let cannot = |error| Failure(format!("{} cannot be written: {error}.", shown(output)));
        if output.symlink_metadata().is_ok() {
            return Err(taken(output));
        }
        let mut name = OsString::from(".");
        name.push(output.file_name().ok_or_else(|| cannot(io::ErrorKind::InvalidFilename.into()))?);
        name.push(format!(".{}.part", std::process::id()));
        let path = output.with_file_name(name);
        let file = File::create_new(&path).map_err(cannot)?;
        Ok(Self { path, file: BufWriter::new(file) })
    }

    /// A copy that would be refused is none.
    fn inspect(&mut self, kind: Kind, policy: &Policy) -> Result<(), Failure> {
        let cannot = |error| Failure(format!("The copy cannot be read again: {error}."));
        self.file.flush().map_err(cannot)?;
        let copy = File::open(&self.path).map_err(cannot)?;
        match office::inspect(copy, kind, policy).map_err(cannot)?.deciding() {
            Some(finding) => Err(Failure(format!("The copy would be refused: {}", finding.message))),
            None => Ok(()),
        }
    }

    /// Puts the copy into its place, whole and durable, unless something has come there meanwhile.
    fn publish(mut self, output: &Path) -> Result<(), Failure> {
        let written = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        match written.and_then(|()| place(&self.path, output)) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(taken(output)),
            Err(error) => Err(Failure(format!("{} cannot be written: {error}.", shown(output)))),
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // It is not there any more when it was renamed.
        let _ = fs::remove_file(&self.path);
    }
}

/// A second name, unlike a rename, never takes the place of another file; not every file system has one.
fn place(draft: &Path, output: &Path) -> io::Result<()> {
    match fs::hard_link(draft, output) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists && !output.exists() => fs::rename(draft, output),
        linked => linked,
    }
}

fn taken(output: &Path) -> Failure {
    Failure(format!("{} is there already and stays as it is. Choose another name with --output.", shown(output)))
}

fn not_cleaned(input: &Path, error: CleanError) -> Failure {
    match error {
        CleanError::Io(error) => unreadable(input, &error),
        CleanError::Refused(report) => {
            let reason = report.deciding().map_or("", |finding| finding.message.as_str());
            Failure(format!("{} is refused. {reason}", shown(input)))
        }
        CleanError::NotRemovable(topic) => Failure(topics::WrongTopic::Kept(topic).to_string()),
        CleanError::Impossible(reason) => Failure(format!("{} cannot be cleaned: {reason}", shown(input))),
    }
}

fn say(output: &Path, cleaned: &Cleaned, json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, cleaned)?;
        return writeln!(out);
    }
    match topics::removed(cleaned) {
        removed if removed.is_empty() => writeln!(out, "{} is written. There was nothing to remove.", shown(output)),
        removed => writeln!(out, "{} is written. Removed: {removed}.", shown(output)),
    }?;
    match cleaned.broken_signatures {
        0 => Ok(()),
        count => writeln!(out, "Not valid any more in the copy: signatures={count}. With --signatures they go."),
    }
}
