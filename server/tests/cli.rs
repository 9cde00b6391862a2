//! The program itself, as the person meets it who installs it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    os::unix::{
        fs::PermissionsExt as _,
        net::{UnixListener, UnixStream},
    },
    path::Path,
    process::Stdio,
};

use testkit::{
    PASSWORD, office,
    program::{Client, Program, said, terminate},
};

fn strongroom(data: &Path) -> Program {
    Program::new(env!("CARGO_BIN_EXE_strongroom"), data).inside(data)
}

#[test]
fn a_wrong_setting_stops_the_start_with_a_sentence_that_names_it() {
    let data = tempfile::tempdir().expect("a folder");
    std::fs::write(data.path().join("s.toml"), "link_ttl = \"soon\"\n").expect("writes");
    std::fs::write(data.path().join("t.toml"), "link_tl = \"10m\"\n").expect("writes");
    for (arguments, variable, parts) in [
        (&["serve"][..], ("STRONGROOM_MAX_UPLOAD", "lots"), ["STRONGROOM_MAX_UPLOAD", "\"lots\"", "1GiB"]),
        (&["serve"], ("STRONGROOM_LINK_TTLL", "10m"), ["STRONGROOM_LINK_TTLL", "not a setting", "STRONGROOM_LINK_TTL"]),
        (&["serve", "--listen", "here"], ("A", "b"), ["--listen", "\"here\"", "127.0.0.1:3000"]),
        (&["serve", "--config", "s.toml"], ("A", "b"), ["link_ttl (in s.toml)", "\"soon\"", "10m"]),
        (&["migrate", "--config", "t.toml"], ("A", "b"), ["link_tl in t.toml", "not known", "link_ttl"]),
        (&["serve", "--config", "none.toml"], ("A", "b"), ["none.toml", "cannot be read", ""]),
        (&["serve"], ("STRONGROOM_BASE_URL", "http://portal.example.com"), ["STRONGROOM_BASE_URL", "https://", "TLS"]),
        (
            &["serve"],
            ("STRONGROOM_DATABASE_URL", "mysql://a:secret@b/c"),
            ["STRONGROOM_DATABASE_URL", "…@b/c", "postgres:"],
        ),
    ] {
        let output = strongroom(data.path()).with(variable.0, variable.1).run(arguments);
        let said = said(&output);
        assert!(!output.status.success(), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }
}

#[test]
fn a_public_portal_that_has_not_been_told_where_mail_goes_does_not_start() {
    let data = tempfile::tempdir().expect("a folder");
    let public = || strongroom(data.path()).with("STRONGROOM_BASE_URL", "https://portal.example.com");
    let output = public().run(&["serve"]);
    let said = said(&output);
    assert!(!output.status.success(), "{said}");
    assert!(
        ["smtp_url", "https://portal.example.com", "mail goes nowhere"].iter().all(|part| said.contains(part)),
        "{said}"
    );

    // Told that it goes into the folder it starts, and shows that folder to nobody: a proxy on this machine that sends
    // no headers makes every stranger look like a browser on it.
    let portal = public().with("STRONGROOM_SMTP_URL", "folder").serve();
    let answer = portal.request("GET", "/dev/mail", "Accept: text/html\r\n", b"").expect("an answer");
    assert_eq!(answer.status, 404, "{}", answer.head);
    assert!(portal.terminate().success());
}

#[test]
fn a_socket_in_the_file_system_is_listened_on_and_goes_with_the_program() {
    let data = tempfile::tempdir().expect("a folder");
    let path = data.path().join("portal.sock");
    // What a portal leaves that was killed.
    drop(UnixListener::bind(&path).expect("binds"));
    let program = strongroom(data.path()).with("STRONGROOM_SMTP_URL", "folder");
    let mut command = program.with("STRONGROOM_BASE_URL", "https://portal.example.com").command();
    command.args(["serve", "--listen", &format!("unix:{}", path.display())]);
    let mut server = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("starts");
    let lines = BufReader::new(server.stdout.take().expect("a pipe")).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains("/setup/")), "it starts");

    let about = std::fs::metadata(&path).expect("is there");
    assert_eq!(about.permissions().mode() & 0o777, 0o660);
    let mut stream = UnixStream::connect(&path).expect("connects");
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: portal\r\nConnection: close\r\n\r\n").expect("writes");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("reads");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    assert!(terminate(&mut server).success());
    assert!(!path.exists(), "the socket is left behind");
}

#[test]
fn ops_are_made_from_the_command_line_with_a_password_from_standard_input() {
    let data = tempfile::tempdir().expect("a folder");
    let create = |password: &str| {
        strongroom(data.path()).run_with_input(&["ops", "create", "--email", "ops@example.com"], password)
    };
    let short = create("short\n");
    assert!(!short.status.success() && said(&short).contains("8 characters"), "{}", said(&short));
    let made = create("eight small boats at dawn\n");
    assert!(made.status.success() && said(&made).contains("ops@example.com can sign in"), "{}", said(&made));
    let again = create("eight small boats at dawn\n");
    assert!(!again.status.success(), "{}", said(&again));

    let mode = |path: &str| {
        let about = std::fs::metadata(data.path().join(path)).expect("is there");
        about.permissions().mode() & 0o777
    };
    assert_eq!((mode("keys"), mode("keys/master.keys"), mode("blobs"), mode("mail")), (0o700, 0o600, 0o700, 0o700));
}

#[test]
fn the_doctor_says_what_to_mend() {
    let data = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(data.path(), std::fs::Permissions::from_mode(0o755)).expect("opens the folder");
    assert!(strongroom(data.path()).run(&["migrate"]).status.success());
    let healthy = strongroom(data.path()).run(&["doctor"]);
    let text = said(&healthy);
    assert!(healthy.status.success(), "{text}");
    assert!(text.contains("chmod 700"), "{text}");
    for name in ["configuration", "data folder", "keys", "database", "storage", "mail", "clock", "address"] {
        assert!(text.lines().any(|line| line.get(6..).is_some_and(|line| line.starts_with(name))), "{name}: {text}");
    }
    let broken = strongroom(data.path()).with("STRONGROOM_SMTP_URL", "smtp://127.0.0.1:1").run(&["doctor"]);
    let text = said(&broken);
    assert!(!broken.status.success(), "{text}");
    assert!(text.lines().any(|line| line.starts_with("FAIL  mail") && line.contains("smtp_url")), "{text}");
}

#[test]
fn the_first_start_says_how_ops_come_to_be_and_sigterm_ends_it_well() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut command = Program::new(env!("CARGO_BIN_EXE_strongroom"), &data).command();
    command.args(["serve", "--listen", "127.0.0.1:0"]);
    let mut server = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("starts");
    let mut lines = BufReader::new(server.stdout.take().expect("a pipe")).lines();
    let (mut base, mut setup) = (String::new(), String::new());
    while setup.is_empty() {
        let line = lines.next().expect("the set-up link comes").expect("text");
        base = line.split(" is at ").nth(1).map_or(base, str::to_owned);
        setup = line.trim().strip_prefix(&format!("{base}/setup/")).unwrap_or_default().to_owned();
    }
    assert!(setup.len() >= 40, "{setup}");
    assert_eq!(std::fs::metadata(&data).expect("is there").permissions().mode() & 0o777, 0o700);

    let host = base.strip_prefix("http://").expect("http");
    let client = Client::new(host.parse().expect("an address"));
    let answer = client.request("GET", &format!("/setup/{setup}"), "Accept: text/html\r\n", b"").expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.head);
    assert!(terminate(&mut server).success());
}

#[test]
fn files_are_inspected_without_a_portal_and_the_exit_status_is_that_of_the_worst() {
    let folder = office_files();
    // Nothing of the configuration is read: a wrong setting does not matter.
    let inspect = |arguments: &[&str]| {
        let program = strongroom(folder.path()).with("STRONGROOM_MAX_UPLOAD", "lots");
        program.run(&[&["office", "inspect"], arguments].concat())
    };
    for (files, status) in [
        (&["plain.docx"][..], 0),
        (&["plain.docx", "traces.docx"], 1),
        (&["macros.docx", "plain.docx"], 2),
        (&["none.docx"], 2),
        (&["notes.txt"], 2),
        (&["traces.docx", "--strict"], 2),
    ] {
        let output = inspect(files);
        assert_eq!(output.status.code(), Some(status), "{files:?}: {}", said(&output));
    }
    let text = said(&inspect(&["traces.docx", "macros.docx", "notes.txt"]));
    assert!(text.contains("Ana Example") && text.contains("macro_part"), "{text}");
    assert!(text.contains("notes.txt is none of .docx, .xlsx and .pptx by its name."), "{text}");

    let output = inspect(&["--json", "plain.docx", "traces.docx", "none.docx"]);
    let lines: Vec<serde_json::Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect();
    assert_eq!((lines.len(), &lines[0]["file"], &lines[0]["verdict"]), (3, &"plain.docx".into(), &"accept".into()));
    assert_eq!((&lines[1]["verdict"], &lines[1]["xray"]["kind"]), (&"flagged".into(), &"docx".into()));
    assert!(lines[2]["error"].as_str().is_some_and(|error| error.contains("cannot be read")), "{}", lines[2]);
    assert_eq!(files_in(folder.path()), OFFICE_FILES, "nothing was made");
}

#[test]
fn a_clean_copy_is_written_whole_beside_what_is_there_or_not_at_all() {
    let folder = office_files();
    let clean = |arguments: &[&str]| strongroom(folder.path()).run(&[&["office", "clean"], arguments].concat());
    for (arguments, sentence) in [
        (&["traces.docx", "--output", "plain.docx"][..], "is there already"),
        (&["traces.docx", "--output", "copy.xlsx"], "does not end as"),
        (&["notes.txt", "--output", "copy.docx"], "is none of"),
        (&["none.docx", "--output", "copy.docx"], "cannot be read"),
        (&["macros.docx", "--output", "copy.docx"], "is refused. The file contains macros."),
        (&["traces.docx", "--output", "copy.docx", "--remove", "authors"], "no topic of that name"),
        (&["traces.docx", "--output", "copy.docx", "--remove", "external_links"], "cannot be made"),
        (&["traces.docx", "--output", "copy.docx", "--strict"], "is refused"),
        (&["traces.docx", "--output", "nowhere/copy.docx"], "cannot be written"),
    ] {
        let output = clean(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(sentence), "{arguments:?}: {}", said(&output));
        assert_eq!(files_in(folder.path()), OFFICE_FILES, "{arguments:?}");
    }
    let before = std::fs::read(folder.path().join("traces.docx")).expect("reads");

    let output = clean(&["traces.docx", "--output", "clean.docx"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(said(&output), "clean.docx is written. Removed: metadata=1, comments=1.\n");
    let copy = std::fs::read(folder.path().join("clean.docx")).expect("is there");
    assert!(
        before.windows(11).any(|window| window == b"Ana Example") && !copy.windows(11).any(|w| w == b"Ana Example")
    );
    assert_eq!(std::fs::read(folder.path().join("traces.docx")).expect("reads"), before);

    let output = clean(&["traces.docx", "--output", "half.docx", "--remove", "comments", "--json"]);
    let cleaned: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(cleaned["removed"], serde_json::json!([{"topic": "comments", "count": 1}]));
    let files: Vec<_> = files_in(folder.path());
    assert_eq!(files, ["clean.docx", "half.docx", "macros.docx", "notes.txt", "plain.docx", "traces.docx"]);
}

#[test]
fn a_clean_copy_tells_of_signatures_that_it_breaks() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("signed.docx"), office::docx_signed("a report", "Ana Example")).expect("writes");
    let clean =
        |arguments: &[&str]| strongroom(folder.path()).run(&[&["office", "clean", "signed.docx"], arguments].concat());
    let output = clean(&["--output", "broken.docx", "--remove", "comments"]);
    assert_eq!(
        said(&output),
        "broken.docx is written. Removed: comments=1.\n\
         Not valid any more in the copy: signatures=1. With --signatures they go.\n"
    );
    let output = clean(&["--output", "without.docx", "--remove", "comments", "--signatures"]);
    assert_eq!(said(&output), "without.docx is written. Removed: signatures=1, comments=1.\n");
}

const OFFICE_FILES: [&str; 4] = ["macros.docx", "notes.txt", "plain.docx", "traces.docx"];

/// A folder with a file for each verdict, and one that is none.
fn office_files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in [
        ("macros.docx", office::docx_with_macro("a report")),
        ("notes.txt", b"notes".to_vec()),
        ("plain.docx", office::docx("a report")),
        ("traces.docx", office::docx_with_traces("a report", "Ana Example")),
    ] {
        std::fs::write(folder.path().join(name), bytes).expect("writes");
    }
    folder
}

fn files_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<_> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Every entry below a folder with its mode.
fn modes_below(folder: &Path) -> Vec<(std::path::PathBuf, u32)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let mode = std::fs::metadata(&path).expect("is there").permissions().mode() & 0o777;
        if path.is_dir() {
            found.extend(modes_below(&path));
        }
        found.push((path, mode));
    }
    found
}

#[test]
fn whatever_the_portal_writes_is_its_owners_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let portal = Program::new(env!("CARGO_BIN_EXE_strongroom"), &data).serve();
    let modes = modes_below(&data);
    assert!(portal.terminate().success());
    assert!(modes.iter().any(|(path, _)| path.ends_with("strongroom.db-wal")), "it runs: {modes:?}");
    for (path, mode) in modes {
        // Folders may not even be entered.
        assert_eq!(mode & 0o077, 0, "{}: {mode:03o}", path.display());
    }
}

#[test]
fn another_database_over_the_files_stops_the_start_and_touches_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    strongroom(data.path()).create_ops();
    let blob = data.path().join("blobs/fe/0198c0de-0000-7000-8000-0000000000fe");
    std::fs::create_dir_all(blob.parent().expect("a shard")).expect("a shard");
    std::fs::write(&blob, "sealed").expect("writes");
    let other = format!("sqlite://{}?mode=rwc", data.path().join("other.db").display());
    let elsewhere = strongroom(data.path()).with("STRONGROOM_DATABASE_URL", &other);
    for removed in [None, Some("blobs/portal.id")] {
        if let Some(removed) = removed {
            std::fs::remove_file(data.path().join(removed)).expect("removed");
        }
        let output = elsewhere.run(&["serve", "--listen", "127.0.0.1:0"]);
        let said = said(&output);
        assert!(!output.status.success(), "{said}");
        for part in ["blobs", "other.db", "strongroom storage adopt"] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(blob.exists(), "nothing was swept");
    }
    let adopted = elsewhere.run(&["storage", "adopt"]);
    assert!(adopted.status.success(), "{}", said(&adopted));
    assert!(blob.exists() && data.path().join("blobs/portal.id").exists());
}

#[test]
fn keys_that_are_gone_stop_the_start_and_are_not_made_anew() {
    let data = tempfile::tempdir().expect("a folder");
    strongroom(data.path()).create_ops();
    let (keys, copy) = (data.path().join("keys"), data.path().join("copy"));
    std::fs::rename(&keys, &copy).expect("moved away");
    let output = strongroom(data.path()).run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(!output.status.success() && said(&output).contains("is missing"), "{}", said(&output));
    assert!(!keys.exists(), "no fresh key takes its place");
    let output = strongroom(data.path()).run(&["doctor"]);
    assert!(said(&output).lines().any(|line| line.starts_with("FAIL  keys")), "{}", said(&output));
    assert!(!keys.exists(), "the doctor makes nothing");
    std::fs::rename(&copy, &keys).expect("restored");
    let output = strongroom(data.path()).run(&["doctor"]);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn the_doctor_makes_nothing_where_there_is_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    let output = strongroom(data.path()).run(&["doctor"]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(modes_below(data.path()), []);
}

#[test]
fn a_rotation_makes_a_fresh_key_and_says_when_the_old_one_can_go() {
    let data = tempfile::tempdir().expect("a folder");
    strongroom(data.path()).create_ops();
    let run = |arguments: &[&str]| {
        let output = strongroom(data.path()).run(arguments);
        assert!(output.status.success(), "{}", said(&output));
        said(&output)
    };
    let before = run(&["keys", "status"]);
    assert_eq!(before.lines().count(), 1, "{before}");
    let rotated = run(&["keys", "rotate"]);
    assert!(rotated.contains("fresh master key"), "{rotated}");
    let after = run(&["keys", "status"]);
    let old = before.split(' ').next().expect("an id");
    assert!(after.lines().any(|line| line.starts_with(old) && line.contains("not needed any more")), "{after}");
    assert_eq!(after.lines().count(), 2, "{after}");
    run(&["doctor"]);
}

#[test]
fn people_are_looked_after_from_the_command_line() {
    let data = tempfile::tempdir().expect("a folder");
    for email in ["ops@example.com", "second@example.com"] {
        let arguments = ["ops", "create", "--email", email];
        assert!(strongroom(data.path()).run_with_input(&arguments, &format!("{PASSWORD}\n")).status.success());
    }
    let people = |arguments: &[&str]| {
        let output = strongroom(data.path()).run(&[&["people"], arguments].concat());
        (output.status.success(), said(&output))
    };
    for (arguments, outcome) in [
        (["sign-out", "--email", "second@example.com"], "second@example.com is signed out everywhere."),
        (["revoke-links", "--email", "second@example.com"], "has no working link any more."),
        (["disable", "--email", "Second@Example.com"], "second@example.com is disabled."),
    ] {
        let (success, said) = people(&arguments);
        assert!(success && said.contains(outcome), "{said}");
    }
    let (_, listed) = people(&["list", "--state", "disabled"]);
    assert!(
        listed.contains("second@example.com\tops\tdisabled\tnever\tsecond") && !listed.contains("ops@"),
        "{listed}"
    );
    for (arguments, reason) in [
        (["disable", "--email", "ops@example.com"], "the last ops account"),
        (["disable", "--email", "nobody@example.com"], "Nobody has an account with the address nobody@example.com."),
        (["disable", "--email", "nobody"], "not a complete e-mail address"),
        (["list", "--role", "root"], "not valid"),
    ] {
        let (success, said) = people(&arguments);
        assert!(!success && said.contains(reason), "{said}");
    }
    let (success, said) = people(&["enable", "--email", "second@example.com"]);
    assert!(success && said.contains("can sign in again"), "{said}");
    assert!(people(&["list", "--search", "SECOND"]).1.contains("\tactive\t"));
}
