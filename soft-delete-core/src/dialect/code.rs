//! What went wrong, by the code that the database gives it. Its texts may hold any value that a user has written.

use sea_orm::{DbErr, RuntimeErr, sqlx::error::DatabaseError};

/// The code of a database's error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// PostgreSQL's: an SQLSTATE.
    Postgres(String),
    /// The number of MySQL and MariaDB. Most share few SQLSTATEs.
    MySql(u16),
    /// SQLite's, the extended one.
    Sqlite(i32),
}

impl Code {
    /// `None` for errors that no database has reported.
    pub(super) fn of(error: &DbErr) -> Option<Self> {
        let (DbErr::Conn(error) | DbErr::Exec(error) | DbErr::Query(error)) = error else {
            return None;
        };
        let RuntimeErr::SqlxError(error) = error else {
            return None;
        };
        Self::of_driver(error.as_database_error()?)
    }

    /// The drivers' own types exist only with the drivers' features. SQLSTATEs have five characters, and SQLite's codes four
    /// digits at most.
    fn of_driver(error: &dyn DatabaseError) -> Option<Self> {
        if let Some(number) = mysql_number(error) {
            return Some(Self::MySql(number));
        }
        let code = error.code()?;
        if code.len() == 5 {
            return Some(Self::Postgres(code.into_owned()));
        }
        code.parse().ok().map(Self::Sqlite)
    }
}

/// The driver of MySQL shows an error as `1213 (40001): Deadlock found …`, number, SQLSTATE and message, and others as the message
/// alone. So nothing that is in the message can be taken for it.
fn mysql_number(error: &dyn DatabaseError) -> Option<u16> {
    let shown = error.to_string();
    let before = shown.strip_suffix(error.message())?.strip_suffix(": ")?;
    let number = match error.code() {
        Some(code) => before.strip_suffix(&format!(" ({code})"))?,
        None => before,
    };
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::{borrow::Cow, fmt, sync::Arc};

    use sea_orm::sqlx::{
        self,
        error::{DatabaseError, ErrorKind},
    };

    use super::*;
    use crate::dialect::{has_ended_transaction, is_missing_privilege, is_retryable};

    /// An error of a driver, shown as it shows it.
    #[derive(Debug)]
    struct Reported {
        shown: String,
        code: Option<&'static str>,
        message: String,
    }

    impl fmt::Display for Reported {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(&self.shown)
        }
    }

    impl std::error::Error for Reported {}

    impl DatabaseError for Reported {
        fn message(&self) -> &str {
            &self.message
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            self.code.map(Cow::Borrowed)
        }

        fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    fn reported(shown: String, code: Option<&'static str>, message: &str) -> DbErr {
        let message = message.to_owned();
        let reported = Reported {
            shown,
            code,
            message,
        };
        let error = sqlx::Error::Database(Box::new(reported));
        DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
    }

    fn mysql(number: u16, state: &'static str, message: &str) -> DbErr {
        reported(
            format!("{number} ({state}): {message}"),
            Some(state),
            message,
        )
    }

    fn postgres(state: &'static str, message: &str) -> DbErr {
        reported(message.to_owned(), Some(state), message)
    }

    fn sqlite(code: &'static str, message: &str) -> DbErr {
        reported(format!("(code: {code}) {message}"), Some(code), message)
    }

    #[test]
    fn each_database_is_told_by_its_codes() {
        let message = "anything";
        for (error, code) in [
            (mysql(1213, "40001", message), Code::MySql(1213)),
            (
                postgres("40P01", message),
                Code::Postgres("40P01".to_owned()),
            ),
            (sqlite("517", message), Code::Sqlite(517)),
        ] {
            assert_eq!(Code::of(&error), Some(code), "{error}");
        }
        let without_state = reported(format!("1047: {message}"), None, message);
        assert_eq!(Code::of(&without_state), Some(Code::MySql(1047)));
    }

    #[test]
    fn what_may_be_tried_again() {
        for error in [
            mysql(1213, "40001", "Deadlock found when trying to get lock"),
            mysql(1205, "HY000", "Lock wait timeout exceeded"),
            mysql(3572, "HY000", "NOWAIT is set"),
            mysql(1020, "HY000", "Record has changed since last read"),
            mysql(
                1047,
                "08S01",
                "WSREP has not yet prepared node for application use",
            ),
            postgres("40P01", "deadlock detected"),
            postgres("40001", "could not serialize access"),
            postgres("55P03", "could not obtain lock"),
            sqlite("5", "database is locked"),
            sqlite("261", "database is locked"),
            sqlite("517", "database is locked"),
            sqlite("6", "database table is locked"),
            sqlite("262", "database table is locked"),
        ] {
            assert!(is_retryable(&error), "{error}");
        }
        let ended = [1213, 1020].map(|number| mysql(number, "40001", ""));
        assert!(ended.iter().all(has_ended_transaction));
        assert!(!has_ended_transaction(&mysql(1205, "HY000", "")));
    }

    #[test]
    fn what_a_user_wrote_is_no_code() {
        for value in [
            "number: 1213",
            "1213 (40001): Deadlock found",
            "1213",
            "database is locked",
            "database table is locked",
            "code: \"40P01\"",
            "code: \"42501\"",
            "attempt to write a readonly database",
        ] {
            for error in [
                mysql(
                    1062,
                    "23000",
                    &format!("Duplicate entry '{value}' for key 'slug'"),
                ),
                mysql(1644, "45000", value),
                postgres("23505", &format!("Key (slug)=({value}) already exists.")),
                postgres("P0001", value),
                sqlite("2067", value),
                DbErr::Custom(value.to_owned()),
                DbErr::Query(RuntimeErr::Internal(value.to_owned())),
            ] {
                assert!(!is_retryable(&error), "{error}");
                assert!(!has_ended_transaction(&error), "{error}");
                assert!(!is_missing_privilege(&error), "{error}");
            }
        }
    }

    #[test]
    fn what_the_user_of_the_connection_may_not_do() {
        for error in [
            mysql(1142, "42000", "DELETE command denied to user"),
            mysql(
                1290,
                "HY000",
                "the server is running with the --read-only option",
            ),
            postgres("42501", "permission denied for table post"),
            postgres("25006", "cannot execute DELETE in a read-only transaction"),
            sqlite("8", "attempt to write a readonly database"),
            sqlite("1032", "attempt to write a readonly database"),
        ] {
            assert!(is_missing_privilege(&error), "{error}");
        }
    }
}
