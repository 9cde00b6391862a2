//! Documents from deposit to handover, on both engines.

mod auditing;
mod deleting;
mod delivering;
mod depositing;
mod examining;
mod handing_over;
mod lasting;
mod listing;
mod model;
mod repeating;
mod rotating;
mod screening;
mod sending;
mod sweeping;
mod upgrading;

use std::{
    fs,
    path::{Path, PathBuf},
};

use backend::{
    Backend, Caller,
    documents::{Denied, Download, Opened, Receipt},
    intake::{Begun, Verdict},
};
use bytes::Bytes;
use domain::{
    DocumentId, ErrorCode,
    document::DeadLink,
    upload::{DepositedFile, RejectedFile},
};
use futures::StreamExt;
use testkit::TestBackend;

/// Uploads a file in pieces, as a network would deliver it.
async fn upload(backend: &Backend, caller: &Caller, name: &str, bytes: &[u8]) -> Verdict {
    let begun = backend.uploads.begin(caller, name, Some(bytes.len() as u64)).await.expect("may upload");
    let mut upload = match begun {
        Begun::Started(upload) => upload,
        Begun::Rejected(rejected) => return Verdict::Rejected(rejected),
    };
    for piece in bytes.chunks(50_021) {
        if let Err(error) = upload.write(Bytes::copy_from_slice(piece)).await {
            assert_eq!(error.code(), Some(ErrorCode::TooLarge));
            break;
        }
    }
    upload.finish().await.expect("the upload finishes")
}

async fn deposit(backend: &Backend, caller: &Caller, name: &str, bytes: &[u8]) -> DepositedFile {
    match upload(backend, caller, name, bytes).await {
        Verdict::Deposited(file) => file,
        Verdict::Rejected(rejected) => panic!("{name} was refused: {rejected:?}"),
    }
}

async fn refuse(backend: &Backend, caller: &Caller, name: &str, bytes: &[u8]) -> RejectedFile {
    match upload(backend, caller, name, bytes).await {
        Verdict::Deposited(file) => panic!("{name} was accepted: {file:?}"),
        Verdict::Rejected(rejected) => rejected,
    }
}

/// A link's token, freshly minted.
async fn mint(backend: &Backend, caller: &Caller, id: DocumentId) -> String {
    backend.links.mint(caller, id).await.expect("a link is minted").token
}

async fn open(backend: &Backend, caller: &Caller, token: &str) -> Opened {
    match backend.links.open(caller, token).await {
        Ok(opened) => opened,
        Err(denied) => panic!("the link does not open: {denied:?}"),
    }
}

async fn denied(backend: &Backend, caller: &Caller, token: &str) -> Denied {
    match backend.links.open(caller, token).await {
        Ok(opened) => panic!("the link opens {}", opened.name),
        Err(denied) => denied,
    }
}

/// Mints, opens and reads the whole document.
async fn collect(backend: &Backend, caller: &Caller, id: DocumentId) -> Vec<u8> {
    let opened = open(backend, caller, &mint(backend, caller, id).await).await;
    let size = opened.size;
    let bytes = read(opened.start(0..size, Receipt::by_reading()).await.expect("bytes begin to flow")).await;
    backend.links.settle().await;
    bytes
}

/// What the owner of a link that is over is told.
fn dead(denied: Denied) -> DeadLink {
    match denied {
        Denied::Dead(dead) => dead,
        Denied::Refused(error) => panic!("not dead but refused: {error}"),
    }
}

async fn read(mut download: Download) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(piece) = download.next().await {
        bytes.extend_from_slice(&piece.expect("the bytes are sound"));
    }
    bytes
}

/// A text that makes a document of several chunks, in which every piece differs from every other.
fn long_text() -> String {
    (0..40_000).map(|number| format!("figure {number:05} ")).collect()
}

/// The blobs, whole and staged.
fn stored(t: &TestBackend) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(&t.data().join("blobs"), &mut |file| found.push(file.to_owned()));
    found.retain(|file| !file.ends_with("portal.id"));
    found
}

/// Every byte of every file below a folder.
fn contents_below(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    walk(folder, &mut |file| all.extend(fs::read(file).expect("a file can be read")));
    all
}

fn walk(folder: &Path, visit: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { walk(&path, visit) } else { visit(&path) }
    }
}

fn contains(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|window| window == part)
}
