//! Faults that only the rows show.

use soft_delete::schema::doctor::{self, Check, Severity::Error};

use super::{AUTHOR, COMMENT, INDEXES, POST, found, healthy, mends, post, registry, registry_of};
use crate::{
    schema::tables::{number, run},
    support::{TestDb, on_every_backend},
};

on_every_backend! {
    async fn active_rows_that_collide(db: &TestDb) {
        run(db, &[AUTHOR, POST, COMMENT]).await?;
        run(db, &INDEXES).await?;
        run(db, &["INSERT INTO post (id, slug) VALUES (1, 'a'), (2, 'a'), (3, 'b')", "INSERT INTO post (id, slug, deleted_at) VALUES (4, 'b', NOW)"]).await?;
        let report = doctor::examine(db, &registry_of::<post::Entity>()).await?;
        assert_eq!(found(&report), [
            (Error, Check::MissingUnique, "post".to_owned()),
            (Error, Check::Collisions, "post".to_owned()),
        ], "{report}");
        assert!(report.findings()[1].problem().contains("(a) 2 times"), "{report}");
        assert!(report.findings()[0].apply(db).await.is_err());
        run(db, &["UPDATE post SET slug = 'c' WHERE id = 2"]).await?;
        assert!(report.findings()[0].apply(db).await?);
        assert_eq!(found(&doctor::examine(db, &registry_of::<post::Entity>()).await?), []);
    }

    async fn active_rows_under_a_deleted_parent_that_cascades(db: &TestDb) {
        healthy(db).await?;
        run(db, &[
            "INSERT INTO author (id, deleted_at) VALUES (1, NOW), (2, NULL)",
            "INSERT INTO post (id, author_id, slug) VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c')",
        ]).await?;
        let finding = mends(db, &registry(), Error, Check::Orphans, "post").await?;
        assert!(finding.problem().starts_with("2 active rows are under deleted rows of `author`, by (author_id)"));
        let same = "SELECT COUNT(*) FROM post p JOIN author a ON a.id = p.author_id WHERE p.deleted_at = a.deleted_at";
        assert_eq!(number(db, same).await?, 2);
    }

    /// One that was deleted before its parent, and came back.
    async fn an_active_row_under_a_deleted_parent_by_another_rule_is_no_fault(db: &TestDb) {
        healthy(db).await?;
        run(db, &[
            "INSERT INTO post (id, slug, deleted_at) VALUES (1, 'a', NOW)",
            "INSERT INTO comment VALUES (1, 1, NULL)",
        ]).await?;
        assert_eq!(found(&doctor::examine(db, &registry()).await?), []);
    }
}
