//! `strongroom doctor --mail`, against a mail server with STARTTLS whose certificate comes from a private authority.

use std::{
    io::{BufRead as _, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Output,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use testkit::program::{Program, said};

/// A mail server on the loopback interface that takes mail only over TLS, and what it took.
struct MailServer {
    port: u16,
    heard: Arc<Mutex<String>>,
}

impl MailServer {
    fn start(tls: Arc<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("listens");
        let port = listener.local_addr().expect("an address").port();
        let heard = Arc::<Mutex<String>>::default();
        let server = Self { port, heard: Arc::clone(&heard) };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever does not trust it hangs up in the middle.
                let _ = converse(stream, &tls, &heard);
            }
        });
        server
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn converse(mut stream: TcpStream, tls: &Arc<ServerConfig>, heard: &Mutex<String>) -> std::io::Result<()> {
    stream.write_all(b"220 mail.example.com\r\n")?;
    if take_mail(&mut stream, "250-mail.example.com\r\n250 STARTTLS\r\n", &mut String::new())? {
        let connection = ServerConnection::new(Arc::clone(tls)).map_err(std::io::Error::other)?;
        let mut secured = StreamOwned::new(connection, stream);
        let mut lines = String::new();
        let outcome = take_mail(&mut secured, "250 mail.example.com\r\n", &mut lines);
        heard.lock().unwrap_or_else(PoisonError::into_inner).push_str(&lines);
        outcome?;
    }
    Ok(())
}

/// Talks until the other side quits, or asks for TLS; whether it did.
fn take_mail<S: Read + Write>(stream: &mut S, hello: &str, lines: &mut String) -> std::io::Result<bool> {
    let (mut reader, mut in_message) = (BufReader::with_capacity(1, stream), false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(false);
        }
        lines.push_str(&line);
        let answer = match line.split([' ', ':', '\r']).next().unwrap_or_default() {
            "." => "250 Taken\r\n",
            _ if in_message => continue,
            "EHLO" => hello,
            "STARTTLS" => "220 Go on\r\n",
            "DATA" => "354 Go on\r\n",
            "QUIT" => "221 Bye\r\n",
            _ => "250 Fine\r\n",
        };
        in_message = line.starts_with("DATA");
        reader.get_mut().write_all(answer.as_bytes())?;
        reader.get_mut().flush()?;
        if line.starts_with("STARTTLS") || line.starts_with("QUIT") {
            return Ok(line.starts_with("STARTTLS"));
        }
    }
}

/// A certificate for `localhost` by an authority that nobody knows, and that authority's in PEM.
fn private_authority() -> (Arc<ServerConfig>, String) {
    let authority_key = KeyPair::generate().expect("a key");
    let mut authority = CertificateParams::new(Vec::new()).expect("names");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = authority.self_signed(&authority_key).expect("a certificate");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("names");
    let certificate = params.signed_by(&key, &authority, &authority_key).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocols")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a configuration");
    (Arc::new(config), authority.pem())
}

fn doctor(data: &Path, variables: &[(&'static str, &str)], arguments: &[&str]) -> (Output, String) {
    let program = Program::new(env!("CARGO_BIN_EXE_strongroom"), data).inside(data);
    let program = program.with("STRONGROOM_MAIL_FROM", "Acme, Inc. <documents@example.com>");
    let program = variables.iter().fold(program, |program, (name, value)| program.with(name, value));
    let output = program.run(&[&["doctor"], arguments].concat());
    let said = said(&output);
    (output, said)
}

fn has_line(said: &str, start: &str, part: &str) -> bool {
    said.lines().any(|line| line.starts_with(start) && line.contains(part))
}

#[test]
fn a_private_authority_is_trusted_when_it_is_named_and_one_mail_shows_that_all_works() {
    let data = tempfile::tempdir().expect("a folder");
    let (tls, authority) = private_authority();
    std::fs::write(data.path().join("authority.pem"), authority).expect("writes");
    let server = MailServer::start(tls);
    let url = format!("smtp://localhost:{}?tls=required", server.port);
    let smtp = ("STRONGROOM_SMTP_URL", url.as_str());

    let (output, said) = doctor(data.path(), &[smtp], &["--mail", "ana@example.com"]);
    assert!(!output.status.success());
    assert!(has_line(&said, "FAIL  mail", "certificate"), "{said}");
    assert!(has_line(&said, "FAIL  test mail", "did not leave"), "{said}");
    assert_eq!(server.heard(), "", "nothing is said to whom nobody trusts");

    let trust = ("SSL_CERT_FILE", "authority.pem");
    let (output, said) = doctor(data.path(), &[smtp, trust], &["--mail", "ana@example.com"]);
    assert!(output.status.success(), "{said}");
    assert!(has_line(&said, "ok    mail", "lets the portal in"), "{said}");
    assert!(has_line(&said, "ok    test mail", "took it for ana@example.com"), "{said}");
    for line in ["MAIL FROM:<documents@example.com>", "RCPT TO:<ana@example.com>", "Auto-Submitted: auto-generated"] {
        assert!(server.heard().contains(line), "{line}: {}", server.heard());
    }
}

#[test]
fn mail_in_the_clear_is_named_for_what_it_gives_up() {
    let data = tempfile::tempdir().expect("a folder");
    let (tls, _) = private_authority();
    let server = MailServer::start(tls);
    let url = format!("smtp+plain://127.0.0.1:{}", server.port);
    let (output, said) = doctor(data.path(), &[("STRONGROOM_SMTP_URL", &url)], &[]);
    assert!(output.status.success(), "{said}");
    assert!(has_line(&said, "warn  mail", "reads every mail"), "{said}");
}

#[test]
fn without_a_mail_server_the_test_mail_is_written_into_the_folder() {
    let data = tempfile::tempdir().expect("a folder");
    let (output, said) = doctor(data.path(), &[], &["--mail", "ana@example.com"]);
    assert!(output.status.success(), "{said}");
    assert!(has_line(&said, "warn  test mail", "nobody receives it"), "{said}");
    assert_eq!(std::fs::read_dir(data.path().join("mail")).expect("a folder").count(), 1);
    let (output, said) = doctor(data.path(), &[], &["--mail", "nobody"]);
    assert!(!output.status.success() && said.contains("not a complete e-mail address"), "{said}");
}
