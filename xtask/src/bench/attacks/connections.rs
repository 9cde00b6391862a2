//! Attacks that send little or nothing.

use std::{
    io::Write as _,
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use super::{Field, statuses};
use crate::{
    bench::{
        client::{Connection, Request},
        milliseconds,
        table::{Aim, Table},
    },
    process::{Failure, Outcome},
};

/// 512 requests announce a body and send none.
pub(super) fn half_bodies(field: &Field<'_>, table: &mut Table) -> Outcome {
    let portal = field.portal(&[])?;
    let server = portal.start()?;
    let head = format!(
        "POST /api/v1/login HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n",
        server.address
    );
    let mut waiting = Vec::new();
    for _ in 0..512 {
        let mut stream = TcpStream::connect(server.address).map_err(Failure::from_io)?;
        stream.write_all(head.as_bytes()).map_err(Failure::from_io)?;
        waiting.push(stream);
    }
    thread::sleep(Duration::from_secs(1));
    let mut codes = Vec::new();
    let mut slowest = Duration::ZERO;
    for path in ["/healthz", "/readyz", "/login"] {
        for _ in 0..3 {
            let begun = Instant::now();
            codes.push(asked(server.address, path));
            slowest = slowest.max(begun.elapsed());
        }
    }
    drop(waiting);
    let served = codes.iter().filter(|code| **code == 200).count();
    let how = format!(
        "of 9 (/healthz, /readyz, /login) beside 512 bodies that never come: {}; slowest {:.0} ms",
        statuses(codes),
        milliseconds(slowest)
    );
    table.add("Requests served beside half bodies", Aim::AtLeast(9.0), served as f64, "", how);
    Ok(())
}

/// 1,100 connections that say nothing, where a process may have the usual 1,024 descriptors.
pub(super) fn idle(field: &Field<'_>, table: &mut Table) -> Outcome {
    let portal = field.portal(&[])?;
    let server = portal.start_limited(1024)?;
    let connect = |_| TcpStream::connect_timeout(&server.address, Duration::from_secs(1));
    let idle: Vec<_> = (0..1_100).map(connect).collect::<Vec<_>>();
    let open = idle.iter().filter(|stream| stream.is_ok()).count();
    let begun = Instant::now();
    let codes: Vec<u16> = (0..5).map(|_| asked(server.address, "/healthz")).collect();
    let took = begun.elapsed();
    let served = codes.iter().filter(|code| **code == 200).count();
    let how = format!(
        "of 5 beside {open} idle connections, started with `ulimit -Sn 1024`: {}; {:.0} ms in all",
        statuses(codes),
        milliseconds(took)
    );
    table.add("Requests served beside idle connections", Aim::AtLeast(5.0), served as f64, "", how);
    Ok(())
}

/// The status of an answer that comes within three seconds; 0 when none does.
fn asked(address: SocketAddr, path: &str) -> u16 {
    let connection = Connection::patient(address, Duration::from_secs(3));
    let answer = connection.and_then(|mut connection| connection.ask(&Request::get(path)));
    answer.map_or(0, |answer| answer.status)
}
