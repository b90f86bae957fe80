//! The statements of each helper, word for word.

use sea_orm::sea_query::ColumnType;
use soft_delete::schema::{
    ActiveParentTriggers, ActiveView, Change, FlagConversion, PurgeIndex, SoftDeleteColumns,
    UniqueActiveIndex,
};

use super::tables::run;
use support::{TestDb, TestResult, on_backends};

/// Up and down.
async fn all(db: &TestDb) -> TestResult<Vec<Change>> {
    run(db, &[
        "CREATE TABLE post (id INTEGER PRIMARY KEY, slug VARCHAR(50) UNIQUE)",
        "CREATE TABLE comment (id INTEGER PRIMARY KEY, post_id INTEGER, is_deleted BOOLEAN, updated_at TIME)",
    ]).await?;
    let columns = SoftDeleteColumns::new()
        .deletion_id()
        .deleted_by(ColumnType::BigInteger)
        .delete_reason();
    let flag = FlagConversion::on("comment").deleted_at_from("updated_at");
    let unique = UniqueActiveIndex::on("post").col("slug").replacing_unique();
    let purge = PurgeIndex::on("post");
    let view = ActiveView::of("post");
    let triggers = ActiveParentTriggers::on("comment")
        .key("post_id", "id")
        .parent("post");
    let mut changes = columns.add("post", db).await?;
    changes.extend(flag.exec(db).await?);
    changes.extend(unique.create(db).await?);
    changes.extend(purge.create(db).await?);
    changes.extend(view.create(db).await?);
    changes.extend(triggers.create(db).await?);
    changes.extend(triggers.drop(db).await?);
    changes.extend(view.drop(db).await?);
    changes.extend(purge.drop(db).await?);
    changes.extend(unique.drop(db).await?);
    changes.extend(flag.revert(db).await?);
    changes.extend(columns.drop("post", db).await?);
    Ok(changes)
}

fn told(changes: &[Change]) -> String {
    let told = changes.iter().map(|change| {
        let statements = change.statements().join(";\n");
        format!("{change}\n{statements};\n")
    });
    told.collect::<Vec<_>>().join("\n")
}

on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    async fn up_and_down(db: &TestDb) {
        let told = told(&all(db).await?);
        // The time of the backfill.
        let told = told
            .lines()
            .map(|line| match line.split_once("COALESCE(") {
                Some((before, _)) => format!("{before}COALESCE(…"),
                None => line.to_owned(),
            })
            .collect::<Vec<_>>()
            .join("\n");
        insta::assert_snapshot!(format!("{:?}", db.backend()), told);
    }
}
