//! Password hashes: argon2id (RFC 9106) with bounded concurrency.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use domain::{ErrorCode, Problem};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::{
    error::{Error, Result},
    random::Random,
    settings::PasswordCost,
};

/// Hashes and verifies passwords, at most so many at a time; when too many wait, newcomers are turned
/// away at once, so that a flood of sign-ins cannot take all memory or all workers.
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// A hash that no password has, verified against where there is no account: both take as long.
    decoy: String,
}

/// Callers that may wait for a permit.
const QUEUE: usize = 64;

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
        Self { argon2, permits: Arc::new(Semaphore::new(cost.parallel.max(1))), waiting: AtomicUsize::new(0), decoy }
    }

    /// Hashes a password under a fresh salt.
    ///
    /// # Errors
    /// [`ErrorCode::Busy`] when too many wait already.
    pub async fn hash(&self, password: &str, salt: [u8; 16]) -> Result<String> {
        let password = Zeroizing::new(password.as_bytes().to_vec());
        self.run(move |argon2| hash(argon2, &password, &salt)).await?
    }

    /// Whether `password` has this hash. With `None` it takes as long and is `false`.
    ///
    /// # Errors
    /// [`ErrorCode::Busy`] when too many wait already; [`Error::Damaged`] when the stored hash is none.
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool> {
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.decoy).to_owned();
        let password = Zeroizing::new(password.as_bytes().to_vec());
        let matches = self.run(move |argon2| verify(argon2, &password, &stored)).await??;
        Ok(matches && known)
    }

    /// Whether a stored hash was made at another cost and should be made anew at the next sign-in.
    #[must_use]
    pub fn is_outdated(&self, stored: &str) -> bool {
        let Ok(parsed) = PasswordHash::new(stored) else { return true };
        Params::try_from(&parsed).map_or(true, |params| {
            params.m_cost() != self.argon2.params().m_cost() || params.t_cost() != self.argon2.params().t_cost()
        })
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Argon2<'static>) -> T + Send + 'static) -> Result<T> {
        let _place = Place::take(&self.waiting)?;
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

/// A place in the queue, given back when dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self> {
        let place = Self(waiting);
        if waiting.fetch_add(1, Ordering::SeqCst) >= QUEUE {
            return Err(Problem::new(ErrorCode::Busy).retry_after(2).into());
        }
        Ok(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
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
