//! Deliveries: documents given to audiences, on terms.

mod audience;
mod draft;
mod sent;
mod terms;

pub use audience::Audience;
pub use draft::{Draft, Note};
pub use sent::{DeliveredDocument, DeliveryDetail, DeliveryQuery, DeliveryRow, DeliveryState, Recipient};
pub use terms::{Standing, Terms};
