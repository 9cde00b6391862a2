//! Uploading from the browser: the queue as a plain state machine, and the one part of it that touches the network.

pub mod queue;
pub mod transfer;
