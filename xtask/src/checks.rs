//! `check` and `test`: what a change has to pass.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    dependencies, e2e,
    postgres::Postgres,
    process::{Failure, Journal, Outcome, run},
    setup::{self, Need},
    site::{self, Profile},
    timing::Timings,
    workspace::{Workspace, create_folder, once},
};

/// Everything that runs natively, in one selection for clippy, the tests and the server of the browser tests: cargo
/// unites the features of what it builds together, so another selection would compile shared dependencies again.
/// The front end is left out because its `hydrate` would be united with the server's `ssr`, and the tools because they
/// would lend their features to the server.
const NATIVE: &[&str] =
    &["--workspace", "--exclude", "strongroom-frontend", "--exclude", "strongroom-bindgen", "--exclude", "xtask"];
const TOOLS: &[&str] = &["--package", "xtask", "--package", "strongroom-bindgen"];
const BROWSER: &[&str] =
    &["--package", "strongroom-frontend", "--package", "strongroom-inspector", "--target", setup::WASM];

/// `cargo xtask check`: quick, without PostgreSQL and browser.
pub(crate) fn check(workspace: &Workspace, arguments: &[String]) -> Outcome {
    if let Some(argument) = arguments.first() {
        return Err(Failure::new(format!("`check` takes no `{argument}`.")));
    }
    let (mut journal, mut timings) = (Journal::new(), Timings::default());
    let outcome = check_steps(workspace, &mut journal, &mut timings);
    timings.print_slowest();
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
    let (mut journal, mut timings) = (Journal::new(), Timings::default());
    let outcome = test_steps(workspace, install, &mut journal, &mut timings);
    timings.print_slowest();
    journal.print_summary();
    outcome
}

fn check_steps(workspace: &Workspace, journal: &mut Journal, timings: &mut Timings) -> Outcome {
    journal.step("Set-up", || {
        setup::require(workspace, &[Need::CCompiler, Need::Downloaders], false)?;
        setup::rust_parts(workspace)?;
        setup::rust_checkers(workspace)
    })?;
    lint(workspace, journal)?;
    journal.step("Tests on SQLite", || {
        timings.run(workspace.cargo(["test"]).args(TOOLS))?;
        let mut tests = workspace.cargo(["test"]);
        tests.args(NATIVE).env_remove("STRONGROOM_TEST_POSTGRES").env("STRONGROOM_TEST_POSTGRES_OPTIONAL", "1");
        timings.run(&mut tests)
    })
}

fn test_steps(workspace: &Workspace, install: bool, journal: &mut Journal, timings: &mut Timings) -> Outcome {
    let python = journal.step("Set-up", || {
        let needs = [
            Need::CCompiler,
            Need::Node,
            Need::Python,
            Need::LibreOffice,
            Need::Chromium,
            Need::Postgres,
            Need::Downloaders,
            Need::Nginx,
        ];
        setup::require(workspace, &needs, install)?;
        setup::rust_parts(workspace)?;
        setup::rust_checkers(workspace)?;
        setup::python(workspace)
    })?;
    lint(workspace, journal)?;
    let server = journal.step("PostgreSQL", Postgres::start)?;
    journal.step("Tests on SQLite and PostgreSQL", || {
        timings.run(workspace.cargo(["test"]).args(TOOLS))?;
        let mut tests = workspace.cargo(["test", "--no-fail-fast"]);
        tests.args(NATIVE).env("STRONGROOM_TEST_POSTGRES", server.url()).env("STRONGROOM_PYTHON", &python);
        // An answer that is not as kept fails, and leaves nothing behind.
        tests.env("INSTA_UPDATE", "no");
        timings.run(&mut tests)
    })?;
    journal.step("Office files of real programs", || corpus(workspace, &python, timings))?;
    journal.step("Budgets of the browser's modules", || site::build(workspace, Profile::Release))?;
    journal.step("Site and server", || build_for_browser_tests(workspace))?;
    journal.step("API and its description", || description(workspace, &python))?;
    journal.step("Browser tests", || e2e::run_browser(workspace, &python, &server, &[], timings))
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
    journal.step("Dependencies", || dependencies::are_used(workspace))?;
    journal.step("Clippy, native", || {
        clippy(TOOLS, "--all-targets")?;
        clippy(NATIVE, "--all-targets")
    })?;
    journal.step("Clippy, browser", || {
        clippy(BROWSER, "--lib")?;
        // The module of clients is the other half of the same package.
        clippy(&[BROWSER, &["--no-default-features"]].concat(), "--lib")
    })
}

/// Asks the server that was built for the browser tests, as ops, client and nobody, whatever its description allows.
fn description(workspace: &Workspace, python: &Path) -> Outcome {
    run(workspace.command(python).arg(workspace.path("xtask/python/description.py")).arg(workspace.server()))
}

/// Makes the office files with the programs and libraries that people use, inspects and cleans every one of them, and
/// lets Python and LibreOffice open what is accepted.
fn corpus(workspace: &Workspace, python: &Path, timings: &mut Timings) -> Outcome {
    setup::office_writers(workspace)?;
    let soffice = setup::libreoffice().ok_or_else(|| Failure::new("LibreOffice is not installed."))?;
    let source = workspace.path("crates/office/tests/corpus");
    let folder = workspace.path("target/corpus");
    let [genuine, cleaned] = ["genuine", "cleaned"].map(|name| folder.join(name));
    let made_from_nothing = ["crafted", "xray", "clean"];
    let mut inputs = office_scripts(&source)?;
    inputs.extend(["requirements.txt", "node/genuine.mjs", "node/package-lock.json"].map(|name| source.join(name)));
    create_folder(&folder)?;
    once(&folder.join("stamp"), &inputs, || {
        // A script may write fewer files than its last version did.
        let _ = fs::remove_dir_all(&genuine);
        run(workspace.command(python).arg(source.join("genuine.py")).arg(&genuine))?;
        run(workspace.command("node").arg(source.join("node/genuine.mjs")).arg(&genuine))?;
        let mut again = workspace.command(python);
        run(again.arg(source.join("libreoffice.py")).arg(&soffice).args([&genuine, &genuine]))?;
        for name in made_from_nothing {
            let _ = fs::remove_dir_all(folder.join(name));
            run(workspace.command(python).arg(source.join(name).with_extension("py")).arg(folder.join(name)))?;
        }
        Ok(())
    })?;
    let _ = fs::remove_dir_all(&cleaned);
    create_folder(&cleaned)?;
    let mut tests = |selection: &[&str]| {
        let mut tests = workspace.cargo(["test"]);
        tests.args(NATIVE).args(selection).env("STRONGROOM_CORPUS", &folder).env("STRONGROOM_CLEANED", &cleaned);
        timings.run(tests.env("STRONGROOM_PYTHON", python).env("STRONGROOM_SOFFICE", &soffice))
    };
    tests(&["--test", "clean", "--test", "corpus", "--test", "xray", "--", "--include-ignored"])?;
    run(workspace.command(python).arg(source.join("clean.py")).args([&folder, &cleaned]))?;
    tests(&["--test", "differential", "--lib", "--", "--ignored", "accepted_file", "well_formed"])
}

/// The scripts that make office files, in the order of their names.
fn office_scripts(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let refused = |error| Failure::doing(format!("read {}", folder.display()), error);
    let entries = fs::read_dir(folder).map_err(refused)?.flatten();
    let mut scripts: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    scripts.retain(|path| path.extension().is_some_and(|extension| extension == "py"));
    scripts.sort();
    Ok(scripts)
}
