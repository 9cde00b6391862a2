//! Browser tests: Playwright drives the system's Chromium against the development build.

use std::{fs, path::Path};

use crate::{
    checks,
    postgres::Postgres,
    process::{Failure, Outcome, run},
    setup::{self, Need},
    timing::Timings,
    workspace::Workspace,
};

/// `cargo xtask e2e`: what the browser tests need, and nothing else. Further arguments go to Playwright.
pub(crate) fn command(workspace: &Workspace, arguments: &[String]) -> Outcome {
    setup::require(workspace, &[Need::CCompiler, Need::Node, Need::Python, Need::Chromium, Need::Postgres], false)?;
    setup::rust_parts(workspace)?;
    let python = setup::python(workspace)?;
    checks::build_for_browser_tests(workspace)?;
    let mut timings = Timings::default();
    let outcome = run_browser(workspace, &python, &Postgres::start()?, arguments, &mut timings);
    timings.print_slowest();
    outcome
}

/// Runs Playwright over a server that is built already.
pub(crate) fn run_browser(
    workspace: &Workspace,
    python: &Path,
    server: &Postgres,
    arguments: &[String],
    timings: &mut Timings,
) -> Outcome {
    setup::playwright(workspace)?;
    let chromium = setup::chromium().ok_or_else(|| Failure::new("Chromium is not installed."))?;
    let mut playwright = workspace.command(workspace.path("e2e/node_modules/.bin/playwright"));
    playwright.arg("test").args(arguments).current_dir(workspace.path("e2e"));
    playwright.env("STRONGROOM_BIN", workspace.server()).env("STRONGROOM_CHROMIUM", chromium);
    playwright.env("STRONGROOM_PYTHON", python).env("STRONGROOM_TEST_POSTGRES", server.url());
    // Where no language is set, Chromium cannot choose files whose names are not ASCII.
    playwright.env("LC_ALL", "C.UTF-8");
    let durations = workspace.path("target/browser-durations.tsv");
    // What an earlier run left there would be told as this one's, should this one not come to its end.
    let _ = fs::remove_file(&durations);
    let outcome = run(playwright.env("STRONGROOM_DURATIONS", &durations));
    timings.add_browser(&durations);
    outcome
}
