//! How long clients may take, and how many there are.

use std::time::Duration;

/// How long clients may take, and how many there are.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections served at the same time; for one more, an idle one has to go.
    pub connections: usize,
    /// Time for the head of a request to arrive, from its first byte on; also for the first byte of a connection.
    pub header: Duration,
    /// Time that a connection may wait for its next request.
    pub keep_alive: Duration,
    /// Time in which a client has to take at least one byte of what it is sent.
    pub write: Duration,
    /// Time in which a client has to make room for more of one of several answers on a connection (HTTP/2).
    pub stream: Duration,
    /// A client that has taken nothing for so long makes room for one that comes, when there are too many.
    pub stalled: Duration,
    /// Time for requests in flight to end after the signal to stop.
    pub farewell: Duration,
    /// The same as `write`, after the signal to stop.
    pub farewell_write: Duration,
}

impl Limits {
    /// Most connections, where the system gives enough descriptors.
    pub const CONNECTIONS: usize = 10_000;

    /// As many connections as `descriptors` allow. A quarter of them, and at least 200, are left for files, for the
    /// database and for whoever is just being let in.
    #[must_use]
    pub fn within(self, descriptors: usize) -> Self {
        let left = descriptors.saturating_sub((descriptors / 4).max(200));
        Self { connections: left.clamp(16, Self::CONNECTIONS), ..self }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: Self::CONNECTIONS,
            header: Duration::from_secs(10),
            keep_alive: Duration::from_secs(75),
            write: Duration::from_secs(30),
            stream: Duration::from_secs(120),
            stalled: Duration::from_secs(5),
            farewell: Duration::from_secs(30),
            farewell_write: Duration::from_secs(3),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_left_for_files() {
        let connections = |descriptors| Limits::default().within(descriptors).connections;
        assert_eq!(connections(1_024), 768);
        assert_eq!(connections(20_000), 10_000);
        assert_eq!(connections(512), 312);
        assert_eq!(connections(64), 16);
    }
}
