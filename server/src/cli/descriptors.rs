//! How many files and connections the system lets this program have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More than this is of no use.
const ENOUGH: u64 = 65_536;

/// Raises the number of descriptors as far as the system allows without asking anybody, and says how many there are.
/// The usual 1,024 are a limit for programs that use `select`, which this one does not.
pub(super) fn raise() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(ENOUGH).min(ENOUGH);
    let mut allowed = current.unwrap_or(ENOUGH);
    if allowed < wanted {
        match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
            Ok(()) => allowed = wanted,
            Err(error) => tracing::warn!(%error, allowed, "the number of open files could not be raised"),
        }
    }
    usize::try_from(allowed).unwrap_or(usize::MAX)
}
