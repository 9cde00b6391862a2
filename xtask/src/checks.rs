//! `check` and `test`: what a change has to pass.

use std::path::Path;

use crate::{
    e2e,
    postgres::Postgres,
    process::{Failure, Journal, Outcome, run},
    setup::{self, Need},
    site::{self, Profile},
    workspace::{Workspace, create_folder, once},
};

/// Everything that runs natively, in one selection for clippy, the tests and the server of the browser tests: cargo
/// unites the features of what it builds together, so another selection would compile shared dependencies again.
/// The front end is left out because its `hydrate` would be united with the server's `ssr`, and the tools because they
/// would lend their features to the server.
const NATIVE: &[&str] =
    &["--workspace", "--exclude", "strongroom-frontend", "--exclude", "strongroom-bindgen", "--exclude", "xtask"];
const TOOLS: &[&str] = &["--package", "xtask", "--package", "strongroom-bindgen"];
const BROWSER: &[&str] = &["--package", "strongroom-frontend", "--target", "wasm32-unknown-unknown"];

/// `cargo xtask check`: quick, without PostgreSQL and browser.
pub(crate) fn check(workspace: &Workspace, arguments: &[String]) -> Outcome {
    if let Some(argument) = arguments.first() {
        return Err(Failure::new(format!("`check` takes no `{argument}`.")));
    }
    let mut journal = Journal::new();
    let outcome = check_steps(workspace, &mut journal);
    journal.print_summary();
    outcome
}

/// `cargo xtask test`: everything.
pub(crate) fn test(workspace: &Workspace, arguments: &[String]) -> Outcome {
    let install = match arguments {
        [] => false,
        [option] if option == "--install" => true,
        _ => return Err(Failure::new("`test` takes `--install` and nothing else.")),
    };
    let mut journal = Journal::new();
    let outcome = test_steps(workspace, install, &mut journal);
    journal.print_summary();
    outcome
}

fn check_steps(workspace: &Workspace, journal: &mut Journal) -> Outcome {
    journal.step("Set-up", || {
        setup::require(&[Need::CCompiler, Need::Downloaders], false)?;
        setup::rust_parts(workspace)?;
        setup::rust_checkers(workspace)
    })?;
    lint(workspace, journal)?;
    journal.step("Tests on SQLite", || {
        run(workspace.cargo(["test"]).args(TOOLS))?;
        let mut tests = workspace.cargo(["test"]);
        tests.args(NATIVE).env_remove("STRONGROOM_TEST_POSTGRES").env("STRONGROOM_TEST_POSTGRES_OPTIONAL", "1");
        run(&mut tests)
    })
}

fn test_steps(workspace: &Workspace, install: bool, journal: &mut Journal) -> Outcome {
    let python = journal.step("Set-up", || {
        let needs = [Need::CCompiler, Need::Node, Need::Python, Need::Chromium, Need::Postgres, Need::Downloaders];
        setup::require(&needs, install)?;
        setup::rust_parts(workspace)?;
        setup::rust_checkers(workspace)?;
        setup::python(workspace)
    })?;
    lint(workspace, journal)?;
    let server = journal.step("PostgreSQL", Postgres::start)?;
    journal.step("Tests on SQLite and PostgreSQL", || {
        run(workspace.cargo(["test"]).args(TOOLS))?;
        let mut tests = workspace.cargo(["test", "--no-fail-fast"]);
        tests.args(NATIVE).env("STRONGROOM_TEST_POSTGRES", server.url()).env("STRONGROOM_PYTHON", &python);
        run(&mut tests)
    })?;
    journal.step("Office files of real programs", || corpus(workspace, &python))?;
    journal.step("Budget of the browser's module", || site::build(workspace, Profile::Release))?;
    journal.step("Site and server", || build_for_browser_tests(workspace))?;
    journal.step("Browser tests", || e2e::run_browser(workspace, &python, &server, &[]))
}

/// The site, the server, and the example with a clock that can be set.
pub(crate) fn build_for_browser_tests(workspace: &Workspace) -> Outcome {
    site::build(workspace, Profile::Development)?;
    run(workspace.cargo(["build", "--bins", "--tests", "--examples"]).args(NATIVE))
}

fn lint(workspace: &Workspace, journal: &mut Journal) -> Outcome {
    let clippy = |selection: &[&str], targets: &str| {
        run(workspace.cargo(["clippy", targets]).args(selection).args(["--", "-D", "warnings"]))
    };
    journal.step("Format", || run(&mut workspace.cargo(["fmt", "--all", "--check"])))?;
    journal.step("Clippy, native", || {
        clippy(TOOLS, "--all-targets")?;
        clippy(NATIVE, "--all-targets")
    })?;
    journal.step("Clippy, browser", || clippy(BROWSER, "--lib"))
}

/// Makes the office files with the libraries that people use, and inspects every one of them.
fn corpus(workspace: &Workspace, python: &Path) -> Outcome {
    let scripts = ["genuine", "crafted"];
    let folder = workspace.path("target/corpus");
    let source = workspace.path("crates/office/tests/corpus");
    let mut inputs = scripts.map(|name| source.join(name).with_extension("py")).to_vec();
    inputs.push(source.join("requirements.txt"));
    create_folder(&folder)?;
    once(&folder.join("stamp"), &inputs, || {
        for name in scripts {
            run(workspace.command(python).arg(source.join(name).with_extension("py")).arg(folder.join(name)))?;
        }
        Ok(())
    })?;
    let mut tests = workspace.cargo(["test"]);
    tests.args(NATIVE).args(["--test", "corpus", "--", "--include-ignored"]).env("STRONGROOM_CORPUS", &folder);
    run(&mut tests)
}
