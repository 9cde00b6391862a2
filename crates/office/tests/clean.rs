//! The clean copy of whole files: genuine ones from writer libraries, those of `xray.py`, which show more than their text,
//! and those of `clean.py`, of which something has to be taken out with care.
//!
//! Where `STRONGROOM_CLEANED` names a folder, the copies are left there for other programs to open, and beside each the
//! names of the parts that are not those of the original.

use std::{
    env,
    ffi::OsStr,
    fs::{self, File},
    io::Cursor,
    path::{Path, PathBuf},
};

use office::{CleanError, Cleaned, Kind, Policy, Removal, Topic, Verdict, clean, examine};

/// A file of the corpus that the inspector accepts.
struct Original {
    path: PathBuf,
    name: String,
    kind: Kind,
}

fn originals() -> Vec<Original> {
    let corpus =
        env::var_os("STRONGROOM_CORPUS").expect("no STRONGROOM_CORPUS: run `cargo xtask test`, which makes it");
    let mut originals = Vec::new();
    for folder in ["genuine", "xray", "clean"] {
        let entries =
            fs::read_dir(Path::new(&corpus).join(folder)).expect("the corpus has three folders of good files");
        for entry in entries {
            let path = entry.expect("a readable folder").path();
            let name = path.file_name().and_then(OsStr::to_str).expect("the scripts write plain names").to_owned();
            let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
            if let Some(kind) = Kind::from_extension(extension) {
                originals.push(Original { path, name, kind });
            }
        }
    }
    originals.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(originals.len() > 80, "STRONGROOM_CORPUS must name the folder that `cargo xtask test` fills");
    originals
}

fn topics(removals: &[Removal]) -> Vec<Topic> {
    Topic::ALL.iter().copied().filter(|topic| removals.contains(&topic.removal())).collect()
}

impl Original {
    fn copy(&self, topics: &[Topic]) -> Result<(Cleaned, Vec<u8>), CleanError> {
        let mut copy = Vec::new();
        let file = File::open(&self.path).expect("a readable file");
        let cleaned = clean(file, &mut copy, self.kind, topics, &Policy::default())?;
        Ok((cleaned, copy))
    }

    /// What is wrong with a copy.
    fn faults(&self, cleaned: &Cleaned, copy: &[u8], topics: &[Topic]) -> Vec<String> {
        let mut faults = Vec::new();
        let read = || Cursor::new(copy);
        let examination = examine(read(), self.kind, &Policy::default()).expect("a cursor never fails");
        if examination.verdict == Verdict::Refused {
            faults.push(format!("refused: {:?}", examination.report.findings));
        }
        let original = examine(File::open(&self.path).expect("a readable file"), self.kind, &Policy::default());
        let counts = original.expect("a readable file").xray.expect("an accepted file");
        for &topic in topics {
            let left = examination.xray.as_ref().map_or(0, |xray| xray.count(topic));
            let removed =
                cleaned.removed.iter().find(|removed| removed.topic == topic).map_or(0, |removed| removed.count);
            if left > 0 || removed != counts.count(topic) {
                faults.push(format!("{}: {removed} removed, {left} left", topic.as_str()));
            }
        }
        let mut again = Vec::new();
        match clean(read(), &mut again, self.kind, topics, &Policy::default()) {
            Ok(cleaned) if cleaned == Cleaned::default() && again == copy => {}
            other => faults.push(format!("a second copy is not the same: {other:?}")),
        }
        faults.into_iter().map(|fault| format!("{}: {fault}", self.name)).collect()
    }

    fn keep(&self, prefix: &str, cleaned: &Cleaned, copy: &[u8]) {
        let Some(folder) = env::var_os("STRONGROOM_CLEANED") else { return };
        let path = Path::new(&folder).join(format!("{prefix}{}", self.name));
        let parts = [&cleaned.changed[..], &cleaned.dropped].concat().join("\n");
        let written = fs::write(&path, copy).and_then(|()| fs::write(format!("{}.changed", path.display()), parts));
        written.expect("STRONGROOM_CLEANED must name a folder");
    }
}

#[test]
#[ignore = "needs the corpus that `cargo xtask test` makes"]
fn copies_pass_and_have_nothing_left_of_what_was_removed() {
    let topics = topics(&[Removal::Unseen]);
    let mut faults = Vec::new();
    for original in originals() {
        match original.copy(&topics) {
            Ok((cleaned, copy)) => {
                faults.extend(original.faults(&cleaned, &copy, &topics));
                original.keep("", &cleaned, &copy);
            }
            Err(error) => faults.push(format!("{}: {error:?}", original.name)),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
#[ignore = "needs the corpus that `cargo xtask test` makes"]
fn hidden_sheets_and_slides_go_when_asked_for_unless_something_draws_on_them() {
    let topics = topics(&[Removal::Unseen, Removal::WhenAsked]);
    let (mut faults, mut impossible) = (Vec::new(), 0);
    for original in originals() {
        match original.copy(&topics) {
            Ok((cleaned, copy)) => {
                faults.extend(original.faults(&cleaned, &copy, &topics));
                original.keep("asked-", &cleaned, &copy);
            }
            Err(CleanError::Impossible(_)) if original.name.starts_with("impossible-") => impossible += 1,
            Err(error) => faults.push(format!("{}: {error:?}", original.name)),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(impossible > 1, "every file whose name says so is refused");
}

#[test]
#[ignore = "needs the corpus that `cargo xtask test` makes"]
fn a_copy_without_a_topic_is_the_same_file() {
    for original in originals() {
        let (cleaned, copy) = original.copy(&[]).expect("nothing is in the way");
        assert_eq!(cleaned, Cleaned::default(), "{}", original.name);
        let bytes = fs::read(&original.path).expect("a readable file");
        assert!(bytes.starts_with(&copy[..copy.len() / 2]), "{}", original.name);
    }
}
