//! How far the work on a file is.

use std::cell::Cell;

use web_sys::File;

use crate::{
    browser::{Slices, tell},
    window::{Source, Window},
};

/// Tells the page a number of thousandths whenever a window of the file has been fetched.
pub(crate) struct Progress {
    fetched: Cell<u64>,
    expected: u64,
}

impl Progress {
    /// For work that reads a file so many times.
    pub(crate) fn of(file: &File, times: u64) -> Self {
        Self { fetched: Cell::new(0), expected: Slices::of(file).len().saturating_mul(times).max(1) }
    }

    /// Reads a source and counts.
    pub(crate) fn watch<S: Source>(&self, source: S) -> Window<S, impl FnMut(usize)> {
        Window::new(source, |count| {
            self.fetched.set(self.fetched.get() + count as u64);
            tell(&thousandths(self.fetched.get(), self.expected).into());
        })
    }
}

/// Never all of it: the answer says that.
fn thousandths(fetched: u64, expected: u64) -> u32 {
    u32::try_from(fetched.saturating_mul(1_000) / expected).unwrap_or(u32::MAX).min(999)
}

#[cfg(test)]
mod tests {
    use super::thousandths;

    #[test]
    fn progress_stops_short_of_the_whole_however_often_a_file_is_read() {
        assert_eq!(thousandths(0, 10), 0);
        assert_eq!(thousandths(5, 10), 500);
        assert_eq!(thousandths(10, 10), 999);
        assert_eq!(thousandths(u64::MAX, 1), 999);
    }
}
