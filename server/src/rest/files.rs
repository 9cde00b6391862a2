//! Listing documents, minting links, deleting.

use axum::{
    Extension, Json,
    extract::{Path, State},
};
use backend::Caller;
use domain::{
    DocumentId, DocumentKind, DocumentQuery, DocumentRow, DocumentSort, FileName, Timestamp, document::MintedLink,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Params;
use crate::{
    problem::{ProblemBody, Refusal},
    state::AppState,
};

/// What to list.
#[derive(Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
#[derive(Default)]
pub struct ListParams {
    /// Part of a name, in any case and with or without its accents.
    #[param(max_length = 200)]
    q: String,
    /// `docx`, `xlsx` or `pptx`.
    #[param(value_type = DocumentKind)]
    kind: String,
    /// In which order: `newest` (the default), `oldest`, `name`, `name_desc`, `largest` or `smallest`.
    #[param(value_type = DocumentSort)]
    sort: String,
    /// The `next_cursor` of the page before.
    cursor: String,
    /// Rows on a page, 1 to 200; 50 unless given.
    #[param(value_type = u32, minimum = 1, maximum = 200)]
    limit: String,
}

/// One page of documents.
#[derive(Serialize, ToSchema)]
pub struct FileList {
    /// The documents, in order.
    files: Vec<ListedFile>,
    /// Where the next page starts; null on the last.
    next_cursor: Option<String>,
}

/// A document with a link that is ready to use.
#[derive(Serialize, ToSchema)]
pub struct ListedFile {
    /// The document.
    id: DocumentId,
    /// Its name.
    name: FileName,
    /// Its kind.
    kind: DocumentKind,
    /// Bytes.
    size: u64,
    /// SHA-256 of the bytes, in hexadecimal.
    #[schema(value_type = String)]
    sha256: domain::Sha256,
    /// Which version is current, from 1.
    version: u32,
    /// Who deposited it.
    sender: String,
    /// When the current version was deposited.
    uploaded_at: Timestamp,
    /// Whether this account has never had the whole of the current version sent.
    is_new: bool,
    /// Fetch it with the same token; it opens for this account alone.
    download_url: String,
    /// When that link stops working.
    download_expires_at: Timestamp,
}

/// A link minted for one account and one version.
#[derive(Serialize, ToSchema)]
#[schema(as = MintedLink)]
pub struct FreshLink {
    /// The whole URL; it opens for its account alone.
    url: String,
    /// When it stops working.
    expires_at: Timestamp,
}

impl FreshLink {
    fn new(MintedLink { token, expires_at }: MintedLink, base_url: &str) -> Self {
        Self { url: format!("{base_url}/api/v1/download/{token}"), expires_at }
    }
}

impl ListedFile {
    fn new(row: DocumentRow, link: FreshLink) -> Self {
        Self {
            id: row.id,
            name: row.name,
            kind: row.kind,
            size: row.size,
            sha256: row.sha256,
            version: row.version,
            sender: row.sender,
            uploaded_at: row.uploaded_at,
            is_new: row.is_new,
            download_url: link.url,
            download_expires_at: link.expires_at,
        }
    }
}

/// Lists the documents that the token's account may see, each with a fresh link.
///
/// # Errors
/// No valid token, or a parameter that is not as described.
#[utoipa::path(
    get, path = "/api/v1/files", tag = "Documents", params(ListParams), security(("token" = [])),
    responses(
        (status = 200, description = "A page of documents.", body = FileList),
        (status = 400, description = "A parameter is not valid; `field` names it.", body = ProblemBody),
        (status = 401, description = "No valid token.", body = ProblemBody),
    )
)]
pub async fn list(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Params(params): Params<ListParams>,
) -> Result<Json<FileList>, Refusal> {
    let ListParams { q, kind, sort, cursor, limit } = params;
    let query = DocumentQuery::parse(&q, &kind, &sort, &cursor, &limit)?;
    let page = state.backend.documents.list(&caller, &query).await?;
    let files = state.backend.links.mint_for_page(&caller, page.rows).await?;
    let base_url = &state.backend.settings().base_url;
    let files = files.into_iter().map(|(row, link)| ListedFile::new(row, FreshLink::new(link, base_url))).collect();
    Ok(Json(FileList { files, next_cursor: page.next.map(String::from) }))
}

/// Mints a link to the current version of a document.
///
/// # Errors
/// No valid token, or no such document for its account.
#[utoipa::path(
    post, path = "/api/v1/files/{id}/link", tag = "Documents", security(("token" = [])),
    params(("id" = DocumentId, Path, description = "The document.")),
    responses(
        (status = 200, description = "A fresh link, for this account alone.", body = FreshLink),
        (status = 401, description = "No valid token.", body = ProblemBody),
        (status = 404, description = "Nothing there for this account.", body = ProblemBody),
    )
)]
pub async fn mint(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<FreshLink>, Refusal> {
    let link = state.backend.links.mint(&caller, id.parse()?).await?;
    Ok(Json(FreshLink::new(link, &state.backend.settings().base_url)))
}

/// Deletes a document and destroys its key. This cannot be undone.
///
/// # Errors
/// No valid token, a token of a client, or no such document.
#[utoipa::path(
    delete, path = "/api/v1/files/{id}", tag = "Documents", security(("token" = [])),
    params(("id" = DocumentId, Path, description = "The document.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "No valid token.", body = ProblemBody),
        (status = 403, description = "Only ops delete.", body = ProblemBody),
        (status = 404, description = "Nothing there.", body = ProblemBody),
    )
)]
pub async fn delete(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    state.backend.documents.delete_unconfirmed(&caller, id.parse()?).await?;
    Ok(StatusCode::NO_CONTENT)
}
