//! The verdict on an upload: what was deposited, what was refused and why.

use serde::{Deserialize, Serialize};

use crate::{document::DocumentKind, file_name::FileName, hash::Sha256, id::DocumentId, timestamp::Timestamp};

/// The answer to an upload of one or more files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UploadReport {
    /// Deposited, in the order received.
    pub files: Vec<DepositedFile>,
    /// Refused, in the order received.
    pub rejected: Vec<RejectedFile>,
    /// Why reading ended before the body did, if it did. What came from there on was not taken, and may be sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<StoppedUpload>,
}

/// Where and why the reading of an upload ended before its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoppedUpload {
    /// The file that was being read, by the name as declared; none between two files.
    pub file: Option<String>,
    /// The stable reason, an [`ErrorCode`](crate::ErrorCode).
    pub code: String,
    /// The reason for a person.
    pub message: String,
}

/// A file that is now a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DepositedFile {
    /// The document.
    pub id: DocumentId,
    /// Its name.
    pub name: FileName,
    /// Its kind.
    pub kind: DocumentKind,
    /// Bytes received.
    pub size: u64,
    /// SHA-256 of the bytes received, in hexadecimal.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub sha256: Sha256,
    /// The version it became, from 1.
    pub version: u32,
    /// When it became visible.
    pub uploaded_at: Timestamp,
}

/// A file that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RejectedFile {
    /// The name as declared, whatever it was.
    pub name: String,
    /// The stable reason: an [`ErrorCode`](crate::ErrorCode) or the code of the finding that decided.
    pub code: String,
    /// The reason for a person, with what to do about it.
    pub message: String,
    /// Everything the inspection noticed.
    pub findings: Vec<Finding>,
}

/// Something that the inspection of a file noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    /// Stable, as listed in docs/office.md.
    pub code: String,
    /// What it means for the file.
    pub severity: Severity,
    /// The part inside the file, where it is in one.
    pub part: Option<String>,
    /// For a person, with what to do about it.
    pub message: String,
}

/// What a finding means for the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; the file is accepted.
    Flag,
    /// The file is refused.
    Reject,
}
