//! Attacks on accounts and on the throttles that guard them.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::{Field, list, login, statuses};
use crate::{
    bench::{
        client::{Connection, Request},
        milliseconds,
        portal::{CLIENT, PASSWORD, Portal, Running, json_text},
        table::{Aim, Table},
    },
    postgres::Postgres,
    process::{Failure, Outcome, output_of},
};

const ELSEWHERE: &str = "203.0.113.9";
const GUESSER: &str = "198.51.100.7";
const NEW_PASSWORD: &str = "nine slow barges before noon";

/// Six threads sign in with the old password while the owner resets it. What they got must be dead afterwards.
pub(super) fn reset_against_sign_ins(field: &Field<'_>, table: &mut Table) -> Outcome {
    const ROUNDS: usize = 4;
    let (mut alive, mut all) = (0, 0);
    for _ in 0..ROUNDS {
        let portal = field.portal(&[])?;
        let server = portal.start()?;
        portal.sign_up(&server)?;
        let form = format!("email={}", CLIENT.replace('@', "%40"));
        let ask = Request::post("/api/fn/request_reset", "application/x-www-form-urlencoded", form);
        server.expect(200, &ask.with("Accept", "application/json"))?;
        let secret = portal.secret_from_mail("/reset/")?;
        let tokens = while_signing_in(&server, 6, || {
            thread::sleep(Duration::from_millis(700));
            let form = format!("token={secret}&password={}", NEW_PASSWORD.replace(' ', "+"));
            let reset = Request::post("/api/fn/reset_password", "application/x-www-form-urlencoded", form);
            server.expect(200, &reset.with("Accept", "application/json")).map(|_| ())
        })?;
        for token in &tokens {
            let files = Request::get("/api/v1/files").with("Authorization", format!("Bearer {token}"));
            alive += usize::from(server.ask(&files)?.status == 200);
        }
        all += tokens.len();
    }
    let how = format!("of {all} tokens that six threads got before and during {ROUNDS} resets");
    table.add("Sign-ins alive after a reset", Aim::AtMost(0.0), alive as f64, "", how);
    Ok(())
}

/// Tokens that so many threads get while `work` is done, and in the second after it.
fn while_signing_in(server: &Running, threads: usize, work: impl FnOnce() -> Outcome) -> Outcome<Vec<String>> {
    let (stop, tokens) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
    let address = server.address;
    let workers: Vec<_> = (0..threads)
        .map(|index| {
            let (stop, tokens) = (stop.clone(), tokens.clone());
            thread::spawn(move || {
                let from = format!("203.0.113.{}", 100 + index);
                while !stop.load(Ordering::Relaxed) {
                    let answer = Connection::open(address).and_then(|mut it| it.ask(&login(CLIENT, PASSWORD, &from)));
                    if let Ok(token) = answer.map_err(Failure::from_io).and_then(|it| json_text(&it.text(), "token"))
                        && let Ok(mut tokens) = tokens.lock()
                    {
                        tokens.push(token);
                    }
                }
            })
        })
        .collect();
    let outcome = work();
    thread::sleep(Duration::from_secs(1));
    stop.store(true, Ordering::Relaxed);
    for worker in workers {
        let _ = worker.join();
    }
    outcome?;
    Ok(tokens.lock().map(|tokens| tokens.clone()).unwrap_or_default())
}

/// A hundred connections guess from one address, then five hundred; a person signs in from elsewhere, another lists.
pub(super) fn guesses_from_one_address(field: &Field<'_>, table: &mut Table) -> Outcome {
    let portal = field.portal(&[])?;
    let server = portal.start()?;
    portal.sign_up(&server)?;
    let client = server.sign_in(CLIENT)?;
    let calm = time_of(&server, &list(&client), 20)?;

    let mut codes = Vec::new();
    let mut slowest = Duration::ZERO;
    let guessed = while_guessing(&server, 100, || {
        for _ in 0..10 {
            let begun = Instant::now();
            codes.push(server.ask(&login(CLIENT, PASSWORD, ELSEWHERE)).map_or(0, |answer| answer.status));
            slowest = slowest.max(begun.elapsed());
        }
        Ok(())
    })?;
    let right = codes.iter().filter(|code| **code == 200).count();
    let how = format!(
        "of 10 from elsewhere, while 100 connections guess from one address ({guessed} guesses): {}; slowest {:.0} ms",
        statuses(codes),
        milliseconds(slowest)
    );
    table.add("Right sign-ins let through", Aim::AtLeast(10.0), right as f64, "", how);

    let mut under = Duration::ZERO;
    let guessed = while_guessing(&server, 500, || {
        under = time_of(&server, &list(&client), 20)?;
        Ok(())
    })?;
    let how = format!("median, while 500 connections guess ({guessed} guesses); {:.1} ms before", milliseconds(calm));
    table.add("List beside throttled sign-ins", Aim::AtMost(100.0), milliseconds(under), "ms", how);
    Ok(())
}

/// Guesses on so many connections while `work` is done; tells how many.
fn while_guessing(server: &Running, connections: usize, work: impl FnOnce() -> Outcome) -> Outcome<usize> {
    let (stop, guesses) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let address = server.address;
    let guess = |index: usize| {
        let (stop, guesses) = (stop.clone(), guesses.clone());
        thread::Builder::new().stack_size(128 * 1024).spawn(move || {
            let guess = login(&format!("somebody-{index}@example.com"), "not the password at all", GUESSER);
            while !stop.load(Ordering::Relaxed) {
                let Ok(mut connection) = Connection::small(address) else { continue };
                while !stop.load(Ordering::Relaxed) && connection.ask(&guess).is_ok() {
                    guesses.fetch_add(1, Ordering::Relaxed);
                }
            }
        })
    };
    let workers: Vec<_> = (0..connections).map(guess).collect::<Result<_, _>>().map_err(Failure::from_io)?;
    thread::sleep(Duration::from_secs(3));
    let outcome = work();
    stop.store(true, Ordering::Relaxed);
    for worker in workers {
        let _ = worker.join();
    }
    outcome.map(|()| guesses.load(Ordering::Relaxed))
}

/// Nonsense to `login` for ten seconds: how many rows it leaves.
pub(super) fn nonsense(field: &Field<'_>, table: &mut Table) -> Outcome {
    const SPAN: Duration = Duration::from_secs(10);
    let portal = field.portal(&[])?;
    let server = portal.start()?;
    let before = rows(field, &portal)?;
    let until = Instant::now() + SPAN;
    let address = server.address;
    let workers: Vec<_> = (0..16)
        .map(|_| {
            thread::spawn(move || {
                let mut sent = 0_usize;
                let Ok(mut connection) = Connection::open(address) else { return sent };
                let request = login("nonsense", "nonsense", GUESSER);
                while Instant::now() < until && connection.ask(&request).is_ok() {
                    sent += 1;
                }
                sent
            })
        })
        .collect();
    let sent: usize = workers.into_iter().map(|worker| worker.join().unwrap_or(0)).sum();
    let grown = rows(field, &portal)? - before;
    let how = format!("rows of activity from {sent} nonsensical sign-ins in 10 s, 16 connections");
    table.add("Rows that anybody causes", Aim::AtMost(100.0), grown, "", how);
    Ok(())
}

fn rows(field: &Field<'_>, portal: &Portal) -> Outcome<f64> {
    let count = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT COUNT(*) FROM activity').fetchone()[0])";
    let mut python = field.workspace.command(&field.python);
    let printed = output_of(python.args(["-c", count]).arg(portal.database()));
    printed.and_then(|text| text.parse().ok()).ok_or_else(|| Failure::new("the rows of activity cannot be counted."))
}

/// Twenty-four threads sign in to twelve accounts from one address, on PostgreSQL; nothing may deadlock.
pub(super) fn many_sign_ins_on_postgres(field: &Field<'_>, table: &mut Table) -> Outcome {
    const THREADS: usize = 24;
    const EACH: usize = 20;
    let postgres = Postgres::start()?;
    let portal = field.portal(&[("STRONGROOM_DATABASE_URL", &postgres.url())])?;
    let emails: Vec<String> = (0..THREADS / 2).map(|index| format!("ops-{index}@example.com")).collect();
    emails.iter().try_for_each(|email| portal.create_ops(email))?;
    let server = portal.start()?;
    let address = server.address;
    let workers: Vec<_> = (0..THREADS)
        .map(|index| {
            let email = emails.get(index / 2).cloned().unwrap_or_default();
            thread::spawn(move || {
                let sign_in = |_| {
                    let answer =
                        Connection::open(address).and_then(|mut it| it.ask(&login(&email, PASSWORD, ELSEWHERE)));
                    answer.map_or(0, |answer| answer.status)
                };
                (0..EACH).map(sign_in).collect::<Vec<u16>>()
            })
        })
        .collect();
    let codes: Vec<u16> = workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect();
    let failed = codes.iter().filter(|code| **code == 500 || **code == 0).count();
    let how = format!("of {} sign-ins on PostgreSQL, {THREADS} threads: {}", THREADS * EACH, statuses(codes));
    table.add("Sign-ins answered 500", Aim::AtMost(0.0), failed as f64, "", how);
    Ok(())
}

/// The median of so many answers, each of which has to be a 200.
pub(super) fn time_of(server: &Running, request: &Request, times: usize) -> Outcome<Duration> {
    let mut took = Vec::new();
    for _ in 0..times {
        let begun = Instant::now();
        server.expect(200, request)?;
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    Ok(took.get(times / 2).copied().unwrap_or_default())
}
