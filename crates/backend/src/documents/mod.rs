//! Documents: listing, deleting them, what a version is, and the links by which they are handed over. How files come in
//! is told in [`intake`](crate::intake).
//!
//! - [`Documents`] lists what the caller may see, tells what is in it, and deletes.
//! - [`Links`] mints links bound to one account and one version, and opens them to a stream of bytes.

mod delete;
mod links;
mod list;
pub(crate) mod versions;

use std::sync::Arc;

use crate::core::Core;

pub use links::{Denied, Download, Links, Opened, Receipt};
pub use versions::{Audit, AuditScope, Rewrapped};

/// Listing documents, telling what is in them, deleting them.
#[derive(Clone)]
pub struct Documents {
    core: Arc<Core>,
}

impl Documents {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }
}

#[cfg(test)]
pub(crate) use list::tests::statements as list_statements;
