//! Columns that a delete and a restore set to the time of the call, of each type.

/// Makes a folder with notes, whose `changed` has a type of its own, and the tests of it. `$of` gives such a value of a time, and
/// `$time` reads one.
macro_rules! touched {
    ($form:ident $folders:tt $notes:tt { $($fields:tt)* } $of:expr, $time:expr) => {
        mod $form {
            mod folder {
                use sea_orm::entity::prelude::*;
                use soft_delete::SoftDelete;

                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
                #[sea_orm(table_name = $folders)]
                #[soft_delete(group = $folders)]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub id: i64,
                    $($fields)*
                    #[sea_orm(has_many)]
                    pub notes: HasMany<super::note::Entity>,
                }

                impl ActiveModelBehavior for ActiveModel {}
            }

            mod note {
                use sea_orm::entity::prelude::*;
                use soft_delete::SoftDelete;

                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
                #[sea_orm(table_name = $notes)]
                #[soft_delete(group = $folders)]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub id: i64,
                    pub folder_id: i64,
                    $($fields)*
                    #[sea_orm(belongs_to, from = "folder_id", to = "id", on_delete = "Cascade")]
                    pub folder: BelongsTo<super::folder::Entity>,
                }

                impl ActiveModelBehavior for ActiveModel {}
            }

            use chrono::{DateTime, TimeDelta, Utc};
            use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, DbErr, QueryFilter as _, Value, sea_query::Expr};
            use soft_delete::{Scope, SoftDelete as _};
            use support::TestDb;

            fn long_ago() -> DateTime<Utc> {
                "2020-02-02T00:00:00Z".parse().expect("a time")
            }

            /// Two folders with two notes each, all changed long ago.
            async fn create(db: &TestDb) -> Result<(), DbErr> {
                db.create_table(folder::Entity).await?;
                db.create_table(note::Entity).await?;
                for id in 1..=2 {
                    folder::ActiveModel { id: Set(id), changed: Set(($of)(long_ago())), ..Default::default() }.insert(db).await?;
                }
                for id in 1..=4 {
                    let note = note::ActiveModel {
                        id: Set(id), folder_id: Set((id + 1) / 2), changed: Set(($of)(long_ago())), ..Default::default()
                    };
                    note.insert(db).await?;
                }
                Ok(())
            }

            async fn forget_changes(db: &TestDb) -> Result<(), DbErr> {
                let at = Value::from(($of)(long_ago()));
                for scope in [Scope::Active, Scope::OnlyDeleted] {
                    let of_folder = folder::Entity::meta().stamp.predicate(scope, Expr::col(folder::Entity::marker_column()));
                    sea_orm::Update::many(folder::Entity).col_expr(folder::Column::Changed, Expr::val(at.clone()))
                        .filter(of_folder).exec(db).await?;
                    let of_note = note::Entity::meta().stamp.predicate(scope, Expr::col(note::Entity::marker_column()));
                    sea_orm::Update::many(note::Entity).col_expr(note::Column::Changed, Expr::val(at.clone()))
                        .filter(of_note).exec(db).await?;
                }
                Ok(())
            }

            /// The folders and notes that were changed just now; all others long ago.
            async fn changed(db: &TestDb) -> Result<(Vec<i64>, Vec<i64>), DbErr> {
                let is_now = |at: DateTime<Utc>| {
                    let is_now = (Utc::now() - at).abs() < TimeDelta::minutes(1);
                    assert!(is_now || at == long_ago(), "{at}");
                    is_now
                };
                let mut folders: Vec<_> = folder::Entity::with_deleted().all(db).await?.into_iter()
                    .filter(|folder| is_now(($time)(folder.changed))).map(|folder| folder.id).collect();
                let mut notes: Vec<_> = note::Entity::with_deleted().all(db).await?.into_iter()
                    .filter(|note| is_now(($time)(note.changed))).map(|note| note.id).collect();
                folders.sort_unstable();
                notes.sort_unstable();
                Ok((folders, notes))
            }

            on_backends_of_markers! {
                async fn a_delete_and_its_undo_touch_the_rows_that_they_take(db: &TestDb) {
                    create(db).await?;
                    let deletion = folder::Entity::delete_by_id(1).exec(db).await?;
                    assert_eq!(deletion.rows_by_table(), [($folders, 1), ($notes, 2)]);
                    assert_eq!(changed(db).await?, (vec![1], vec![1, 2]));

                    forget_changes(db).await?;
                    deletion.undo().exec(db).await?;
                    assert_eq!(changed(db).await?, (vec![1], vec![1, 2]));

                    forget_changes(db).await?;
                    folder::Entity::restore_by_id(1).exec(db).await?;
                    folder::Entity::delete_by_id(9).exec(db).await?;
                    assert_eq!(changed(db).await?, (vec![], vec![]));
                }

                async fn a_leaf_and_many_rows_are_touched(db: &TestDb) {
                    create(db).await?;
                    note::Entity::delete_by_id(1).exec(db).await?;
                    assert_eq!(changed(db).await?, (vec![], vec![1]));
                    forget_changes(db).await?;
                    note::Entity::delete_many().filter(note::Column::FolderId.eq(1)).exec(db).await?;
                    assert_eq!(changed(db).await?, (vec![], vec![2]), "the first was deleted before");
                    forget_changes(db).await?;
                    note::Entity::restore_by_id(1).exec(db).await?;
                    assert_eq!(changed(db).await?, (vec![], vec![1]));
                    forget_changes(db).await?;
                    note::Entity::restore_many().all().exec(db).await?;
                    assert_eq!(changed(db).await?, (vec![], vec![2]));
                    let by_filter = folder::Entity::delete_many().all().exec(db).await?;
                    assert_eq!(by_filter.rows_by_table(), [($folders, 2), ($notes, 4)]);
                    assert_eq!(changed(db).await?, (vec![1, 2], vec![1, 2, 3, 4]));
                }

                async fn a_delete_of_another_time_touches_with_that_of_the_call(db: &TestDb) {
                    create(db).await?;
                    let at: DateTime<Utc> = "2021-01-01T00:00:00Z".parse()?;
                    let deletion = folder::Entity::delete_by_id(1).at(at).exec(db).await?;
                    assert_eq!(deletion.deleted_at(), at);
                    assert_eq!(changed(db).await?, (vec![1], vec![1, 2]));
                }
            }
        }
    };
}

touched! {
    utc "tu_folder" "tu_note"
    { #[soft_delete(touch)] pub changed: DateTimeUtc, pub deleted_at: Option<DateTimeUtc>, pub deletion_id: Option<Uuid>, }
    |at: DateTime<Utc>| at, |at: DateTime<Utc>| at
}
touched! {
    with_a_zone "tz_folder" "tz_note"
    { #[soft_delete(touch)] pub changed: DateTimeWithTimeZone, pub deleted_at: Option<DateTimeUtc>, }
    |at: DateTime<Utc>| at.fixed_offset(), |at: DateTime<chrono::FixedOffset>| at.to_utc()
}
touched! {
    without_a_zone "tn_folder" "tn_note"
    { #[soft_delete(touch)] pub changed: DateTime, #[soft_delete(unix = "millis", active = 0)] pub deleted_at: Option<i64>, }
    |at: DateTime<Utc>| at.naive_utc(), |at: chrono::NaiveDateTime| at.and_utc()
}
touched! {
    that_may_be_null "to_folder" "to_note"
    { #[soft_delete(touch)] pub changed: Option<DateTimeUtc>, #[soft_delete(flag)] pub gone: Option<bool>, pub deletion_id: Option<Uuid>, }
    |at: DateTime<Utc>| Some(at), |at: Option<DateTime<Utc>>| at.expect("it is set")
}
touched! {
    seconds "ts_folder" "ts_note"
    { #[soft_delete(touch = "seconds")] pub changed: i32, pub deleted_at: Option<ChronoUnixTimestamp>, pub deletion_id: Option<Uuid>, }
    |at: DateTime<Utc>| at.timestamp() as i32, |at: i32| DateTime::from_timestamp(at.into(), 0).expect("a time")
}
touched! {
    millis "tm_folder" "tm_note"
    { #[soft_delete(touch = "millis")] pub changed: Option<i64>, pub deleted_at: Option<DateTime>, }
    |at: DateTime<Utc>| Some(at.timestamp_millis()),
    |at: Option<i64>| DateTime::from_timestamp_millis(at.expect("it is set")).expect("a time")
}
touched! {
    unix_timestamp "tx_folder" "tx_note"
    { #[soft_delete(touch)] pub changed: ChronoUnixTimestampMillis, pub deleted_at: Option<DateTimeUtc>, pub deletion_id: Option<Uuid>, }
    |at: DateTime<Utc>| sea_orm::prelude::ChronoUnixTimestampMillis(at), |at: sea_orm::prelude::ChronoUnixTimestampMillis| at.0
}
