//! Dependencies that nothing uses.

use std::{collections::BTreeSet, path::PathBuf};

use crate::{
    process::{Failure, Outcome, output_of, run, say},
    workspace::{Workspace, read},
};

const CARGO_MACHETE: &str = "0.9.2";

/// Refuses a dependency that its crate does not use, and one of the workspace that no crate names.
pub(crate) fn are_used(workspace: &Workspace) -> Outcome {
    run(workspace.command(cargo_machete(workspace)?).args(["--skip-target-dir", "."]))?;
    let root = read(&workspace.path("Cargo.toml"))?;
    let members = members(&root).map(|folder| read(&workspace.path(folder).join("Cargo.toml")));
    let members = members.collect::<Outcome<Vec<_>>>()?;
    let idle = idle(&root, &members);
    if idle.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("no crate of the workspace names {}: take it out of Cargo.toml.", idle.join(", "))))
}

/// cargo-machete, which looks for the names of dependencies in the sources.
fn cargo_machete(workspace: &Workspace) -> Outcome<PathBuf> {
    let tool = workspace.tool("bin/cargo-machete");
    if output_of(workspace.command(&tool).arg("--version")).is_some_and(|version| version == CARGO_MACHETE) {
        return Ok(tool);
    }
    say("building cargo-machete: about a minute on two cores, once");
    let mut install = workspace.cargo(["install", "cargo-machete", "--version", CARGO_MACHETE, "--locked", "--force"]);
    install.arg("--root").arg(workspace.tool("")).env_remove("CARGO_TARGET_DIR");
    // Without any optimisation it takes ten times as long to run, and with all of it longer to build.
    install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1").env("CARGO_PROFILE_RELEASE_LTO", "off");
    run(install.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"))?;
    Ok(tool)
}

/// The folders of the crates.
fn members(root: &str) -> impl Iterator<Item = &str> {
    let list = root.lines().find_map(|line| line.strip_prefix("members = ["));
    list.into_iter().flat_map(|list| list.split('"').skip(1).step_by(2))
}

/// The dependencies of the workspace that no crate has.
fn idle<'a>(root: &'a str, members: &'a [String]) -> Vec<&'a str> {
    let declared = root.lines().skip_while(|line| *line != "[workspace.dependencies]").skip(1);
    let declared = declared.take_while(|line| !line.starts_with('[')).filter_map(key);
    let named: BTreeSet<&str> = members.iter().flat_map(|manifest| manifest.lines()).filter_map(key).collect();
    declared.filter(|name| !named.contains(name)).collect()
}

/// What stands before the first `.` or `=` of a line that sets something.
fn key(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    let name = key.split('.').next().unwrap_or(key).trim();
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "[workspace]\nmembers = [\"app\", \"crates/domain\"]\n\n[workspace.dependencies]\n# Everything.\n\
        http = \"1\" # headers\nhttp-body = \"1\" # a = b\nurl = { version = \"2\" }\n\n[profile.dev]\nopt-level = 1\n";

    #[test]
    fn a_dependency_that_no_crate_names_is_found() {
        let member = |text: &str| format!("[dependencies]\n{text}\n");
        let members = [member("http = { workspace = true }"), member("url.workspace = true")];
        assert_eq!(idle(ROOT, &members), ["http-body"]);
        assert_eq!(idle(ROOT, &members[..1]), ["http-body", "url"]);
    }

    #[test]
    fn members_are_read_from_the_list() {
        assert_eq!(members(ROOT).collect::<Vec<_>>(), ["app", "crates/domain"]);
        assert_eq!(members("[workspace]").count(), 0);
    }
}
