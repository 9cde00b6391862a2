//! `serve`, `watch` and `build`.

use std::{env, os::unix::process::CommandExt as _, process::Command};

use crate::{
    process::{Failure, Outcome, run, say},
    setup::{self, Need},
    site::{self, Profile},
    workspace::Workspace,
};

/// Builds the development site and server, then becomes the server.
pub(crate) fn serve(workspace: &Workspace, arguments: &[String]) -> Outcome {
    setup::require(workspace, &[Need::CCompiler], false)?;
    setup::rust_parts(workspace)?;
    if !workspace.server().exists() {
        say("the first build compiles every dependency: about five minutes on two cores; later starts take seconds");
    }
    build_development(workspace)?;
    become_program(workspace.command(workspace.server()).arg("serve").args(arguments))
}

/// The site and the server of the development profile.
pub(crate) fn build_development(workspace: &Workspace) -> Outcome {
    site::build(workspace, Profile::Development)?;
    run(&mut workspace.cargo(["build", "--package", "strongroom", "--bin", "strongroom"]))
}

/// Leaves building and reloading to cargo-leptos, which finds the project's own wasm-bindgen first on PATH.
pub(crate) fn watch(workspace: &Workspace, arguments: &[String]) -> Outcome {
    setup::require(workspace, &[Need::CCompiler], false)?;
    setup::rust_parts(workspace)?;
    // With its generator, which cargo-leptos needs as well.
    let _inspector = site::build_inspector(workspace, Profile::Development)?;
    setup::cargo_leptos(workspace)?;
    let found = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(workspace.tool("bin")).chain(env::split_paths(&found));
    let path = env::join_paths(folders).map_err(|error| Failure::doing("extend PATH", error))?;
    become_program(workspace.cargo(["leptos", "watch", "--", "serve"]).args(arguments).env("PATH", path))
}

/// Builds the release: the site first, because the server embeds it.
pub(crate) fn build(workspace: &Workspace, arguments: &[String]) -> Outcome {
    if let Some(argument) = arguments.first() {
        return Err(Failure::new(format!("`build` takes no `{argument}`.")));
    }
    setup::require(workspace, &[Need::CCompiler, Need::Node], false)?;
    setup::rust_parts(workspace)?;
    site::build(workspace, Profile::Release)?;
    say("compiling the server with optimisation: about ten minutes on two cores the first time");
    run(&mut workspace.cargo(["build", "--release", "--package", "strongroom", "--bin", "strongroom"]))?;
    println!("target/release/strongroom is ready.");
    Ok(())
}

/// Hands the process over, so that signals and the exit code are the program's own.
fn become_program(command: &mut Command) -> Outcome {
    let error = command.exec();
    Err(Failure::doing(format!("start {}", command.get_program().display()), error))
}
