//! The doctor: each fault is built, reported, mended as proposed, and gone.

mod data;
mod faults;
mod keepers;
mod keys;
mod report;
mod scale;
mod times;

use soft_delete::{
    Error, Registry, SoftDelete,
    schema::doctor::{self, Check, Finding, Report, Severity},
};

use super::tables::run;
use support::{TestDb, TestResult};

mod author {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "author")]
    #[soft_delete(group = "doctor")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(has_many)]
        pub posts: HasMany<super::post::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod post {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "post")]
    #[soft_delete(group = "doctor", retention = "30 days")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub author_id: Option<i32>,
        #[soft_delete(unique)]
        pub slug: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "author_id", to = "id", on_delete = "Cascade")]
        pub author: BelongsTo<Option<super::author::Entity>>,
        #[sea_orm(has_many)]
        pub comments: HasMany<super::comment::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod comment {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "comment")]
    #[soft_delete(group = "doctor")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub post_id: Option<i32>,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "post_id", to = "id", on_delete = "SetNull")]
        pub post: BelongsTo<Option<super::post::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

const AUTHOR: &str =
    "CREATE TABLE author (id INTEGER PRIMARY KEY, deleted_at TIME, deletion_id UUID)";
const POST: &str = "CREATE TABLE post (id INTEGER PRIMARY KEY, author_id INTEGER, slug VARCHAR(50) NOT NULL, \
     deleted_at TIME, deletion_id UUID, FOREIGN KEY (author_id) REFERENCES author (id))";
const COMMENT: &str = "CREATE TABLE comment (id INTEGER PRIMARY KEY, post_id INTEGER, deleted_at TIME, \
     FOREIGN KEY (post_id) REFERENCES post (id))";
const INDEXES: [&str; 3] = [
    "CREATE INDEX post_author ON post (author_id)",
    "CREATE INDEX post_deleted ON post (deleted_at)",
    "CREATE INDEX comment_post ON comment (post_id)",
];

fn registry() -> Registry {
    Registry::global().of_group("doctor")
}

/// A registry of fewer entities, on which a fault stands alone.
fn registry_of<E: SoftDelete>() -> Registry {
    Registry::builder().entity::<E>().build()
}

async fn unique_slug(db: &TestDb) -> TestResult {
    use soft_delete::schema::UniqueActiveIndex;
    UniqueActiveIndex::on("post").col("slug").create(db).await?;
    Ok(())
}

/// All that the entities need.
async fn healthy(db: &TestDb) -> TestResult {
    run(db, &[AUTHOR, POST, COMMENT]).await?;
    run(db, &INDEXES).await?;
    unique_slug(db).await
}

async fn examine(db: &TestDb) -> Result<Report, Error> {
    doctor::examine(&registry(), db).await
}

fn found(report: &Report) -> Vec<(Severity, Check, String)> {
    report
        .into_iter()
        .map(|finding| {
            let table = finding.table().to_string();
            (finding.severity(), finding.check(), table)
        })
        .collect()
}

/// Expects one finding, applies its fix, and expects it to be gone.
async fn mends(
    db: &TestDb,
    registry: &Registry,
    severity: Severity,
    check: Check,
    table: &str,
) -> TestResult<Finding> {
    let report = doctor::examine(registry, db).await?;
    assert_eq!(
        found(&report),
        [(severity, check, table.to_owned())],
        "{report}"
    );
    let finding = report.findings()[0].clone();
    assert!(finding.apply(db).await?, "{report}");
    let after = doctor::examine(registry, db).await?;
    assert_eq!(found(&after), [], "{after}\nafter: {}", finding.fix());
    Ok(finding)
}
