//! One source for all markers.

/// Makes the entities and the tests of one marker: its name, its two tables, the fields of its stamp and what an active row has there.
macro_rules! marked {
    ($marker:ident $folders:tt $notes:tt { $($fields:tt)* } active { $($active:tt)* }) => {
        mod $marker {
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
                    #[soft_delete(unique)]
                    pub slug: String,
                    $($fields)*
                    #[sea_orm(belongs_to, from = "folder_id", to = "id", on_delete = "Cascade")]
                    pub folder: BelongsTo<super::folder::Entity>,
                }

                impl ActiveModelBehavior for ActiveModel {}
            }

            #[allow(unused_imports)]
            use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, DbErr, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _};
            use soft_delete::{ConflictPolicy, Error, Outcome, SoftDelete as _};
            use support::TestDb;

            async fn create(db: &TestDb) -> Result<(), DbErr> {
                db.create_table(folder::Entity).await?;
                db.create_table(note::Entity).await
            }

            async fn add_folder(db: &TestDb, id: i64) -> Result<folder::Model, DbErr> {
                let folder = folder::ActiveModel { id: Set(id), $($active)* ..Default::default() };
                folder.insert(db).await
            }

            async fn add_note(db: &TestDb, id: i64, folder_id: i64, slug: &str) -> Result<note::Model, DbErr> {
                let note = note::ActiveModel {
                    id: Set(id), folder_id: Set(folder_id), slug: Set(slug.to_owned()), $($active)* ..Default::default()
                };
                note.insert(db).await
            }

            async fn active_notes(db: &TestDb) -> Result<Vec<i64>, DbErr> {
                let notes = note::Entity::find().all(db).await?;
                let mut ids: Vec<_> = notes.into_iter().map(|note| note.id).collect();
                ids.sort_unstable();
                Ok(ids)
            }

            on_backends_of_markers! {
                async fn a_deleted_row_is_seen_where_it_should_be(db: &TestDb) {
                    create(db).await?;
                    add_folder(db, 1).await?;
                    let note = add_note(db, 1, 1, "a").await?;
                    add_note(db, 2, 1, "b").await?;
                    assert!(!note.is_deleted());

                    let deletion = note::Entity::delete_by_id(1).exec(db).await?;
                    assert_eq!(deletion.rows_affected, 1);
                    assert_eq!(deletion.outcome(), Outcome::Deleted);

                    assert_eq!(active_notes(db).await?, [2]);
                    assert_eq!(note::Entity::find_by_id(1).one(db).await?, None);
                    assert_eq!(note::Entity::with_deleted().count(db).await?, 2);
                    let trash = note::Entity::only_deleted().all(db).await?;
                    assert_eq!(trash.len(), 1);
                    assert!(trash[0].is_deleted());
                    assert_eq!(note::Entity::deletion_roots().count(db).await?, 1);

                    let again = note::Entity::delete_by_id(1).exec(db).await?;
                    assert!(matches!(again.outcome(), Outcome::AlreadyDeleted { .. }));
                    let none = note::Entity::delete_by_id(9).exec(db).await?;
                    assert_eq!(none.outcome(), Outcome::NotFound);
                }

                async fn a_restored_row_is_as_it_was(db: &TestDb) {
                    create(db).await?;
                    add_folder(db, 1).await?;
                    let before = add_note(db, 1, 1, "a").await?;
                    note::Entity::delete_by_id(1).exec(db).await?;

                    let restored = note::Entity::restore_by_id(1).exec(db).await?;
                    assert_eq!(restored.rows_affected, 1);
                    let after = note::Entity::find_by_id(1).one(db).await?.expect("it is active");
                    assert!(!after.is_deleted());
                    // A flag that was NULL is false now, and a number 0.
                    if before != after {
                        assert_eq!(note::Entity::delete_by_id(1).exec(db).await?.rows_affected, 1);
                        note::Entity::restore_by_id(1).exec(db).await?;
                        assert_eq!(note::Entity::find_by_id(1).one(db).await?, Some(after));
                    }
                    assert_eq!(note::Entity::restore_by_id(1).exec(db).await?.rows_affected, 0);
                }

                async fn a_cascade_takes_active_rows_and_comes_back_with_them(db: &TestDb) {
                    create(db).await?;
                    add_folder(db, 1).await?;
                    add_folder(db, 2).await?;
                    for id in 1..=3 {
                        add_note(db, id, 1, &id.to_string()).await?;
                    }
                    add_note(db, 4, 2, "4").await?;
                    let earlier = chrono::Utc::now() - chrono::TimeDelta::days(1);
                    note::Entity::delete_by_id(1).at(earlier).exec(db).await?;

                    let plan = folder::Entity::delete_by_id(1).plan(db).await?;
                    let deletion = folder::Entity::delete_by_id(1).exec(db).await?;
                    assert_eq!(deletion.rows_by_table(), [($folders, 1), ($notes, 2)]);
                    assert_eq!(plan.rows_by_table(), deletion.rows_by_table());
                    assert_eq!(active_notes(db).await?, [4]);
                    assert_eq!(folder::Entity::deletion_roots().count(db).await?, 1);
                    let roots = note::Entity::deletion_roots().all(db).await?;
                    assert_eq!(roots.iter().map(|note| note.id).collect::<Vec<_>>(), [1]);

                    let plan = folder::Entity::restore_by_id(1).plan(db).await?;
                    assert!(plan.is_allowed());
                    let restored = folder::Entity::restore_by_id(1).exec(db).await?;
                    assert_eq!(restored.rows_by_table(), [($folders, 1), ($notes, 2)]);
                    assert_eq!(active_notes(db).await?, [2, 3, 4]);
                }

                async fn an_undo_brings_back_what_the_deletion_took(db: &TestDb) {
                    create(db).await?;
                    for folder in 1..=2 {
                        add_folder(db, folder).await?;
                        add_note(db, folder, folder, &folder.to_string()).await?;
                    }
                    use sea_orm::{ColumnTrait as _, QueryFilter as _};
                    note::Entity::delete_by_id(1).at(chrono::Utc::now() - chrono::TimeDelta::days(1)).exec(db).await?;
                    let deletion = folder::Entity::delete_many()
                        .filter(folder::Column::Id.lte(2))
                        .exec(db).await?;
                    assert_eq!(deletion.rows_by_table(), [($folders, 2), ($notes, 1)]);
                    let undone = deletion.undo().exec(db).await?;
                    assert_eq!(undone.rows_by_table(), deletion.rows_by_table());
                    assert_eq!(active_notes(db).await?, [2]);
                    assert_eq!(folder::Entity::find().count(db).await?, 2);
                }

                async fn a_child_does_not_come_back_below_a_deleted_parent(db: &TestDb) {
                    create(db).await?;
                    add_folder(db, 1).await?;
                    add_note(db, 1, 1, "a").await?;
                    folder::Entity::delete_by_id(1).exec(db).await?;
                    let refused = note::Entity::restore_by_id(1).exec(db).await;
                    assert!(matches!(refused, Err(Error::ParentDeleted { .. })), "{refused:?}");
                    assert_eq!(note::Entity::find().count(db).await?, 0);
                    note::Entity::restore_by_id(1).with_parents().exec(db).await?;
                    assert_eq!(active_notes(db).await?, [1]);
                    assert_eq!(folder::Entity::find().count(db).await?, 1);
                }

                async fn a_value_that_an_active_row_has_is_a_conflict(db: &TestDb) {
                    create(db).await?;
                    add_folder(db, 1).await?;
                    add_note(db, 1, 1, "a").await?;
                    note::Entity::delete_by_id(1).exec(db).await?;
                    add_note(db, 2, 1, "a").await?;

                    let refused = note::Entity::restore_by_id(1).exec(db).await;
                    assert!(matches!(refused, Err(Error::Conflict(ref rows)) if rows.len() == 1), "{refused:?}");
                    assert_eq!(active_notes(db).await?, [2]);
                    let replaced = note::Entity::restore_by_id(1)
                        .on_conflict(ConflictPolicy::Replace)
                        .exec(db).await?;
                    assert_eq!(replaced.rows_affected, 1);
                    assert_eq!(active_notes(db).await?, [1]);
                    assert_eq!(note::Entity::only_deleted().count(db).await?, 1);
                }

                async fn an_edit_of_a_row_deleted_meanwhile_is_an_error(db: &TestDb) {
                    create(db).await?;
                    add_folder(db, 1).await?;
                    let stale = add_note(db, 1, 1, "a").await?;
                    note::Entity::delete_by_id(1).exec(db).await?;
                    let mut stale = stale.into_active_model();
                    stale.slug = Set("b".to_owned());
                    assert!(matches!(stale.update(db).await, Err(DbErr::RecordNotUpdated)));

                    let trash = note::Entity::only_deleted().one(db).await?.expect("it is deleted");
                    let mut edited = trash.into_active_model();
                    edited.slug = Set("b".to_owned());
                    let edited = edited.update(db).await?;
                    assert!(edited.is_deleted());
                    assert_eq!(edited.slug, "b");
                }

                async fn force_delete_removes_whatever_the_state(db: &TestDb) {
                    create(db).await?;
                    add_folder(db, 1).await?;
                    add_note(db, 1, 1, "a").await?;
                    add_note(db, 2, 1, "b").await?;
                    note::Entity::delete_by_id(1).exec(db).await?;
                    for id in 1..=2 {
                        let removed = note::Entity::force_delete_by_id(id).exec(db).await?;
                        assert_eq!(removed.rows_affected, 1);
                    }
                    assert_eq!(note::Entity::with_deleted().count(db).await?, 0);
                }

                async fn a_unique_index_covers_active_rows_only(db: &TestDb) {
                    use soft_delete::schema::UniqueActiveIndex;
                    create(db).await?;
                    let pool = db.connection();
                    let index = UniqueActiveIndex::of::<note::Entity>().col("slug");
                    assert_eq!(index.create(&pool).await?.len(), 1);
                    assert!(index.create(&pool).await?.is_empty(), "it is recognised");
                    add_folder(db, 1).await?;
                    add_note(db, 1, 1, "a").await?;
                    assert!(add_note(db, 2, 1, "a").await.is_err());
                    note::Entity::delete_by_id(1).exec(db).await?;
                    add_note(db, 2, 1, "a").await?;
                    note::Entity::delete_by_id(2).exec(db).await?;
                    add_note(db, 3, 1, "a").await?;
                    let refused = note::Entity::restore_by_id(1).exec(db).await;
                    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
                    assert_eq!(active_notes(db).await?, [3]);
                    assert_eq!(index.drop(&pool).await?.len(), 1);
                }

                async fn schema_sync_makes_indexes_and_triggers(db: &TestDb) {
                    use soft_delete::schema::SchemaSync;
                    create(db).await?;
                    let pool = db.connection();
                    let sync = || SchemaSync::of::<note::Entity>().active_parent_triggers();
                    assert!(!sync().exec(&pool).await?.is_empty());
                    assert_eq!(sync().exec(&pool).await?.iter().map(ToString::to_string).collect::<Vec<_>>(), [""; 0]);
                    add_folder(db, 1).await?;
                    add_note(db, 1, 1, "a").await?;
                    folder::Entity::delete_by_id(1).exec(db).await?;
                    assert!(add_note(db, 2, 1, "b").await.is_err(), "below a deleted folder");
                    let restored = folder::Entity::restore_by_id(1).exec(db).await?;
                    assert_eq!(restored.rows_by_table(), [($folders, 1), ($notes, 1)]);
                    add_note(db, 2, 1, "b").await?;
                    assert_eq!(active_notes(db).await?, [1, 2]);
                }

                async fn the_doctor_finds_what_is_wrong_and_no_more(db: &TestDb) {
                    use soft_delete::{Registry, schema::{SchemaSync, doctor::{self, Check, Severity}}};
                    create(db).await?;
                    let pool = db.connection();
                    let registry = Registry::global().of_group($folders);
                    let errors = async || {
                        let report = doctor::examine(&registry, &pool).await?;
                        let errors = report.findings().iter().filter(|found| found.severity() == Severity::Error);
                        Ok::<_, Error>(errors.map(|found| found.check()).collect::<Vec<_>>())
                    };
                    assert_eq!(errors().await?, [Check::MissingUnique]);
                    SchemaSync::of::<note::Entity>().exec(&pool).await?;
                    assert_eq!(errors().await?, []);
                    add_folder(db, 1).await?;
                    add_note(db, 1, 1, "a").await?;
                    folder::Entity::delete_by_id(1).exec(db).await?;
                    assert_eq!(errors().await?, []);
                    add_note(db, 2, 1, "b").await?;
                    assert_eq!(errors().await?, [Check::Orphans]);
                }

                async fn a_purge_goes_by_the_age(db: &TestDb) {
                    use soft_delete::Purge;
                    create(db).await?;
                    add_folder(db, 1).await?;
                    for id in 1..=3 {
                        add_note(db, id, 1, &id.to_string()).await?;
                    }
                    let day = std::time::Duration::from_secs(24 * 60 * 60);
                    let earlier = chrono::Utc::now() - chrono::TimeDelta::days(40);
                    note::Entity::delete_by_id(1).at(earlier).exec(db).await?;
                    note::Entity::delete_by_id(2).exec(db).await?;
                    let purge = || Purge::new().only::<note::Entity>().retention::<note::Entity>(30 * day);
                    let purged = purge().exec(db).await;
                    if !note::Entity::meta().stamp.has_time() {
                        assert!(matches!(purged, Err(Error::NoTime { .. })), "{purged:?}");
                        assert_eq!(note::Entity::with_deleted().count(db).await?, 3);
                        return Ok(());
                    }
                    assert_eq!(purged?.rows_purged(), 1);
                    let mut left: Vec<_> = note::Entity::with_deleted().all(db).await?.into_iter().map(|note| note.id).collect();
                    left.sort_unstable();
                    assert_eq!(left, [2, 3]);
                    assert_eq!(active_notes(db).await?, [3]);
                }

                async fn a_scoped_connection_scopes_what_the_entity_does_not(db: &TestDb) {
                    use sea_orm::{ConnectionTrait as _, ModelTrait as _, Statement};
                    create(db).await?;
                    let folder = add_folder(db, 1).await?;
                    add_note(db, 1, 1, "a").await?;
                    add_note(db, 2, 1, "b").await?;
                    note::Entity::delete_by_id(1).exec(db).await?;
                    let scoped = db.scoped();
                    let related = folder.find_related(note::Entity).all(&scoped).await?;
                    assert_eq!(related.iter().map(|note| note.id).collect::<Vec<_>>(), [2]);

                    let raw = |sql: &str| Statement::from_string(db.backend(), sql.to_owned());
                    let left_join = concat!("SELECT n.id FROM ", $folders, " AS f LEFT JOIN ", $notes, " AS n ON n.folder_id = f.id");
                    assert_eq!(scoped.query_all_raw(raw(left_join)).await?.len(), 1);
                    for delete in [
                        concat!("DELETE FROM ", $notes),
                        concat!("DELETE FROM ", $notes, " WHERE id = 2"),
                    ] {
                        assert!(scoped.execute_raw(raw(delete)).await.is_err(), "{delete}");
                    }
                    let marker = note::Entity::meta().stamp.marker_column().to_owned();
                    if note::Entity::meta().stamp.marker != soft_delete::Marker::Time {
                        let delete = format!("DELETE FROM {} WHERE id = 2 AND {marker} IS NOT NULL", $notes);
                        assert!(scoped.execute_raw(raw(&delete)).await.is_err(), "active rows have a value");
                    }
                    assert_eq!(note::Entity::with_deleted().count(db).await?, 2);
                }

                async fn update_many_changes_active_rows_only(db: &TestDb) {
                    create(db).await?;
                    add_folder(db, 1).await?;
                    add_note(db, 1, 1, "a").await?;
                    add_note(db, 2, 1, "b").await?;
                    note::Entity::delete_by_id(1).exec(db).await?;
                    use sea_orm::sea_query::Expr;
                    let updated = note::Entity::update_many()
                        .col_expr(note::Column::FolderId, Expr::val(1_i64))
                        .exec(db).await?;
                    assert!(updated.rows_affected <= 1);
                    let updated = note::Entity::update_many()
                        .col_expr(note::Column::Slug, Expr::val("c"))
                        .exec(db).await?;
                    assert_eq!(updated.rows_affected, 1);
                }
            }
        }
    };
}

/// On each backend, on a pool and on a scoped connection.
macro_rules! on_backends_of_markers {
    ($($tests:tt)*) => {
        support::on_backends! {
            [sqlite SqliteMemory Pool, postgres Postgres Pool, mariadb MariaDb Pool, mysql MySql Pool,
             scoped_sqlite SqliteMemory Scoped, scoped_postgres Postgres Scoped, scoped_mariadb MariaDb Scoped] $($tests)*
        }
    };
}
