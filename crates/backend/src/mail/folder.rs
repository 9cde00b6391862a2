//! Mail into a folder: the embedded default, readable at `/dev/mail`.

use std::path::{Path, PathBuf};

use domain::Timestamp;
use tokio::{fs::OpenOptions, io::AsyncWriteExt as _};

use super::{MailTransport, OutgoingMail, SendError, Sending};

/// Writes each mail as an `.eml` file.
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
            let failed =
                |error: std::io::Error| SendError::relay(format!("the mail folder cannot be written: {error}"));
            let bytes = mail.message()?.formatted();
            let name: String = mail.message_id.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
            let name = format!("{:015}-{name}.eml", mail.date.millis());
            // Written under another name first, so that a reader never sees half a mail.
            let partial = self.folder.path.join(format!(".{name}.partial"));
            write_private(&partial, &bytes).await.map_err(failed)?;
            tokio::fs::rename(&partial, self.folder.path.join(name)).await.map_err(failed)
        })
    }

    fn keeps_mail(&self) -> bool {
        true
    }

    fn check(&self) -> Sending<'_> {
        Box::pin(async move {
            let there = tokio::fs::metadata(&self.folder.path).await.is_ok_and(|meta| meta.is_dir());
            there.then_some(()).ok_or_else(|| SendError::relay("the mail folder is missing"))
        })
    }
}

/// Writes a file that its owner alone can read.
async fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).await?;
    file.write_all(bytes).await?;
    file.flush().await
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
    use std::os::unix::fs::PermissionsExt as _;

    use super::{super::message::tests::mail, *};

    #[tokio::test]
    async fn a_folder_shows_whole_mails_and_nothing_else() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = MailFolder::at(dir.path());
        std::fs::write(dir.path().join("secret.txt"), "x").expect("writes");
        FolderTransport::new(folder.clone()).send(&mail()).await.expect("sends");
        let mails = folder.list().await.expect("lists");
        assert_eq!(mails.len(), 1);
        let mode = std::fs::metadata(dir.path().join(&mails[0].name)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(folder.read(&mails[0].name).await.expect("reads").is_some());
        for name in ["secret.txt", "../secret.txt", "1-../../x.eml", "1-x.eml"] {
            assert_eq!(folder.read(name).await.expect("reads"), None, "{name}");
        }
    }
}
