//! Rows that are deleted at a time to come, and active until then.

/// Makes a folder with notes whose `deleted_at` has this type, and the tests of it. `$of` gives such a value of a time.
macro_rules! scheduled {
    ($form:ident $folders:tt $notes:tt { $($deleted_at:tt)* } $of:expr) => {
        mod $form {
            mod folder {
                use sea_orm::entity::prelude::*;
                use soft_delete::SoftDelete;

                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
                #[sea_orm(table_name = $folders)]
                #[soft_delete(group = $folders, scheduled, touch = "updated_at")]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub id: i64,
                    pub name: String,
                    pub updated_at: DateTimeUtc,
                    $($deleted_at)*
                    pub deletion_id: Option<Uuid>,
                    pub delete_reason: Option<String>,
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
                #[soft_delete(group = $folders, scheduled)]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub id: i64,
                    pub folder_id: i64,
                    $($deleted_at)*
                    pub deletion_id: Option<Uuid>,
                    pub delete_reason: Option<String>,
                    #[sea_orm(belongs_to, from = "folder_id", to = "id", on_delete = "Cascade")]
                    pub folder: BelongsTo<super::folder::Entity>,
                }

                impl ActiveModelBehavior for ActiveModel {}
            }

            use std::time::Duration;

            use chrono::{DateTime, TimeDelta, Utc};
            use sea_orm::{
                ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait as _, DbErr,
                IntoActiveModel as _, ModelTrait as _, PaginatorTrait as _, QueryFilter as _, Statement, sea_query::Expr,
            };
            use soft_delete::{Error, Outcome, Purge, Registry, Trash};
            use support::TestDb;

            fn soon() -> DateTime<Utc> {
                Utc::now() + TimeDelta::hours(1)
            }

            fn later() -> DateTime<Utc> {
                Utc::now() + TimeDelta::hours(2)
            }

            async fn create(db: &TestDb) -> Result<(), DbErr> {
                db.create_table(folder::Entity).await?;
                db.create_table(note::Entity).await?;
                for id in 1..=2 {
                    let row = folder::ActiveModel {
                        id: Set(id), name: Set("a".to_owned()), updated_at: Set(DateTime::UNIX_EPOCH + TimeDelta::days(1)),
                        ..Default::default()
                    };
                    row.insert(db).await?;
                }
                for id in 1..=3 {
                    let note = note::ActiveModel { id: Set(id), folder_id: Set((id + 1) / 2), ..Default::default() };
                    note.insert(db).await?;
                }
                Ok(())
            }

            /// As if all scheduled times had come.
            async fn let_time_pass(db: &TestDb) -> Result<(), DbErr> {
                let past = ($of)(Utc::now() - TimeDelta::minutes(5));
                let pass = sea_orm::Update::many(folder::Entity).col_expr(folder::Column::DeletedAt, Expr::val(past.clone()));
                pass.filter(folder::Column::DeletedAt.is_not_null()).exec(db).await?;
                let pass = sea_orm::Update::many(note::Entity).col_expr(note::Column::DeletedAt, Expr::val(past));
                pass.filter(note::Column::DeletedAt.is_not_null()).exec(db).await?;
                Ok(())
            }

            /// The folders and notes that are seen: by the entities, and by a scoped connection that knows nothing of them.
            async fn seen(db: &TestDb) -> Result<(Vec<i64>, Vec<i64>), DbErr> {
                let mut folders: Vec<_> = folder::Entity::find().all(db).await?.iter().map(|row| row.id).collect();
                let mut notes: Vec<_> = note::Entity::find().all(db).await?.iter().map(|row| row.id).collect();
                folders.sort_unstable();
                notes.sort_unstable();
                let scoped = db.scoped();
                for (table, ids) in [($folders, &folders), ($notes, &notes)] {
                    let sql = format!("SELECT id FROM {table} ORDER BY id");
                    let rows = scoped.query_all_raw(Statement::from_string(db.backend(), sql)).await?;
                    let by_text: Vec<i64> = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
                    assert_eq!(by_text, *ids, "{table}");
                }
                let all = (folder::Entity::with_deleted().count(db).await?, note::Entity::with_deleted().count(db).await?);
                let deleted = (folder::Entity::only_deleted().count(db).await?, note::Entity::only_deleted().count(db).await?);
                assert_eq!(all.0 - deleted.0, folders.len() as u64);
                assert_eq!(all.1 - deleted.1, notes.len() as u64);
                Ok((folders, notes))
            }

            on_backends_of_markers! {
                async fn a_row_is_active_until_its_time_with_all_below_it(db: &TestDb) {
                    create(db).await?;
                    let plan = folder::Entity::delete_by_id(1).at(soon()).plan(db).await?;
                    assert_eq!(plan.rows_by_table(), [($folders, 1), ($notes, 2)]);
                    let deletion = folder::Entity::delete_by_id(1).at(soon()).exec(db).await?;
                    assert_eq!(deletion.outcome(), Outcome::Deleted);
                    assert_eq!(deletion.rows_by_table(), [($folders, 1), ($notes, 2)]);
                    assert!(deletion.deleted_at() > Utc::now());
                    assert_eq!(seen(db).await?, (vec![1, 2], vec![1, 2, 3]));
                    let row = folder::Entity::find_by_id(1).one(db).await?.expect("it is active");
                    assert!(!row.is_deleted());
                    assert_eq!(row.find_related(note::Entity).all(&db.scoped()).await?.len(), 2);
                    let trash = Trash::of(Registry::global(), $folders)?;
                    assert_eq!(trash.list().count(db).await?, 0);

                    let_time_pass(db).await?;
                    assert_eq!(seen(db).await?, (vec![2], vec![3]));
                    let row = folder::Entity::only_deleted().one(db).await?.expect("it is deleted");
                    assert!(row.is_deleted());
                    assert_eq!(trash.list().count(db).await?, 1);
                    assert_eq!(folder::Entity::deletion_roots().count(db).await?, 1);
                    folder::Entity::restore_by_id(1).exec(db).await?;
                    assert_eq!(seen(db).await?, (vec![1, 2], vec![1, 2, 3]));
                }

                async fn a_restore_before_the_time_cancels_it(db: &TestDb) {
                    create(db).await?;
                    let deletion = folder::Entity::delete_by_id(1).at(soon()).exec(db).await?;
                    assert_eq!(deletion.undo().exec(db).await?.rows_by_table(), deletion.rows_by_table());
                    folder::Entity::delete_by_id(1).at(soon()).exec(db).await?;
                    let restored = folder::Entity::restore_by_id(1).exec(db).await?;
                    assert_eq!(restored.rows_by_table(), [($folders, 1), ($notes, 2)]);
                    note::Entity::delete_by_id(3).at(soon()).exec(db).await?;
                    note::Entity::restore_by_id(3).exec(db).await?;
                    let_time_pass(db).await?;
                    assert_eq!(seen(db).await?, (vec![1, 2], vec![1, 2, 3]));
                    folder::Entity::delete_by_id(1).at(soon()).exec(db).await?;
                    let alone = note::Entity::restore_by_id(1).exec(db).await;
                    assert!(matches!(alone, Err(Error::ParentDeleted { .. })), "{alone:?}");
                }

                async fn an_earlier_delete_takes_the_row_and_a_later_one_leaves_it(db: &TestDb) {
                    create(db).await?;
                    folder::Entity::delete_by_id(1).reason("soon").at(soon()).exec(db).await?;
                    let other = folder::Entity::delete_by_id(1).at(later()).exec(db).await?;
                    let Outcome::AlreadyDeleted { deleted_at } = other.outcome() else { panic!("{other:?}") };
                    assert!(deleted_at > Utc::now() && deleted_at < later() - TimeDelta::minutes(30));
                    let now = folder::Entity::delete_by_id(1).exec(db).await?;
                    assert_eq!(now.rows_by_table(), [($folders, 1), ($notes, 2)]);
                    assert_eq!(seen(db).await?, (vec![2], vec![3]));
                    let row = folder::Entity::only_deleted().one(db).await?.expect("it is deleted");
                    assert_eq!((row.deletion_id, row.delete_reason), (Some(now.id()), None));
                    now.undo().exec(db).await?;
                    assert_eq!(seen(db).await?, (vec![1, 2], vec![1, 2, 3]));
                }

                async fn no_row_outlives_its_parent(db: &TestDb) {
                    create(db).await?;
                    note::Entity::delete_by_id(1).at(later()).exec(db).await?;
                    let sooner = folder::Entity::delete_by_id(1).at(soon()).exec(db).await?;
                    assert_eq!(sooner.rows_by_table(), [($folders, 1), ($notes, 2)]);
                    sooner.undo().exec(db).await?;
                    note::Entity::delete_by_id(1).at(soon()).exec(db).await?;
                    let later = folder::Entity::delete_by_id(1).at(later()).exec(db).await?;
                    assert_eq!(later.rows_by_table(), [($folders, 1), ($notes, 1)], "it is gone by then");
                    folder::Entity::delete_by_id(1).exec(db).await?;
                    assert_eq!(seen(db).await?, (vec![2], vec![3]));
                }

                async fn a_row_that_is_deleted_now_is_not_seen_any_more(db: &TestDb) {
                    create(db).await?;
                    for _ in 0..20 {
                        folder::Entity::delete_by_id(1).exec(db).await?;
                        assert_eq!(seen(db).await?, (vec![2], vec![3]));
                        folder::Entity::restore_by_id(1).exec(db).await?;
                        note::Entity::delete_many().filter(note::Column::FolderId.eq(2)).exec(db).await?;
                        assert_eq!(seen(db).await?, (vec![1, 2], vec![1, 2]));
                        note::Entity::restore_by_id(3).exec(db).await?;
                    }
                }

                async fn a_time_that_is_past_is_refused(db: &TestDb) {
                    create(db).await?;
                    let past = Utc::now() - TimeDelta::seconds(2);
                    let refused = folder::Entity::delete_by_id(1).at(past).exec(db).await.map_err(Error::from);
                    assert!(matches!(refused, Err(Error::ScheduledInPast { .. })), "{refused:?}");
                    let refused = folder::Entity::delete_by_id(1).at(past).plan(db).await;
                    assert!(matches!(refused, Err(Error::ScheduledInPast { .. })), "{refused:?}");
                    assert_eq!(seen(db).await?, (vec![1, 2], vec![1, 2, 3]));
                }

                async fn an_active_row_can_be_edited_and_is_not_removed(db: &TestDb) {
                    create(db).await?;
                    folder::Entity::delete_by_id(1).at(soon()).exec(db).await?;
                    let mut row = folder::Entity::find_by_id(1).one(db).await?.expect("it is active").into_active_model();
                    row.name = Set("b".to_owned());
                    assert_eq!(row.update(db).await?.name, "b");
                    let many = folder::Entity::update_many().col_expr(folder::Column::Name, "c".into()).exec(db).await?;
                    assert_eq!(many.rows_affected, 2);

                    let registry = Registry::global().of_group($folders);
                    let purge = || Purge::new().registry(&registry).default_retention(Duration::ZERO);
                    let purged = purge().exec(db).await?;
                    assert_eq!(purged.tables().iter().map(|table| table.purged).sum::<u64>(), 0);
                    let trash = Trash::of(Registry::global(), $folders)?;
                    let removed = trash.remove($notes, vec![1_i64.into()])?.exec(db).await;
                    assert!(matches!(removed, Err(Error::NotDeleted { .. })), "{removed:?}");
                    let raw = format!("DELETE FROM {} WHERE deleted_at IS NOT NULL", $notes);
                    let raw = db.scoped().execute_raw(Statement::from_string(db.backend(), raw)).await;
                    assert!(raw.is_err(), "{raw:?}");
                    assert_eq!(note::Entity::with_deleted().count(db).await?, 3);

                    let_time_pass(db).await?;
                    trash.remove($notes, vec![1_i64.into()])?.exec(db).await?;
                    let purged = purge().exec(db).await?;
                    assert_eq!(purged.tables().iter().map(|table| table.purged).sum::<u64>(), 2);
                    assert_eq!(seen(db).await?, (vec![2], vec![3]));
                }
            }
        }
    };
}

scheduled! {
    utc "su_folder" "su_note" { pub deleted_at: Option<DateTimeUtc>, } |at: DateTime<Utc>| at
}
scheduled! {
    with_a_zone "sz_folder" "sz_note" { pub deleted_at: Option<DateTimeWithTimeZone>, } |at: DateTime<Utc>| at.fixed_offset()
}
scheduled! {
    without_a_zone "sw_folder" "sw_note" { pub deleted_at: Option<DateTime>, } |at: DateTime<Utc>| at.naive_utc()
}
scheduled! {
    seconds "ss_folder" "ss_note" { #[soft_delete(unix = "seconds")] pub deleted_at: Option<i64>, } |at: DateTime<Utc>| at.timestamp()
}
scheduled! {
    millis "sm_folder" "sm_note" { pub deleted_at: Option<ChronoUnixTimestampMillis>, } |at: DateTime<Utc>| at.timestamp_millis()
}

/// A folder with notes that don't wait for a time, and one whose links lose it.
mod other {
    pub mod folder {
        use sea_orm::entity::prelude::*;
        use soft_delete::SoftDelete;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
        #[sea_orm(table_name = "so_folder")]
        #[soft_delete(group = "so", scheduled)]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: i64,
            pub shelf_id: Option<i64>,
            pub deleted_at: Option<DateTimeUtc>,
            pub deletion_id: Option<Uuid>,
            #[sea_orm(belongs_to, from = "shelf_id", to = "id", on_delete = "Cascade")]
            pub shelf: BelongsTo<Option<super::shelf::Entity>>,
            #[sea_orm(has_many)]
            pub links: HasMany<super::link::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod shelf {
        use sea_orm::entity::prelude::*;
        use soft_delete::SoftDelete;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
        #[sea_orm(table_name = "so_shelf")]
        #[soft_delete(group = "so")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: i64,
            pub deleted_at: Option<DateTimeUtc>,
            pub deletion_id: Option<Uuid>,
            #[sea_orm(has_many)]
            pub folders: HasMany<super::folder::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod link {
        use sea_orm::entity::prelude::*;
        use soft_delete::SoftDelete;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
        #[sea_orm(table_name = "so_link")]
        #[soft_delete(group = "so")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: i64,
            pub folder_id: Option<i64>,
            pub deleted_at: Option<DateTimeUtc>,
            pub deletion_id: Option<Uuid>,
            #[sea_orm(belongs_to, from = "folder_id", to = "id", on_delete = "SetNull")]
            pub folder: BelongsTo<Option<super::folder::Entity>>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

use chrono::{TimeDelta, Utc};
use other::{folder, link, shelf};
use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, DbErr, PaginatorTrait as _};
use soft_delete::{Error, Registry, schema::ActiveSchema};
use support::TestDb;

async fn create(db: &TestDb) -> Result<(), DbErr> {
    db.create_table(shelf::Entity).await?;
    db.create_table(folder::Entity).await?;
    db.create_table(link::Entity).await?;
    let shelf = shelf::ActiveModel {
        id: Set(1),
        ..Default::default()
    };
    shelf.insert(db).await?;
    let folder = folder::ActiveModel {
        id: Set(1),
        shelf_id: Set(Some(1)),
        ..Default::default()
    };
    folder.insert(db).await?;
    let link = link::ActiveModel {
        id: Set(1),
        folder_id: Set(Some(1)),
        ..Default::default()
    };
    link.insert(db).await?;
    Ok(())
}

macro_rules! assert_not_scheduled {
    ($result:expr, $table:expr, $other:expr) => {
        let refused = $result.map(drop).map_err(Error::from);
        let Err(Error::NotScheduled { table, other, .. }) = &refused else {
            panic!("{refused:?}");
        };
        assert_eq!(
            (table.to_string(), other.to_string()),
            ($table.to_owned(), $other.to_owned())
        );
    };
}

on_backends_of_markers! {
    async fn what_would_change_at_once_is_refused(db: &TestDb) {
        create(db).await?;
        let soon = Utc::now() + TimeDelta::hours(1);
        assert_not_scheduled!(shelf::Entity::delete_by_id(1).at(soon).exec(db).await, "so_shelf", "so_folder");
        assert_not_scheduled!(shelf::Entity::delete_by_id(1).at(soon).plan(db).await, "so_shelf", "so_folder");
        assert_not_scheduled!(folder::Entity::delete_by_id(1).at(soon).exec(db).await, "so_folder", "so_link");
        assert_eq!(folder::Entity::find().count(db).await?, 1);
        // Without one that is scheduled, it is a time like any other.
        link::Entity::delete_by_id(1).at(soon).exec(db).await?;
        assert_eq!(link::Entity::find().count(db).await?, 0);
        shelf::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(folder::Entity::find().count(db).await?, 0);
    }

    async fn a_row_goes_when_its_time_has_come(db: &TestDb) {
        create(db).await?;
        link::Entity::force_delete_by_id(1).exec(db).await?;
        let registry = Registry::builder().entity::<folder::Entity>().build();
        let at = Utc::now() + TimeDelta::seconds(3);
        folder::Entity::delete_by_id(1).registry(&registry).at(at).exec(db).await?;
        assert_eq!(folder::Entity::find().count(db).await?, 1);
        let left = (at - Utc::now()).to_std().unwrap_or_default();
        tokio::time::sleep(left).await;
        assert_eq!(folder::Entity::find().count(db).await?, 0);
    }
}

support::on_servers! {
    async fn views_of_active_rows_can_not_wait(db: &TestDb) {
        create(db).await?;
        let registry = Registry::builder().entity::<folder::Entity>().build();
        let refused = ActiveSchema::named("seen").registry(&registry).create(db).await;
        assert!(matches!(refused, Err(Error::UnsupportedSchedule { .. })), "{refused:?}");
    }
}
