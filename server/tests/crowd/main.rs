//! Many clients at once, at the program itself. A test binary of its own: beside a crowd, others would wait.

mod cgroup;

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use testkit::program::{Portal, Program};

use cgroup::Group;

fn program(data: &Path) -> Program {
    Program::new(env!("CARGO_BIN_EXE_strongroom"), data).with("STRONGROOM_LOG", "error")
}

/// One crowd after the other.
static TURN: Mutex<()> = Mutex::new(());

/// Raises the soft limit of open files to the hard one, and tells how many that are.
fn descriptors() -> usize {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).expect("the soft limit may be raised");
    limit.maximum.and_then(|most| usize::try_from(most).ok()).unwrap_or(1 << 20)
}

fn open_files(id: u32) -> usize {
    fs::read_dir(format!("/proc/{id}/fd")).expect("the program can be looked at").count()
}

fn ask(stream: &mut TcpStream) -> Duration {
    let begun = Instant::now();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n").expect("is sent");
    let mut answer = [0; 1024];
    let length = stream.read(&mut answer).expect("an answer");
    assert!(answer[..length].starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer[..length]));
    begun.elapsed()
}

#[test]
fn ten_thousand_connections_are_served_and_leave_nothing_open() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let data = tempfile::tempdir().expect("a folder");
    // A quarter is left for files; where the system gives less, there are fewer connections.
    let most = (descriptors() * 3 / 4).min(10_000) - 100;
    let portal = program(data.path()).serve();
    let before = open_files(portal.id());
    let mut all: Vec<TcpStream> = (0..most)
        .map(|_| {
            let mut stream = TcpStream::connect(portal.at()).expect("connects");
            stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
            ask(&mut stream);
            stream
        })
        .collect();
    let mut took: Vec<Duration> = all.iter_mut().map(ask).collect();
    took.sort_unstable();
    let p99 = took[took.len() * 99 / 100];
    println!("{most} connections: p99 {p99:?}");
    assert!(p99 < Duration::from_secs(1), "{p99:?}");
    assert!(open_files(portal.id()) > most, "every one of them is open");
    drop(all);
    let begun = Instant::now();
    while open_files(portal.id()) > before + 20 {
        assert!(begun.elapsed() < Duration::from_secs(30), "{} files are left open", open_files(portal.id()));
        thread::sleep(Duration::from_millis(50));
    }
}

/// Fifty files of 20 MiB arrive at once in a program that may have 256 MiB: where the test may make a group with that
/// limit, the system sees to it; everywhere, the most that the program has ever held stays below.
#[test]
fn fifty_uploads_at_once_take_bounded_memory() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    const UPLOADS: usize = 50;
    const FILE: usize = 20 << 20;
    const LIMIT: u64 = 256 << 20;
    let data = tempfile::tempdir().expect("a folder");
    let program = program(data.path());
    program.create_ops();
    let mut command = program.command();
    command.arg("serve");
    let group = Group::with_memory(LIMIT);
    let portal = Portal::start(match &group {
        Ok(group) => group.around(&command),
        Err(_) => command,
    });
    let words: String =
        (0..2_700_000).map(|number| format!("{number}{}", if number % 100 == 99 { '\n' } else { ' ' })).collect();
    let document = testkit::office::docx(&words);
    assert!(document.len() >= FILE, "{} bytes", document.len());
    let token = portal.token();
    thread::scope(|scope| {
        for index in 0..UPLOADS {
            let (portal, token, document) = (&portal, &token, &document);
            scope.spawn(move || {
                let answer = portal.upload(token, &format!("report-{index}.docx"), document);
                assert_eq!(answer.status, 201, "{answer:?}");
            });
        }
    });
    match &group {
        Ok(group) => {
            assert!(group.holds(portal.id()), "the program has run in the group");
            assert_eq!(group.killed(), 0);
            println!("{UPLOADS} uploads at once in a group of {} MiB: none was killed", LIMIT >> 20);
        }
        Err(why) => println!("no group of processes could be made ({why}); only the high-water mark is looked at"),
    }
    let status = fs::read_to_string(format!("/proc/{}/status", portal.id())).expect("the program can be looked at");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    let kib: u64 = peak.trim().trim_end_matches(" kB").trim().parse().expect("a number");
    println!("{UPLOADS} uploads at once: peak {} MiB", kib / 1024);
    assert!(kib < LIMIT / 1024, "{} MiB", kib / 1024);
}
