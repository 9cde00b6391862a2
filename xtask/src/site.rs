//! The site: the browser's module, its JavaScript, the style sheet and the public files, together in `target/site`.
//!
//! This is the one build pipeline of the project (docs/adr/0002); only `watch` leaves it to cargo-leptos.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    process::{Failure, Outcome, run, say},
    setup,
    workspace::{Workspace, copy, create_folder, is_newer, read},
};

/// For whom the site is built.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Profile {
    /// Quick to build, large.
    Development,
    /// Small: optimised, then compressed beside each file.
    Release,
}

/// For size after compression: what is inlined compresses badly, and `-Oz` inlines.
const OPTIMISATION: [&str; 6] = [
    "-Os",
    "--always-inline-max-function-size=0",
    "--flexible-inline-max-function-size=0",
    "--one-caller-inline-max-function-size=0",
    "--strip-producers",
    "--strip-target-features",
];

/// Most bytes of the module after brotli: what was measured, and a tenth. Raising it is a decision of its own; what
/// makes a module grow are the types of views, and data that no page needs.
const MODULE_BUDGET: u64 = 292_000;

/// Builds the site into `target/site`. A release has to keep to the budget.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Outcome {
    let bound = bind(workspace, profile)?;
    // Put together beside the place where it is served from, so that nothing of an earlier build stays behind.
    let next = workspace.path("target/site.next");
    remove_folder(&next)?;
    copy_folder(&workspace.path("public"), &next)?;
    copy_folder(&bound, &next.join("pkg"))?;
    write(&next.join("pkg/strongroom.css"), &style_sheet(&workspace.path("style/main.css"))?)?;
    if profile == Profile::Release {
        run(workspace.command("node").arg(workspace.path("xtask/node/precompress.mjs")).arg(&next))?;
        keeps_to(MODULE_BUDGET, &next.join("pkg/strongroom_bg.wasm.br"))?;
    }
    let site = workspace.path("target/site");
    remove_folder(&site)?;
    fs::rename(&next, &site).map_err(|error| Failure::doing("move the site into its place", error))
}

/// Compiles the browser's module and generates its JavaScript; returns the folder with both.
fn bind(workspace: &Workspace, profile: Profile) -> Outcome<PathBuf> {
    let (cargo_profile, folder) = match profile {
        Profile::Development => ("dev", "debug"),
        Profile::Release => ("wasm-release", "wasm-release"),
    };
    let mut cargo = workspace.cargo(["build", "--package", "strongroom-frontend", "--lib", "--profile", cargo_profile]);
    run(cargo.args(["--target", "wasm32-unknown-unknown"]))?;
    let module = workspace.path(&format!("target/wasm32-unknown-unknown/{folder}/strongroom_frontend.wasm"));
    let generator = setup::wasm_bindgen(workspace)?;
    let bound = workspace.path(&format!("target/bindgen/{folder}"));
    let result = bound.join("strongroom_bg.wasm");
    if is_newer(&result, &module) && is_newer(&result, &generator) {
        return Ok(bound);
    }
    // Elsewhere first: a build that is interrupted must not look finished to the next one.
    let unfinished = bound.with_extension("part");
    remove_folder(&unfinished)?;
    let mut generate = workspace.command(&generator);
    generate.args(["--target=web", "--out-name=strongroom"]).arg(format!("--out-dir={}", unfinished.display()));
    run(generate.arg(&module))?;
    if profile == Profile::Release {
        say("optimising the module for size: under a minute");
        let result = unfinished.join("strongroom_bg.wasm");
        let mut optimise = workspace.command(setup::wasm_opt(workspace)?);
        optimise.args(OPTIMISATION);
        run(optimise.arg(&result).arg("-o").arg(&result))?;
    }
    remove_folder(&bound)?;
    fs::rename(&unfinished, &bound).map_err(|error| Failure::doing("move the module into its place", error))?;
    Ok(bound)
}

/// Refuses a file that has outgrown its budget.
fn keeps_to(budget: u64, file: &Path) -> Outcome {
    let metadata = fs::metadata(file).map_err(|error| Failure::doing(format!("look at {}", file.display()), error))?;
    if metadata.len() <= budget {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the browser's module has {} bytes after compression, and its budget is {budget} (xtask/src/site.rs). \
         Make it smaller, or raise the budget and say why.",
        metadata.len()
    )))
}

/// One style sheet out of several: each `@import "./part.css";` of the main file gives way to that file.
fn style_sheet(main: &Path) -> Outcome<String> {
    let folder = main.parent().unwrap_or(Path::new("."));
    let mut sheet = String::new();
    for line in read(main)?.lines() {
        let part = line.strip_prefix("@import \"./").and_then(|rest| rest.strip_suffix("\";"));
        match part {
            Some(name) => sheet.push_str(&read(&folder.join(name))?),
            None if line.starts_with("@import") => {
                return Err(Failure::new(format!(
                    "style/main.css: `{line}` is not of the form @import \"./part.css\";"
                )));
            }
            None => sheet.push_str(line),
        }
        sheet.push('\n');
    }
    Ok(sheet)
}

fn write(path: &Path, contents: &str) -> Outcome {
    fs::write(path, contents).map_err(|error| Failure::doing(format!("write {}", path.display()), error))
}

fn remove_folder(path: &Path) -> Outcome {
    if !path.exists() {
        return Ok(());
    }
    fs::remove_dir_all(path).map_err(|error| Failure::doing(format!("remove {}", path.display()), error))
}

fn copy_folder(from: &Path, to: &Path) -> Outcome {
    create_folder(to)?;
    let refused = |error| Failure::doing(format!("copy {}", from.display()), error);
    for entry in fs::read_dir(from).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_folder(&source, &target)?;
        } else {
            copy(&source, &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet_of(name: &str, main: &str) -> Outcome<String> {
        let folder = std::env::temp_dir().join(format!("strongroom-style-{name}-{}", std::process::id()));
        create_folder(&folder)?;
        write(&folder.join("tokens.css"), ":root { --ink: #123; }")?;
        write(&folder.join("main.css"), main)?;
        let sheet = style_sheet(&folder.join("main.css"));
        remove_folder(&folder)?;
        sheet
    }

    #[test]
    fn imports_give_way_to_the_files_they_name() {
        let sheet = sheet_of("inline", "@import \"./tokens.css\";\nbody { color: var(--ink); }").expect("a sheet");
        assert_eq!(sheet, ":root { --ink: #123; }\nbody { color: var(--ink); }\n");
    }

    #[test]
    fn an_import_of_another_form_is_refused_because_it_would_be_fetched_by_the_browser() {
        let failure = sheet_of("refuse", "@import url(\"./tokens.css\");").expect_err("not the plain form");
        assert!(failure.to_string().contains("style/main.css"), "{failure}");
    }

    #[test]
    fn a_file_that_has_outgrown_its_budget_is_refused() {
        let file = std::env::temp_dir().join(format!("strongroom-budget-{}", std::process::id()));
        write(&file, "0123456789").expect("written");
        assert!(keeps_to(10, &file).is_ok());
        let failure = keeps_to(9, &file).expect_err("one byte too many");
        fs::remove_file(&file).expect("removed");
        assert!(failure.to_string().contains("10 bytes"), "{failure}");
    }

    #[test]
    fn an_import_of_a_file_that_is_not_there_is_refused() {
        assert!(sheet_of("missing", "@import \"./nowhere.css\";").is_err());
    }
}
