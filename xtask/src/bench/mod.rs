//! `bench`: the release measured on this machine, beside what it should reach. It prints what it finds, met or not.
//!
//! Everything happens under `target/bench`: a genuine presentation of 512 MiB, which stays for the next run, and the data
//! of the portal, which does not. With `--built` it takes the release that is there already; with `--pages` it measures
//! lists and pages alone.

pub(crate) mod attacks;
mod client;
mod inspection;
mod load;
mod nginx;
mod portal;
mod table;

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use self::{
    client::{Connection, Request},
    portal::{CLIENT, OPS, Portal, Running, SignedIn, json_text},
    table::{Aim, Table},
};
use crate::{
    process::{Failure, Outcome, run, say},
    serve,
    setup::{self, Need},
    workspace::{Workspace, create_folder},
};

/// Takes the release that is there already.
const BUILT: &str = "--built";
/// Leaves out files and their inspection.
const PAGES: &str = "--pages";
/// An answer as it is.
const PLAIN: &str = "identity";

const DECK_MIB: u32 = 512;
const DOCUMENTS: u32 = 100_000;
const DOWNLOADS: usize = 9;
const MIB: f64 = 1_048_576.0;

// What the portal should reach.
const OF_NGINX: Aim = Aim::AtLeast(0.8);
const MEMORY_MIB: Aim = Aim::AtMost(64.0);
const LISTS_PER_SECOND: Aim = Aim::AtLeast(1_000.0);
const LIST_P99_MS: Aim = Aim::AtMost(50.0);
/// Of pages of clients.
const FIRST_LOAD_KB: Aim = Aim::AtMost(200.0);

/// `cargo xtask bench`.
pub(crate) fn command(workspace: &Workspace, arguments: &[String]) -> Outcome {
    let is_known = |argument: &String| [BUILT, PAGES].contains(&argument.as_str());
    if !arguments.iter().all(is_known) {
        return Err(Failure::new(format!("`bench` takes `{BUILT}`, `{PAGES}` and nothing else.")));
    }
    let is_given = |option: &str| arguments.iter().any(|argument| argument == option);
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
        measure(workspace, &python, &deck, &mut table)
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
    let (ops, client) = people(&portal)?;
    {
        let server = portal.start()?;
        upload(&server, &ops, deck, table)?;
        download(&server, &client, deck, &folder, table)?;
    }
    portal.seed(workspace, python, DOCUMENTS)?;
    let server = portal.start()?;
    inspection::measure_in_browser(workspace, &samples, server.address, table)?;
    lists(&server, &client, table)?;
    codings(&server, &client, table)?;
    first_load(&server, &client, &ops, table)
}

fn measure_pages(workspace: &Workspace, python: &Path, table: &mut Table) -> Outcome {
    let portal = Portal::create(workspace, &workspace.path("target/bench"))?;
    let (_, client) = people(&portal)?;
    portal.seed(workspace, python, DOCUMENTS)?;
    let server = portal.start()?;
    lists(&server, &client, table)?;
    codings(&server, &client, table)
}

/// One of ops and a client. They sign in at a server of their own, so that the memory of hashing passwords does not
/// count as idle later.
fn people(portal: &Portal) -> Outcome<(SignedIn, SignedIn)> {
    let server = portal.start()?;
    portal.sign_up(&server)?;
    Ok((server.sign_in(OPS)?, server.sign_in(CLIENT)?))
}

/// One upload, and the memory that it took.
fn upload(server: &Running, ops: &SignedIn, deck: &Path, table: &mut Table) -> Outcome {
    say("upload");
    // Whatever a first request sets up is not the upload's.
    server.expect(200, &ops.by_token(Request::get("/api/v1/files")))?;
    let failed = |error| Failure::doing("upload the presentation", error);
    let idle = server.memory()?;
    server.forget_peak()?;
    let begun = Instant::now();
    let mut connection = Connection::open(server.address).map_err(failed)?;
    let answer = connection.post_file(ops.by_token(Request::upload("/api/v1/upload")), deck).map_err(failed)?;
    let took = begun.elapsed();
    if answer.status != 201 {
        return Err(Failure::new(format!("the upload was answered {}: {}", answer.status, answer.text())));
    }
    let what = format!("Upload of {DECK_MIB} MiB");
    let how = "one POST /api/v1/upload, until the answer: sealed, durable and inspected";
    table.add(what, Aim::None, mebibytes_per_second(deck, took)?, "MiB/s", how);
    let how = format!("highest resident set above the {idle:.0} MiB of the idle server");
    table.add("Memory while uploading", MEMORY_MIB, server.peak_memory()? - idle, "MiB", how);
    Ok(())
}

/// Downloads over a minted link, in turns with nginx.
fn download(server: &Running, client: &SignedIn, deck: &Path, folder: &Path, table: &mut Table) -> Outcome {
    say("download");
    let listed = server.expect(200, &client.by_token(Request::get("/api/v1/files")))?.text();
    let link = json_text(&listed, "download_url")?;
    let path = link.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    let sealed = client.by_token(Request::get(format!("/{path}")));
    let nginx = nginx::start(&folder.join("nginx"), &folder.join("files"))?;
    let plain = Request::get("/deck.pptx");
    let idle = server.memory()?;
    server.forget_peak()?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..DOWNLOADS {
        ours.push(fetch(server.address, &sealed, deck)?);
        if let Some(nginx) = &nginx {
            theirs.push(fetch(nginx.address, &plain, deck)?);
        }
    }
    let peak = server.peak_memory()? - idle;
    let (median, best) = median_and_best(&mut ours);
    let how = format!("median of {DOWNLOADS} over a minted link, decrypted on the way; best {best:.0}");
    table.add(format!("Download of {DECK_MIB} MiB"), Aim::None, median, "MiB/s", how);
    if nginx.is_some() {
        let (yardstick, best) = median_and_best(&mut theirs);
        let how = format!("in turns with it, the same bytes unsealed: median {yardstick:.0} MiB/s, best {best:.0}");
        table.add("Download, compared with nginx", OF_NGINX, median / yardstick, "", how);
    } else {
        table.leave_out("Download, compared with nginx", "nginx is not installed");
    }
    let how = format!("highest resident set above the {idle:.0} MiB before");
    table.add("Memory while downloading", MEMORY_MIB, peak, "MiB", how);
    Ok(())
}

/// Mebibytes a second of one download on a fresh connection.
fn fetch(host: SocketAddr, request: &Request, deck: &Path) -> Outcome<f64> {
    let failed = |error| Failure::doing("download the presentation", error);
    let begun = Instant::now();
    let len = Connection::open(host).and_then(|mut connection| connection.drain(request)).map_err(failed)?;
    let took = begun.elapsed();
    if len != size(deck)? {
        return Err(Failure::new(format!("a download had {len} bytes.")));
    }
    mebibytes_per_second(deck, took)
}

/// Lists of many documents under load.
fn lists(server: &Running, client: &SignedIn, table: &mut Table) -> Outcome {
    let call = |form: &str| {
        let request = Request::post("/api/fn/list_documents", "application/x-www-form-urlencoded", form);
        client.by_session(request.with("Accept", "application/json"))
    };
    let page = client.by_session(Request::get("/documents").with("Accept", "text/html"));
    let api = client.by_token(Request::get("/api/v1/files"));
    let of_session = (LISTS_PER_SECOND, LIST_P99_MS);
    let unaimed = (Aim::None, Aim::None);
    let cases = [
        ("List, newest first", of_session, call("sort=newest"), "the server function that the page calls"),
        ("List, by name", of_session, call("sort=name"), "the same"),
        ("List, by name, a search", of_session, call("sort=name&q=harbour"), "the same; one name in a hundred matches"),
        ("List, a search in vain", unaimed, call("q=nowhere"), "the same; every name is looked at"),
        ("Page /documents", of_session, page, "rendered on the server"),
        ("GET /api/v1/files", unaimed, api, "mints 50 links and writes that down, durably"),
    ];
    for (what, (rate, p99), request, how) in cases {
        say(what);
        let measured = load::put_on(server.address, &request)?;
        let how = format!("{how}; {} connections", load::CONNECTIONS);
        table.add(format!("{what}: rate"), rate, measured.per_second, "/s", how);
        let how = format!("median {:.1} ms", milliseconds(measured.median));
        table.add(format!("{what}: 99 % within"), p99, milliseconds(measured.p99), "ms", how);
    }
    Ok(())
}

/// What each coding saves and costs: the same page of the same list, in the same run.
fn codings(server: &Running, client: &SignedIn, table: &mut Table) -> Outcome {
    for coding in [PLAIN, "gzip", "br", "zstd"] {
        say(format!("Page /documents, {coding}"));
        let page = Request::get("/documents").with("Accept", "text/html").with("Accept-Encoding", coding);
        let page = client.by_session(page);
        let answer = server.expect(200, &page)?;
        let given = answer.header("content-encoding").unwrap_or(PLAIN);
        if given != coding {
            return Err(Failure::new(format!("asked for {coding}, the page came as {given}.")));
        }
        let before = server.cpu()?;
        let measured = load::put_on(server.address, &page)?;
        let busy = milliseconds(server.cpu()? - before) / measured.answers as f64;
        let size = answer.body.len() as f64 / 1_000.0;
        table.add(format!("Page /documents, {coding}: size"), Aim::None, size, "kB", "50 rows, the HTML alone");
        let how = "time of the server's process for a page: rendering and compressing";
        table.add(format!("Page /documents, {coding}: CPU"), Aim::None, busy, "ms", how);
        let how = format!("{} connections; median {:.1} ms", load::CONNECTIONS, milliseconds(measured.median));
        table.add(format!("Page /documents, {coding}: rate"), Aim::None, measured.per_second, "/s", how);
    }
    Ok(())
}

/// The bytes of a first visit, as a browser that takes brotli receives them. Ops load another module (docs/adr/0019).
fn first_load(server: &Running, client: &SignedIn, ops: &SignedIn, table: &mut Table) -> Outcome {
    let bytes = |request: Request| -> Outcome<f64> {
        let answer = server.expect(200, &request.with("Accept-Encoding", "gzip, br"))?;
        Ok(answer.body.len() as f64 / 1_000.0)
    };
    let page = |path: &str| Request::get(path).with("Accept", "text/html");
    let style = bytes(Request::get("/pkg/strongroom.css"))?;
    for (name, request, module, aim) in [
        ("/login", page("/login"), "clients", FIRST_LOAD_KB),
        ("/documents, 50 rows", client.by_session(page("/documents")), "clients", FIRST_LOAD_KB),
        ("/ops/documents, 50 rows", ops.by_session(page("/ops/documents")), "strongroom", Aim::None),
    ] {
        let html = bytes(request)?;
        let script = bytes(Request::get(format!("/pkg/{module}.js")))?;
        let module = bytes(Request::get(format!("/pkg/{module}_bg.wasm")))?;
        let how = format!("kB: HTML {html:.1}, CSS {style:.1}, JavaScript {script:.1}, WASM {module:.1}");
        table.add(format!("First load of {name}"), aim, html + style + script + module, "kB", how);
    }
    Ok(())
}

fn median_and_best(values: &mut [f64]) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    (values.get(values.len() / 2).copied().unwrap_or(0.0), values.last().copied().unwrap_or(0.0))
}

fn mebibytes_per_second(file: &Path, took: Duration) -> Outcome<f64> {
    Ok(size(file)? as f64 / MIB / took.as_secs_f64())
}

fn size(file: &Path) -> Outcome<u64> {
    let metadata = fs::metadata(file).map_err(|error| Failure::doing("look at the presentation", error))?;
    Ok(metadata.len())
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

fn remove(folder: &Path) -> Outcome {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::doing(format!("remove {}", folder.display()), error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_value_in_the_middle() {
        assert_eq!(median_and_best(&mut [3.0, 1.0, 9.0, 2.0, 4.0]), (3.0, 9.0));
        assert_eq!(median_and_best(&mut []), (0.0, 0.0));
    }
}
