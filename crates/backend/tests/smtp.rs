//! The real transport against a mail server that answers as each test says.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use backend::mail::{Fault, HelloName, MailTransport as _, OutgoingMail, Relay, SendError, Sender, SmtpTransport};
use domain::Timestamp;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// What a mail server does at one command, in place of the usual.
#[derive(Clone, Copy)]
enum Reply {
    Says(&'static str),
    HangsUp,
    IsSilent,
}

use Reply::{HangsUp, IsSilent, Says};

/// A mail server on the loopback interface: it accepts everything, but for one command. Commands are named by their
/// first word; `greeting` and `.` are the moments before the first and after the message.
struct Peer {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Peer {
    async fn that(at: &'static str, reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
        let port = listener.local_addr().expect("an address").port();
        let heard = Arc::default();
        let peer = Self { port, heard: Arc::clone(&heard) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, at, reply, Arc::clone(&heard)));
            }
        });
        peer
    }

    async fn friendly() -> Self {
        Self::that("nothing", HangsUp).await
    }

    fn transport(&self, user: &str) -> SmtpTransport {
        let relay = Relay::parse(&format!("smtp://{user}127.0.0.1:{}", self.port)).expect("a relay");
        let hello = HelloName::parse("portal.example.com").expect("a name");
        SmtpTransport::new(relay, hello).expect("a transport").patient_for(Duration::from_millis(300))
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn heard_of(&self, command: &str) -> usize {
        self.heard().iter().filter(|line| line.starts_with(command)).count()
    }
}

/// One conversation. It ends when the other side goes, or when the script says so.
async fn converse(stream: TcpStream, at: &str, reply: Reply, heard: Arc<Mutex<Vec<String>>>) {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut command = "greeting".to_owned();
    loop {
        let usual = match command.as_str() {
            "greeting" => "220 mail.example.com",
            "EHLO" => "250-mail.example.com\r\n250 AUTH PLAIN",
            "AUTH" => "235 2.7.0 Welcome",
            "DATA" => "354 Go on",
            "QUIT" => "221 Bye",
            _ => "250 Fine",
        };
        let says = match reply {
            _ if command != at => usual,
            Says(says) => says,
            HangsUp => return,
            IsSilent => std::future::pending().await,
        };
        let in_message = command == "DATA" && says.starts_with('3');
        if writer.write_all(format!("{says}\r\n").as_bytes()).await.is_err() {
            return;
        }
        loop {
            let Ok(Some(line)) = lines.next_line().await else { return };
            heard.lock().unwrap_or_else(PoisonError::into_inner).push(line.clone());
            if !in_message || line == "." {
                command = line.split([' ', ':']).next().unwrap_or_default().to_owned();
                break;
            }
        }
    }
}

fn mail() -> OutgoingMail {
    OutgoingMail {
        message_id: "<0198c0de@example.com>".to_owned(),
        from: Sender::parse("Acme, Inc. <docs@example.com>", "Portal").expect("a sender"),
        reply_to: None,
        to: "ana@example.com".to_owned(),
        subject: "Hello".to_owned(),
        text: "plain".to_owned(),
        html: "<p>html</p>".to_owned(),
        date: Timestamp::from_millis(1_795_356_300_000),
    }
}

async fn fault_of(peer: &Peer) -> SendError {
    peer.transport("ana:secret@").send(&mail()).await.expect_err("it is not taken")
}

#[tokio::test]
async fn whose_fault_a_refusal_is_depends_on_what_it_answers() {
    for (at, says, fault) in [
        ("greeting", "554 5.3.2 Not here", Fault::Relay),
        ("greeting", "421 4.3.2 Too busy", Fault::Relay),
        ("EHLO", "550 5.7.1 I do not know you", Fault::Relay),
        ("AUTH", "535 5.7.8 Bad credentials", Fault::Relay),
        ("AUTH", "534 5.7.9 Use another mechanism", Fault::Relay),
        ("AUTH", "454 4.7.0 Not now", Fault::Relay),
        ("MAIL", "530 5.7.0 Sign in first", Fault::Relay),
        ("MAIL", "553 5.7.1 Not your address", Fault::Relay),
        ("MAIL", "452 4.3.1 No space", Fault::Relay),
        ("RCPT", "554 5.7.1 <ana@example.com>: Relay access denied", Fault::Relay),
        ("RCPT", "421 4.7.0 Closing", Fault::Relay),
        ("RCPT", "451 4.7.1 Greylisted", Fault::Later),
        ("RCPT", "452 4.2.2 Mailbox full", Fault::Later),
        ("RCPT", "550 5.1.1 No such user", Fault::Never),
        ("DATA", "451 4.3.0 Try again", Fault::Later),
        ("DATA", "554 5.6.0 No", Fault::Never),
        (".", "554 5.7.1 Looks like spam", Fault::Never),
        (".", "451 4.3.0 Try again later", Fault::Later),
        (".", "552 5.2.2 Mailbox full", Fault::Later),
    ] {
        let error = fault_of(&Peer::that(at, Says(says)).await).await;
        assert_eq!(error.fault, fault, "{at}: {says}");
        assert!(error.text.contains(says) && !error.text.contains("secret"), "in its own words: {}", error.text);
    }
}

#[tokio::test]
async fn whoever_goes_or_is_silent_is_at_fault_itself() {
    for at in ["greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "."] {
        let gone = fault_of(&Peer::that(at, HangsUp).await).await;
        assert_eq!(gone.fault, Fault::Relay, "{at}: {}", gone.text);
    }
    for at in ["greeting", "RCPT"] {
        let silent = fault_of(&Peer::that(at, IsSilent).await).await;
        assert_eq!(silent.fault, Fault::Relay);
        assert!(silent.text.contains("did not answer"), "{}", silent.text);
    }
}

#[tokio::test]
async fn a_relay_that_cannot_be_found_reached_or_trusted_is_at_fault() {
    let nowhere = TcpListener::bind("127.0.0.1:0").await.expect("listens").local_addr().expect("an address").port();
    let without_tls = Peer::friendly().await;
    for url in [
        format!("smtp://127.0.0.1:{nowhere}"),
        "smtps://relay.invalid".to_owned(),
        format!("smtps://127.0.0.1:{}", without_tls.port),
        format!("smtp://127.0.0.1:{}?tls=required", without_tls.port),
    ] {
        let hello = HelloName::parse("portal.example.com").expect("a name");
        let transport = SmtpTransport::new(Relay::parse(&url).expect("a relay"), hello).expect("a transport");
        let transport = transport.patient_for(Duration::from_secs(2));
        for error in [transport.send(&mail()).await, transport.check().await] {
            assert_eq!(error.expect_err(&url).fault, Fault::Relay, "{url}");
        }
    }
    assert_eq!(without_tls.heard_of("MAIL"), 0, "nothing is said in the clear where TLS is asked for");
}

#[tokio::test]
async fn a_mail_from_a_name_with_a_comma_really_leaves() {
    let peer = Peer::friendly().await;
    let transport = peer.transport("ana:secret@");
    transport.send(&mail()).await.expect("leaves");
    let heard = peer.heard();
    for line in ["EHLO portal.example.com", "MAIL FROM:<docs@example.com>", "RCPT TO:<ana@example.com>"] {
        assert!(heard.iter().any(|heard| heard == line), "{line}: {heard:#?}");
    }
    assert!(heard.iter().any(|line| line.starts_with("From: ") && line.ends_with(" <docs@example.com>")), "{heard:#?}");
}

#[tokio::test]
async fn a_connection_serves_many_mails_and_is_ended_when_there_is_none() {
    let peer = Peer::friendly().await;
    let transport = peer.transport("");
    for _ in 0..5 {
        transport.send(&mail()).await.expect("leaves");
    }
    assert_eq!((peer.heard_of("EHLO"), peer.heard_of("MAIL"), peer.heard_of("QUIT")), (1, 5, 0));
    transport.rest().await;
    assert_eq!(peer.heard_of("QUIT"), 1);
}

#[tokio::test]
async fn a_connection_that_the_relay_has_ended_meanwhile_costs_no_mail() {
    let peer = Peer::that("NOOP", HangsUp).await;
    let transport = peer.transport("");
    for _ in 0..3 {
        transport.send(&mail()).await.expect("leaves");
    }
    assert_eq!((peer.heard_of("EHLO"), peer.heard_of("MAIL")), (3, 3));
}
