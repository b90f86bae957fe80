//! The present time as SQL, in the forms in which times are stored: on PostgreSQL, on MySQL and MariaDB, on SQLite.
//!
//! It is that of the statement's begin. SQLite's clock has milliseconds, of which the next is taken, and the others' microseconds: a row
//! is never seen as active that was deleted before by the same clock.

/// An instant.
pub(crate) const WITH_ZONE: [&str; 3] = [
    "statement_timestamp()",
    "UTC_TIMESTAMP(6)",
    "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '+0.001 seconds')",
];

/// A time in UTC that has no zone.
pub(crate) const WITHOUT_ZONE: [&str; 3] = [
    "timezone('UTC', statement_timestamp())",
    "UTC_TIMESTAMP(6)",
    "strftime('%Y-%m-%d %H:%M:%f', 'now', '+0.001 seconds')",
];

/// Seconds since 1970.
pub(crate) const SECONDS: [&str; 3] = [
    "CAST(floor(extract(epoch FROM statement_timestamp())) AS bigint)",
    "UNIX_TIMESTAMP()",
    "CAST(strftime('%s', 'now') AS integer)",
];

/// Milliseconds since 1970.
pub(crate) const MILLIS: [&str; 3] = [
    "CAST(floor(extract(epoch FROM statement_timestamp()) * 1000) AS bigint)",
    "FLOOR(UNIX_TIMESTAMP(NOW(3)) * 1000)",
    "(CAST(strftime('%s', 'now') AS integer) * 1000 + CAST(substr(strftime('%f', 'now'), 4) AS integer) + 1)",
];
