//! Documents that are sent and collected.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use super::{
    client::{Connection, Request},
    nginx,
    portal::{Portal, Running, SignedIn, json_text},
    table::{Aim, Table},
};
use crate::process::{Failure, Outcome, say};

/// Of the presentation that is sent and collected.
pub(super) const DECK_MIB: u32 = 512;
const UPLOADS: usize = 7;
const DOWNLOADS: usize = 9;
const MIB: f64 = 1_048_576.0;

const OF_NGINX: Aim = Aim::AtLeast(0.8);
const MEMORY_MIB: Aim = Aim::AtMost(64.0);

/// Uploads and downloads, by a server of their own.
pub(super) fn measure(
    folder: &Path,
    portal: &Portal,
    (ops, client): &(SignedIn, SignedIn),
    deck: &Path,
    table: &mut Table,
) -> Outcome {
    let server = portal.start()?;
    upload(&server, ops, deck, table)?;
    download(&server, client, deck, folder, table)
}

/// Uploads of one file, and the memory that they took.
fn upload(server: &Running, ops: &SignedIn, deck: &Path, table: &mut Table) -> Outcome {
    say("upload");
    // Whatever a first request sets up is not the upload's.
    server.expect(200, &ops.by_token(Request::get("/api/v1/files")))?;
    let idle = server.memory()?;
    server.forget_peak()?;
    let mut speeds = Vec::new();
    for _ in 0..UPLOADS {
        speeds.push(send(server, ops, deck)?);
    }
    let (median, best) = median_and_best(&mut speeds);
    let what = format!("Upload of {DECK_MIB} MiB");
    let how = format!("median of {UPLOADS} POST /api/v1/upload: sealed, durable and inspected; best {best:.0}");
    table.add(what, Aim::None, median, "MiB/s", how);
    let how = format!("highest resident set above the {idle:.0} MiB of the idle server");
    table.add("Memory while uploading", MEMORY_MIB, server.peak_memory()? - idle, "MiB", how);
    Ok(())
}

/// Mebibytes a second of one upload on a fresh connection, until the answer.
fn send(server: &Running, ops: &SignedIn, deck: &Path) -> Outcome<f64> {
    let failed = |error| Failure::doing("upload the presentation", error);
    let begun = Instant::now();
    let mut connection = Connection::open(server.address).map_err(failed)?;
    let answer = connection.post_file(ops.by_token(Request::upload("/api/v1/upload")), deck).map_err(failed)?;
    let took = begun.elapsed();
    if answer.status != 201 {
        return Err(Failure::new(format!("the upload was answered {}: {}", answer.status, answer.text())));
    }
    mebibytes_per_second(deck, took)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_value_in_the_middle() {
        assert_eq!(median_and_best(&mut [3.0, 1.0, 9.0, 2.0, 4.0]), (3.0, 9.0));
        assert_eq!(median_and_best(&mut []), (0.0, 0.0));
    }
}
