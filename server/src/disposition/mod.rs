//! `Content-Disposition`, in both directions: the name under which a file is saved, and the one under which it came.

mod attachment;
mod declared;

pub(crate) use attachment::attachment;
pub(crate) use declared::{Declared, declared};
