//! What the inspector accepts, a program that people use opens: LibreOffice converts every accepted file of the corpus.

use std::{
    collections::HashSet,
    env,
    ffi::OsStr,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use office::{Kind, Policy, Verdict, inspect};

/// The quickest conversion for which the whole document has to be loaded.
fn target(kind: Kind) -> &'static str {
    match kind {
        Kind::Docx => "txt",
        Kind::Xlsx => "csv",
        Kind::Pptx => "odp",
    }
}

/// What LibreOffice 7.4 cannot open, and Excel can: archives whose separators are backslashes.
const NOT_FOR_LIBREOFFICE: &str = "backslashes-";

/// The accepted files of this kind, clean copies among them, in the order of their names.
fn accepted(kind: Kind) -> Vec<PathBuf> {
    let corpus =
        env::var_os("STRONGROOM_CORPUS").expect("no STRONGROOM_CORPUS: run `cargo xtask test`, which makes it");
    let mut folders = ["genuine", "crafted", "xray", "clean"].map(|folder| Path::new(&corpus).join(folder)).to_vec();
    folders.extend(env::var_os("STRONGROOM_CLEANED").map(PathBuf::from));
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.retain(|path| path.extension().and_then(OsStr::to_str).and_then(Kind::from_extension) == Some(kind));
    paths.retain(|path| {
        let file = File::open(path).expect("a readable file");
        inspect(file, kind, &Policy::default()).expect("a readable file").verdict() != Verdict::Refused
    });
    paths.retain(|path| !path.to_string_lossy().contains(NOT_FOR_LIBREOFFICE));
    paths.sort();
    // A file without anything to clean away has copies that are the file itself.
    let mut seen = HashSet::new();
    paths.retain(|path| seen.insert(fs::read(path).expect("a readable file")));
    paths
}

/// Converts the files in one call, for starting takes longer than converting. Answers with those of which nothing came.
fn unopened(kind: Kind, files: &[PathBuf], folder: &Path) -> Vec<PathBuf> {
    let soffice = env::var_os("STRONGROOM_SOFFICE").unwrap_or_else(|| "soffice".into());
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.display());
    // Files of two folders may have one name.
    let numbered = |number: usize, extension: &str| folder.join(format!("{number}.{extension}"));
    for (number, path) in files.iter().enumerate() {
        fs::copy(path, numbered(number, kind.as_str())).expect("a copy");
    }
    let mut command = Command::new(soffice);
    command.args([&profile, "--headless", "--norestore", "--convert-to", target(kind), "--outdir"]).arg(folder);
    command.args((0..files.len()).map(|number| numbered(number, kind.as_str())));
    let output = command.output().expect("LibreOffice runs: `cargo xtask test` sees to it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let opened = |number: usize| numbered(number, target(kind)).is_file();
    files.iter().enumerate().filter(|(number, _)| !opened(*number)).map(|(_, path)| path.clone()).collect()
}

#[test]
#[ignore = "needs the corpus that `cargo xtask test` makes, and LibreOffice"]
fn libreoffice_opens_every_accepted_file() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("libreoffice");
    let mut unread = Vec::new();
    let mut count = 0;
    for kind in Kind::ALL {
        // What an earlier run has left would look like a success.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder of its own");
        let files = accepted(kind);
        count += files.len();
        unread.extend(unopened(kind, &files, &folder));
    }
    assert!(count >= 150, "only {count} files are accepted");
    assert!(unread.is_empty(), "{unread:#?}");
}
