//! Attacks by reading: not at all, or a byte at a time.

use std::{
    io::Write as _,
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use super::Field;
use crate::{
    bench::{
        client::{Connection, Request},
        portal::{CLIENT, OPS, Running, SignedIn, json_text},
        table::{Aim, Table},
    },
    process::{Failure, Outcome},
};

/// 300 downloads of which nobody reads a byte.
pub(super) fn stalled_downloads(field: &Field<'_>, table: &mut Table) -> Outcome {
    let portal = field.portal(&[])?;
    let server = portal.start()?;
    portal.sign_up(&server)?;
    let client = server.sign_in(CLIENT)?;
    deposited(field, &server, &client, 16)?;
    // A server of its own, so that the memory of hashing passwords and of the upload does not count.
    drop(server);
    let server = portal.start()?;
    let path = link(&server, &client)?;
    let idle = server.memory()?;
    let request = client.by_token(Request::get(path)).bytes(server.address);
    let mut stalled = Vec::new();
    for _ in 0..300 {
        let mut stream = TcpStream::connect(server.address).map_err(Failure::from_io)?;
        stream.write_all(&request).map_err(Failure::from_io)?;
        stalled.push(stream);
    }
    thread::sleep(Duration::from_secs(5));
    let held = server.memory()?;
    thread::sleep(Duration::from_secs(45));
    let after = server.memory()?;
    let how = format!("resident, from {idle:.0} MiB when idle; {after:.0} MiB 50 s after they began");
    table.add("Memory of 300 stalled downloads", Aim::AtMost(128.0), held, "MiB", how);
    let took = server.stop()?;
    drop(stalled);
    table.add("End after SIGTERM beside them", Aim::AtMost(20.0), took.as_secs_f64(), "s", "until the process is gone");
    Ok(())
}

/// 9,000 ranges of one byte each: the last are answered as fast as the first.
pub(super) fn one_byte_ranges(field: &Field<'_>, table: &mut Table) -> Outcome {
    const ALL: usize = 9_000;
    const MEASURED: usize = 500;
    let portal = field.portal(&[])?;
    let server = portal.start()?;
    portal.sign_up(&server)?;
    let client = server.sign_in(CLIENT)?;
    let path = deposited(field, &server, &client, 1)?;
    let one = |place: usize| {
        let range = format!("bytes={place}-{place}");
        let request = client.by_token(Request::get(&path)).with("Range", range);
        Connection::open(server.address).and_then(|mut connection| connection.ask(&request)).map(|it| it.status)
    };
    let (mut first, mut last) = (Duration::ZERO, Duration::ZERO);
    for place in 0..ALL {
        let begun = Instant::now();
        // Every other byte, so that no range joins its neighbour.
        let status = one(place * 2).map_err(Failure::from_io)?;
        if status != 206 {
            return Err(Failure::new(format!("range {place} was answered {status}.")));
        }
        match place {
            place if place < MEASURED => first += begun.elapsed(),
            place if place >= ALL - MEASURED => last += begun.elapsed(),
            _ => {}
        }
    }
    let rate = |span: Duration| MEASURED as f64 / span.as_secs_f64();
    let how = format!("after {ALL} that do not touch, one connection; {:.0}/s for the first {MEASURED}", rate(first));
    table.add("One-byte ranges", Aim::AtLeast(rate(first) * 0.8), rate(last), "/s", how);
    Ok(())
}

/// The path of a link to a document of about so many mebibytes.
pub(super) fn deposited(field: &Field<'_>, server: &Running, client: &SignedIn, mebibytes: u32) -> Outcome<String> {
    let deck = field.deck(mebibytes)?;
    let ops = server.sign_in(OPS)?;
    let upload = ops.by_token(Request::upload("/api/v1/upload"));
    let answer = Connection::open(server.address).and_then(|mut connection| connection.post_file(upload, &deck));
    let answer = answer.map_err(Failure::from_io)?;
    if answer.status != 201 {
        return Err(Failure::new(format!("the upload was answered {}: {}", answer.status, answer.text())));
    }
    link(server, client)
}

/// The path of a link to the newest document.
fn link(server: &Running, client: &SignedIn) -> Outcome<String> {
    let listed = server.expect(200, &client.by_token(Request::get("/api/v1/files")))?.text();
    let link = json_text(&listed, "download_url")?;
    let path = link.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    Ok(format!("/{path}"))
}
