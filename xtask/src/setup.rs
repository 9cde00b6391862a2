//! What the commands need before they can work.
//!
//! Tools that belong to the project are built or fetched under `target/tools`, in the versions that its lock files name,
//! and never touch what a person has installed. System packages are named in one command; only `--install` runs it.

use std::{env, path::PathBuf, process::Command};

use crate::{
    postgres,
    process::{Failure, Outcome, output_of, run, say, succeeds},
    workspace::{OWN_NODE, Workspace, copy, create_folder, is_newer, on_path, once},
};

/// The target of everything that runs in the browser.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";
const CARGO_LEPTOS: &str = "0.3.10";
/// The oldest Node.js that Playwright runs in. Debian 12 has an older one.
const OLDEST_NODE: u32 = 20;

/// A system package that only some commands need.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Need {
    /// For ring and SQLite, which are written in C and assembly.
    CCompiler,
    /// Runs wasm-opt, compresses the release and drives the browser.
    Node,
    /// Makes office files with the libraries that people use, and plays the SMTP server.
    Python,
    /// Writes office files, and has to open what the inspector accepts.
    LibreOffice,
    Chromium,
    Postgres,
    /// curl and wget, which the tests let resume downloads.
    Downloaders,
    /// Has to take the sample of the documentation.
    Nginx,
}

impl Need {
    fn is_met(self) -> bool {
        match self {
            Self::CCompiler => on_path(&["cc", "gcc", "clang"]).is_some(),
            Self::Node => on_path(&["npm"]).is_some() && on_path(&["node"]).is_some(),
            Self::Python => succeeds(Command::new("python3").args(["-c", "import venv, ensurepip"])),
            Self::LibreOffice => libreoffice().is_some(),
            Self::Chromium => chromium().is_some(),
            Self::Postgres => postgres::binaries().is_some(),
            Self::Downloaders => on_path(&["curl"]).is_some() && on_path(&["wget"]).is_some(),
            Self::Nginx => nginx().is_some(),
        }
    }

    /// The packages of Debian and Ubuntu.
    fn packages(self) -> &'static str {
        match self {
            Self::CCompiler => "build-essential",
            Self::Node => "nodejs npm",
            Self::Python => "python3 python3-venv",
            Self::LibreOffice => "libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui",
            Self::Chromium => "chromium",
            Self::Postgres => "postgresql",
            Self::Downloaders => "curl wget",
            Self::Nginx => "nginx-light",
        }
    }
}

/// Makes sure that every need is met: names the package command and stops, or runs it when `install` is given.
pub(crate) fn require(workspace: &Workspace, needs: &[Need], install: bool) -> Outcome {
    let missing = |needs: &[Need]| -> Vec<Need> { needs.iter().copied().filter(|need| !need.is_met()).collect() };
    let absent = missing(needs);
    if !absent.is_empty() {
        let packages: Vec<&str> = absent.iter().map(|need| need.packages()).collect();
        let line = format!("sudo apt-get install -y {}", packages.join(" "));
        if !install {
            return Err(Failure::new(format!(
                "something is missing on this system. Install it with\n\n    {line}\n\nor its like, and try again."
            )));
        }
        say(format!("installing {}: one to three minutes", packages.join(" ")));
        apt_get("update", &[])?;
        let names: Vec<&str> = packages.iter().flat_map(|names| names.split(' ')).collect();
        apt_get("install", &names)?;
        if let Some(need) = missing(&absent).first() {
            return Err(Failure::new(format!("{need:?} is still not found after `{line}`.")));
        }
    }
    if needs.contains(&Need::Node) { recent_node(workspace) } else { Ok(()) }
}

/// The Chromium that the browser tests use.
pub(crate) fn chromium() -> Option<PathBuf> {
    match env::var_os("STRONGROOM_CHROMIUM") {
        Some(named) => Some(PathBuf::from(named)).filter(|path| path.is_file()),
        None => on_path(&["chromium", "chromium-browser", "google-chrome"]),
    }
}

/// The LibreOffice that writes office files and has to open them.
pub(crate) fn libreoffice() -> Option<PathBuf> {
    on_path(&["soffice", "libreoffice"])
}

/// The nginx that is measured beside, and that reads the sample. Debian keeps it off the PATH of ordinary users.
pub(crate) fn nginx() -> Option<PathBuf> {
    on_path(&["nginx"]).or_else(|| Some(PathBuf::from("/usr/sbin/nginx")).filter(|path| path.is_file()))
}

/// The parts of the Rust toolchain that rustup's minimal profile leaves out.
pub(crate) fn rust_parts(workspace: &Workspace) -> Outcome {
    let folder = output_of(workspace.command("rustc").args(["--print", "target-libdir", "--target", WASM]));
    if !folder.is_some_and(|folder| PathBuf::from(folder).is_dir()) {
        say("adding the WebAssembly target to the Rust toolchain: under a minute");
        run(workspace.command("rustup").args(["target", "add", WASM]))?;
    }
    Ok(())
}

/// rustfmt and clippy, which only the checks need.
pub(crate) fn rust_checkers(workspace: &Workspace) -> Outcome {
    let present =
        succeeds(&mut workspace.cargo(["fmt", "--version"])) && succeeds(&mut workspace.cargo(["clippy", "--version"]));
    if present { Ok(()) } else { run(workspace.command("rustup").args(["component", "add", "rustfmt", "clippy"])) }
}

/// The generator of the JavaScript side, from the workspace's own lock file (docs/adr/0002).
pub(crate) fn wasm_bindgen(workspace: &Workspace) -> Outcome<PathBuf> {
    let tool = workspace.tool("bin/wasm-bindgen");
    if !tool.exists() {
        say("building wasm-bindgen: about half a minute, once");
    }
    run(&mut workspace.cargo(["build", "--quiet", "--package", "strongroom-bindgen"]))?;
    let built = workspace.path("target/debug/strongroom-bindgen");
    if !is_newer(&tool, &built) {
        copy(&built, &tool)?;
    }
    Ok(tool)
}

/// wasm-opt, from the npm package binaryen.
pub(crate) fn wasm_opt(workspace: &Workspace) -> Outcome<PathBuf> {
    let folder = npm_tool(workspace, "xtask/node", "node", "wasm-opt (100 MB on disk)")?;
    Ok(folder.join("node_modules/.bin/wasm-opt"))
}

/// A Node.js that the tools run in: the system's, or where that is too old one of the project's own, which
/// [`Workspace::command`] finds first.
fn recent_node(workspace: &Workspace) -> Outcome {
    let found = || output_of(workspace.command("node").arg("--version")).unwrap_or_default();
    let system = found();
    if is_recent(&system) {
        return Ok(());
    }
    npm_tool(
        workspace,
        "xtask/node/runtime",
        OWN_NODE,
        &format!("Node.js, since {system} is too old (120 MB on disk)"),
    )?;
    let own = found();
    if is_recent(&own) {
        return Ok(());
    }
    let sentence = format!("Node.js {OLDEST_NODE} or newer is needed, and this is {own:?}");
    Err(Failure::new(format!("{sentence}: see https://nodejs.org/en/download.")))
}

fn is_recent(version: &str) -> bool {
    let major = version.trim_start_matches('v').split('.').next();
    major.and_then(|major| major.parse().ok()).is_some_and(|major: u32| major >= OLDEST_NODE)
}

/// What the lock file of this folder names, in a folder of its own among the tools.
fn npm_tool(workspace: &Workspace, lock: &str, tool: &str, what: &str) -> Outcome<PathBuf> {
    let folder = workspace.tool(tool);
    let inputs = ["package.json", "package-lock.json"].map(|name| workspace.path(lock).join(name));
    once(&workspace.tool(&format!("{tool}.stamp")), &inputs, || {
        say(format!("fetching {what}: under a minute"));
        create_folder(&folder)?;
        for input in &inputs {
            let name = input.file_name().unwrap_or_default();
            copy(input, &folder.join(name))?;
        }
        npm_ci(workspace.command("npm").current_dir(&folder))
    })?;
    Ok(folder)
}

/// Playwright, without browsers of its own: the system's Chromium is used.
pub(crate) fn playwright(workspace: &Workspace) -> Outcome {
    npm_packages(workspace, "e2e", "e2e.stamp", "Playwright")
}

/// The JavaScript libraries that write office files.
pub(crate) fn office_writers(workspace: &Workspace) -> Outcome {
    npm_packages(workspace, "crates/office/tests/corpus/node", "office.stamp", "docx, exceljs and pptxgenjs")
}

/// The packages that the lock file of this folder names, beside it.
fn npm_packages(workspace: &Workspace, folder: &str, stamp: &str, what: &str) -> Outcome {
    let (folder, stamp) = (workspace.path(folder), workspace.tool(stamp));
    let inputs = ["package.json", "package-lock.json"].map(|name| folder.join(name));
    if !folder.join("node_modules").is_dir() {
        let _ = std::fs::remove_file(&stamp);
    }
    once(&stamp, &inputs, || {
        say(format!("fetching {what}: under a minute"));
        npm_ci(workspace.command("npm").current_dir(&folder))
    })
}

/// A Python of the project's own, with the libraries that make office files, receive mail and try the API.
pub(crate) fn python(workspace: &Workspace) -> Outcome<PathBuf> {
    let python = workspace.tool("venv/bin/python");
    let inputs =
        ["crates/office/tests/corpus/requirements.txt", "e2e/requirements.txt", "xtask/python/requirements.txt"]
            .map(|name| workspace.path(name));
    if !python.exists() {
        let _ = std::fs::remove_file(workspace.tool("venv.stamp"));
    }
    once(&workspace.tool("venv.stamp"), &inputs, || {
        say("preparing Python and its packages: under a minute");
        run(workspace.command("python3").args(["-m", "venv", "--clear"]).arg(workspace.tool("venv")))?;
        let mut pip = workspace.command(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        for input in &inputs {
            pip.arg("-r").arg(input);
        }
        run(&mut pip)
    })?;
    Ok(python)
}

/// cargo-leptos, which only `watch` needs.
pub(crate) fn cargo_leptos(workspace: &Workspace) -> Outcome {
    let tool = workspace.tool("bin/cargo-leptos");
    let version = output_of(workspace.command(&tool).args(["leptos", "--version"]));
    if version.is_some_and(|line| line.contains(CARGO_LEPTOS)) {
        return Ok(());
    }
    say("building cargo-leptos: about six minutes on two cores, once");
    let mut install = workspace.cargo(["install", "cargo-leptos", "--version", CARGO_LEPTOS, "--locked", "--debug"]);
    // Without downloads: it would fetch a wasm-bindgen and a wasm-opt of its own.
    install.args(["--features", "no_downloads", "--force", "--root"]).arg(workspace.tool(""));
    // In a temporary folder that cargo removes; gigabytes of a tool's parts are of no use later.
    run(install.env_remove("CARGO_TARGET_DIR").env("CARGO_PROFILE_DEV_DEBUG", "0"))
}

fn npm_ci(npm: &mut Command) -> Outcome {
    run(npm.args(["ci", "--no-audit", "--no-fund"]).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))
}

fn apt_get(verb: &str, packages: &[&str]) -> Outcome {
    let is_root = output_of(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    let mut command = if is_root { Command::new("apt-get") } else { Command::new("sudo") };
    if !is_root {
        command.arg("apt-get");
    }
    run(command.arg(verb).args(["-y", "-q"]).args(packages).env("DEBIAN_FRONTEND", "noninteractive"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recent_node_is_told_by_its_version() {
        assert!(["v20.0.0", "v24.21.0", "v100.1.2"].iter().all(|version| is_recent(version)));
        assert!(["v18.20.4", "", "node", "v"].iter().all(|version| !is_recent(version)));
    }
}
