//! The disk fills up, by somebody else's doing, and becomes free again. The program runs on a small disk of its own,
//! which only it sees: a tmpfs in a mount namespace.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use testkit::{
    PASSWORD,
    program::{OPS, Portal},
};

/// Room for the database and a few documents.
const DISK: &str = "16m";

/// Mounts the disk, makes the ops account and becomes the program.
const SCRIPT: &str = r#"
    mount -t tmpfs -o "size=$DISK,mode=700" none "$STRONGROOM_DATA" || exit 70
    printf '%s\n' "$PASSWORD" | "$PROGRAM" ops create --email "$EMAIL" >/dev/null || exit 71
    exec "$PROGRAM" serve
"#;

/// The program on a disk of its own below `data`.
fn on_a_small_disk(data: &Path) -> Command {
    let mut namespaces = vec!["-m"];
    if !can_unshare(&namespaces) {
        namespaces = vec!["-U", "-r", "-m"];
    }
    assert!(
        can_unshare(&namespaces),
        "This test mounts a small disk, for which it needs root or user namespaces; neither is to be had here."
    );
    let mut command = Command::new("unshare");
    command.args(namespaces).args(["sh", "-c", SCRIPT]);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("PROGRAM", env!("CARGO_BIN_EXE_strongroom")).env("STRONGROOM_DATA", data).env("STRONGROOM_LOG", "off");
    command.env("DISK", DISK).env("EMAIL", OPS).env("PASSWORD", PASSWORD);
    command
}

fn can_unshare(namespaces: &[&str]) -> bool {
    Command::new("unshare").args(namespaces).arg("true").status().is_ok_and(|status| status.success())
}

/// Takes every byte that is left; removed, it gives them back.
fn fill(disk: &Path) -> PathBuf {
    let path = disk.join("filled-by-somebody-else");
    let mut file = File::create(&path).expect("a file on the disk");
    for size in [1 << 20, 1 << 12, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
    path
}

#[test]
fn a_full_disk_stops_uploads_and_nothing_else_and_is_over_when_it_is_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let portal = Portal::start(on_a_small_disk(folder.path()));
    let token = portal.token();
    let document = testkit::office::docx("a report");
    assert_eq!(portal.upload(&token, "report.docx", &document).status, 201);
    assert_eq!(portal.readiness(), 200);

    let disk =
        PathBuf::from(format!("/proc/{}/root", portal.id())).join(folder.path().strip_prefix("/").expect("absolute"));
    let filled = fill(&disk);
    for round in 0..5 {
        let refused = portal.upload(&token, &format!("round {round}.docx"), &document);
        assert_eq!((refused.status, refused.code().as_str()), (507, "storage_full"), "{refused:?}");
    }
    portal.await_readiness(503);
    for _ in 0..5 {
        assert!(
            portal.collect(&token).eq([("report.docx".to_owned(), document.clone())]),
            "the list and its documents"
        );
        let sign_in = portal.sign_in();
        assert!(
            sign_in.status == 200 || (sign_in.status, sign_in.code().as_str()) == (507, "storage_full"),
            "works, or says why: {sign_in:?}"
        );
    }

    fs::remove_file(filled).expect("the disk is free again");
    let sign_ins: Vec<u16> = (0..10).map(|_| portal.sign_in().status).collect();
    assert_eq!(sign_ins, [200; 10], "without a restart");
    portal.await_readiness(200);
    assert_eq!(portal.upload(&token, "another.docx", &document).status, 201);
    assert_eq!(portal.collect(&token).count(), 2);
}
