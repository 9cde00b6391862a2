//! Documents: the list, one of them, a link to collect it, its end.

use domain::{DocumentRow, Page, Timestamp};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::{arguments, calls::Paged};
#[cfg(feature = "ssr")]
use {
    super::context::{backend, caller, go_to},
    crate::paths::{Notice, with_notice},
    backend::{
        Caller,
        policy::{self, Permission},
    },
    domain::{DocumentId, DocumentQuery, document::DocumentDetail},
};

/// What the page of a document shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentPage {
    /// What the list shows of it.
    pub row: DocumentRow,
    /// When the whole current version had been handed over to the asker.
    pub handed_over_at: Option<Timestamp>,
    /// What its inspection found, as far as it concerns the asker, as HTML. None was kept of old documents.
    pub found: Option<String>,
}

/// One page of the documents that the asker may see.
#[server(
    prefix = "/api/fn",
    endpoint = "list_documents",
    input_derive = (Clone, Default, PartialEq, Eq, Serialize, Deserialize)
)]
pub async fn list_documents(
    #[server(default)] q: String,
    #[server(default)] kind: String,
    #[server(default)] sort: String,
    #[server(default)] cursor: String,
    #[server(default)] limit: String,
) -> Result<Page<DocumentRow>, ApiError> {
    let query = DocumentQuery::parse(&q, &kind, &sort, &cursor, &limit)?;
    Ok(backend()?.documents.list(&caller()?, &query).await?)
}

/// One document, with what its inspection found.
#[server(prefix = "/api/fn", endpoint = "read_document")]
pub async fn read_document(id: String) -> Result<DocumentPage, ApiError> {
    let id: DocumentId = id.parse()?;
    let (documents, caller) = (backend()?.documents, caller()?);
    let DocumentDetail { row, handed_over_at } = documents.get(&caller, id).await?;
    let examination = documents.examined(&caller, id).await?;
    let show = if reads_examinations(&caller) { xray_view::for_ops } else { xray_view::for_client };
    Ok(DocumentPage { row, handed_over_at, found: examination.as_ref().map(show) })
}

#[cfg(feature = "ssr")]
fn reads_examinations(caller: &Caller) -> bool {
    caller.person().is_some_and(|person| policy::may(person, Permission::ReadExaminations))
}

/// Mints a link for this account and sends the browser along it.
#[server(prefix = "/api/fn", endpoint = "mint_link")]
pub async fn mint_link(id: String) -> Result<(), ApiError> {
    let id: DocumentId = id.parse()?;
    let link = backend()?.links.mint(&caller()?, id).await?;
    // The path alone: the person may know the portal by another name than the configured one, and the session
    // goes with the name.
    go_to(&format!("/download/{}", link.token));
    Ok(())
}

/// Deletes a document for good. `name` is its name, typed by the person.
#[server(prefix = "/api/fn", endpoint = "delete_document")]
pub async fn delete_document(id: String, #[server(default)] name: String) -> Result<(), ApiError> {
    let id: DocumentId = id.parse()?;
    backend()?.documents.delete(&caller()?, id, &name).await?;
    go_to(&with_notice("/ops/documents", Notice::Deleted));
    Ok(())
}

arguments! {
    ListDocuments { q, kind, sort, cursor, limit }
    ReadDocument { id }
}

impl Paged for ListDocuments {
    fn cursor(&mut self) -> &mut String {
        &mut self.cursor
    }
}
