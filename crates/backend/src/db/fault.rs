//! What the codes of both engines mean to us.

use sqlx::error::DatabaseError;

/// A kind of failure that calls for more than a line in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Two transactions stood in each other's way, and this one was chosen to go: it can be tried again at once.
    Conflict,
    /// Somebody else holds the lock for longer than we wait.
    Locked,
    /// The disk of the database is full.
    Full,
    /// The database has no memory or no place for more, is being stopped, or cannot be reached.
    Down,
    /// The disk cannot be read or written, or what is on it is not a database any more.
    Broken,
}

impl Fault {
    /// The fault behind an error of sqlx, if it is one of these.
    pub(crate) fn of(error: &sqlx::Error) -> Option<Self> {
        match error {
            sqlx::Error::Database(cause) => Self::from_code(cause.as_ref()),
            sqlx::Error::PoolTimedOut => Some(Self::Locked),
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Some(Self::Down)
            }
            _ => None,
        }
    }

    /// Whether a connection that has met it is not to be trusted again: SQLite has ended the transaction by itself, or
    /// may have (<https://www.sqlite.org/lang_transaction.html>, section 2.3).
    pub(super) fn spoils(self) -> bool {
        !matches!(self, Self::Conflict | Self::Locked)
    }

    fn from_code(error: &dyn DatabaseError) -> Option<Self> {
        let code = error.code()?;
        // An SQLSTATE has five characters. A result code of SQLite is a number of at most four digits, with the primary
        // code in its low byte (https://www.sqlite.org/rescode.html).
        if code.len() == 5 { Self::from_sqlstate(&code) } else { Self::from_sqlite(code.parse().ok()?) }
    }

    /// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
    fn from_sqlstate(code: &str) -> Option<Self> {
        match code {
            "40P01" | "40001" => Some(Self::Conflict),
            "55P03" => Some(Self::Locked),
            "53100" => Some(Self::Full),
            "25006" => Some(Self::Broken),
            "57P01" | "57P02" | "57P03" | "57P05" | "57014" => Some(Self::Down),
            _ if code.starts_with("53") || code.starts_with("08") => Some(Self::Down),
            _ if code.starts_with("58") || code.starts_with("XX") => Some(Self::Broken),
            _ => None,
        }
    }

    fn from_sqlite(code: u32) -> Option<Self> {
        match code & 0xff {
            // SQLITE_BUSY and SQLITE_LOCKED.
            5 | 6 => Some(Self::Locked),
            // SQLITE_NOMEM and SQLITE_CANTOPEN.
            7 | 14 => Some(Self::Down),
            // SQLITE_FULL.
            13 => Some(Self::Full),
            // SQLITE_READONLY, SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB.
            8 | 10 | 11 | 26 => Some(Self::Broken),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_engines_are_told_apart() {
        for (code, fault) in [
            (5, Fault::Locked),
            (261, Fault::Locked),
            (517, Fault::Locked),
            (7, Fault::Down),
            (13, Fault::Full),
            (10, Fault::Broken),
            (778, Fault::Broken),
            (4874, Fault::Broken),
            (8, Fault::Broken),
            (1032, Fault::Broken),
        ] {
            assert_eq!(Fault::from_sqlite(code), Some(fault), "{code}");
        }
        assert_eq!(Fault::from_sqlite(2067), None, "a unique violation is nobody's fault");
        for (code, fault) in [
            ("40P01", Fault::Conflict),
            ("40001", Fault::Conflict),
            ("55P03", Fault::Locked),
            ("53100", Fault::Full),
            ("53200", Fault::Down),
            ("53300", Fault::Down),
            ("57P01", Fault::Down),
            ("57P03", Fault::Down),
            ("08006", Fault::Down),
            ("58030", Fault::Broken),
        ] {
            assert_eq!(Fault::from_sqlstate(code), Some(fault), "{code}");
        }
        assert_eq!(Fault::from_sqlstate("23505"), None, "a unique violation is nobody's fault");
    }

    #[test]
    fn only_what_leaves_a_connection_whole_spares_it() {
        let spared = [Fault::Conflict, Fault::Locked];
        for fault in [Fault::Conflict, Fault::Locked, Fault::Full, Fault::Down, Fault::Broken] {
            assert_eq!(!fault.spoils(), spared.contains(&fault), "{fault:?}");
        }
    }
}
