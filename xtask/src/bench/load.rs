//! Many connections that ask for the same thing over and over.

use std::{
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use super::client::{Connection, Request};
use crate::process::{Failure, Outcome};

/// How a server bore the load.
pub(super) struct Load {
    /// Answers in all, those of the warm-up too.
    pub(super) answers: usize,
    pub(super) per_second: f64,
    pub(super) median: Duration,
    pub(super) p99: Duration,
}

/// Connections at the same time, each of which asks anew as soon as it has its answer.
pub(super) const CONNECTIONS: usize = 16;
/// Connections, caches and pages of the database are warm after this.
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(6);

/// Asks `host` for some seconds. Every answer has to be a 200.
pub(super) fn put_on(host: SocketAddr, request: &Request) -> Outcome<Load> {
    let warming_up = ask_for(host, request, WARM_UP)?.len();
    let begun = Instant::now();
    let mut took = ask_for(host, request, MEASURED)?;
    let per_second = took.len() as f64 / begun.elapsed().as_secs_f64();
    took.sort_unstable();
    let answers = warming_up + took.len();
    Ok(Load { answers, per_second, median: quantile(&took, 0.5), p99: quantile(&took, 0.99) })
}

/// The time that each request took.
fn ask_for(host: SocketAddr, request: &Request, span: Duration) -> Outcome<Vec<Duration>> {
    let until = Instant::now() + span;
    let one = |_: usize| {
        let request = request.clone();
        thread::spawn(move || ask_until(host, &request, until))
    };
    let threads: Vec<_> = (0..CONNECTIONS).map(one).collect();
    let mut took = Vec::new();
    for thread in threads {
        let part = thread.join().map_err(|_| Failure::new("a connection of the load gave up."))?;
        took.append(&mut part?);
    }
    Ok(took)
}

fn ask_until(host: SocketAddr, request: &Request, until: Instant) -> Outcome<Vec<Duration>> {
    let broken = |error| Failure::doing("put load on the server", error);
    let mut connection = Connection::open(host).map_err(broken)?;
    let mut took = Vec::new();
    while Instant::now() < until {
        let begun = Instant::now();
        let answer = connection.ask(request).map_err(broken)?;
        took.push(begun.elapsed());
        if answer.status != 200 {
            return Err(Failure::new(format!("under load, the server answered {}: {}", answer.status, answer.text())));
        }
    }
    Ok(took)
}

/// The value below which this share of sorted values lies.
fn quantile(sorted: &[Duration], share: f64) -> Duration {
    let place = (sorted.len() as f64 * share) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occurred() {
        let values: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!(quantile(&values, 0.5), Duration::from_millis(101));
        assert_eq!(quantile(&values, 0.99), Duration::from_millis(199));
        assert_eq!(quantile(&values[..1], 0.99), Duration::from_millis(1));
        assert_eq!(quantile(&[], 0.99), Duration::ZERO);
    }
}
