//! Who is asking, and from where.

use domain::{AccountId, ApiTokenId, Me, PersonName, Role, SessionHandle};

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
}

impl Origin {
    /// The origin of what the program itself, or its command line, does.
    #[must_use]
    pub fn local() -> Self {
        Self { address: "local".to_owned(), user_agent: "strongroom".to_owned() }
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
