//! The doctor on a database of many tables.

use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait as _;
use soft_delete::{
    Registry, SoftDelete as _,
    schema::{SchemaSync, doctor},
};

use support::{TestDb, TestResult};

mod parcel {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
    #[sea_orm(table_name = "parcel")]
    #[soft_delete(group = "parcels", retention = "30 days")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub parent_id: Option<i32>,
        #[soft_delete(unique)]
        pub code: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(
            self_ref,
            relation_enum = "Parent",
            relation_reverse = "Children",
            from = "parent_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub parent: HasOne<Entity>,
        #[sea_orm(self_ref, relation_enum = "Children", relation_reverse = "Parent")]
        pub children: HasMany<Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A chain of tables, each with a key to the one before, in the order of their names.
fn registry(tables: usize) -> Registry {
    let name = |number: usize| format!("parcel_{number:04}");
    (0..tables)
        .fold(Registry::builder(), |builder, number| {
            let mut meta = parcel::Entity::meta().clone();
            meta.table.name = name(number);
            for key in &mut meta.foreign_keys {
                key.parent.name = name(number.saturating_sub(1));
            }
            builder.meta(meta)
        })
        .build()
}

/// The median of five examinations of a database that is as it should be.
pub async fn time(db: &TestDb, tables: usize) -> TestResult<Duration> {
    let registry = registry(tables);
    for meta in registry.entities() {
        let sql = format!(
            "CREATE TABLE {} (id INTEGER PRIMARY KEY, parent_id INTEGER, code VARCHAR(50) NOT NULL)",
            meta.table
        );
        db.execute_unprepared(&sql).await?;
    }
    SchemaSync::new().registry(&registry).exec(db).await?;
    let mut times = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        let report = doctor::examine(&registry, db).await?;
        times.push(start.elapsed());
        assert!(report.findings().is_empty(), "{report}");
    }
    times.sort();
    Ok(times[2])
}
