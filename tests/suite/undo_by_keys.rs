//! An undo where the table has no `deletion_id`: it finds the rows named by their keys, of whatever type these are.

use sea_orm::{
    ActiveModelTrait as _,
    ActiveValue::Set,
    PaginatorTrait as _,
    prelude::{ChronoDateTimeUtc as DateTimeUtc, Date, DateTime, Decimal, Time},
};
use soft_delete::{Deletion, Registry};

use support::{self, TestDb};

macro_rules! keyed {
    ($($module:ident, $table:literal, $(#[$attribute:meta])? $type:ident;)*) => {
        $(
            mod $module {
                use sea_orm::entity::prelude::*;
                use soft_delete::SoftDelete;

                #[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
                #[sea_orm(table_name = $table)]
                #[soft_delete(group = "keyed")]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    $(#[$attribute])?
                    pub id: super::$type,
                    pub deleted_at: Option<DateTimeUtc>,
                }

                #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
                pub enum Relation {}

                impl ActiveModelBehavior for ActiveModel {}
            }
        )*
    };
}

type Text = String;
type Flag = bool;

keyed! {
    by_decimal, "by_decimal", #[sea_orm(column_type = "Decimal(Some((12, 3)))")] Decimal;
    by_date, "by_date", Date;
    by_time, "by_time", Time;
    by_date_time, "by_date_time", DateTime;
    by_instant, "by_instant", DateTimeUtc;
    by_flag, "by_flag", Flag;
    by_char, "by_char", #[sea_orm(column_type = "Char(Some(6))")] Text;
}

fn registry() -> Registry {
    Registry::builder()
        .entity::<by_decimal::Entity>()
        .entity::<by_date::Entity>()
        .entity::<by_time::Entity>()
        .entity::<by_date_time::Entity>()
        .entity::<by_instant::Entity>()
        .entity::<by_flag::Entity>()
        .entity::<by_char::Entity>()
        .build()
}

/// Two rows, each deleted in a deletion of its own: the first by its key, the second by a condition. Both are undone, the second
/// after it has been stored and loaded.
macro_rules! undone {
    ($db:expr, $module:ident, $first:expr, $second:expr) => {{
        use $module::{ActiveModel, Column, Entity};
        let db = $db;
        db.create_table(Entity).await?;
        for id in [$first, $second] {
            ActiveModel {
                id: Set(id),
                deleted_at: Set(None),
            }
            .insert(db)
            .await?;
        }
        let registry = registry();
        let by_key = Entity::delete_by_id($first)
            .registry(&registry)
            .exec(db)
            .await?;
        let by_condition = Entity::delete_many()
            .filter(Column::Id.eq($second))
            .registry(&registry)
            .exec(db)
            .await?;
        assert_eq!((by_key.rows_affected, by_condition.rows_affected), (1, 1));
        assert_eq!(Entity::find().count(db).await?, 0);
        assert_eq!(
            by_key
                .undo()
                .registry(&registry)
                .exec(db)
                .await?
                .rows_affected,
            1
        );
        assert!(Entity::find_by_id($first).one(db).await?.is_some());
        let stored = stored(&by_condition);
        assert_eq!(
            stored
                .undo()
                .registry(&registry)
                .exec(db)
                .await?
                .rows_affected,
            1
        );
        assert_eq!(Entity::find().count(db).await?, 2);
    }};
}

#[cfg(feature = "serde")]
fn stored(deletion: &Deletion) -> Deletion {
    let text = serde_json::to_string(deletion).expect("it can be stored");
    serde_json::from_str(&text).expect("it can be loaded")
}

#[cfg(not(feature = "serde"))]
fn stored(deletion: &Deletion) -> Deletion {
    deletion.clone()
}

fn at(micros: i64) -> DateTimeUtc {
    DateTimeUtc::from_timestamp_micros(micros).expect("a time")
}

support::on_every_backend! {
    async fn keys_of_any_type_are_remembered(db: &TestDb) {
        use sea_orm::{ColumnTrait as _, QueryFilter as _};
        undone!(db, by_decimal, Decimal::new(1_250, 3), Decimal::new(-70_001, 3));
        undone!(db, by_date, Date::default(), at(1_790_000_000_000_000).date_naive());
        undone!(db, by_time, Time::default(), at(1_790_000_055_000_000).time());
        undone!(db, by_date_time, at(1_790_000_000_000_000).naive_utc(), at(1_790_000_001_000_000).naive_utc());
        undone!(db, by_instant, at(1_790_000_000_000_000), at(1_790_000_001_000_000));
        undone!(db, by_flag, false, true);
        undone!(db, by_char, Text::from("ab"), Text::from("ab c"));
    }
}
