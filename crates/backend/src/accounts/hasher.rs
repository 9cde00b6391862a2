//! Password hashes: argon2id (RFC 9106) with bounded concurrency.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use domain::{ErrorCode, Problem};
use tokio::sync::Semaphore;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};
use zeroize::Zeroizing;

use crate::{
    caller::{AT_ONCE, Origin},
    error::{Error, Result},
    random::Random,
    settings::PasswordCost,
};

/// Hashes and verifies passwords, at most so many at a time. When too many wait, or too many from one network,
/// newcomers are turned away at once: a flood of sign-ins cannot take all memory or all workers, and a flood from
/// one place cannot displace a sign-in from another.
///
/// What is hashed is the password in NFC (ASVS V6.2.8): keyboards differ in how they spell the same letters.
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    permits: Arc<Semaphore>,
    queue: Queue,
    /// A hash that no password has, verified against where there is no account: both take as long.
    decoy: String,
}

/// Whether a password is the one that a hash was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// It is another.
    No,
    /// It is.
    Yes,
    /// It is, and was hashed as it was typed, from before passwords were normalised.
    AsTyped,
}

/// Callers that may wait for a permit or have one.
const QUEUE: usize = 64;
/// Those among them from one network.
const SHARE: usize = AT_ONCE;

impl PasswordHasher {
    /// A hasher at this cost. Computes one hash, the decoy.
    ///
    /// # Panics
    /// When the cost lies outside what argon2 accepts; the configuration does not let such a value through.
    #[must_use]
    pub fn new(cost: PasswordCost, random: &dyn Random) -> Self {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).expect("the cost is within argon2's bounds");
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut secret = [0; 32];
        random.fill(&mut secret);
        let decoy = hash(&argon2, &secret, &secret[..16]).expect("a 16-byte salt is valid");
        Self { argon2, permits: Arc::new(Semaphore::new(cost.parallel.max(1))), queue: Queue::default(), decoy }
    }

    /// Hashes a password under a fresh salt.
    ///
    /// # Errors
    /// [`ErrorCode::Busy`] when too many wait already.
    pub(crate) async fn hash(&self, origin: &Origin, password: &str, salt: [u8; 16]) -> Result<String> {
        let password = Zeroizing::new(normalised(password).as_bytes().to_vec());
        self.run(origin, move |argon2| hash(argon2, &password, &salt)).await?
    }

    /// Whether `password` has this hash. With `None` it takes as long and has not.
    ///
    /// # Errors
    /// [`ErrorCode::Busy`] when too many wait already; [`Error::Damaged`] when the stored hash is none.
    pub(crate) async fn verify(&self, origin: &Origin, password: &str, stored: Option<&str>) -> Result<Match> {
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.decoy).to_owned();
        let password = Zeroizing::new(password.to_owned());
        let outcome = self.run(origin, move |argon2| compare(argon2, &password, &stored)).await??;
        Ok(if known { outcome } else { Match::No })
    }

    /// Whether a stored hash was made at another cost and should be made anew at the next sign-in.
    #[must_use]
    pub fn is_outdated(&self, stored: &str) -> bool {
        let Ok(parsed) = PasswordHash::new(stored) else { return true };
        Params::try_from(&parsed).map_or(true, |params| {
            params.m_cost() != self.argon2.params().m_cost() || params.t_cost() != self.argon2.params().t_cost()
        })
    }

    async fn run<T: Send + 'static>(
        &self,
        origin: &Origin,
        work: impl FnOnce(&Argon2<'static>) -> T + Send + 'static,
    ) -> Result<T> {
        // Those of whom nobody knows from where they come share a share; it keeps none of them out for longer than the
        // others hash.
        let _place = self.queue.enter(origin.group().unwrap_or_default())?;
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| ErrorCode::Busy)?;
        let argon2 = self.argon2.clone();
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&argon2)
        })
        .await
        .map_err(|_| Error::Damaged("password hashing stopped".to_owned()))
    }
}

/// Who waits, counted by network.
#[derive(Default)]
struct Queue(Mutex<HashMap<String, usize>>);

/// A place in the queue, given back when dropped.
struct Place<'a> {
    queue: &'a Queue,
    network: String,
}

impl Queue {
    fn enter(&self, network: String) -> Result<Place<'_>> {
        let mut places = self.lock();
        let taken: usize = places.values().sum();
        let own = places.get(&network).copied().unwrap_or(0);
        if taken >= QUEUE || own >= SHARE {
            return Err(Problem::new(ErrorCode::Busy).retry_after(2).into());
        }
        places.insert(network.clone(), own + 1);
        Ok(Place { queue: self, network })
    }

    /// The counts are right after every step, so also after one that panicked.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut places = self.queue.lock();
        match places.get_mut(&self.network) {
            Some(own) if *own > 1 => *own -= 1,
            _ => {
                places.remove(&self.network);
            }
        }
    }
}

/// The one spelling that is hashed.
fn normalised(password: &str) -> Cow<'_, str> {
    if is_nfc(password) { Cow::Borrowed(password) } else { Cow::Owned(password.nfc().collect()) }
}

/// Only a password that is not in NFC costs a second hash, and it does so for every account alike.
fn compare(argon2: &Argon2<'_>, password: &str, stored: &str) -> Result<Match> {
    let normal = normalised(password);
    if verify(argon2, normal.as_bytes(), stored)? {
        return Ok(Match::Yes);
    }
    if normal != password && verify(argon2, password.as_bytes(), stored)? {
        return Ok(Match::AsTyped);
    }
    Ok(Match::No)
}

fn hash(argon2: &Argon2<'_>, password: &[u8], salt: &[u8]) -> Result<String> {
    argon2
        .hash_password_with_salt(password, salt)
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(|error| Error::Damaged(format!("password hashing: {error}")))
}

fn verify(argon2: &Argon2<'_>, password: &[u8], stored: &str) -> Result<bool> {
    let parsed = PasswordHash::new(stored).map_err(|_| Error::Damaged("a password hash".to_owned()))?;
    Ok(argon2.verify_password(password, &parsed).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "müde boote" with its ü as one character, and as u with a mark.
    const COMPOSED: &str = "m\u{FC}de boote";
    const DECOMPOSED: &str = "mu\u{308}de boote";

    fn argon2() -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).expect("valid"))
    }

    #[test]
    fn a_password_is_the_same_from_every_keyboard() {
        let stored = hash(&argon2(), normalised(DECOMPOSED).as_bytes(), &[7; 16]).expect("hashes");
        for typed in [COMPOSED, DECOMPOSED] {
            assert_eq!(compare(&argon2(), typed, &stored).expect("compares"), Match::Yes);
        }
        assert_eq!(compare(&argon2(), "mude boote", &stored).expect("compares"), Match::No);
    }

    #[test]
    fn a_hash_of_what_was_typed_goes_on_working_as_it_was_typed() {
        let stored = hash(&argon2(), DECOMPOSED.as_bytes(), &[7; 16]).expect("hashes");
        assert_eq!(compare(&argon2(), DECOMPOSED, &stored).expect("compares"), Match::AsTyped);
        assert_eq!(compare(&argon2(), COMPOSED, &stored).expect("compares"), Match::No);
    }

    #[test]
    fn one_network_cannot_take_every_place() {
        let queue = Queue::default();
        let mut places = Vec::new();
        while let Ok(place) = queue.enter("203.0.113.9".to_owned()) {
            places.push(place);
        }
        assert_eq!(places.len(), SHARE);
        assert!(queue.enter("198.51.100.7".to_owned()).is_ok(), "there is room for another network");
        places.pop();
        assert!(queue.enter("203.0.113.9".to_owned()).is_ok(), "a place that was left is free");
        for i in 0..QUEUE {
            places.extend(queue.enter(format!("198.51.100.{i}")));
        }
        assert_eq!(places.len(), QUEUE);
        places.clear();
        assert!(queue.lock().is_empty());
    }
}
