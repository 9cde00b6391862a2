//! The entries of real files, compared with what Python's zipfile sees of them.

use std::{
    env,
    ffi::OsStr,
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{ChildStdin, ChildStdout, Command, Stdio},
};

use super::{Inflater, Limits, Source, Spent, bytes::index, open, read_archive};
use crate::{Budget, Kind, Policy, Verdict, inspect};

const READER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/entries.py");

/// One entry: the bytes of its name, and its content.
type Content = (Vec<u8>, Vec<u8>);

#[test]
#[ignore = "needs the corpus that `cargo xtask test` makes"]
fn python_sees_the_same_entries_and_bytes_in_every_accepted_file() {
    let python = env::var_os("STRONGROOM_PYTHON").unwrap_or_else(|| "python3".into());
    let mut child = Command::new(python)
        .arg(READER)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python runs: `cargo xtask test` sees to it");
    let mut requests = child.stdin.take().expect("piped");
    let mut answers = child.stdout.take().expect("piped");
    let files = accepted();
    assert!(files.len() >= 150, "only {} files are accepted", files.len());
    for path in &files {
        let (ours, theirs) = (ours(path), theirs(path, &mut requests, &mut answers));
        let names = |entries: &[Content]| entries.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&ours), names(&theirs), "{}", path.display());
        for ((name, ours), (_, theirs)) in ours.iter().zip(&theirs) {
            assert!(ours == theirs, "{}: {}", path.display(), String::from_utf8_lossy(name));
        }
    }
    drop(requests);
    assert!(child.wait().is_ok_and(|status| status.success()));
}

/// The files of the corpus, crafted ones and clean copies among them, that the inspector does not refuse.
fn accepted() -> Vec<PathBuf> {
    let corpus =
        env::var_os("STRONGROOM_CORPUS").expect("no STRONGROOM_CORPUS: run `cargo xtask test`, which makes it");
    let mut folders = ["genuine", "crafted", "xray", "clean"].map(|folder| Path::new(&corpus).join(folder)).to_vec();
    folders.extend(env::var_os("STRONGROOM_CLEANED").map(PathBuf::from));
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    paths.filter(|path| is_accepted(path)).collect()
}

fn is_accepted(path: &Path) -> bool {
    let Some(kind) = path.extension().and_then(OsStr::to_str).and_then(Kind::from_extension) else { return false };
    let file = File::open(path).expect("a readable file");
    inspect(file, kind, &Policy::default()).expect("a readable file").verdict() != Verdict::Refused
}

fn ours(path: &Path) -> Vec<Content> {
    let mut file = File::open(path).expect("a readable file");
    let budget = Budget::default();
    let mut source = Source::new(&mut file).expect("a readable file");
    let archive = read_archive(&mut source, &budget, budget.entries).expect("an accepted file");
    let (mut inflater, mut spent) = (Inflater::new(), Spent::default());
    let contents = archive.entries.iter().enumerate().map(|(index, entry)| {
        let reader = open(&mut source, &archive, index, &mut inflater, &mut spent, Limits::new(&budget, false));
        let mut reader = reader.expect("an accepted file").expect("an entry of its own");
        let content = reader.collect(u64::MAX).expect("an accepted file");
        reader.finish().expect("an accepted file");
        (entry.raw_name.to_vec(), content)
    });
    contents.collect()
}

/// Asks Python: a path on a line; the number of entries, and for each the lengths of name and content, and both.
fn theirs(path: &Path, requests: &mut ChildStdin, answers: &mut ChildStdout) -> Vec<Content> {
    writeln!(requests, "{}", path.display()).expect("Python is listening");
    let mut number = || {
        let mut bytes = [0; 8];
        answers.read_exact(&mut bytes).unwrap_or_else(|_| panic!("Python cannot read {}", path.display()));
        u64::from_le_bytes(bytes)
    };
    let count = number();
    let lengths: Vec<[u64; 2]> = (0..count).map(|_| [number(), number()]).collect();
    let mut take = |length: u64| {
        let mut bytes = vec![0; index(length)];
        answers.read_exact(&mut bytes).unwrap_or_else(|_| panic!("Python cannot read {}", path.display()));
        bytes
    };
    lengths.into_iter().map(|[name, content]| (take(name), take(content))).collect()
}
