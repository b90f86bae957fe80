//! Inserts that bring a deleted row back instead.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait as _,
    EntityTrait as _, PaginatorTrait as _, QueryFilter as _, SqlErr, TransactionTrait as _,
};
use soft_delete::{Error, InsertOrRestoreManyResult};

use support::{
    TestDb, create_table,
    domain::{self, tag, task, task_tag},
};

/// Accounts, with what belongs to them. Hooks of SeaORM write into the name.
mod account {
    use sea_orm::{ActiveValue::Set, entity::prelude::*};
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "account")]
    #[soft_delete(group = "accounts")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[soft_delete(unique)]
        pub email: String,
        #[soft_delete(unique)]
        pub handle: Option<String>,
        pub name: String,
        #[sea_orm(default_value = 7)]
        pub points: i32,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        pub deleted_by: Option<i64>,
        pub delete_reason: Option<String>,
        #[sea_orm(has_many)]
        pub notes: HasMany<super::note::Entity>,
    }

    #[async_trait::async_trait]
    impl ActiveModelBehavior for ActiveModel {
        async fn before_save<C>(mut self, _: &C, insert: bool) -> Result<Self, DbErr>
        where
            C: ConnectionTrait,
        {
            if self.name.as_ref() == "nobody" {
                return Err(DbErr::Custom("nobody has no account".to_owned()));
            }
            self.name = Set(format!("{} {insert}", self.name.as_ref()));
            Ok(self)
        }

        async fn after_save<C>(model: Model, _: &C, _: bool) -> Result<Model, DbErr>
        where
            C: ConnectionTrait,
        {
            match model.name.starts_with("late") {
                true => Err(DbErr::Custom("too late".to_owned())),
                false => Ok(model),
            }
        }
    }
}

mod note {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "note")]
    #[soft_delete(group = "accounts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub account_id: i64,
        pub text: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "account_id", to = "id", on_delete = "Cascade")]
        pub account: BelongsTo<super::account::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Codes that are equal in any case, where the database compares so.
mod coupon {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "coupon")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Char(Some(8))")]
        pub code: String,
        #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
        #[soft_delete(unique)]
        pub price: Option<Decimal>,
        pub uses: i32,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn link(task: &task::Model, tag: &tag::Model) -> task_tag::ActiveModel {
    task_tag::ActiveModel {
        task_id: Set(task.id),
        tag_id: Set(tag.id),
        ..Default::default()
    }
}

fn account(email: &str, name: &str) -> account::ActiveModel {
    account::ActiveModel {
        email: Set(email.to_owned()),
        name: Set(name.to_owned()),
        ..Default::default()
    }
}

async fn accounts(db: &TestDb) -> Result<(), sea_orm::DbErr> {
    create_table(db, account::Entity).await?;
    create_table(db, note::Entity).await
}

async fn tagged(db: &TestDb) -> Result<(task::Model, tag::Model), sea_orm::DbErr> {
    domain::create(db).await?;
    let workspace = domain::workspace(db, "acme").await?;
    let project = domain::project(db, &workspace, "site").await?;
    let task = domain::task(db, &project, "paint").await?;
    let tag = domain::tag(db, "red").await?;
    domain::task_tag(db, &task, &tag).await?;
    Ok((task, tag))
}

fn is_unique_violation(error: &Error) -> bool {
    matches!(error, Error::Db(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))))
}

support::on_every_backend! {
    async fn a_deleted_link_that_is_added_again_comes_back(db: &TestDb) {
        let (task, tag) = tagged(db).await?;
        task_tag::Entity::delete_by_id((task.id, tag.id)).exec(db).await?;

        let added = task_tag::Entity::insert_or_restore(link(&task, &tag)).exec(db).await?;
        assert!(added.is_restored());
        assert!(!added.model.is_deleted());
        assert_eq!(added.model.deletion_id, None);
        assert_eq!(added.restoration.expect("it is restored").rows_by_table(), &[("task_tag", 1)]);
        assert_eq!(task_tag::Entity::find().count(db).await?, 1);
        assert_eq!(task_tag::Entity::with_deleted().count(db).await?, 1);
    }

    async fn a_link_that_never_was_is_inserted(db: &TestDb) {
        let (task, _) = tagged(db).await?;
        let other = domain::tag(db, "blue").await?;
        let added = task_tag::Entity::insert_or_restore(link(&task, &other)).exec(db).await?;
        assert!(!added.is_restored());
        assert_eq!((added.model.task_id, added.model.tag_id), (task.id, other.id));
    }

    async fn an_active_link_is_a_unique_violation_as_of_an_insert(db: &TestDb) {
        let (task, tag) = tagged(db).await?;
        let refused = task_tag::Entity::insert_or_restore(link(&task, &tag)).exec(db).await.expect_err("it is there");
        assert!(is_unique_violation(&refused), "{refused:?}");
        let refused = task_tag::Entity::insert_or_restore_many([link(&task, &tag)]).exec(db).await.expect_err("it is there");
        assert!(is_unique_violation(&refused), "{refused:?}");
    }

    async fn links_are_inserted_and_restored_together(db: &TestDb) {
        let (task, tag) = tagged(db).await?;
        let others = [domain::tag(db, "blue").await?, domain::tag(db, "green").await?];
        domain::task_tag(db, &task, &others[0]).await?;
        task_tag::Entity::delete_many().all().exec(db).await?;

        let links = [link(&task, &tag), link(&task, &others[1]), link(&task, &others[0])];
        let plan = task_tag::Entity::insert_or_restore_many(links.clone()).plan(db).await?;
        assert_eq!((plan.inserted, plan.restore.restoration.rows_affected), (1, 2));
        assert!(plan.restore.is_allowed());
        assert_eq!(task_tag::Entity::find().count(db).await?, 0, "a plan writes nothing");

        let done = task_tag::Entity::insert_or_restore_many(links).exec(db).await?;
        assert_eq!(done.inserted, 1);
        assert_eq!(done.restoration.rows_by_table(), &[("task_tag", 2)]);
        assert_eq!(task_tag::Entity::find().count(db).await?, 3);
    }

    async fn no_rows_are_nothing_to_do(db: &TestDb) {
        domain::create(db).await?;
        let none: [task_tag::ActiveModel; 0] = [];
        let done = task_tag::Entity::insert_or_restore_many(none).exec(db).await?;
        assert_eq!(done, InsertOrRestoreManyResult::default());
    }

    async fn a_link_does_not_come_back_below_a_deleted_parent(db: &TestDb) {
        let (task, tag) = tagged(db).await?;
        task_tag::Entity::delete_by_id((task.id, tag.id)).exec(db).await?;
        tag::Entity::delete_by_id(tag.id).exec(db).await?;

        let refused = task_tag::Entity::insert_or_restore(link(&task, &tag)).exec(db).await.expect_err("the tag is deleted");
        let Error::ParentDeleted { parents, .. } = &refused else { panic!("{refused:?}") };
        assert_eq!(parents.len(), 1);
        assert_eq!(parents[0].parent_table.name, "tag");
        assert_eq!(task_tag::Entity::find().count(db).await?, 0);
        let plan = task_tag::Entity::insert_or_restore(link(&task, &tag)).plan(db).await?;
        assert!(!plan.restore.is_allowed());

        let added = task_tag::Entity::insert_or_restore(link(&task, &tag)).with_parents().exec(db).await?;
        assert_eq!(added.restoration.expect("restored").rows_by_table(), &[("tag", 1), ("task_tag", 1)]);
        assert_eq!(tag::Entity::find().count(db).await?, 1);
    }

    async fn an_account_comes_back_by_its_e_mail_with_its_own_key_and_new_values(db: &TestDb) {
        accounts(db).await?;
        let first = account("ann@example.org", "Ann").insert(db).await?;
        account::Entity::delete_by_id(first.id).by(3).reason("left").exec(db).await?;

        let again = account::ActiveModel { points: Set(1), ..account("ann@example.org", "Ann Lee") };
        let again = account::Entity::insert_or_restore(again).exec(db).await?;
        assert!(again.is_restored());
        assert_eq!(again.model.id, first.id);
        assert_eq!((&*again.model.name, again.model.points), ("Ann Lee", 1), "as given: SeaORM's hooks are the active model's");
        assert_eq!((again.model.deleted_by, again.model.delete_reason), (None, None));
        assert_eq!(account::Entity::with_deleted().count(db).await?, 1);
    }

    async fn what_is_not_set_stays_as_the_deleted_row_has_it_and_takes_its_default_in_a_new_one(db: &TestDb) {
        accounts(db).await?;
        let first = account::ActiveModel { points: Set(70), ..account("ann@example.org", "Ann") }.insert(db).await?;
        account::Entity::delete_by_id(first.id).exec(db).await?;
        let models = [account("ann@example.org", "Ann"), account("bob@example.org", "Bob")];
        let done = account::Entity::insert_or_restore_many(models).exec(db).await?;
        assert_eq!((done.inserted, done.restoration.rows_affected), (1, 1));
        let points = "SELECT CAST(points AS decimal(9)) AS p, points AS id FROM account ORDER BY email";
        let points = ids_of(db, points).await?;
        assert_eq!(points, [70, 7]);
    }

    async fn of_several_deleted_rows_with_a_value_the_last_deleted_comes_back(db: &TestDb) {
        accounts(db).await?;
        let mut last = 0;
        for name in ["first", "second", "third"] {
            let model = account("ann@example.org", name).insert(db).await?;
            account::Entity::delete_by_id(model.id).exec(db).await?;
            last = model.id;
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        // The last by its key was deleted long ago.
        let old = account("ann@example.org", "old").insert(db).await?;
        let long_ago = "2020-01-01T00:00:00Z".parse::<sea_orm::prelude::DateTimeUtc>().expect("a time");
        account::Entity::delete_by_id(old.id).at(long_ago).exec(db).await?;
        let again = account::Entity::insert_or_restore(account("ann@example.org", "again")).exec(db).await?;
        assert_eq!(again.model.id, last);
        assert_eq!(account::Entity::only_deleted().count(db).await?, 3);
    }

    async fn a_value_that_an_active_row_has_is_a_unique_violation_or_a_conflict(db: &TestDb) {
        accounts(db).await?;
        unique_index(db, "email").await?;
        unique_index(db, "handle").await?;
        let deleted = account("ann@example.org", "Ann").insert(db).await?;
        account::Entity::delete_by_id(deleted.id).exec(db).await?;
        let active = account::ActiveModel { handle: Set(Some("ann".to_owned())), ..account("ann@example.org", "Ann") };
        active.insert(db).await?;

        // As an INSERT has it: by the value that is looked for.
        let refused = account::Entity::insert_or_restore(account("ann@example.org", "Ann")).exec(db).await.expect_err("taken");
        assert!(is_unique_violation(&refused), "{refused:?}");
        // As a restore has it: by another one of the row that would come back.
        let other = account("bob@example.org", "Bob").insert(db).await?;
        account::Entity::delete_by_id(other.id).exec(db).await?;
        let again = account::ActiveModel { handle: Set(Some("ann".to_owned())), ..account("bob@example.org", "Bob B") };
        let refused = account::Entity::insert_or_restore(again.clone()).by([account::Column::Email]).exec(db).await.expect_err("taken");
        let Error::Conflict(conflict) = &refused else { panic!("{refused:?}") };
        assert_eq!(conflict.iter().map(|row| &*row.unique).collect::<Vec<_>>(), ["handle"]);
        let plan = account::Entity::insert_or_restore(again).plan(db).await?;
        assert!(!plan.restore.is_allowed());
        let names = account::Entity::only_deleted().filter(account::Column::Name.starts_with("Bob B")).count(db).await?;
        assert_eq!(names, 0, "nothing was written");
    }

    async fn a_key_comes_before_a_unique_value_unless_asked_by_that(db: &TestDb) {
        accounts(db).await?;
        let by_key = account("ann@example.org", "by key").insert(db).await?;
        let by_email = account("bob@example.org", "by e-mail").insert(db).await?;
        account::Entity::delete_many().all().exec(db).await?;
        let model = account::ActiveModel { id: Set(by_key.id), ..account("bob@example.org", "again") };

        let plan = account::Entity::insert_or_restore(model.clone()).by([account::Column::Email]).plan(db).await?;
        assert_eq!(plan.restore.restoration.rows_affected, 1);
        let again = account::Entity::insert_or_restore(model.clone()).by([account::Column::Email]).exec(db).await?;
        assert_eq!(again.model.id, by_email.id);
        account::Entity::delete_by_id(by_email.id).exec(db).await?;
        let again = account::Entity::insert_or_restore(model).exec(db).await?;
        assert_eq!((again.model.id, &*again.model.email), (by_key.id, "bob@example.org"));
    }

    async fn other_columns_than_those_of_a_key_are_refused(db: &TestDb) {
        let refused = account::Entity::insert_or_restore(account("ann@example.org", "Ann"))
            .by([account::Column::Name])
            .exec(db)
            .await
            .expect_err("names are not unique");
        assert!(matches!(refused, Error::NotUnique { .. }), "{refused:?}");
    }

    async fn what_was_deleted_along_with_a_row_stays_so_unless_asked_for(db: &TestDb) {
        accounts(db).await?;
        let ann = account("ann@example.org", "Ann").insert(db).await?;
        let text = |id: i64| note::ActiveModel { id: Set(id), account_id: Set(ann.id), text: Set("secret".to_owned()), ..Default::default() };
        text(1).insert(db).await?;
        text(2).insert(db).await?;
        note::Entity::delete_by_id(2).exec(db).await?;
        account::Entity::delete_by_id(ann.id).exec(db).await?;

        let again = account::Entity::insert_or_restore(account("ann@example.org", "Ann")).exec(db).await?;
        assert_eq!(again.restoration.expect("restored").rows_by_table(), &[("account", 1)]);
        assert_eq!(note::Entity::find().count(db).await?, 0);
        let roots = note::Entity::deletion_roots().count(db).await?;
        assert_eq!(roots, 2, "each can be restored on its own");

        note::Entity::restore_by_id(1).exec(db).await?;
        account::Entity::delete_by_id(ann.id).exec(db).await?;
        let again = account::Entity::insert_or_restore(account("ann@example.org", "Ann")).with_children().exec(db).await?;
        assert_eq!(again.restoration.expect("restored").rows_by_table(), &[("account", 1), ("note", 1)]);
        assert_eq!(note::Entity::find().count(db).await?, 1);
    }

    async fn hooks_of_seaorm_run_for_an_active_model_and_their_errors_undo_all(db: &TestDb) {
        accounts(db).await?;
        let ann = account("ann@example.org", "Ann").insert_or_restore(db).await?;
        assert_eq!(ann.name, "Ann true");
        account::Entity::delete_by_id(ann.id).exec(db).await?;
        for name in ["nobody", "late"] {
            let refused = account("ann@example.org", name).insert_or_restore(db).await;
            assert!(refused.is_err(), "{name}");
            assert_eq!(account::Entity::find().count(db).await?, 0);
            let kept = account::Entity::only_deleted().filter(account::Column::Name.eq("Ann true")).count(db).await?;
            assert_eq!(kept, 1, "{name}");
        }
        let again = account("ann@example.org", "Ann Lee").insert_or_restore(db).await?;
        assert_eq!((again.id, &*again.name), (ann.id, "Ann Lee true"));
    }

    async fn it_is_part_of_a_transaction_of_the_caller(db: &TestDb) {
        let (task, tag) = tagged(db).await?;
        task_tag::Entity::delete_by_id((task.id, tag.id)).exec(db).await?;
        let transaction = db.begin().await?;
        task_tag::Entity::insert_or_restore(link(&task, &tag)).exec(&transaction).await?;
        // After an error the caller's transaction goes on.
        task_tag::Entity::insert_or_restore(link(&task, &tag)).exec(&transaction).await.expect_err("it is active by now");
        assert_eq!(task_tag::Entity::find().count(&transaction).await?, 1);
        transaction.rollback().await?;
        assert_eq!(task_tag::Entity::find().count(db).await?, 0);
    }

    async fn two_models_of_one_row_are_a_unique_violation_and_nothing_is_written(db: &TestDb) {
        let (task, tag) = tagged(db).await?;
        task_tag::Entity::delete_by_id((task.id, tag.id)).exec(db).await?;
        let links = [link(&task, &tag), link(&task, &tag)];
        let refused = task_tag::Entity::insert_or_restore_many(links).exec(db).await.expect_err("twice");
        assert!(is_unique_violation(&refused), "{refused:?}");
        assert_eq!(task_tag::Entity::find().count(db).await?, 0);
    }

    async fn a_model_of_a_deleted_row_makes_it_active(db: &TestDb) {
        accounts(db).await?;
        let ann = account("ann@example.org", "Ann").insert(db).await?;
        account::Entity::delete_by_id(ann.id).by(3).exec(db).await?;
        let deleted = account::Entity::only_deleted().one(db).await?.expect("she is deleted");
        let again = account::Entity::insert_or_restore(account::ActiveModel::from(deleted).reset_all()).exec(db).await?;
        assert_eq!((again.model.is_deleted(), again.model.deleted_by, again.model.deletion_id), (false, None, None));
    }

    async fn the_database_says_which_keys_and_values_are_equal(db: &TestDb) {
        create_table(db, coupon::Entity).await?;
        let coupon = |code: &str, price: &str, uses: i32| coupon::ActiveModel {
            code: Set(code.to_owned()),
            price: Set(Some(price.parse().expect("a number"))),
            uses: Set(uses),
            ..Default::default()
        };
        coupon::Entity::insert_many([coupon("ab", "1.50", 1), coupon("cd", "2.50", 2), coupon("ef", "3.50", 3)])
            .exec_without_returning(db)
            .await?;
        coupon::Entity::delete_many().all().exec(db).await?;
        // Padded with blanks on PostgreSQL; decimals with other digits; in another case on MariaDB and MySQL.
        let again = coupon::Entity::insert_or_restore_many([coupon("ef", "9", 30), coupon("ab", "8", 10)]).exec(db).await?;
        assert_eq!((again.inserted, again.restoration.rows_affected), (0, 2));
        let again = coupon::Entity::insert_or_restore(coupon("zz", "2.5", 20)).by([coupon::Column::Price]).exec(db).await?;
        assert_eq!(again.model.code.trim_end(), "cd");
        let uses = ids_of(db, "SELECT uses AS id FROM coupon ORDER BY code").await?;
        assert_eq!(uses, [10, 20, 30], "each row has the values of its own model");
        if db.backend() == sea_orm::DbBackend::MySql {
            coupon::Entity::delete_many().all().exec(db).await?;
            let again = coupon::Entity::insert_or_restore_many([coupon("CD", "4", 4), coupon("AB", "5", 5)]).exec(db).await?;
            assert_eq!((again.inserted, again.restoration.rows_affected), (0, 2));
            let uses = ids_of(db, "SELECT uses AS id FROM coupon ORDER BY code").await?;
            assert_eq!(uses[..2], [5, 4]);
        }
    }

    async fn statements_do_not_grow_with_rows(db: &TestDb) {
        let (task, _) = tagged(db).await?;
        let mut counts = Vec::new();
        for (from, until) in [(100, 104), (200, 280)] {
            let tags = (from..until).map(|id| tag::ActiveModel { id: Set(id), name: Set(format!("tag {id}")), ..Default::default() });
            tag::Entity::insert_many(tags).exec_without_returning(db).await?;
            let half = (from + until) / 2;
            let links = |until: i64| (from..until).map(|id| task_tag::ActiveModel { task_id: Set(task.id), tag_id: Set(id), ..Default::default() });
            task_tag::Entity::insert_many(links(half)).exec_without_returning(db).await?;
            task_tag::Entity::delete_many().filter(task_tag::Column::TagId.gte(from)).exec(db).await?;
            let recorder = db.recorder();
            let done = task_tag::Entity::insert_or_restore_many(links(until)).exec(db).await?;
            assert_eq!((done.inserted, done.restoration.rows_affected), ((until - half) as u64, (half - from) as u64));
            counts.push(recorder.statements().len());
        }
        assert_eq!(counts[0], counts[1]);
    }
}

support::on_servers! {
    /// One of them restores or inserts, the other fails with a unique violation or may be tried again.
    async fn two_calls_at_once_end_with_one_active_row(db: &TestDb) {
        let (task, tag) = tagged(db).await?;
        for round in 0..20 {
            match round % 2 {
                0 => { task_tag::Entity::delete_many().all().exec(db).await?; }
                _ => { db.execute_unprepared("DELETE FROM task_tag").await?; }
            }
            let call = || task_tag::Entity::insert_or_restore(link(&task, &tag)).exec(db);
            let (one, other) = tokio::join!(call(), call());
            let (done, failed): (Vec<_>, Vec<_>) = [one, other].into_iter().partition(Result::is_ok);
            assert_eq!(task_tag::Entity::find().count(db).await?, 1, "{done:?} {failed:?}");
            assert_eq!(done.len(), 1);
            for error in failed.into_iter().filter_map(Result::err) {
                assert!(is_unique_violation(&error) || error.is_retryable(), "{error:?}");
            }
        }
    }
}

/// An index as `SchemaSync` makes it.
async fn unique_index(db: &TestDb, column: &str) -> Result<(), Error> {
    soft_delete::schema::UniqueActiveIndex::of::<account::Entity>()
        .col(column.to_owned())
        .create(db)
        .await
        .map(|_| ())
}

async fn ids_of(db: &TestDb, sql: &str) -> Result<Vec<i64>, sea_orm::DbErr> {
    let query = sea_orm::Statement::from_string(db.backend(), sql);
    let rows = db.query_all_raw(query).await?;
    rows.iter()
        .map(|row| row.try_get::<i32>("", "id").map(i64::from))
        .collect()
}
