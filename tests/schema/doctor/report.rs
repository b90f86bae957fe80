//! The report as text and as JSON.

use soft_delete::schema::doctor::{Check, Severity};

use super::{AUTHOR, COMMENT, INDEXES, POST, examine};
use crate::schema::tables::run;
use support::{TestDb, on_backends, on_every_backend};

on_backends! {
    [sqlite SqliteMemory Pool]

    async fn it_prints_as_a_table(db: &TestDb) {
        let unique = POST.replace("NOT NULL,", "NOT NULL UNIQUE,");
        run(db, &[AUTHOR, &unique, COMMENT, INDEXES[0], INDEXES[2]]).await?;
        insta::assert_snapshot!(examine(db).await?.to_string());
    }

    async fn it_serialises(db: &TestDb) {
        run(db, &[AUTHOR, POST, COMMENT, INDEXES[0], INDEXES[2]]).await?;
        insta::assert_snapshot!(serde_json::to_string_pretty(&examine(db).await?)?);
    }
}

on_every_backend! {
    async fn the_worst_comes_first(db: &TestDb) {
        run(db, &[AUTHOR, POST, COMMENT, INDEXES[0], INDEXES[2]]).await?;
        let report = examine(db).await?;
        let checks: Vec<_> = report.into_iter().map(|finding| finding.check()).collect();
        assert_eq!(checks, [Check::MissingUnique, Check::MissingPurgeIndex]);
        assert_eq!(report.worst(), Some(Severity::Error));
    }
}
