//! Who is asking, and from where.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

use domain::{
    AccountId, ApiTokenId, Me, OrganisationId, PersonName, PlainSecret, Role, SessionHandle, Timestamp, text::printed,
};

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
    /// To which organisation it belongs.
    pub membership: Option<Membership>,
    /// What it presented.
    pub credential: Credential,
}

/// That a person belongs to an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// To which.
    pub organisation: OrganisationId,
    /// Since when.
    pub since: Timestamp,
}

/// What a person presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A browser session.
    Session(SessionHandle),
    /// A bearer token.
    Token(ApiTokenId),
}

/// Between what a proxy said and the proxy, in an address that nobody knows.
const VIA: &str = " via ";

/// How an origin is written when `proxy` does not say for whom it speaks, or not so that it can be read.
#[must_use]
pub fn unreadable(claim: &str, proxy: &dyn fmt::Display) -> String {
    match claim {
        "" => format!("nobody named{VIA}{proxy}"),
        claim => format!("\"{}\"{VIA}{proxy}", printed(claim, 60)),
    }
}

/// What stands for all addresses that one client can choose among: an IPv4 address for itself, the first of an IPv6 /64
/// for all of it.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

/// Where a request came from, for the activity log and for throttling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The network address, told by a proxy only if it is configured; otherwise words that say why there is none.
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

/// Requests of one network ([`Origin::group`]) that are worked on at the same time. The door lets no more in at once and
/// lets the others wait, so what is costly has room for as many: an office whose people all sign in at nine waits a
/// moment, and none of them is turned away.
pub const AT_ONCE: usize = 16;

impl Origin {
    /// The origin of what the program itself, or its command line, does.
    #[must_use]
    pub fn local() -> Self {
        Self { address: "local".to_owned(), user_agent: "strongroom".to_owned(), device: Device::Program }
    }

    /// The addresses that one client can choose among: its IPv4 address, or the /64 that an IPv6 client has to itself.
    /// Throttles count by it, and devices are recognised by it.
    ///
    /// `None` when nobody knows from where the request came. That is no identity: it must not be counted together with
    /// other requests of which nobody knows it, nor be recognised as one of them.
    #[must_use]
    pub fn group(&self) -> Option<String> {
        match network(self.address.parse().ok()?) {
            IpAddr::V4(address) => Some(address.to_string()),
            IpAddr::V6(network) => Some(format!("{network}/64")),
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

    fn group(address: &str) -> Option<String> {
        Origin { address: address.to_owned(), ..Origin::local() }.group()
    }

    #[test]
    fn all_addresses_that_one_client_can_choose_are_one_group() {
        assert_eq!(group("203.0.113.9").as_deref(), Some("203.0.113.9"));
        assert_eq!(group("::ffff:203.0.113.9"), group("203.0.113.9"));
        assert_eq!(group("2001:db8:1:2::1").as_deref(), Some("2001:db8:1:2::/64"));
        assert_eq!(group("2001:db8:1:2:ffff:ffff:ffff:ffff"), group("2001:db8:1:2::1"));
        assert_ne!(group("2001:db8:1:3::1"), group("2001:db8:1:2::1"));
    }

    #[test]
    fn what_nobody_knows_is_no_identity() {
        for address in ["unknown", "local", "", "203.0.113.9:51234", "unreadable \"_hidden\" via 10.0.0.1"] {
            assert_eq!(group(address), None, "{address}");
        }
    }
}
