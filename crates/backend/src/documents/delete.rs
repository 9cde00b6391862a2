//! Deleting a document: its keys are destroyed at once, its bytes soon after.

use domain::{DocumentId, ErrorCode, Problem, activity::Event};

use super::Documents;
use crate::{
    activity::Entry, caller::Caller, db::work, error::Result, naming::read_the_same, policy::Permission,
    storage::register,
};

impl Documents {
    /// Deletes a document whose name was typed to confirm it, on whatever keyboard.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidRequest`] on `name` when that is not the name; those of
    /// [`delete_unconfirmed`](Self::delete_unconfirmed).
    pub async fn delete(&self, caller: &Caller, id: DocumentId, typed_name: &str) -> Result<()> {
        self.delete_if(caller, id, Some(typed_name)).await
    }

    /// Deletes a document by its id alone: for programs, which type no names.
    ///
    /// # Errors
    /// Not one of ops; [`ErrorCode::NotFound`] when there is no such document.
    pub async fn delete_unconfirmed(&self, caller: &Caller, id: DocumentId) -> Result<()> {
        self.delete_if(caller, id, None).await
    }

    async fn delete_if(&self, caller: &Caller, id: DocumentId, typed_name: Option<&str>) -> Result<()> {
        let person = self.core.allow(caller, Permission::Delete, id).await?;
        let name = self.core.granted(caller, person, id).await?.name;
        if typed_name.is_some_and(|typed| !read_the_same(typed, &name)) {
            let mut problem = Problem::new(ErrorCode::InvalidRequest).on("name");
            "That is not the document’s name. Type it as it is shown.".clone_into(&mut problem.message);
            return Err(problem.into());
        }
        let entry = Entry::new(Event::Deleted { document: id }, &caller.origin).by(person).about(&name);
        self.destroy(id, entry).await
    }

    /// Destroys the keys of every version, so that its blob and its examination are noise from this commit on, and has
    /// them removed.
    async fn destroy(&self, id: DocumentId, entry: Entry) -> Result<()> {
        let now = self.core.now();
        let (core, entry) = (&self.core, &entry);
        core.db
            .transact(|tx| {
                work(async move {
                    let deleted =
                        sqlx::query("UPDATE documents SET deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL")
                            .bind(id)
                            .bind(now)
                            .execute(&mut **tx)
                            .await?;
                    if deleted.rows_affected() == 0 {
                        return Err(ErrorCode::NotFound.into());
                    }
                    sqlx::query(
                        "UPDATE document_versions SET wrapped_key = NULL, examination = NULL WHERE document_id = $1",
                    )
                    .bind(id)
                    .execute(&mut **tx)
                    .await?;
                    register::doom_document(tx, id, core.now()).await?;
                    core.record(tx, entry.clone()).await?;
                    Ok(())
                })
            })
            .await
    }
}
