//! Lists and pages: under load, and in a browser that has never seen them.

use super::{
    client::Request,
    inspection::number,
    load, milliseconds,
    portal::{CLIENT, OPS, PASSWORD, Running, SignedIn},
    table::{Aim, Table},
};
use crate::{
    process::{Failure, Outcome, output_of, say},
    setup,
    workspace::Workspace,
};

/// An answer as it is.
const PLAIN: &str = "identity";

const LISTS_PER_SECOND: Aim = Aim::AtLeast(1_000.0);
const LIST_P99_MS: Aim = Aim::AtMost(50.0);
/// Of pages of clients.
const FIRST_LOAD_KB: Aim = Aim::AtMost(200.0);

/// Lists of many documents under load.
pub(super) fn lists(server: &Running, client: &SignedIn, table: &mut Table) -> Outcome {
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
pub(super) fn codings(server: &Running, client: &SignedIn, table: &mut Table) -> Outcome {
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
pub(super) fn first_load(server: &Running, client: &SignedIn, ops: &SignedIn, table: &mut Table) -> Outcome {
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

/// How long a page takes to come to life in a browser that has never seen the portal.
pub(super) fn hydration(workspace: &Workspace, server: &Running, table: &mut Table) -> Outcome {
    let Some(chromium) = setup::chromium() else {
        table.leave_out("Hydration", "Chromium is not installed");
        return Ok(());
    };
    say("hydration");
    setup::playwright(workspace)?;
    for (email, path) in [("-", "/login"), (CLIENT, "/documents"), (OPS, "/ops"), (OPS, "/ops/documents")] {
        let mut node = workspace.command("node");
        node.arg(workspace.path("e2e/bench/hydrate.mjs")).arg(format!("http://{}", server.address));
        let printed = output_of(node.args([email, PASSWORD, path]).env("STRONGROOM_CHROMIUM", &chromium));
        let printed = printed.unwrap_or_default();
        let [Some(alive), Some(there), Some(bytes)] =
            ["alive_ms", "there_ms", "bytes"].map(|name| number(&printed, name))
        else {
            return Err(Failure::new(format!("the page printed {printed:?}.")));
        };
        let how = format!("cold, processor 4 × as slow; HTML there after {there} ms; {bytes} bytes with headers");
        table.add(format!("Hydration of {path}"), Aim::None, alive, "ms", how);
    }
    Ok(())
}
