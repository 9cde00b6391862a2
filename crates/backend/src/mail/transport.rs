//! How mail leaves: over SMTP with verified TLS, or into a folder.

use std::{
    future::Future,
    path::{Path, PathBuf},
    pin::Pin,
    time::Duration,
};

use domain::Timestamp;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    address::Envelope,
    message::{Mailbox, MultiPart},
};

/// A mail as the outbox hands it on.
#[derive(Clone, Debug)]
pub struct OutgoingMail {
    /// The same on every attempt.
    pub message_id: String,
    /// `Name <address>` or an address.
    pub from: String,
    /// An address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// When it was written.
    pub date: Timestamp,
}

/// Why a mail did not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendError {
    /// Trying again would not help.
    pub permanent: bool,
    /// For ops and the log; carries no mail text.
    pub text: String,
}

/// A future without a name, so that transports can be passed in.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>>;

/// A way out for mail.
pub trait MailTransport: Send + Sync + 'static {
    /// Hands one mail on. `Ok` means that somebody else is responsible for it now.
    fn send<'a>(&'a self, mail: &'a OutgoingMail) -> Sending<'a>;

    /// Whether the other side answers, for `strongroom doctor`.
    fn check(&self) -> Sending<'_>;
}

impl OutgoingMail {
    /// The message as it travels (RFC 5322). Line breaks cannot get into a header: lettre encodes them.
    fn message(&self) -> Result<Message, SendError> {
        let permanent = |what: &str| SendError { permanent: true, text: format!("the {what} is not acceptable") };
        let from: Mailbox = self.from.parse().map_err(|_| permanent("sender"))?;
        let to: Address = self.to.parse().map_err(|_| permanent("recipient"))?;
        let seconds = u64::try_from(self.date.seconds()).unwrap_or(0);
        Message::builder()
            .from(from)
            .to(Mailbox::new(None, to))
            .subject(self.subject.clone())
            .message_id(Some(self.message_id.clone()))
            .date(std::time::UNIX_EPOCH + Duration::from_secs(seconds))
            .multipart(MultiPart::alternative_plain_html(self.text.clone(), self.html.clone()))
            .map_err(|_| permanent("message"))
    }
}

/// Sends over SMTP.
pub struct SmtpTransport {
    inner: AsyncSmtpTransport<Tokio1Executor>,
}

/// How long one step of an SMTP conversation may take.
const SMTP_TIMEOUT: Duration = Duration::from_secs(20);

impl SmtpTransport {
    /// A transport from `smtps://user:password@host` (TLS from the start) or `smtp://host` (STARTTLS, which
    /// the server must offer). Certificates are verified. Only to this very machine may mail go in the clear.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the address.
    pub fn from_url(url: &str) -> Result<Self, String> {
        let (scheme, rest) = url.split_once("://").ok_or("an SMTP address looks like smtps://user:password@host")?;
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        let url = match scheme {
            "smtps" => url.to_owned(),
            "smtp" if is_loopback(host) || rest.contains("tls=required") => url.to_owned(),
            "smtp" if rest.contains("tls=") => {
                return Err(
                    "tls=required is the only choice; without STARTTLS mail would travel in the clear".to_owned()
                );
            }
            "smtp" => format!("{url}{}tls=required", if rest.contains('?') { '&' } else { '?' }),
            _ => return Err("the address starts with smtps:// or smtp://".to_owned()),
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url).map_err(|error| error.to_string())?;
        Ok(Self { inner: builder.timeout(Some(SMTP_TIMEOUT)).build() })
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl MailTransport for SmtpTransport {
    fn send<'a>(&'a self, mail: &'a OutgoingMail) -> Sending<'a> {
        Box::pin(async move {
            let message = mail.message()?;
            let envelope: Envelope = message.envelope().clone();
            self.inner
                .send_raw(&envelope, &message.formatted())
                .await
                .map(|_| ())
                .map_err(|error| SendError { permanent: error.is_permanent(), text: error.to_string() })
        })
    }

    fn check(&self) -> Sending<'_> {
        Box::pin(async move {
            match self.inner.test_connection().await {
                Ok(true) => Ok(()),
                Ok(false) => Err(SendError { permanent: false, text: "the server closed the connection".to_owned() }),
                Err(error) => Err(SendError { permanent: error.is_permanent(), text: error.to_string() }),
            }
        })
    }
}

/// Writes each mail as an `.eml` file: the embedded default, readable at `/dev/mail`.
pub struct FolderTransport {
    folder: MailFolder,
}

impl FolderTransport {
    /// A transport into `folder`, which exists.
    #[must_use]
    pub fn new(folder: MailFolder) -> Self {
        Self { folder }
    }
}

impl MailTransport for FolderTransport {
    fn send<'a>(&'a self, mail: &'a OutgoingMail) -> Sending<'a> {
        Box::pin(async move {
            let failed = |error: std::io::Error| SendError { permanent: false, text: error.to_string() };
            let bytes = mail.message()?.formatted();
            let name: String = mail.message_id.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
            let name = format!("{:015}-{name}.eml", mail.date.millis());
            // Written under another name first, so that a reader never sees half a mail.
            let partial = self.folder.path.join(format!(".{name}.partial"));
            tokio::fs::write(&partial, bytes).await.map_err(failed)?;
            tokio::fs::rename(&partial, self.folder.path.join(name)).await.map_err(failed)
        })
    }

    fn check(&self) -> Sending<'_> {
        Box::pin(async move {
            let there = tokio::fs::metadata(&self.folder.path).await.is_ok_and(|meta| meta.is_dir());
            there.then_some(()).ok_or(SendError { permanent: true, text: "the mail folder is missing".to_owned() })
        })
    }
}

/// The folder that [`FolderTransport`] writes to, for reading.
#[derive(Clone, Debug)]
pub struct MailFolder {
    path: PathBuf,
}

/// One mail in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderMail {
    /// The file's name, by which it is read.
    pub name: String,
    /// When it was written.
    pub at: Timestamp,
}

impl MailFolder {
    /// The folder at `path`.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The mails in it, newest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn list(&self) -> std::io::Result<Vec<FolderMail>> {
        let mut mails = Vec::new();
        let mut entries = tokio::fs::read_dir(&self.path).await?;
        while let Some(entry) = entries.next_entry().await? {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(at) = written_at(&name) {
                mails.push(FolderMail { name, at });
            }
        }
        mails.sort_by(|a, b| b.name.cmp(&a.name));
        Ok(mails)
    }

    /// The bytes of one mail; `None` for any name that is not one of a mail here.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn read(&self, name: &str) -> std::io::Result<Option<Vec<u8>>> {
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
        if !plain || name.contains("..") || written_at(name).is_none() {
            return Ok(None);
        }
        match tokio::fs::read(self.path.join(name)).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The moment in a mail's file name; `None` for other names.
fn written_at(name: &str) -> Option<Timestamp> {
    let (millis, rest) = name.split_once('-')?;
    rest.ends_with(".eml").then_some(())?;
    millis.parse().ok().map(Timestamp::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> OutgoingMail {
        OutgoingMail {
            message_id: "<0198c0de@strongroom>".to_owned(),
            from: "Acme <docs@example.com>".to_owned(),
            to: "ana@example.com".to_owned(),
            subject: "Hello\r\nBcc: ben@example.com".to_owned(),
            text: "plain".to_owned(),
            html: "<p>html</p>".to_owned(),
            date: Timestamp::from_millis(1_795_356_300_000),
        }
    }

    #[test]
    fn a_line_break_adds_no_header() {
        let message = String::from_utf8(mail().message().expect("composes").formatted()).expect("ascii");
        let headers = message.split("\r\n\r\n").next().expect("headers");
        assert!(!headers.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc")), "{headers}");
        assert!(headers.contains("Message-ID: <0198c0de@strongroom>"));
    }

    #[tokio::test]
    async fn mail_leaves_this_machine_only_over_verified_tls() {
        for url in
            ["smtps://u:p@mail.example.com", "smtp://mail.example.com:587", "smtp://127.0.0.1:2525", "smtp://[::1]:25"]
        {
            assert!(SmtpTransport::from_url(url).is_ok(), "{url}");
        }
        for url in [
            "mail.example.com",
            "http://mail.example.com",
            "smtp://mail.example.com?tls=opportunistic",
            "smtp://localhost.example.com?tls=false",
        ] {
            assert!(SmtpTransport::from_url(url).is_err(), "{url}");
        }
        assert!(!is_loopback("127.0.0.1.example.com"));
    }

    #[tokio::test]
    async fn a_folder_shows_whole_mails_and_nothing_else() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = MailFolder::at(dir.path());
        std::fs::write(dir.path().join("secret.txt"), "x").expect("writes");
        FolderTransport::new(folder.clone()).send(&mail()).await.expect("sends");
        let mails = folder.list().await.expect("lists");
        assert_eq!(mails.len(), 1);
        assert!(folder.read(&mails[0].name).await.expect("reads").is_some());
        for name in ["secret.txt", "../secret.txt", "1-../../x.eml", "1-x.eml"] {
            assert_eq!(folder.read(name).await.expect("reads"), None, "{name}");
        }
    }
}
