//! MariaDB: what it does otherwise than MySQL.

use super::{MySql, OldestVersion};

pub(super) static MARIADB: MySql = MySql {
    oldest: OldestVersion {
        server: "MariaDB",
        numbers: (10, 6),
        name: "10.6",
    },
    indexes_expressions: false,
};
