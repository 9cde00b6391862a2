//! Mail over SMTP. The conversation is led command by command, because whose fault a refusal is depends on the command
//! that it answers.

use std::{
    future::Future,
    pin::Pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use lettre::{
    Message,
    transport::smtp::{
        Error,
        authentication::DEFAULT_MECHANISMS,
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Noop, Rcpt},
        extension::ClientId,
    },
};
use tokio::time::timeout;

use super::{
    HelloName, MailTransport, OutgoingMail, Relay, Security, SendError, Sending,
    fault::{self, Step},
};

/// Sends over SMTP.
pub struct SmtpTransport {
    relay: Relay,
    hello: ClientId,
    tls: TlsParameters,
    patience: Duration,
    /// Connections that wait for the next mail.
    idle: Mutex<Vec<AsyncSmtpConnection>>,
}

/// How long one step of the conversation may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many steps' time the content may take: it is looked into before it is accepted. Giving up meanwhile means that
/// the mail may arrive twice.
const CONTENT_FACTOR: u32 = 6;

impl SmtpTransport {
    /// A transport to `relay`, introducing itself as `hello`. Certificates are verified against the roots of the system,
    /// or those in the file that the variable `SSL_CERT_FILE` names.
    ///
    /// # Errors
    /// A sentence about TLS that cannot be set up for this host.
    pub fn new(relay: Relay, hello: HelloName) -> Result<Self, String> {
        let tls = TlsParameters::new(relay.host.clone()).map_err(|error| error.to_string())?;
        Ok(Self { relay, hello: hello.0, tls, patience: PATIENCE, idle: Mutex::default() })
    }

    /// The same with another patience for each step.
    #[must_use]
    pub fn patient_for(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// A connection on which mail can be sent: one that waits, if it still answers, or a fresh one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, SendError> {
        while let Some(mut waiting) = self.take_idle() {
            if self.step(Step::Noop, waiting.command(Noop)).await.is_ok() {
                return Ok(waiting);
            }
        }
        let Relay { host, port, security, credentials } = &self.relay;
        let tls = (*security == Security::Tls).then(|| self.tls.clone());
        let connecting =
            AsyncSmtpConnection::connect_tokio1((host.as_str(), *port), Some(self.patience), &self.hello, tls, None);
        let mut connection = self.step(Step::Connect, connecting).await?;
        if *security == Security::StartTls {
            self.step(Step::StartTls, connection.starttls(self.tls.clone(), &self.hello)).await?;
        }
        if let Some(credentials) = credentials {
            self.step(Step::SignIn, connection.auth(DEFAULT_MECHANISMS, credentials)).await?;
        }
        Ok(connection)
    }

    /// Hands a message on. It is ASCII whatever it says, so that no extension of SMTP is needed.
    async fn hand_over(&self, connection: &mut AsyncSmtpConnection, message: &Message) -> Result<(), SendError> {
        let envelope = message.envelope();
        self.step(Step::From, connection.command(Mail::new(envelope.from().cloned(), Vec::new()))).await?;
        for recipient in envelope.to() {
            self.step(Step::To, connection.command(Rcpt::new(recipient.clone(), Vec::new()))).await?;
        }
        self.step(Step::Data, connection.command(Data)).await?;
        self.step(Step::Content, connection.message(&message.formatted())).await?;
        Ok(())
    }

    async fn step<T>(&self, step: Step, doing: impl Future<Output = Result<T, Error>>) -> Result<T, SendError> {
        let patience = if step == Step::Content { self.patience * CONTENT_FACTOR } else { self.patience };
        match timeout(patience, doing).await {
            Ok(answer) => answer.map_err(|error| fault::refused(step, &error)),
            Err(_) => Err(fault::timed_out(step, patience.as_secs())),
        }
    }

    /// Ends a conversation politely, if the other side still listens.
    async fn hang_up(&self, mut connection: AsyncSmtpConnection) {
        let _ = timeout(self.patience, connection.abort()).await;
    }

    fn take_idle(&self) -> Option<AsyncSmtpConnection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

impl MailTransport for SmtpTransport {
    fn send<'a>(&'a self, mail: &'a OutgoingMail) -> Sending<'a> {
        Box::pin(async move {
            let message = mail.message()?;
            let mut connection = self.connection().await?;
            let handed_over = self.hand_over(&mut connection, &message).await;
            match handed_over {
                Ok(()) => self.keep(connection),
                Err(_) => self.hang_up(connection).await,
            }
            handed_over
        })
    }

    fn check(&self) -> Sending<'_> {
        Box::pin(async move {
            let mut connection = self.connection().await?;
            let answer = self.step(Step::Noop, connection.command(Noop)).await;
            self.hang_up(connection).await;
            answer.map(drop)
        })
    }

    fn rest(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            while let Some(connection) = self.take_idle() {
                self.hang_up(connection).await;
            }
        })
    }
}
