//! Where the portal listens.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

/// Where the portal listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// One address.
    Address(SocketAddr),
    /// Every address by which this machine calls itself. Nobody is asked what the name means (RFC 6761, section 6.3).
    Localhost(u16),
    /// A socket in the file system, for a proxy on this machine.
    Socket(PathBuf),
}

impl Listen {
    /// What a setting may be.
    pub(super) const EXPECTED: &str = "an address and a port such as 127.0.0.1:3000, localhost:3000, or unix: and a path such as unix:/run/strongroom.sock";

    /// Whether only this machine can reach it, and without a proxy.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Address(address) => address.ip().to_canonical().is_loopback(),
            Self::Localhost(_) => true,
            Self::Socket(_) => false,
        }
    }

    /// The address that a browser on this machine would ask for; `None` when there is none.
    #[must_use]
    pub fn own_address(&self) -> Option<String> {
        match self {
            Self::Address(address) if address.ip().is_unspecified() => Some(format!("127.0.0.1:{}", address.port())),
            Self::Address(address) if self.is_loopback() => Some(address.to_string()),
            Self::Localhost(port) => Some(format!("localhost:{port}")),
            Self::Address(_) | Self::Socket(_) => None,
        }
    }

    /// The addresses to listen on; none for a socket.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        match self {
            Self::Address(address) => vec![*address],
            Self::Localhost(port) => {
                let both: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
                both.map(|ip| SocketAddr::new(ip, *port)).into()
            }
            Self::Socket(_) => Vec::new(),
        }
    }
}

impl FromStr for Listen {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if let Some(path) = text.strip_prefix("unix:") {
            let path = PathBuf::from(path);
            return if path.file_name().is_some() { Ok(Self::Socket(path)) } else { Err(()) };
        }
        match text.rsplit_once(':') {
            Some((name, port)) if name.eq_ignore_ascii_case("localhost") => {
                port.parse().map(Self::Localhost).map_err(drop)
            }
            _ => text.parse().map(Self::Address).map_err(drop),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Localhost(port) => write!(f, "localhost:{port}"),
            Self::Socket(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_names_and_sockets_read_back() {
        for text in ["127.0.0.1:3000", "[::1]:80", "localhost:3000", "unix:/run/strongroom.sock", "unix:here.sock"] {
            assert_eq!(text.parse::<Listen>().expect(text).to_string(), text);
        }
        for text in ["3000", ":3000", "localhost", "localhost:x", "example.com:80", "unix:", "unix:/", "127.0.0.1"] {
            assert!(text.parse::<Listen>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback_and_a_socket_is_not() {
        let is_loopback = |text: &str| text.parse::<Listen>().expect(text).is_loopback();
        assert!(is_loopback("127.0.0.1:1") && is_loopback("[::1]:1") && is_loopback("localhost:1"));
        assert!(is_loopback("[::ffff:127.0.0.1]:1"));
        assert!(!is_loopback("0.0.0.0:1") && !is_loopback("[::]:1") && !is_loopback("unix:/run/a.sock"));
    }
}
