//! What server functions may do with the browser's session, which belongs to the server crate.

use std::{future::Future, pin::Pin, sync::Arc};

use backend::accounts::Admission;
use domain::{Problem, SignUpId};

/// A step that touches the session.
pub type Acting<'a> = Pin<Box<dyn Future<Output = Result<(), Problem>> + Send + 'a>>;

/// The session of this request. The server provides it by context.
#[derive(Clone)]
pub struct SessionControl(pub Arc<dyn SessionActions>);

/// What can be done with a session. Implemented by the server over its session store.
pub trait SessionActions: Send + Sync {
    /// Gives the session a new id and ties it to the account, unless the account's credentials have ended since.
    /// The account knows this browser from then on.
    fn sign_in<'a>(&'a self, admission: &'a Admission) -> Acting<'a>;

    /// Lets the account know this browser from now on, without signing in.
    fn remember_device(&self, admission: &Admission);

    /// Remembers whose address is waiting to be verified in this browser, for as long as that can be done.
    fn remember_sign_up(&self, sign_up: SignUpId) -> Acting<'_>;

    /// Ends the session.
    fn sign_out(&self) -> Acting<'_>;

    /// The sign-up that waits for verification in this browser.
    fn sign_up(&self) -> Option<SignUpId>;
}
