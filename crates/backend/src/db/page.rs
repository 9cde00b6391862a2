//! Pages of a list: a row more than fits is asked for, and where it is there the last that fits is the cursor of the next.

use domain::{Cursor, Limit, Page};

use super::sql::Sql;

/// Cuts `rows`, of which one more than `limit` was asked for, to a page; `key` gives the cursor of a row.
pub(crate) fn page<T>(mut rows: Vec<T>, limit: Limit, key: impl Fn(&T) -> (String, String)) -> Page<T> {
    let limit = limit.rows() as usize;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| {
        let (key, id) = key(row);
        Cursor { key, id }
    });
    Page { rows, next }
}

impl Sql {
    /// Ends the query of a page: it asks for one row more than [`page`] keeps.
    pub(crate) fn limit(&mut self, limit: Limit) -> &mut Self {
        self.push(" LIMIT ").bind(i64::from(limit.rows()) + 1)
    }
}
