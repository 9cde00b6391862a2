//! For whom a proxy speaks: `X-Forwarded-For` or `Forwarded` (RFC 7239), read strictly.
//!
//! A claim that cannot be read leaves the request without an address. It must not fall back to the address of the proxy:
//! that one is shared by everybody, and whoever guesses passwords behind it would slow down all the others.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use domain::front::ProxyFault;
use http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

use crate::config::ForwardedHeader;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Which proxies are believed, and in which header.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    /// Their addresses. Whoever speaks through the socket is a proxy, too.
    pub trusted: Vec<IpNet>,
    /// The header that they write.
    pub header: ForwardedHeader,
}

/// Who has handed the request on: an address, or a proxy that opened the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    Address(IpAddr),
    Socket,
}

/// Where a request came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// From this address.
    Address(IpAddr),
    /// From nobody knows where: this proxy does not say it, or not so that it can be read.
    Unreadable { claim: String, via: Speaker },
}

impl Speaker {
    /// Whether it may be a proxy of one's own. From afar, anybody can send any header.
    fn is_near(self) -> bool {
        match self {
            Self::Address(address) => match address.to_canonical() {
                IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
                IpAddr::V6(address) => {
                    address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
                }
            },
            Self::Socket => true,
        }
    }
}

impl fmt::Display for Speaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Socket => f.write_str("the socket"),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Unreadable { claim, via } => f.write_str(&backend::caller::unreadable(claim, via)),
        }
    }
}

impl Proxies {
    /// Walks from the speaker towards the client for as long as the one who speaks is trusted.
    pub(super) fn source(&self, speaker: Speaker, headers: &HeaderMap) -> Source {
        let claims = match self.header {
            ForwardedHeader::XForwardedFor => x_forwarded_for(headers),
            ForwardedHeader::Forwarded => forwarded(headers),
        };
        let mut speaker = match speaker {
            Speaker::Address(address) => Speaker::Address(address.to_canonical()),
            Speaker::Socket => Speaker::Socket,
        };
        let mut is_forwarded = false;
        for claim in claims.iter().rev() {
            if !self.trusts(speaker) {
                break;
            }
            let Some(next) = address(claim) else { return Source::Unreadable { claim: claim.clone(), via: speaker } };
            speaker = Speaker::Address(next);
            is_forwarded = true;
        }
        match speaker {
            Speaker::Address(address) if is_forwarded || !self.trusts(speaker) => Source::Address(address),
            silent => Source::Unreadable { claim: String::new(), via: silent },
        }
    }

    /// What a request shows to be wrong with the proxy, and who it is.
    pub(super) fn fault(
        &self,
        speaker: Speaker,
        headers: &HeaderMap,
        source: &Source,
    ) -> Option<(ProxyFault, Speaker)> {
        if let Source::Unreadable { via, .. } = source {
            return Some((ProxyFault::Unreadable, *via));
        }
        let speaks_for_somebody = headers.contains_key(&X_FORWARDED_FOR) || headers.contains_key(header::FORWARDED);
        (speaks_for_somebody && !self.trusts(speaker) && speaker.is_near()).then_some((ProxyFault::Unbelieved, speaker))
    }

    fn trusts(&self, speaker: Speaker) -> bool {
        match speaker {
            Speaker::Address(address) => self.trusted.iter().any(|network| network.contains(&address)),
            Speaker::Socket => true,
        }
    }
}

/// The items of all `X-Forwarded-For` headers, the client's first.
fn x_forwarded_for(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(&X_FORWARDED_FOR).iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
    let items = lines.flat_map(|line| line.split(',').map(|item| item.trim().to_owned()).collect::<Vec<_>>());
    items.filter(|item| !item.is_empty()).collect()
}

/// The `for` of every element of all `Forwarded` headers; an element without one says nothing, which is kept.
fn forwarded(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(header::FORWARDED).iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
    let elements = lines.flat_map(|line| split(&line, ',').into_iter().map(str::to_owned).collect::<Vec<_>>());
    elements.filter(|element| !element.trim().is_empty()).map(|element| node(&element)).collect()
}

fn node(element: &str) -> String {
    let pairs = split(element, ';').into_iter().filter_map(|pair| pair.split_once('='));
    let mut nodes = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for")).map(|(_, value)| value.trim());
    nodes.next().map_or_else(|| element.trim().to_owned(), unquoted)
}

/// Cuts at a separator that is not inside quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text.split(move |c: char| {
        let cuts = c == separator && !quoted;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        cuts
    });
    parts.collect()
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return value.to_owned() };
    let mut escaped = false;
    let is_meant = |c: &char| {
        let was_escaped = escaped;
        escaped = *c == '\\' && !was_escaped;
        was_escaped || *c != '\\'
    };
    inner.chars().filter(is_meant).collect()
}

/// `203.0.113.9`, `203.0.113.9:51234`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:51234`.
fn address(claim: &str) -> Option<IpAddr> {
    let bare = claim.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = match bare {
        Some(bare) => bare.parse::<std::net::Ipv6Addr>().ok().map(IpAddr::V6),
        None => claim.parse().ok().or_else(|| claim.parse::<SocketAddr>().ok().map(|address| address.ip())),
    };
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn source(header: ForwardedHeader, peer: &str, lines: &[&str]) -> String {
        let trusted = ["10.0.0.1/32", "10.0.0.2/32"].map(|network| network.parse().expect("a network")).to_vec();
        let name = match header {
            ForwardedHeader::XForwardedFor => X_FORWARDED_FOR,
            ForwardedHeader::Forwarded => header::FORWARDED,
        };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name.clone(), HeaderValue::from_bytes(line.as_bytes()).expect("a value"));
        }
        let speaker = peer.parse().map_or(Speaker::Socket, Speaker::Address);
        Proxies { trusted, header }.source(speaker, &headers).to_string()
    }

    fn x(peer: &str, lines: &[&str]) -> String {
        source(ForwardedHeader::XForwardedFor, peer, lines)
    }

    fn rfc7239(peer: &str, lines: &[&str]) -> String {
        source(ForwardedHeader::Forwarded, peer, lines)
    }

    #[test]
    fn a_stranger_cannot_choose_its_address() {
        assert_eq!(x("203.0.113.9", &["127.0.0.1"]), "203.0.113.9");
        assert_eq!(x("10.0.0.1", &["127.0.0.1, 203.0.113.9"]), "203.0.113.9");
        assert_eq!(rfc7239("203.0.113.9", &["for=127.0.0.1"]), "203.0.113.9");
        assert_eq!(rfc7239("10.0.0.1", &["for=127.0.0.1, for=203.0.113.9"]), "203.0.113.9");
    }

    #[test]
    fn the_header_that_the_proxy_does_not_write_is_the_clients_and_is_not_read() {
        let mut headers = HeaderMap::new();
        headers.insert(header::FORWARDED, HeaderValue::from_static("for=127.0.0.1"));
        headers.insert(X_FORWARDED_FOR, HeaderValue::from_static("203.0.113.9"));
        let proxies = Proxies { trusted: vec!["10.0.0.1/32".parse().expect("a network")], ..Proxies::default() };
        let source = proxies.source(Speaker::Address("10.0.0.1".parse().expect("an address")), &headers);
        assert_eq!(source.to_string(), "203.0.113.9");
    }

    #[test]
    fn trusted_proxies_are_looked_through_one_by_one() {
        assert_eq!(x("::ffff:10.0.0.1", &["203.0.113.9", "10.0.0.2"]), "203.0.113.9");
        assert_eq!(x("10.0.0.1", &["10.0.0.2"]), "10.0.0.2");
        assert_eq!(x("socket", &["198.51.100.4, 203.0.113.9"]), "203.0.113.9");
    }

    #[test]
    fn ports_and_brackets_belong_to_an_address() {
        for (claim, address) in [
            ("203.0.113.9:51234", "203.0.113.9"),
            ("[2001:db8::1]:51234", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            (" 203.0.113.9 ,", "203.0.113.9"),
        ] {
            assert_eq!(x("10.0.0.1", &[claim]), address, "{claim}");
        }
        for (line, address) in [
            ("for=203.0.113.9;proto=https;by=10.0.0.1", "203.0.113.9"),
            ("For=\"203.0.113.9:51234\"", "203.0.113.9"),
            ("proto=https; FOR=\"[2001:db8::1]:51234\"", "2001:db8::1"),
            ("for=\"\\203.0.113.9\"", "203.0.113.9"),
            ("for=_a;ext=\"x,for=127.0.0.1\", for=203.0.113.9", "203.0.113.9"),
        ] {
            assert_eq!(rfc7239("10.0.0.1", &[line]), address, "{line}");
        }
    }

    #[test]
    fn what_is_wrong_with_the_proxy_is_noticed_and_what_strangers_send_is_not() {
        let fault = |peer: &str, claim: Option<&'static str>| {
            let proxies = Proxies { trusted: vec!["10.0.0.1/32".parse().expect("a network")], ..Proxies::default() };
            let speaker = Speaker::Address(peer.parse().expect("an address"));
            let claim = claim.map(|claim| (X_FORWARDED_FOR, HeaderValue::from_static(claim)));
            let headers: HeaderMap = claim.into_iter().collect();
            let source = proxies.source(speaker, &headers);
            proxies.fault(speaker, &headers, &source).map(|(fault, via)| (fault, via.to_string()))
        };
        assert_eq!(fault("10.0.0.1", Some("203.0.113.9")), None);
        assert_eq!(fault("10.0.0.1", Some("_hidden")), Some((ProxyFault::Unreadable, "10.0.0.1".to_owned())));
        assert_eq!(fault("10.0.0.1", None), Some((ProxyFault::Unreadable, "10.0.0.1".to_owned())));
        assert_eq!(fault("10.0.0.7", Some("203.0.113.9")), Some((ProxyFault::Unbelieved, "10.0.0.7".to_owned())));
        assert_eq!(fault("::1", Some("203.0.113.9")), Some((ProxyFault::Unbelieved, "::1".to_owned())));
        assert_eq!(fault("198.51.100.4", Some("203.0.113.9")), None, "anybody can send a header");
        assert_eq!(fault("10.0.0.7", None), None);
    }

    #[test]
    fn what_cannot_be_read_is_nobodys_address() {
        let group = |address: &str| backend::Origin { address: address.to_owned(), ..backend::Origin::local() }.group();
        for claim in ["unknown", "_hidden", "203.0.113.9.", "203.0.113.9:x", "proxy", "fe80::1%eth0", "[203.0.113.9]"] {
            let seen = x("10.0.0.1", &["198.51.100.4", claim]);
            assert_eq!(seen, format!("\"{claim}\" via 10.0.0.1"));
            assert_eq!(group(&seen), None);
            assert_eq!(rfc7239("10.0.0.1", &[&format!("for=\"{claim}\"")]), format!("\"{claim}\" via 10.0.0.1"));
        }
        assert_eq!(x("10.0.0.1", &[]), "nobody named via 10.0.0.1");
        assert_eq!(x("socket", &[""]), "nobody named via the socket");
        assert_eq!(rfc7239("10.0.0.1", &["proto=https"]), "\"proto=https\" via 10.0.0.1");
        assert_ne!(x("10.0.0.1", &["_a"]), x("10.0.0.1", &["_b"]));
    }
}
