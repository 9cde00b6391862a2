//! A version as it lies in row and blob, and whether the two agree.

use domain::{DocumentId, VersionId};
use futures::TryStreamExt;
use ring::digest;
use sealed::{FileKey, Opener};
use sqlx::FromRow;

use super::{
    chunks::Chunks,
    plain::Plain,
    upload::hex,
    version_key::{Facts, VersionKey},
};
use crate::{
    core::Core,
    error::{Error, Result},
};

/// The columns that say where the bytes of a version are and what they are.
#[derive(FromRow)]
pub(super) struct Stored {
    pub(super) id: String,
    document_id: String,
    size: i64,
    sha256: String,
    #[sqlx(flatten)]
    pub(super) key: VersionKey,
}

impl Stored {
    /// What to select, from `document_versions v`.
    pub(super) const COLUMNS: &str = "v.id, v.document_id, v.size, v.sha256, v.key_id, v.wrapped_key";

    pub(super) fn facts(&self) -> Result<Facts<'_>> {
        let damaged = |what: &str| Error::Damaged(format!("version {}: {what}", self.id));
        Ok(Facts {
            version: self.id.parse::<VersionId>().map_err(|_| damaged("its id"))?,
            document: self.document_id.parse::<DocumentId>().map_err(|_| damaged("the id of its document"))?,
            size: u64::try_from(self.size).map_err(|_| damaged("its size"))?,
            sha256: &self.sha256,
        })
    }
}

impl Core {
    /// Whether the blob is there and as long as it has to be, and the row yields a key.
    pub(super) async fn check_presence(&self, stored: &Stored) -> Result<FileKey> {
        let facts = stored.facts()?;
        let len = self.blobs.size(facts.version).await?.ok_or_else(|| facts.damaged(&"its blob is missing"))?;
        let whole = Opener::sealed_len(facts.size).map_err(|error| facts.damaged(&error))?;
        if len != whole {
            return Err(facts.damaged(&format!("its blob has {len} bytes instead of {whole}")));
        }
        Ok(self.unwrap_key(facts, &stored.key)?.file_key)
    }

    /// Whether the decrypted bytes are those of the hash in the row.
    pub(super) async fn check_hash(&self, facts: Facts<'_>, file_key: &FileKey) -> Result<()> {
        let plain = Plain::open(self.blobs.clone(), facts.version, file_key, facts.size, 0..facts.size).await?;
        let mut hash = digest::Context::new(&digest::SHA256);
        let mut chunks = Chunks::new(plain, self.buffers.clone());
        while let Some(chunk) = chunks.try_next().await? {
            hash.update(&chunk);
        }
        let found = hex(hash.finish().as_ref());
        if found == facts.sha256 { Ok(()) } else { Err(facts.damaged(&format!("its bytes hash to {found}"))) }
    }
}
