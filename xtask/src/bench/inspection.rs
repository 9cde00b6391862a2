//! The inspector on genuine files, beside Python's own check of an archive on the same files.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use super::table::{Aim, Table};
use crate::{
    process::{Failure, Outcome, output_of, run, say},
    setup,
    workspace::{Workspace, create_folder},
};

const RUNS: &str = "9";
const MB: f64 = 1_000_000.0;

// What the inspector should reach, for a presentation as people send it.
const MB_PER_SECOND: Aim = Aim::AtLeast(300.0);
const OF_TESTZIP: Aim = Aim::AtLeast(2.0);

/// A file that is inspected, and what it should reach.
struct Sample {
    what: &'static str,
    script: &'static str,
    file: &'static str,
    rate: Aim,
    ratio: Aim,
}

const SAMPLES: [Sample; 2] = [
    Sample {
        what: "Inspection of a presentation",
        script: "slides.py",
        file: "slides.pptx",
        rate: MB_PER_SECOND,
        ratio: OF_TESTZIP,
    },
    Sample {
        what: "Inspection of a sheet of numbers",
        script: "sheet.py",
        file: "sheet.xlsx",
        rate: Aim::None,
        ratio: Aim::None,
    },
];

/// A sample that Python has been through.
pub(super) struct Checked {
    what: &'static str,
    file: PathBuf,
    /// Bytes of all entries.
    inflated: f64,
    /// Seconds that Python took.
    theirs: f64,
}

/// Adds two rows for every sample, and gives the samples back for [`measure_in_browser`].
pub(super) fn measure(workspace: &Workspace, python: &Path, folder: &Path, table: &mut Table) -> Outcome<Vec<Checked>> {
    say("inspection");
    let example = ["--package", "strongroom-office", "--example", "throughput"];
    run(workspace.cargo(["build", "--quiet", "--release"]).args(example))?;
    let mut all = Vec::new();
    for sample in &SAMPLES {
        let checked = sample.checked(workspace, python, folder)?;
        let Checked { what, inflated, theirs, .. } = checked;
        let ours = throughput(workspace, &checked.file)?;
        let how =
            format!("{:.1} MB of entries in {:.1} ms; median of {RUNS}, on one core", inflated / MB, ours * 1_000.0);
        table.add(what, sample.rate, inflated / MB / ours, "MB/s", how);
        let how = format!("`zipfile.testzip` on the same file: {:.1} ms", theirs * 1_000.0);
        table.add(format!("{what}, compared with Python"), sample.ratio, theirs / ours, "", how);
        all.push(checked);
    }
    Ok(all)
}

/// Adds a row for every sample: the same, with the X-ray, by the worker of a page in Chromium.
pub(super) fn measure_in_browser(
    workspace: &Workspace,
    samples: &[Checked],
    server: SocketAddr,
    table: &mut Table,
) -> Outcome {
    let Some(chromium) = setup::chromium() else {
        table.leave_out("Inspection in the browser", "Chromium is not installed");
        return Ok(());
    };
    say("inspection in the browser");
    setup::playwright(workspace)?;
    for Checked { what, file, inflated, theirs } in samples {
        let mut node = workspace.command("node");
        node.arg(workspace.path("e2e/bench/inspect.mjs")).arg(format!("http://{server}")).arg(file);
        let printed = output_of(node.env("STRONGROOM_CHROMIUM", &chromium));
        let milliseconds = printed.as_deref().and_then(|json| number(json, "median_ms"));
        let ours = milliseconds.ok_or_else(|| Failure::new(format!("the page printed {printed:?}.")))? / 1_000.0;
        let how =
            format!("with its X-ray, by the worker: {:.1} ms; {:.2} of Python's speed", ours * 1_000.0, theirs / ours);
        table.add(format!("{what}, in Chromium"), Aim::None, inflated / MB / ours, "MB/s", how);
    }
    Ok(())
}

/// A number of a flat JSON object.
pub(super) fn number(json: &str, name: &str) -> Option<f64> {
    let (_, rest) = json.split_once(&format!("\"{name}\":"))?;
    rest.split([',', '}']).next()?.trim().parse().ok()
}

impl Sample {
    /// The file, and what Python says of it.
    fn checked(&self, workspace: &Workspace, python: &Path, folder: &Path) -> Outcome<Checked> {
        let file = self.made(workspace, python, folder)?;
        let (inflated, theirs) = testzip(workspace, python, &file)?;
        Ok(Checked { what: self.what, file, inflated, theirs })
    }

    /// The file, made once.
    fn made(&self, workspace: &Workspace, python: &Path, folder: &Path) -> Outcome<PathBuf> {
        let file = folder.join("files").join(self.file);
        if !file.is_file() {
            create_folder(&folder.join("files"))?;
            let unfinished = folder.join("sample.part");
            let script = workspace.path("xtask/python").join(self.script);
            run(workspace.command(python).arg(script).arg(&unfinished))?;
            fs::rename(&unfinished, &file).map_err(|error| Failure::doing("move the sample", error))?;
        }
        Ok(file)
    }
}

/// The bytes of all entries, and the seconds that Python takes.
fn testzip(workspace: &Workspace, python: &Path, file: &Path) -> Outcome<(f64, f64)> {
    let script = workspace.path("xtask/python/testzip.py");
    let printed = output_of(workspace.command(python).arg(script).arg(file).arg(RUNS));
    let numbers = printed.as_deref().and_then(|line| line.split_once(' '));
    let parsed = numbers.and_then(|(inflated, seconds)| Some((inflated.parse().ok()?, seconds.parse().ok()?)));
    parsed.ok_or_else(|| Failure::new(format!("zipfile.testzip printed {printed:?}.")))
}

/// The seconds that the inspector takes.
fn throughput(workspace: &Workspace, file: &Path) -> Outcome<f64> {
    let program = workspace.path("target/release/examples/throughput");
    let printed = output_of(workspace.command(program).arg(file).arg(RUNS));
    let seconds = printed.as_deref().and_then(|line| line.parse().ok());
    seconds.ok_or_else(|| Failure::new(format!("the inspector printed {printed:?}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_by_its_name() {
        let json = r#"{"first_ms":81.5,"median_ms":40}"#;
        assert_eq!(number(json, "first_ms"), Some(81.5));
        assert_eq!(number(json, "median_ms"), Some(40.0));
        assert_eq!(number(json, "ms"), None);
    }
}
