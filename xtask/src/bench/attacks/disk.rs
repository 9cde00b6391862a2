//! A disk that fills up under a portal, and is emptied again.

use std::{fs, path::PathBuf, process::Command};

use super::{Field, bytes::deposited, list, login, statuses};
use crate::{
    bench::{
        client::{Connection, Request},
        portal::{CLIENT, OPS, PASSWORD, Running, SignedIn},
        table::{Aim, Table},
    },
    process::{Failure, Outcome, succeeds},
    workspace::create_folder,
};

/// A small file system in memory; gone when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: PathBuf, size: &str) -> Outcome<Option<Self>> {
        create_folder(&folder)?;
        let option = format!("size={size}");
        let mounted = succeeds(Command::new("mount").args(["-t", "tmpfs", "-o", &option, "tmpfs"]).arg(&folder));
        Ok(mounted.then_some(Self(folder)))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        succeeds(Command::new("umount").arg(&self.0));
    }
}

pub(super) fn full(field: &Field<'_>, table: &mut Table) -> Outcome {
    let Some(disk) = SmallDisk::mount(field.folder.join("small"), "64m")? else {
        table.leave_out("A full disk", "mounting a small file system is not allowed here");
        return Ok(());
    };
    let portal = field.portal_in(&disk.0, &[])?;
    let server = portal.start()?;
    portal.sign_up(&server)?;
    let (ops, client) = (server.sign_in(OPS)?, server.sign_in(CLIENT)?);
    let path = deposited(field, &server, &client, 1)?;
    let deck = field.deck(2)?;

    let filler = disk.0.join("filler");
    fill(&filler)?;
    let upload = |person: &SignedIn| {
        let request = person.by_token(Request::upload("/api/v1/upload"));
        Connection::open(server.address).and_then(|mut connection| connection.post_file(request, &deck))
    };
    let refused = upload(&ops).map_or(0, |answer| answer.status);
    let signing_in = ten(&server, || login(CLIENT, PASSWORD, "203.0.113.9"));
    let reading = ten(&server, || list(&client));
    let bytes = ten(&server, || client.by_token(Request::get(&path)));
    let ready = ten(&server, || Request::get("/readyz"));
    fs::remove_file(&filler).map_err(Failure::from_io)?;
    let after = ten(&server, || login(CLIENT, PASSWORD, "203.0.113.9"));
    let uploaded = upload(&ops).map_or(0, |answer| answer.status);

    let good = |codes: &[u16]| codes.iter().filter(|code| **code == 200).count() as f64;
    let how = format!(
        "of 10; upload {refused}, sign-ins {}, downloads {}, readiness {}",
        statuses(signing_in),
        statuses(bytes.clone()),
        statuses(ready)
    );
    table.add("Lists while the disk is full", Aim::AtLeast(10.0), good(&reading), "", how);
    table.add("Downloads while the disk is full", Aim::AtLeast(10.0), good(&bytes), "", "of 10");
    let how =
        format!("of 10, once there is room again, without a restart: {}; upload {uploaded}", statuses(after.clone()));
    table.add("Sign-ins afterwards", Aim::AtLeast(10.0), good(&after), "", how);
    Ok(())
}

/// Takes every byte there is.
fn fill(path: &PathBuf) -> Outcome {
    let mut file = fs::File::create(path).map_err(Failure::from_io)?;
    let block = vec![0_u8; 64 * 1024];
    for size in [block.len(), 4096, 512, 1] {
        while std::io::Write::write_all(&mut file, &block[..size]).is_ok() {}
    }
    Ok(())
}

fn ten(server: &Running, request: impl Fn() -> Request) -> Vec<u16> {
    (0..10).map(|_| server.ask(&request()).map_or(0, |answer| answer.status)).collect()
}
