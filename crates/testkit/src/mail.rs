//! Mail that goes nowhere and is remembered.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use backend::mail::{Fault, MailTransport, OutgoingMail, SendError, Sending};
use tokio::sync::Notify;

/// A transport that keeps what it is given. Clones share one box.
#[derive(Clone, Debug, Default)]
pub struct MemoryTransport {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    attempted: Notify,
}

#[derive(Debug, Default)]
struct State {
    sent: Vec<OutgoingMail>,
    attempts: Vec<String>,
    mood: Mood,
    stumbling_block: Option<String>,
    keeps: bool,
}

#[derive(Clone, Debug, Default)]
enum Mood {
    #[default]
    Accepting,
    Refusing(SendError),
    Hanging,
}

impl MemoryTransport {
    /// The mails sent since the last call, oldest first.
    #[must_use]
    pub fn take(&self) -> Vec<OutgoingMail> {
        mem::take(&mut self.state().sent)
    }

    /// The Message-ID of every attempt so far, successful or not.
    #[must_use]
    pub fn attempts(&self) -> Vec<String> {
        self.state().attempts.clone()
    }

    /// Accepts every mail from now on, which is how it begins.
    pub fn accept(&self) {
        self.state().mood = Mood::Accepting;
    }

    /// Refuses every mail from now on.
    pub fn refuse(&self, fault: Fault) {
        self.state().mood = Mood::Refusing(SendError { fault, text: "451 4.3.0 Not today".to_owned() });
    }

    /// Fails as if the relay had, whenever a mail to this address is its turn.
    pub fn stumble_over(&self, recipient: &str) {
        self.state().stumbling_block = Some(recipient.to_owned());
    }

    /// Keeps mail on the server from now on, as the folder does.
    pub fn keep(&self) {
        self.state().keeps = true;
    }

    /// Never answers from now on.
    pub fn hang(&self) {
        self.state().mood = Mood::Hanging;
    }

    /// Waits until somebody tries to send.
    pub async fn attempted(&self) {
        self.inner.attempted.notified().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MailTransport for MemoryTransport {
    fn send<'a>(&'a self, mail: &'a OutgoingMail) -> Sending<'a> {
        let mood = {
            let mut state = self.state();
            state.attempts.push(mail.message_id.clone());
            if state.stumbling_block.as_ref() == Some(&mail.to) {
                Mood::Refusing(SendError::relay("the connection was cut"))
            } else {
                if matches!(state.mood, Mood::Accepting) {
                    state.sent.push(mail.clone());
                }
                state.mood.clone()
            }
        };
        self.inner.attempted.notify_one();
        Box::pin(async move {
            match mood {
                Mood::Accepting => Ok(()),
                Mood::Refusing(error) => Err(error),
                Mood::Hanging => std::future::pending().await,
            }
        })
    }

    fn keeps_mail(&self) -> bool {
        self.state().keeps
    }

    fn check(&self) -> Sending<'_> {
        let mood = self.state().mood.clone();
        Box::pin(std::future::ready(match mood {
            Mood::Refusing(error) => Err(error),
            Mood::Accepting | Mood::Hanging => Ok(()),
        }))
    }
}
