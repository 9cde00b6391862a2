//! Who is asking, and from where.

use std::net::{IpAddr, Ipv6Addr};

use domain::{AccountId, ApiTokenId, Me, PersonName, PlainSecret, Role, SessionHandle};

use crate::accounts::Admission;

/// One request's author: the first argument of every service method that needs to know.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
}

/// Who is asking.
#[derive(Clone, Debug)]
pub enum Principal {
    /// Nobody has signed in, or not with a verified address.
    Nobody,
    /// A verified, enabled account.
    Person(Person),
}

/// A verified, enabled account, as it was read for this very request.
#[derive(Clone, Debug)]
pub struct Person {
    /// Its public face.
    pub me: Me,
    /// Links minted under another epoch are revoked.
    pub link_epoch: i64,
    /// The epoch of its credentials: those of another are over.
    pub credential_epoch: i64,
    /// What it presented.
    pub credential: Credential,
}

/// What a person presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A browser session.
    Session(SessionHandle),
    /// A bearer token.
    Token(ApiTokenId),
}

/// Where a request came from, for the activity log and for throttling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The network address; from `X-Forwarded-For` only behind a configured proxy.
    pub address: String,
    /// What the client calls itself, cut to 200 characters.
    pub user_agent: String,
    /// What the client is, and whether it was here before.
    pub device: Device,
}

/// What is at the other end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Device {
    /// A program: it keeps no cookies.
    #[default]
    Program,
    /// A browser, and the secret of its device cookie if it has one.
    Browser(Option<PlainSecret>),
}

impl Origin {
    /// The origin of what the program itself, or its command line, does.
    #[must_use]
    pub fn local() -> Self {
        Self { address: "local".to_owned(), user_agent: "strongroom".to_owned(), device: Device::Program }
    }

    /// The network it came from, as far as it is one customer's: an IPv4 address, or the /64 of an IPv6 address,
    /// in which everybody has 2^64 to choose from.
    #[must_use]
    pub fn network(&self) -> String {
        match self.address.parse::<IpAddr>().map(|address| address.to_canonical()) {
            Ok(IpAddr::V6(address)) => format!("{}/64", Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
            Ok(IpAddr::V4(address)) => address.to_string(),
            Err(_) => self.address.clone(),
        }
    }
}

impl Caller {
    /// The signed-in person, if there is one.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        match &self.principal {
            Principal::Person(person) => Some(person),
            Principal::Nobody => None,
        }
    }
}

impl Person {
    /// The account.
    #[must_use]
    pub fn id(&self) -> AccountId {
        self.me.id
    }

    /// The credential of this request as grounds for another one.
    #[must_use]
    pub fn admission(&self) -> Admission {
        Admission::under(self.id(), self.credential_epoch)
    }

    /// The role it had when the request came in.
    #[must_use]
    pub fn role(&self) -> Role {
        self.me.role
    }

    /// Its holder's name.
    #[must_use]
    pub fn name(&self) -> &PersonName {
        &self.me.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_an_ipv4_address_or_a_slash_64() {
        let network = |address: &str| Origin { address: address.to_owned(), ..Origin::local() }.network();
        assert_eq!(network("203.0.113.9"), "203.0.113.9");
        assert_eq!(network("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2:ffff::1"), network("2001:db8:1:2::7"));
        assert_ne!(network("2001:db8:1:3::1"), network("2001:db8:1:2::1"));
        assert_eq!(network("unknown"), "unknown");
    }
}
