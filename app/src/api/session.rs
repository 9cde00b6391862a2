//! What server functions may do with the browser's session, which belongs to the server crate.

use std::{future::Future, pin::Pin, sync::Arc};

use domain::{AccountId, Problem, SignUpId};

/// A step that touches the session.
pub type Acting<'a> = Pin<Box<dyn Future<Output = Result<(), Problem>> + Send + 'a>>;

/// The session of this request. The server provides it by context.
#[derive(Clone)]
pub struct SessionControl(pub Arc<dyn SessionActions>);

/// What can be done with a session. Implemented by the server over its session store.
pub trait SessionActions: Send + Sync {
    /// Gives the session a new id and ties it to the account.
    fn sign_in(&self, account: AccountId) -> Acting<'_>;

    /// Remembers whose address is waiting to be verified in this browser.
    fn remember_sign_up(&self, sign_up: SignUpId) -> Acting<'_>;

    /// Ends the session.
    fn sign_out(&self) -> Acting<'_>;

    /// The sign-up that waits for verification in this browser.
    fn sign_up(&self) -> Option<SignUpId>;
}
