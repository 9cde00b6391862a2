//! How long each test took, where stable Rust does not say it.
//!
//! libtest tells times only under an unstable option, but what it prints is enough: it starts its tests in the order of
//! their names, as many at once as it has threads, the next one whenever one has ended, and prints a line at that moment.
//! So a test began when the line appeared that made room for it.

use std::{
    cmp::Reverse,
    fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use crate::process::{Outcome, run_by_lines};

/// How many tests are shown.
const SHOWN: usize = 10;

/// What libtest reads its number of threads from.
const THREADS: &str = "RUST_TEST_THREADS";

/// One test.
#[derive(Debug, PartialEq)]
struct Test {
    name: String,
    took: Duration,
}

/// The tests of a command.
#[derive(Default)]
pub(crate) struct Timings(Vec<Test>);

/// What one program of tests has printed so far.
struct Batch {
    threads: usize,
    begun: Duration,
    ended: Vec<(String, Duration)>,
}

impl Timings {
    /// Runs programs of tests to their end, with their output on the terminal.
    pub(crate) fn run(&mut self, cargo: &mut Command) -> Outcome {
        let threads = threads();
        let started = Instant::now();
        let mut batch = None;
        run_by_lines(cargo.env(THREADS, threads.to_string()), |line| {
            self.0.extend(read(line, started.elapsed(), threads, &mut batch));
        })
    }

    /// Adds what `e2e/support/durations.ts` wrote: milliseconds and a title a line. Nothing where it did not get so far.
    pub(crate) fn add_browser(&mut self, file: &Path) {
        self.0.extend(fs::read_to_string(file).iter().flat_map(|text| text.lines()).filter_map(browser_test));
    }

    pub(crate) fn print_slowest(&mut self) {
        if self.0.is_empty() {
            return;
        }
        println!("\n== The slowest of {} tests", self.0.len());
        for Test { name, took } in slowest(&mut self.0) {
            println!("{:>6.1} s  {name}", took.as_secs_f64());
        }
    }
}

impl Batch {
    /// What each test took. Only right for a batch that is complete: the order of its names is that of its beginnings.
    fn into_tests(self) -> Vec<Test> {
        let moments: Vec<Duration> = self.ended.iter().map(|(_, at)| *at).collect();
        let mut in_order = self.ended;
        in_order.sort();
        let begun = |index: usize| match index.checked_sub(self.threads) {
            Some(made_room) => moments[made_room],
            None => self.begun,
        };
        let tests = in_order.into_iter().enumerate();
        tests.map(|(index, (name, at))| Test { name, took: at.saturating_sub(begun(index)) }).collect()
    }
}

/// Takes one line of libtest's in; the tests of a batch once its last line is there.
fn read(line: &str, now: Duration, threads: usize, batch: &mut Option<Batch>) -> Vec<Test> {
    if line.starts_with("running ") {
        *batch = Some(Batch { threads, begun: now, ended: Vec::new() });
    } else if line.starts_with("test result: ") {
        return batch.take().map_or_else(Vec::new, Batch::into_tests);
    } else if let (Some(batch), Some((name, _))) = (batch, test_of(line)) {
        batch.ended.push((name.to_owned(), now));
    }
    Vec::new()
}

/// The name and the result in a line about a test that has ended.
fn test_of(line: &str) -> Option<(&str, &str)> {
    let (name, result) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let ended = ["ok", "FAILED", "ignored"].iter().any(|known| result.starts_with(known));
    ended.then_some((name.strip_suffix(" - should panic").unwrap_or(name), result))
}

fn browser_test(line: &str) -> Option<Test> {
    let (millis, title) = line.split_once('\t')?;
    Some(Test { name: title.to_owned(), took: Duration::from_millis(millis.parse().ok()?) })
}

fn slowest(tests: &mut [Test]) -> &[Test] {
    tests.sort_by_key(|test| Reverse(test.took));
    &tests[..tests.len().min(SHOWN)]
}

/// As many as libtest would choose by itself.
fn threads() -> usize {
    let chosen = std::env::var(THREADS).ok().and_then(|number| number.parse().ok());
    chosen.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads lines that appear at these seconds.
    fn tests_of(lines: &[(u64, &str)], threads: usize) -> Vec<(String, u64)> {
        let mut batch = None;
        let tests = lines.iter().flat_map(|(at, line)| read(line, Duration::from_secs(*at), threads, &mut batch));
        tests.map(|test| (test.name, test.took.as_secs())).collect()
    }

    #[test]
    fn a_test_begins_when_another_makes_room_for_it() {
        let lines = [
            (1, "running 5 tests"),
            (4, "test b ... ok"),
            (4, "test c ... ignored, needs a corpus"),
            (6, "test a ... FAILED"),
            (9, "test d - should panic ... ok"),
            (9, "what a test printed ... ok"),
            (11, "test e ... ok"),
            (11, "test result: FAILED. 3 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out"),
        ];
        let expected = [("a", 5), ("b", 3), ("c", 0), ("d", 5), ("e", 5)].map(|(name, took)| (name.to_owned(), took));
        assert_eq!(tests_of(&lines, 2), expected);
    }

    #[test]
    fn one_thread_runs_one_after_the_other() {
        let lines =
            [(0, "running 2 tests"), (2, "test a ... ok"), (7, "test b ... ok"), (7, "test result: ok. 2 passed")];
        assert_eq!(tests_of(&lines, 1), [("a".to_owned(), 2), ("b".to_owned(), 5)]);
    }

    #[test]
    fn a_program_that_dies_half_way_tells_nothing() {
        let lines = [
            (0, "running 2 tests"),
            (2, "test b ... ok"),
            (3, "running 1 test"),
            (5, "test x ... ok"),
            (5, "test result: ok."),
        ];
        assert_eq!(tests_of(&lines, 2), [("x".to_owned(), 2)]);
    }

    #[test]
    fn the_slowest_come_first_and_are_few() {
        let mut tests: Vec<Test> = (0..30).filter_map(|n| browser_test(&format!("{n}00\tjs › test {n}"))).collect();
        let shown = slowest(&mut tests);
        assert_eq!((shown.len(), shown[0].name.as_str()), (SHOWN, "js › test 29"));
        assert_eq!(browser_test("a line of something else"), None);
    }
}
