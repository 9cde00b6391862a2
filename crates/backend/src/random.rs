//! Randomness, as something that is passed in.

use ring::rand::{SecureRandom, SystemRandom};

/// A source of random bytes. Everything unpredictable in Strongroom comes from one of these.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes`.
    ///
    /// # Panics
    /// When the operating system cannot give randomness: nothing can be kept secret then.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator.
#[derive(Debug)]
pub struct OsRandom(SystemRandom);

impl Default for OsRandom {
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl Random for OsRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.fill(bytes).expect("the operating system gives random bytes");
    }
}
