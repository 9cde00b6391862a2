//! The inspector against whole files: genuine ones from writer libraries, and crafted ones with one
//! thing wrong. The scripts in the folder `corpus` make them.

use std::{
    env,
    ffi::OsStr,
    fs::{self, File},
    path::{Path, PathBuf},
};

use office::{Code, Kind, Policy, Report, Verdict, inspect};

/// As many genuine files must there be.
const FEWEST_GENUINE: usize = 150;

/// The files of a folder of the corpus, in the order of their names.
fn files(folder: &str) -> Vec<PathBuf> {
    let corpus =
        env::var_os("STRONGROOM_CORPUS").expect("no STRONGROOM_CORPUS: run `cargo xtask test`, which makes it");
    let folder = Path::new(&corpus).join(folder);
    let entries = fs::read_dir(&folder).expect("STRONGROOM_CORPUS must name the folder that `cargo xtask test` fills");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    assert!(files.len() > 1, "{} is empty: run `cargo xtask test`", folder.display());
    files
}

fn inspected(path: &Path, strict: bool) -> Report {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    let kind = Kind::from_extension(extension).expect("the corpus has no other extensions");
    let file = File::open(path).expect("a readable file");
    inspect(file, kind, &Policy { strict, ..Policy::default() }).expect("a readable file")
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(OsStr::to_str).expect("the scripts write plain names")
}

/// The code that the name of a crafted file announces.
fn announced(path: &Path) -> Code {
    let text = name(path).split("--").next().unwrap_or_default();
    let code = Code::ALL.iter().find(|code| code.as_str() == text);
    *code.unwrap_or_else(|| panic!("{} announces no code", name(path)))
}

#[test]
#[ignore = "needs the corpus that `cargo xtask test` makes"]
fn genuine_files_pass() {
    let mut wrong = Vec::new();
    let files = files("genuine");
    assert!(files.len() >= FEWEST_GENUINE, "{} genuine files: a script has lost some", files.len());
    for path in files {
        let report = inspected(&path, false);
        let expected = if name(&path).starts_with("flagged-") { Verdict::Flagged } else { Verdict::Accept };
        if report.verdict() != expected {
            wrong.push(format!("{}: {:?}", name(&path), report.findings));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs the corpus that `cargo xtask test` makes"]
fn crafted_files_are_reported_for_what_is_wrong_with_them() {
    let mut wrong = Vec::new();
    for path in files("crafted") {
        let code = announced(&path);
        let report = inspected(&path, false);
        let finding = report.findings.iter().find(|finding| finding.code == code);
        let decides = report.deciding().is_none_or(|deciding| deciding.code == code);
        if !finding.is_some_and(|finding| finding.severity == code.severity()) || !decides {
            wrong.push(format!("{}: {:?}", name(&path), report.findings));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs the corpus that `cargo xtask test` makes"]
fn the_strict_policy_refuses_what_the_ordinary_one_flags() {
    for path in files("crafted/strict") {
        assert_eq!(inspected(&path, false).verdict(), Verdict::Flagged, "{}", name(&path));
        let report = inspected(&path, true);
        assert_eq!(report.deciding().map(|finding| finding.code), Some(announced(&path)), "{}", name(&path));
    }
}

#[test]
#[ignore = "needs the corpus that `cargo xtask test` makes"]
fn every_code_has_a_crafted_file() {
    let known: Vec<Code> = files("crafted").iter().map(|path| announced(path)).collect();
    // Sizes that would fill the disk are tested in memory with smaller budgets.
    let in_memory = [Code::TooLargeInflated, Code::XmlPartTooLarge, Code::EmbeddedTooLarge];
    for code in Code::ALL {
        assert!(known.contains(code) || in_memory.contains(code), "{} has no file", code.as_str());
    }
}
