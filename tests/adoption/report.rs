//! What the doctor finds once the columns are there, and that its proposals mend it.

use soft_delete::schema::doctor::{
    self,
    Check::{self, MissingForeignKeyIndex, SetNullOfRequired, UniqueOfAllRows},
    Severity::{self, Error, Warning},
};

use super::sakila::{self, entities, mend};
use support::{Kind, TestDb, on_backends};

const POSTGRES: [(Severity, Check, &str); 11] = [
    (Error, SetNullOfRequired, "payment"),
    (Warning, MissingForeignKeyIndex, "film_category"),
    (Warning, MissingForeignKeyIndex, "inventory"),
    (Warning, MissingForeignKeyIndex, "payment"),
    (Warning, UniqueOfAllRows, "rental"),
    (Warning, MissingForeignKeyIndex, "rental"),
    (Warning, MissingForeignKeyIndex, "rental"),
    (Warning, MissingForeignKeyIndex, "staff"),
    (Warning, MissingForeignKeyIndex, "staff"),
    (Warning, UniqueOfAllRows, "store"),
    (Warning, MissingForeignKeyIndex, "store"),
];

/// The server makes an index for each foreign key by itself.
const MARIADB: [(Severity, Check, &str); 2] = [
    (Warning, UniqueOfAllRows, "rental"),
    (Warning, UniqueOfAllRows, "store"),
];

on_backends! {
    [postgres Postgres Pool, mariadb MariaDb Pool, scoped_postgres Postgres Scoped, scoped_mariadb MariaDb Scoped]

    async fn the_doctor_reports_what_stands_in_the_way(db: &TestDb) {
        sakila::with_columns(db).await?;
        let report = doctor::examine(&entities(db), db).await?;
        let found: Vec<_> = (&report)
            .into_iter()
            .map(|finding| (finding.severity(), finding.check(), &*finding.table().name))
            .collect();
        match db.kind() {
            Kind::Postgres => {
                assert_eq!(found, POSTGRES);
                insta::assert_snapshot!("postgres", report.to_string());
            }
            _ => {
                assert_eq!(found, MARIADB);
                insta::assert_snapshot!("mariadb", report.to_string());
            }
        }
    }

    async fn what_it_proposes_mends_it(db: &TestDb) {
        sakila::with_columns(db).await?;
        let before = sakila::rows(db).await?;

        let (rounds, report) = mend(db, &entities(db)).await?;
        assert_eq!(rounds, 1);
        assert!(report.is_healthy(), "{report}");
        assert_eq!(report.to_string(), "nothing found");

        assert_eq!(sakila::rows(db).await?, before);
        assert_eq!(sakila::deleted(db).await?, 0);
    }
}
