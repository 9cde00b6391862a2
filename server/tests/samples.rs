//! The samples of docs/operations.md, asked of those who have to read them.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};

use server::config::{Config, Layers};

const OPERATIONS: &str = include_str!("../../docs/operations.md");

/// The first block of this language.
fn sample(language: &str) -> &'static str {
    let (_, rest) = OPERATIONS.split_once(&format!("```{language}\n")).expect("a sample");
    rest.split_once("```").expect("its end").0
}

/// Debian keeps it off the PATH of ordinary users.
fn nginx() -> Option<PathBuf> {
    ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"]
        .map(PathBuf::from)
        .into_iter()
        .find(|it| it.is_file())
}

/// The sample as a whole configuration, at a port that anybody may take and with a certificate that is there.
fn whole_configuration(folder: &Path) -> String {
    let made = rcgen::generate_simple_self_signed(["portal.example.com".to_owned()]).expect("a certificate");
    fs::write(folder.join("portal.pem"), made.cert.pem()).expect("writes");
    fs::write(folder.join("portal.key"), made.key_pair.serialize_pem()).expect("writes");
    let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
    let here = folder.display();
    let servers = sample("nginx")
        .replace("listen 443 ", &format!("listen {free} "))
        .replace("/etc/ssl/portal", &format!("{here}/portal"));
    assert!(servers.contains(&free.to_string()) && !servers.contains("/etc/ssl"), "{servers}");
    let scratch =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|of| format!("{of}_temp_path {here}/{of};\n"));
    format!("pid {here}/nginx.pid;\nevents {{}}\nhttp {{\naccess_log off;\n{}{servers}}}\n", scratch.concat())
}

#[test]
fn nginx_takes_the_sample() {
    // The directive came with 1.25.1, and older ones do not start with it.
    assert!(!sample("nginx").lines().any(|line| line.trim_start().starts_with("http2 ")));
    let Some(nginx) = nginx() else {
        eprintln!("left out: nginx is not installed");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let configuration = folder.path().join("nginx.conf");
    fs::write(&configuration, whole_configuration(folder.path())).expect("writes");
    let mut asked = Command::new(nginx);
    asked.arg("-t").arg("-p").arg(folder.path()).arg("-e").arg("stderr").arg("-c").arg(&configuration);
    let answer = asked.output().expect("runs");
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
}

#[test]
fn the_portal_takes_the_sample() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("strongroom.toml");
    fs::write(&path, sample("toml")).expect("writes");
    // As the unit's file of secrets has it.
    let secrets = [("STRONGROOM_SMTP_URL".to_owned(), "smtps://mail.example.com".to_owned())];
    let layers = Layers::gather(Some(&path), secrets, []).expect("known settings");
    let config = Config::parse(&layers).expect("valid settings");
    config.insist_on_mail().expect("mail goes somewhere");
    assert!(config.is_https() && !config.trusted_proxies.is_empty());
}
