//! SQL that is put together from parts. Placeholders are `$1`, `$2`, …, which both engines know; the builder that
//! comes with sqlx writes `?` for [`Any`], which PostgreSQL does not.

use sqlx::{
    Any, AssertSqlSafe, FromRow,
    any::{AnyArguments, AnyRow},
    query::QueryAs,
};

/// A statement and its values. Texts given to [`push`](Self::push) are the program's own; what comes from outside is
/// only ever bound.
pub(crate) struct Sql {
    text: String,
    values: Vec<Value>,
}

/// What can be bound: the two types of our columns.
pub(crate) enum Value {
    Text(String),
    Integer(i64),
}

impl Sql {
    /// A statement that begins with `text`.
    pub(crate) fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    /// Appends SQL.
    pub(crate) fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a placeholder and binds its value.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
        self
    }

    /// Appends placeholders with commas between them. With no value at all it appends `NULL`, which equals nothing.
    pub(crate) fn bind_all<T: Into<Value>>(&mut self, values: impl IntoIterator<Item = T>) -> &mut Self {
        let before = self.values.len();
        for value in values {
            if self.values.len() > before {
                self.push(", ");
            }
            self.bind(value);
        }
        if self.values.len() == before { self.push("NULL") } else { self }
    }

    /// The statement, ready to fetch rows.
    pub(crate) fn query_as<'q, R>(self) -> QueryAs<'q, Any, R, AnyArguments>
    where
        R: for<'r> FromRow<'r, AnyRow>,
    {
        let query = sqlx::query_as(AssertSqlSafe(self.text));
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Text(text) => query.bind(text),
            Value::Integer(integer) => query.bind(integer),
        })
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Self::Integer(integer)
    }
}

/// A length as SQL knows it. No blob comes near the limit.
pub(crate) fn sql_len(len: u64) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_in_order() {
        let mut sql = Sql::new("SELECT 1 WHERE a = ");
        sql.bind(1_i64).push(" AND b IN (").bind_all(["x", "y"].map(str::to_owned)).push(") AND c IN (");
        sql.bind_all(Vec::<String>::new()).push(")");
        assert_eq!(sql.text, "SELECT 1 WHERE a = $1 AND b IN ($2, $3) AND c IN (NULL)");
    }
}
