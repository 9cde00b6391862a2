//! The site: the browser's modules, their JavaScript, the style sheet and the public files, together in `target/site`.
//!
//! This is the one build pipeline of the project (docs/adr/0002); only `watch` leaves it to cargo-leptos.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    process::{Failure, Outcome, run, say},
    setup::{self, WASM},
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

/// A module of the browser.
struct Module {
    package: &'static str,
    /// Which of its features are built.
    features: &'static [&'static str],
    /// What cargo calls the file.
    artefact: &'static str,
    /// What the site calls it.
    name: &'static str,
    /// Most bytes after brotli of what is loaded because of it. Raising it is a decision of its own; what makes a
    /// module grow are the types of views, and data that no page needs.
    budget: u64,
    /// What is loaded beside it, and counts.
    companions: &'static [&'static str],
    /// How wasm-opt treats it in a release.
    optimisation: &'static [&'static str],
}

/// For size after compression. What is inlined compresses badly beyond a few instructions, and `-Oz` inlines more;
/// functions that stand beside their namesakes compress well. Rust puts its stack at the begin of the memory, so
/// that no pointer leads there.
const SMALL: &[&str] = &[
    "-Os",
    "--dae-optimizing",
    "-Os",
    "--always-inline-max-function-size=2",
    "--flexible-inline-max-function-size=0",
    "--one-caller-inline-max-function-size=20",
    "--low-memory-unused",
    "--reorder-functions-by-name",
];

/// What every page loads beside its module.
const STYLE: &[&str] = &["strongroom.css"];

/// What the pages of ops load: every page. Clients do not pay for it (docs/adr/0019).
const PAGES: Module = Module {
    package: "strongroom-frontend",
    features: &[],
    artefact: "strongroom_frontend",
    name: "strongroom",
    budget: 310_000,
    companions: STYLE,
    optimisation: SMALL,
};

/// What everybody else loads: the same without the pages of ops.
const CLIENTS: Module = Module { features: &["--no-default-features"], name: "clients", budget: 252_000, ..PAGES };

/// What the upload page's worker loads when the first file is chosen (docs/adr/0006).
const INSPECTOR: Module = Module {
    package: "strongroom-inspector",
    features: &[],
    artefact: "strongroom_inspector",
    name: "inspector",
    // No page waits for it. It grew by 100 kB with the second reading: names and pictures in clean copies, and Excel's own
    // password, whose hashes alone are 25 kB. `opt-level = 2` would save 13 kB.
    budget: 345_000,
    companions: &["worker.js"],
    optimisation: &["-O3"],
};

/// The worker's entry, which loads the module above.
const WORKER: &str = "inspector/worker.js";

impl Module {
    /// The cargo profile, and its folder below `target`. The inspector is compiled for speed even in development:
    /// unoptimised it takes minutes for what takes a second.
    fn profile(&self, profile: Profile) -> (&'static str, &'static str) {
        match profile {
            _ if self.name == INSPECTOR.name => ("worker", "worker"),
            Profile::Development => ("dev", "debug"),
            Profile::Release => ("wasm-release", "wasm-release"),
        }
    }
}

/// Builds the site into `target/site`. A release has to keep to the budgets.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Outcome {
    let modules = [
        (&PAGES, bind(workspace, &PAGES, profile)?),
        (&CLIENTS, bind(workspace, &CLIENTS, profile)?),
        (&INSPECTOR, build_inspector(workspace, profile)?),
    ];
    // Put together beside the place where it is served from, so that nothing of an earlier build stays behind.
    let next = workspace.path("target/site.next");
    remove_folder(&next)?;
    copy_folder(&workspace.path("public"), &next)?;
    for (_, bound) in &modules {
        copy_folder(bound, &next.join("pkg"))?;
    }
    write(&next.join("pkg/strongroom.css"), &style_sheet(&workspace.path("style/main.css"))?)?;
    if profile == Profile::Release {
        run(workspace.command("node").arg(workspace.path("xtask/node/precompress.mjs")).arg(&next))?;
        for (module, _) in &modules {
            keeps_to(module, &next.join("pkg"))?;
        }
    }
    let site = workspace.path("target/site");
    remove_folder(&site)?;
    fs::rename(&next, &site).map_err(|error| Failure::doing("move the site into its place", error))
}

/// The worker's module with its entry. `watch` calls it alone: cargo-leptos knows of one module, and the server of a
/// development build looks for this one where it is made.
pub(crate) fn build_inspector(workspace: &Workspace, profile: Profile) -> Outcome<PathBuf> {
    let bound = bind(workspace, &INSPECTOR, profile)?;
    copy(&workspace.path(WORKER), &bound.join("worker.js"))?;
    Ok(bound)
}

/// Compiles a module and generates its JavaScript; returns the folder with both.
fn bind(workspace: &Workspace, module: &Module, profile: Profile) -> Outcome<PathBuf> {
    let (cargo_profile, folder) = module.profile(profile);
    let built = workspace.path(&format!("target/{WASM}/{folder}"));
    let compiled = built.join(format!("{}.wasm", module.artefact));
    if module.package == PAGES.package {
        // Cargo has one file for both modules of this package and takes the one for the other: each is linked anew.
        remove_file(&compiled)?;
        remove_file(&built.join(format!("deps/{}.wasm", module.artefact)))?;
    }
    let mut cargo = workspace.cargo(["build", "--package", module.package, "--lib", "--profile", cargo_profile]);
    run(cargo.args(module.features).args(["--target", WASM]))?;
    let generator = setup::wasm_bindgen(workspace)?;
    let stage = if profile == Profile::Release { "release" } else { "debug" };
    let bound = workspace.path(&format!("target/bindgen/{}-{stage}", module.name));
    let result = bound.join(format!("{}_bg.wasm", module.name));
    if is_newer(&result, &compiled) && is_newer(&result, &generator) {
        return Ok(bound);
    }
    // Elsewhere first: a build that is interrupted must not look finished to the next one.
    let unfinished = bound.with_extension("part");
    remove_folder(&unfinished)?;
    let mut generate = workspace.command(&generator);
    generate.args(["--target=web", &format!("--out-name={}", module.name)]);
    if profile == Profile::Release {
        generate.arg("--keep-debug");
    }
    run(generate.arg(format!("--out-dir={}", unfinished.display())).arg(&compiled))?;
    if profile == Profile::Release {
        // Without the names, which it has used.
        say(format!("optimising the module {}: under a minute", module.name));
        let result = unfinished.join(format!("{}_bg.wasm", module.name));
        let mut optimise = workspace.command(setup::wasm_opt(workspace)?);
        optimise.args(module.optimisation).args(["--strip-producers", "--strip-target-features"]);
        run(optimise.arg(&result).arg("-o").arg(&result))?;
    }
    remove_folder(&bound)?;
    fs::rename(&unfinished, &bound).map_err(|error| Failure::doing("move the module into its place", error))?;
    Ok(bound)
}

/// Refuses a module that has outgrown its budget, together with what is loaded beside it. The files are those that a
/// page names; that it names no others is a test of the server's (server/tests/web/modules.rs).
fn keeps_to(module: &Module, folder: &Path) -> Outcome {
    let own = [format!("{}_bg.wasm", module.name), format!("{}.js", module.name)];
    let mut bytes = 0;
    for name in own.iter().map(String::as_str).chain(module.companions.iter().copied()) {
        let file = folder.join(format!("{name}.br"));
        let metadata = fs::metadata(&file);
        bytes += metadata.map_err(|error| Failure::doing(format!("look at {}", file.display()), error))?.len();
    }
    say(format!("{}: {bytes} of {} bytes after compression", module.name, module.budget));
    if bytes <= module.budget {
        return Ok(());
    }
    Err(Failure::new(format!(
        "The module {} is loaded in {bytes} bytes after compression, and its budget is {} (xtask/src/site.rs). Make it \
         smaller, or raise the budget and say why.",
        module.name, module.budget
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

fn remove_file(path: &Path) -> Outcome {
    if !path.exists() {
        return Ok(());
    }
    fs::remove_file(path).map_err(|error| Failure::doing(format!("remove {}", path.display()), error))
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
    fn a_module_that_has_outgrown_its_budget_is_refused_with_what_comes_beside_it() {
        let folder = std::env::temp_dir().join(format!("strongroom-budget-{}", std::process::id()));
        create_folder(&folder).expect("a folder");
        for name in ["clients_bg.wasm.br", "clients.js.br", "strongroom.css.br"] {
            write(&folder.join(name), "0123456789").expect("written");
        }
        assert!(keeps_to(&Module { budget: 30, ..CLIENTS }, &folder).is_ok());
        let failure = keeps_to(&Module { budget: 29, ..CLIENTS }, &folder).expect_err("one byte too many");
        remove_folder(&folder).expect("removed");
        assert!(failure.to_string().contains("30 bytes"), "{failure}");
    }

    #[test]
    fn an_import_of_a_file_that_is_not_there_is_refused() {
        assert!(sheet_of("missing", "@import \"./nowhere.css\";").is_err());
    }
}
