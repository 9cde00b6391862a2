//! `bench`: the release measured on this machine, beside what it should reach. It prints what it finds, met or not.
//!
//! Everything happens under `target/bench`: a genuine presentation of 512 MiB, which stays for the next run, and the data
//! of the portal, which does not. With `--built` it takes the release that is there already; with `--files` it measures
//! uploads and downloads alone, with `--pages` lists and pages alone.

pub(crate) mod attacks;
mod client;
mod files;
mod inspection;
mod load;
mod nginx;
mod pages;
mod portal;
mod table;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use self::{
    files::DECK_MIB,
    portal::{CLIENT, OPS, Portal, Running, SignedIn},
    table::Table,
};
use crate::{
    process::{Failure, Outcome, run, say},
    serve,
    setup::{self, Need},
    workspace::{Workspace, create_folder},
};

/// Takes the release that is there already.
const BUILT: &str = "--built";
/// Uploads and downloads alone.
const FILES: &str = "--files";
/// Lists and pages alone.
const PAGES: &str = "--pages";
const DOCUMENTS: u32 = 100_000;

/// `cargo xtask bench`.
pub(crate) fn command(workspace: &Workspace, arguments: &[String]) -> Outcome {
    let is_known = |argument: &String| [BUILT, FILES, PAGES].contains(&argument.as_str());
    let is_given = |option: &str| arguments.iter().any(|argument| argument == option);
    if !arguments.iter().all(is_known) || is_given(FILES) && is_given(PAGES) {
        let takes = format!("`bench` takes `{BUILT}`, one of `{FILES}` and `{PAGES}`, and nothing else.");
        return Err(Failure::new(takes));
    }
    setup::require(workspace, &[Need::CCompiler, Need::Node, Need::Python], false)?;
    if !is_given(BUILT) {
        serve::build(workspace, &[])?;
    }
    let python = setup::python(workspace)?;
    let folder = workspace.path("target/bench");
    let data = folder.join("data");
    remove(&data)?;
    create_folder(&folder)?;
    let mut table = Table::default();
    let outcome = if is_given(PAGES) {
        measure_pages(workspace, &python, &mut table)
    } else {
        let deck = deck(workspace, &python, &folder)?;
        say("measuring: about three minutes; whatever else runs on this machine changes the numbers");
        if is_given(FILES) {
            measure_files(workspace, &deck, &mut table)
        } else {
            measure(workspace, &python, &deck, &mut table)
        }
    };
    remove(&data)?;
    outcome?;
    println!("\n{}", table.text());
    Ok(())
}

/// A genuine presentation of 512 MiB.
fn deck(workspace: &Workspace, python: &Path, folder: &Path) -> Outcome<PathBuf> {
    let deck = folder.join("files/deck.pptx");
    if !deck.is_file() {
        say("making a presentation of 512 MiB, once");
        create_folder(&folder.join("files"))?;
        let unfinished = folder.join("deck.part");
        let script = workspace.path("xtask/python/deck.py");
        run(workspace.command(python).arg(script).arg(&unfinished).arg(DECK_MIB.to_string()))?;
        fs::rename(&unfinished, &deck).map_err(|error| Failure::doing("move the presentation", error))?;
    }
    Ok(deck)
}

fn measure(workspace: &Workspace, python: &Path, deck: &Path, table: &mut Table) -> Outcome {
    let folder = workspace.path("target/bench");
    let samples = inspection::measure(workspace, python, &folder, table)?;
    let portal = Portal::create(workspace, &folder)?;
    let people = people(&portal)?;
    files::measure(&folder, &portal, &people, deck, table)?;
    portal.seed(workspace, python, DOCUMENTS)?;
    let server = portal.start()?;
    inspection::measure_in_browser(workspace, &samples, server.address, table)?;
    pages(workspace, &server, &people, table)
}

fn measure_files(workspace: &Workspace, deck: &Path, table: &mut Table) -> Outcome {
    let folder = workspace.path("target/bench");
    let portal = Portal::create(workspace, &folder)?;
    files::measure(&folder, &portal, &people(&portal)?, deck, table)
}

fn measure_pages(workspace: &Workspace, python: &Path, table: &mut Table) -> Outcome {
    let portal = Portal::create(workspace, &workspace.path("target/bench"))?;
    let people = people(&portal)?;
    portal.seed(workspace, python, DOCUMENTS)?;
    pages(workspace, &portal.start()?, &people, table)
}

fn pages(workspace: &Workspace, server: &Running, (ops, client): &(SignedIn, SignedIn), table: &mut Table) -> Outcome {
    pages::lists(server, client, table)?;
    pages::codings(server, client, table)?;
    pages::first_load(server, client, ops, table)?;
    pages::hydration(workspace, server, table)
}

/// One of ops and a client. They sign in at a server of their own, so that the memory of hashing passwords does not
/// count as idle later.
fn people(portal: &Portal) -> Outcome<(SignedIn, SignedIn)> {
    let server = portal.start()?;
    portal.sign_up(&server)?;
    Ok((server.sign_in(OPS)?, server.sign_in(CLIENT)?))
}

fn remove(folder: &Path) -> Outcome {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::doing(format!("remove {}", folder.display()), error))
        }
        _ => Ok(()),
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
