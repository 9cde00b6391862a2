//! The X-ray of whole files, against what the script that made them says is in them.

use std::{
    env,
    ffi::OsStr,
    fs::{self, File},
    path::{Path, PathBuf},
};

use office::{Item, Kind, Policy, Section, Topic, Verdict, Xray, examine};
use serde_json::{Value, json};

/// The Office files that `tests/corpus/xray.py` wrote, in the order of their names.
fn files() -> Vec<PathBuf> {
    let corpus =
        env::var_os("STRONGROOM_CORPUS").expect("no STRONGROOM_CORPUS: run `cargo xtask test`, which makes it");
    let entries = fs::read_dir(Path::new(&corpus).join("xray")).expect("the folder that `cargo xtask test` fills");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    files.retain(|path| path.extension() != Some(OsStr::new("json")));
    files.sort();
    assert!(files.len() > 20, "the corpus is not complete");
    files
}

fn xray(path: &Path) -> Xray {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    let kind = Kind::from_extension(extension).expect("the script writes no other extensions");
    let file = File::open(path).expect("a readable file");
    let examination = examine(file, kind, &Policy::default()).expect("a readable file");
    assert_ne!(examination.verdict, Verdict::Refused, "{}: {:?}", path.display(), examination.report);
    examination.xray.expect("only a refused file has none")
}

fn expected(path: &Path) -> Value {
    let path = PathBuf::from(format!("{}.json", path.display()));
    serde_json::from_slice(&fs::read(path).expect("each file has its JSON")).expect("valid JSON")
}

/// A section in the form in which the script says it: the number where it gives a number, otherwise the items.
fn in_short(section: &Section, expected: &Value) -> Value {
    let items = || json!(section.items.iter().map(written).collect::<Vec<_>>());
    match expected {
        Value::Object(_) => json!({ "count": section.count, "items": items() }),
        Value::Array(_) if section.count == section.items.len() as u64 => items(),
        _ => json!(section.count),
    }
}

fn written(item: &Item) -> Value {
    serde_json::to_value(item).expect("an item is plain data")
}

#[test]
#[ignore = "needs the corpus that `cargo xtask test` makes"]
fn an_xray_says_what_is_in_the_file_and_nothing_else() {
    let mut wrong = Vec::new();
    for path in files() {
        let (xray, expected) = (xray(&path), expected(&path));
        let mut differs = |what: &str, found: Value, wanted: &Value| {
            if found != *wanted {
                wrong.push(format!("{}: {what}\n   found {found}\n  wanted {wanted}", path.display()));
            }
        };
        for topic in Topic::ALL {
            let wanted = &expected["sections"][topic.as_str()];
            differs(
                topic.as_str(),
                xray.section(*topic).map_or(Value::Null, |section| in_short(section, wanted)),
                wanted,
            );
        }
        differs("words", json!(xray.words), &expected["words"]);
        differs("title", json!(xray.title), &expected["title"]);
        differs("sheets", json!(xray.sheets), &expected["sheets"]);
        differs("slides", json!(xray.slides), &expected["slides"]);
        if expected["pages"].is_number() {
            differs("pages", json!(xray.pages), &expected["pages"]);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
