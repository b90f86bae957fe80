//! `deleted_at` in every type that SeaORM maps to a date-time.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use soft_delete::{Figure, Registry};

use super::tables::{DAY, days_ago, now, reader};
use support::{TestDb, create_table, on_backends};

macro_rules! kind {
    ($name:ident, $table:literal, $ty:ty) => {
        mod $name {
            use sea_orm::entity::prelude::*;

            #[sea_orm::model]
            #[derive(Clone, Debug, PartialEq, DeriveEntityModel, soft_delete::SoftDelete)]
            #[sea_orm(table_name = $table)]
            #[soft_delete(group = "kinds of figures")]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub id: i64,
                pub deleted_at: Option<$ty>,
            }

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

kind!(utc, "utc", DateTimeUtc);
kind!(with_time_zone, "with_time_zone", DateTimeWithTimeZone);
kind!(local, "local", DateTimeLocal);
kind!(naive, "naive", DateTime);
kind!(time_offset, "time_offset", TimeDateTimeWithTimeZone);
kind!(time_primitive, "time_primitive", TimeDateTime);

/// A table with an active row, one deleted at the microsecond given, one expired and one deleted in the future.
macro_rules! fill {
    ($db:ident, $registry:ident, $at:ident, $($kind:ident)*) => {$(
        create_table($db, $kind::Entity).await?;
        for (id, at) in [(1, None), (2, Some($at)), (3, Some(now())), (4, Some(days_ago(-1)))] {
            use sea_orm::{ActiveModelTrait as _, Set};

            let row = $kind::ActiveModel { id: Set(id), ..Default::default() };
            row.insert($db).await?;
            if let Some(at) = at {
                $kind::Entity::delete_by_id(id).at(at).registry(&$registry).exec($db).await?;
            }
        }
    )*};
}

on_backends! {
    [sqlite_memory SqliteMemory Pool, sqlite_file SqliteFile Pool, postgres Postgres Pool, mariadb MariaDb Pool]

    async fn each_is_read_as_utc_from_one_statement(db: &TestDb) {
        let registry = Registry::global().of_group("kinds of figures");
        let at = days_ago(20) + chrono::TimeDelta::microseconds(123_456);
        fill!(db, registry, at, utc with_time_zone local naive time_offset time_primitive);
        let stats = reader(&registry).default_retention(20 * DAY - std::time::Duration::from_secs(1)).exec(db).await?;
        assert_eq!(stats.tables().len(), 6);
        for table in &stats {
            assert_eq!(table.active, Figure::Exact(1), "{table:?}");
            assert_eq!(table.deleted, Figure::Exact(3), "{table:?}");
            assert_eq!(table.expired, Some(Figure::Exact(1)), "{table:?}");
            assert_eq!(table.deleted_in_future, Figure::Exact(1), "{table:?}");
            assert_eq!(table.oldest_deletion, Figure::Exact(Some(at)), "{table:?}");
            assert_eq!(table.newest_deletion, Figure::Exact(Some(days_ago(-1))), "{table:?}");
        }
    }
}
