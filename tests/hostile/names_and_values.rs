//! Names and values that would end a statement if they were written into it: names are quoted and values are bound.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ConnectionTrait as _, DbErr, PaginatorTrait as _,
    Statement,
};
use soft_delete::{ConflictPolicy, Error, Outcome};

use support::{self, TestDb, TestResult, create_table};

use self::{drawer::Entity as Drawer, label::Entity as Label};

mod drawer {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "drawer\"; DROP TABLE `victim`; --")]
    #[soft_delete(group = "hostile")]
    pub struct Model {
        #[sea_orm(
            primary_key,
            auto_increment = false,
            column_name = "i\"d'; --",
            column_type = "String(StringLen::N(100))"
        )]
        pub id: String,
        #[soft_delete(unique)]
        #[sea_orm(
            column_name = "na`me\" = \"na`me",
            column_type = "String(StringLen::N(100))"
        )]
        pub name: String,
        #[sea_orm(column_name = "deleted\"at`; SELECT 1")]
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(column_name = "deletion'id ? $1 :x")]
        pub deletion_id: Option<Uuid>,
        #[sea_orm(column_name = "by\\\"", column_type = "Text")]
        pub deleted_by: Option<String>,
        #[sea_orm(column_name = "why /* so */", column_type = "Text")]
        pub delete_reason: Option<String>,
        #[sea_orm(has_many)]
        pub labels: HasMany<super::label::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod label {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "select `from` \"where\" 'x'")]
    #[soft_delete(group = "hostile")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[sea_orm(
            column_name = "drawer\"; --",
            column_type = "String(StringLen::N(100))"
        )]
        pub drawer_id: String,
        #[sea_orm(column_name = "deleted\"at")]
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        // SeaORM would give the constraint a name of these, unquoted.
        #[sea_orm(
            belongs_to,
            from = "drawer_id",
            to = "id",
            on_delete = "Cascade",
            skip_fk
        )]
        pub drawer: BelongsTo<super::drawer::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

const HOSTILE: [&str; 8] = [
    "'; DROP TABLE victim; --",
    "\"; DROP TABLE victim; --",
    "` OR 1 = 1 #",
    "\\' OR 1 = 1; --",
    "$1 ? ?? :id %s {} {0}",
    "a\nb\tc\r\u{1}/* x */ -- y",
    "é 😀 \u{202e} '' \"\" ``",
    "",
];

/// A drawer with two labels for each hostile value, which is its key and its name; and a table to be harmed.
async fn drawers(db: &TestDb) -> TestResult {
    create_table(db, Drawer).await?;
    create_table(db, Label).await?;
    db.execute_unprepared("CREATE TABLE victim (id bigint)")
        .await?;
    for (place, value) in (0_i64..).zip(HOSTILE) {
        let drawer = drawer::ActiveModel {
            id: Set(value.to_owned()),
            name: Set(value.to_owned()),
            ..Default::default()
        };
        drawer.insert(db).await?;
        for id in [2 * place, 2 * place + 1] {
            let label = label::ActiveModel {
                id: Set(id),
                drawer_id: Set(value.to_owned()),
                ..Default::default()
            };
            label.insert(db).await?;
        }
    }
    Ok(())
}

/// How many drawers and labels are active.
async fn active(db: &TestDb) -> TestResult<(u64, u64)> {
    let victim = Statement::from_string(db.backend(), "SELECT id FROM victim");
    db.query_all_raw(victim).await?;
    Ok((
        Drawer::find().count(db).await?,
        Label::find().count(db).await?,
    ))
}

support::on_every_backend! {
    async fn each_value_is_deleted_and_restored_alone(db: &TestDb) {
        drawers(db).await?;
        for value in HOSTILE {
            assert_eq!(Drawer::find_by_id(value).one(db).await?.expect("the drawer").name, value);
            let plan = Drawer::delete_by_id(value).plan(db).await?;
            let deletion = Drawer::delete_by_id(value).by(value).reason(value).exec(db).await?;
            assert_eq!(deletion.rows_affected, 1, "{value}");
            assert_eq!(plan.rows_by_table(), deletion.rows_by_table());
            assert_eq!(active(db).await?, (7, 14));

            let row = Drawer::only_deleted().one(db).await?.expect("the drawer");
            assert_eq!((row.id.as_str(), row.deleted_by.as_deref()), (value, Some(value)));
            assert_eq!(row.delete_reason.as_deref(), Some(value));
            assert_eq!(Drawer::deletion_roots().count(db).await?, 1);
            assert_eq!(Label::deletion_roots().count(db).await?, 0);
            let again = Drawer::delete_by_id(value).exec(db).await?;
            assert!(matches!(again.outcome(), Outcome::AlreadyDeleted { .. }), "{value}");

            assert!(Drawer::restore_by_id(value).plan(db).await?.is_allowed());
            Drawer::restore_by_name(value).exec(db).await?;
            assert_eq!(active(db).await?, (8, 16));
        }
        Drawer::delete_many().all().exec(db).await?.undo().exec(db).await?;
        assert_eq!(active(db).await?, (8, 16));
    }

    async fn conflicts_of_each_value_are_told_and_resolved(db: &TestDb) {
        drawers(db).await?;
        for value in HOSTILE {
            Drawer::delete_by_id(value).exec(db).await?;
            let holder = drawer::ActiveModel {
                id: Set("holder".to_owned()),
                name: Set(value.to_owned()),
                ..Default::default()
            };
            holder.insert(db).await?;

            let refused = Drawer::restore_by_id(value).exec(db).await.expect_err("the name is taken");
            let Error::Conflict(conflict) = refused else {
                panic!("{value}: {refused}");
            };
            assert_eq!(conflict.len(), 1);
            let renamed = ConflictPolicy::rename(|row| {
                row.values.iter().map(|value| format!("{} (2)", value.clone().unwrap::<String>()).into()).collect()
            });
            Drawer::restore_by_id(value).on_conflict(renamed).exec(db).await?;
            let row = Drawer::find_by_id(value).one(db).await?.expect("back");
            assert_eq!(row.name, format!("{value} (2)"));
            assert_eq!(Drawer::force_delete_by_id("holder").exec(db).await?.rows_affected, 1);
        }
        assert_eq!(active(db).await?, (8, 16));
    }

    async fn a_value_that_is_no_key_finds_nothing(db: &TestDb) {
        drawers(db).await?;
        for value in ["' OR '1' = '1", "\" OR \"1\" = \"1", "%", "_%"] {
            assert_eq!(Drawer::delete_by_id(value).exec(db).await?.outcome(), Outcome::NotFound);
            assert_eq!(Drawer::force_delete_by_id(value).exec(db).await?.rows_affected, 0);
            let restored = Drawer::restore_by_id(value).exec(db).await;
            assert!(matches!(restored, Err(Error::NotFound { .. })), "{restored:?}");
        }
        assert_eq!(active(db).await?, (8, 16));
    }

    async fn an_edit_finds_its_row(db: &TestDb) {
        drawers(db).await?;
        for value in HOSTILE {
            let mut drawer: drawer::ActiveModel = Drawer::find_by_id(value).one(db).await?.expect("the drawer").into();
            drawer.name = Set(format!("{value}!"));
            drawer.clone().update(db).await?;
            Drawer::delete_by_id(value).exec(db).await?;
            assert_eq!(drawer.update(db).await, Err(DbErr::RecordNotUpdated));
        }
        assert_eq!(active(db).await?, (0, 0));
    }
}

#[cfg(feature = "retention")]
support::on_every_backend! {
    async fn each_value_goes_through_the_archive(db: &TestDb) {
        use soft_delete::{Purge, Registry, archive::ArchiveTable};

        drawers(db).await?;
        let archive = ArchiveTable::new().name("archive\"; --`");
        archive.create(db).await?;
        let registry = Registry::global().of_group("hostile");
        for value in HOSTILE {
            let deletion = Drawer::delete_by_id(value).by(value).reason(value).exec(db).await?;
            let purge = Purge::new().registry(&registry).default_retention(std::time::Duration::ZERO);
            let report = purge.archive(archive.clone()).exec(db).await?;
            assert_eq!(report.rows_purged(), 3, "{value}");
            assert_eq!(Drawer::with_deleted().count(db).await?, 7);

            let back = archive.restore().deletion(deletion.id()).exec(db).await?;
            assert_eq!(back.rows_by_table().iter().map(|(_, rows)| rows).sum::<u64>(), 3, "{value}");
            let row = Drawer::only_deleted().one(db).await?.expect("the drawer");
            assert_eq!((row.id.as_str(), row.name.as_str()), (value, value));
            assert_eq!((row.deleted_by.as_deref(), row.delete_reason.as_deref()), (Some(value), Some(value)));
            soft_delete::Undo::deletion(deletion.id()).group("hostile").exec(db).await?;
            assert_eq!(active(db).await?, (8, 16));
        }
        for value in HOSTILE {
            Drawer::delete_by_id(value).exec(db).await?;
            let report = soft_delete::Erase::<Drawer>::by_id(value).archive(archive.clone()).exec(db).await?;
            assert_eq!(report.rows_erased(), 3, "{value}: {report:?}");
        }
        assert_eq!(active(db).await?, (0, 0));
        assert_eq!(Drawer::with_deleted().count(db).await?, 0);
    }
}
