//! Uploading from the browser. The queue is a plain state machine; what touches the browser stands beside it: the
//! worker that inspects, the transfer that sends, and the driver that lets the one follow the other.

pub mod driver;
pub mod inspector;
pub mod item;
pub mod queue;
pub mod transfer;
