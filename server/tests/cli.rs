//! The program itself, as the person meets it who installs it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

fn strongroom(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_strongroom"));
    command.env_clear().env("STRONGROOM_DATA", data).current_dir(data);
    command
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
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
        let output = strongroom(data.path()).args(arguments).env(variable.0, variable.1).output().expect("runs");
        let said = said(&output);
        assert!(!output.status.success(), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }
}

#[test]
fn ops_are_made_from_the_command_line_with_a_password_from_standard_input() {
    let data = tempfile::tempdir().expect("a folder");
    let create = |password: &str| {
        let mut command = strongroom(data.path());
        command.args(["ops", "create", "--email", "ops@example.com"]).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
        child.stdin.take().expect("a pipe").write_all(password.as_bytes()).expect("writes");
        child.wait_with_output().expect("ends")
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
    assert!(strongroom(data.path()).arg("migrate").output().expect("runs").status.success());
    let healthy = strongroom(data.path()).arg("doctor").output().expect("runs");
    let text = said(&healthy);
    assert!(healthy.status.success(), "{text}");
    assert!(text.contains("chmod 700"), "{text}");
    for name in ["configuration", "data folder", "keys", "database", "storage", "mail", "clock", "address"] {
        assert!(text.lines().any(|line| line.get(6..).is_some_and(|line| line.starts_with(name))), "{name}: {text}");
    }
    let mut command = strongroom(data.path());
    let broken = command.arg("doctor").env("STRONGROOM_SMTP_URL", "smtp://127.0.0.1:1").output().expect("runs");
    let text = said(&broken);
    assert!(!broken.status.success(), "{text}");
    assert!(text.lines().any(|line| line.starts_with("FAIL  mail") && line.contains("smtp_url")), "{text}");
}

#[test]
fn the_first_start_says_how_ops_come_to_be_and_sigterm_ends_it_well() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut command = strongroom(folder.path());
    command.env("STRONGROOM_DATA", &data).args(["serve", "--listen", "127.0.0.1:0"]);
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
    let mut stream = TcpStream::connect(host).expect("connects");
    let request =
        format!("GET /setup/{setup} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("writes");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("reads");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    terminate(&server);
    assert!(server.wait().expect("ends").success());
}

/// There is no signal in the standard library; the shell has one.
fn terminate(child: &Child) {
    let status = Command::new("sh").args(["-c", &format!("kill -TERM {}", child.id())]).status().expect("a shell");
    assert!(status.success());
}
