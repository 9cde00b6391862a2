//! Running programs, and saying what is being done.

use std::{
    fmt,
    io::{self, BufRead as _, BufReader},
    iter,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// Why a command of the project stopped: a sentence for the person at the terminal.
#[derive(Debug)]
pub(crate) struct Failure(String);

/// What every step returns.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// The steps of a longer command: a heading for each, and a summary at the end.
pub(crate) struct Journal {
    started: Instant,
    steps: Vec<(&'static str, Duration, bool)>,
}

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// For conversations with a server, whose errors say enough.
    pub(crate) fn from_io(error: io::Error) -> Self {
        Self(format!("the conversation with the server failed: {error}"))
    }

    /// Names what was attempted when the system refused it.
    pub(crate) fn doing(what: impl fmt::Display, cause: impl fmt::Display) -> Self {
        Self(format!("could not {what}: {cause}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Journal {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), steps: Vec::new() }
    }

    /// Runs one step below its heading and remembers how it went.
    pub(crate) fn step<T>(&mut self, title: &'static str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        println!("\n== {title} (at {})", minutes(self.started.elapsed()));
        let begun = Instant::now();
        let outcome = work();
        self.steps.push((title, begun.elapsed(), outcome.is_ok()));
        outcome
    }

    pub(crate) fn print_summary(&self) {
        println!("\n== Summary");
        for (title, took, passed) in &self.steps {
            println!("{:>7}  {}  {title}", minutes(*took), if *passed { "ok    " } else { "FAILED" });
        }
        println!("{:>7}  in all", minutes(self.started.elapsed()));
    }
}

/// Says something that is about to take a while.
pub(crate) fn say(line: impl fmt::Display) {
    println!("-- {line}");
}

/// Runs a program to its end with its output on the terminal.
pub(crate) fn run(command: &mut Command) -> Outcome {
    println!("$ {}", shown(command));
    let status = command.status().map_err(|error| not_started(command, error))?;
    succeeded(command, status)
}

/// The same, and hands on every line of its standard output in the moment in which it appears.
pub(crate) fn run_by_lines(command: &mut Command, mut each: impl FnMut(&str)) -> Outcome {
    println!("$ {}", shown(command));
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| not_started(command, error))?;
    for line in child.stdout.take().into_iter().flat_map(|output| BufReader::new(output).split(b'\n')) {
        let line = line.map_err(|error| Failure::doing(format!("read what `{}` prints", shown(command)), error))?;
        let line = String::from_utf8_lossy(&line);
        each(&line);
        println!("{line}");
    }
    let status = child.wait().map_err(|error| Failure::doing(format!("wait for `{}`", shown(command)), error))?;
    succeeded(command, status)
}

/// Whether a program runs and succeeds; its output is not shown.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// What a program prints on standard output, without the blanks around it; `None` when it fails or does not exist.
pub(crate) fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn not_started(command: &Command, error: io::Error) -> Failure {
    Failure::doing(format!("start `{}`", shown(command)), error)
}

fn succeeded(command: &Command, status: ExitStatus) -> Outcome {
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{}` failed ({status}).", shown(command)))) }
}

/// The command line as a person would type it: without the folder of the program.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let words = iter::once(program.file_name().unwrap_or(program.as_os_str())).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

fn minutes(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_program_is_named_in_the_failure() {
        let failure = run(&mut Command::new("false")).expect_err("false fails");
        assert!(failure.to_string().contains("`false` failed"), "{failure}");
    }

    #[test]
    fn a_program_that_does_not_exist_is_a_failure_and_not_a_panic() {
        assert!(run(&mut Command::new("strongroom-no-such-program")).is_err());
        assert!(!succeeds(&mut Command::new("strongroom-no-such-program")));
        assert_eq!(output_of(&mut Command::new("strongroom-no-such-program")), None);
    }

    #[test]
    fn lines_are_handed_on_as_they_are() {
        let mut lines = Vec::new();
        run_by_lines(Command::new("printf").arg("one\\n\\ntwo"), |line| lines.push(line.to_owned())).expect("runs");
        assert_eq!(lines, ["one", "", "two"]);
        assert!(run_by_lines(&mut Command::new("false"), |_| {}).is_err());
    }

    #[test]
    fn durations_are_shown_in_minutes_and_seconds() {
        assert_eq!(minutes(Duration::from_secs(5)), "0:05");
        assert_eq!(minutes(Duration::from_secs(754)), "12:34");
    }
}
