//! A version that deletes and restores count up, and the row's that they may be told to expect.

mod account {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "v_account")]
    #[soft_delete(group = "v", touch(updated_at, seen = "millis"), version = "version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub name: String,
        pub updated_at: DateTimeUtc,
        pub seen: i64,
        pub version: i32,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(has_many)]
        pub orders: HasMany<super::order::Entity>,
        #[sea_orm(has_many)]
        pub visits: HasMany<super::visit::Entity>,
        #[sea_orm(has_many)]
        pub debts: HasMany<super::debt::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod order {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "v_order")]
    #[soft_delete(group = "v")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub account_id: i64,
        #[soft_delete(version)]
        pub lock: i64,
        #[soft_delete(flag)]
        pub gone: bool,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "account_id", to = "id", on_delete = "Cascade")]
        pub account: BelongsTo<super::account::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Its key is set to NULL, which does not count as a delete.
mod visit {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "v_visit")]
    #[soft_delete(group = "v")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub account_id: Option<i64>,
        #[soft_delete(version)]
        pub version: i16,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "account_id", to = "id", on_delete = "SetNull")]
        pub account: BelongsTo<Option<super::account::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod debt {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "v_debt")]
    #[soft_delete(group = "v")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub account_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        #[sea_orm(belongs_to, from = "account_id", to = "id", on_delete = "Restrict")]
        pub account: BelongsTo<super::account::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// As the orders, without a version.
mod plain {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "v_plain")]
    #[soft_delete(group = "v")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub account_id: i64,
        #[soft_delete(flag)]
        pub gone: bool,
        pub deletion_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Its time is a number that is too small for it.
mod short {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "v_short")]
    #[soft_delete(group = "v_short")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[soft_delete(touch = "millis")]
        pub changed: i32,
        pub deleted_at: Option<DateTimeUtc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use futures_util::future::join;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, DbErr, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, TransactionTrait as _,
};
use soft_delete::{Error, Outcome, Registry, schema::doctor};
use support::{Connection, Recorder, TestDb};

async fn create(db: &TestDb) -> Result<(), DbErr> {
    db.create_table(account::Entity).await?;
    db.create_table(order::Entity).await?;
    db.create_table(visit::Entity).await?;
    db.create_table(debt::Entity).await?;
    for id in 1..=2 {
        let account = account::ActiveModel {
            id: Set(id),
            name: Set("ada".to_owned()),
            updated_at: Set("2020-02-02T00:00:00Z".parse().expect("a time")),
            seen: Set(0),
            version: Set(7),
            ..Default::default()
        };
        account.insert(db).await?;
        let order = order::ActiveModel {
            id: Set(id),
            account_id: Set(id),
            lock: Set(1),
            gone: Set(false),
            deletion_id: Set(None),
        };
        order.insert(db).await?;
    }
    let visit = visit::ActiveModel {
        id: Set(1),
        account_id: Set(Some(1)),
        version: Set(3),
        deleted_at: Set(None),
    };
    visit.insert(db).await?;
    Ok(())
}

async fn owe(db: &TestDb) -> Result<(), DbErr> {
    let debt = debt::ActiveModel {
        id: Set(1),
        account_id: Set(1),
        deleted_at: Set(None),
    };
    debt.insert(db).await?;
    Ok(())
}

async fn accounts(db: &TestDb) -> Result<Vec<account::Model>, DbErr> {
    let mut accounts = account::Entity::with_deleted().all(db).await?;
    accounts.sort_by_key(|account| account.id);
    Ok(accounts)
}

/// The versions of the accounts and of the orders.
async fn versions(db: &TestDb) -> Result<(Vec<i32>, Vec<i64>), DbErr> {
    let mut orders = order::Entity::with_deleted().all(db).await?;
    orders.sort_by_key(|order| order.id);
    Ok((
        accounts(db).await?.iter().map(|row| row.version).collect(),
        orders.iter().map(|row| row.lock).collect(),
    ))
}

fn compare(name: &str, db: &TestDb, sent: &Recorder<Connection>) {
    let sql = sent.statements().join("\n");
    sent.clear();
    let backend = format!("{:?}", db.backend()).to_lowercase();
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("{name}.{backend}"), sql);
    });
}

macro_rules! assert_other_version {
    ($result:expr, $expected:expr, $found:expr) => {
        let error = $result
            .map(drop)
            .map_err(Error::from)
            .expect_err("another version");
        let Error::VersionMismatch {
            table,
            expected,
            found,
            ..
        } = &error
        else {
            panic!("{error:?}");
        };
        assert!(table.to_string().starts_with("v_"));
        assert_eq!(*expected, sea_orm::Value::from($expected), "{error}");
        assert_eq!(*found, sea_orm::Value::from($found), "{error}");
        assert!(error.to_string().contains("load it again"), "{error}");
        assert!(!error.is_retryable());
    };
}

on_backends_of_markers! {
    async fn each_row_that_is_taken_is_counted_up_by_one(db: &TestDb) {
        create(db).await?;
        let deletion = account::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(versions(db).await?, (vec![8, 7], vec![2, 1]));
        assert_eq!(visit::Entity::find().one(db).await?.expect("it is active").version, 3);
        account::Entity::delete_by_id(1).exec(db).await?;
        assert_eq!(versions(db).await?, (vec![8, 7], vec![2, 1]), "it was deleted already");
        deletion.undo().exec(db).await?;
        assert_eq!(versions(db).await?, (vec![9, 7], vec![3, 1]));
        account::Entity::delete_many().all().exec(db).await?;
        assert_eq!(versions(db).await?, (vec![10, 8], vec![4, 2]));
        account::Entity::restore_many().all().exec(db).await?;
        assert_eq!(versions(db).await?, (vec![11, 9], vec![5, 3]));
    }

    async fn all_columns_of_a_call_get_the_same_time(db: &TestDb) {
        create(db).await?;
        let deletion = account::Entity::delete_by_id(1).exec(db).await?;
        let account = accounts(db).await?.swap_remove(0);
        let (stored, exact) = (account.updated_at, deletion.deleted_at());
        assert!((stored - exact).num_milliseconds().abs() <= 1_000, "{stored} {exact}");
        assert_eq!(Some(stored), account.deleted_at);
        assert_eq!(account.seen, exact.timestamp_millis());
    }

    async fn a_delete_expects_the_version_that_was_seen(db: &TestDb) {
        create(db).await?;
        let before = accounts(db).await?;
        assert_other_version!(account::Entity::delete_by_id(1).expecting(6).exec(db).await, 6, 7);
        assert_other_version!(account::Entity::delete_by_id(1).expecting(6).plan(db).await, 6, 7);
        assert_other_version!(order::Entity::delete_by_id(1).expecting(2).exec(db).await, 2_i64, 1_i64);
        assert_eq!(accounts(db).await?, before);
        let plan = account::Entity::delete_by_id(1).expecting(7).plan(db).await?;
        assert_eq!(plan.rows_by_table(), [("v_account", 1), ("v_order", 1)]);

        let seen = before[0].clone();
        let deletion = account::Entity::delete(seen.into_active_model()).expecting(7).exec(db).await?;
        assert_eq!(deletion.rows_by_table(), [("v_account", 1), ("v_order", 1)]);
        assert_eq!(versions(db).await?, (vec![8, 7], vec![2, 1]));
        let leaf = order::Entity::delete_by_id(2).expecting(1).exec(db).await?;
        assert_eq!(leaf.outcome(), Outcome::Deleted);
        assert_eq!(versions(db).await?, (vec![8, 7], vec![2, 2]));
    }

    async fn a_row_that_was_deleted_since_has_another_version(db: &TestDb) {
        create(db).await?;
        account::Entity::delete_by_id(1).exec(db).await?;
        assert_other_version!(account::Entity::delete_by_id(1).expecting(7).exec(db).await, 7, 8);
        let again = account::Entity::delete_by_id(1).expecting(8).exec(db).await?;
        assert!(matches!(again.outcome(), Outcome::AlreadyDeleted { .. }));
        let none = account::Entity::delete_by_id(9).expecting(8).exec(db).await?;
        assert_eq!(none.outcome(), Outcome::NotFound);
        assert_eq!(versions(db).await?, (vec![8, 7], vec![2, 1]));
    }

    async fn a_restore_expects_the_version_that_was_seen(db: &TestDb) {
        create(db).await?;
        account::Entity::delete_by_id(1).exec(db).await?;
        let before = accounts(db).await?;
        assert_other_version!(account::Entity::restore_by_id(1).expecting(7).exec(db).await, 7, 8);
        assert_other_version!(account::Entity::restore_by_id(1).expecting(7).plan(db).await, 7, 8);
        assert_other_version!(account::Entity::restore_by_id(2).expecting(8).exec(db).await, 8, 7);
        assert_eq!(account::Entity::restore_by_id(2).expecting(7).exec(db).await?.rows_affected, 0);
        assert_eq!(accounts(db).await?, before);
        let none = account::Entity::restore_by_id(9).expecting(7).exec(db).await;
        assert!(matches!(none, Err(Error::NotFound { .. })), "{none:?}");
        let plan = account::Entity::restore_by_id(1).expecting(8).plan(db).await?;
        assert_eq!(plan.restoration.rows_affected, 1);
        let restored = account::Entity::restore_by_id(1).expecting(8).exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("v_account", 1), ("v_order", 1)]);
        assert_eq!(versions(db).await?, (vec![9, 7], vec![3, 1]));
    }

    async fn the_row_may_be_narrowed_further(db: &TestDb) {
        create(db).await?;
        let of = |name: &str| account::Column::Name.eq(name);
        assert_other_version!(account::Entity::delete_by_id(1).filter(of("ada")).expecting(6).exec(db).await, 6, 7);
        let none = account::Entity::delete_by_id(1).filter(of("bob")).expecting(6).exec(db).await?;
        assert_eq!(none.outcome(), Outcome::NotFound);
        assert_eq!(account::Entity::delete_by_id(1).filter(of("ada")).expecting(7).exec(db).await?.rows_affected, 1);
        assert_other_version!(account::Entity::restore_by_id(1).filter(of("ada")).expecting(7).exec(db).await, 7, 8);
        let none = account::Entity::restore_by_id(1).filter(of("bob")).expecting(7).exec(db).await;
        assert!(matches!(none, Err(Error::NotFound { .. })), "{none:?}");
        let restored = account::Entity::restore_by_id(1).filter(of("ada")).expecting(8).exec(db).await?;
        assert_eq!(restored.rows_affected, 1);
    }

    async fn many_rows_have_no_version_to_expect(db: &TestDb) {
        create(db).await?;
        let sent = db.recorder();
        let many = account::Entity::delete_many().filter(account::Column::Id.eq(1)).expecting(7).exec(&sent).await;
        let many = many.map_err(Error::from);
        assert!(matches!(many, Err(Error::NotOneRow { .. })), "{many:?}");
        let many = account::Entity::restore_many().all().expecting(7).exec(&sent).await;
        assert!(matches!(many, Err(Error::NotOneRow { .. })), "{many:?}");
        assert_eq!(sent.count(), 0);
    }

    async fn another_version_is_told_before_what_restricts(db: &TestDb) {
        create(db).await?;
        owe(db).await?;
        assert_other_version!(account::Entity::delete_by_id(1).expecting(6).exec(db).await, 6, 7);
        let refused = account::Entity::delete_by_id(1).expecting(7).exec(db).await.map_err(Error::from);
        assert!(matches!(refused, Err(Error::Restricted { .. })), "{refused:?}");
        assert_eq!(versions(db).await?, (vec![7, 7], vec![1, 1]));
    }

    async fn a_callers_transaction_goes_on_after_another_version(db: &TestDb) {
        create(db).await?;
        let transaction = db.begin().await?;
        account::Entity::delete_by_id(2).exec(&transaction).await?;
        assert_other_version!(account::Entity::delete_by_id(1).expecting(6).exec(&transaction).await, 6, 7);
        assert_other_version!(account::Entity::restore_by_id(2).expecting(7).exec(&transaction).await, 7, 8);
        account::Entity::delete_by_id(1).expecting(7).exec(&transaction).await?;
        transaction.commit().await?;
        assert_eq!(account::Entity::find().count(db).await?, 0);
    }

    async fn edits_may_write_both(db: &TestDb) {
        create(db).await?;
        let mut account = accounts(db).await?.swap_remove(0).into_active_model();
        account.version = Set(20);
        account.updated_at = Set("2021-01-01T00:00:00Z".parse()?);
        let account = account.update(db).await?;
        assert_eq!(account.version, 20);
        account::Entity::delete_by_id(1).expecting(20).exec(db).await?;
        assert_eq!(versions(db).await?.0, [21, 7]);
    }

    async fn a_time_that_a_number_can_not_hold_is_refused(db: &TestDb) {
        db.create_table(short::Entity).await?;
        let row = short::ActiveModel { id: Set(1), changed: Set(0), deleted_at: Set(None) };
        row.insert(db).await?;
        let refused = short::Entity::delete_by_id(1).exec(db).await.map_err(Error::from);
        assert!(matches!(&refused, Err(Error::UnstorableTime { column, .. }) if column == "changed"), "{refused:?}");
        let refused = short::Entity::restore_by_id(1).exec(db).await;
        assert!(matches!(refused, Err(Error::UnstorableTime { .. })), "{refused:?}");
        assert_eq!(short::Entity::find().count(db).await?, 1);
    }

    async fn the_sql_of_a_delete_and_a_restore(db: &TestDb) {
        create(db).await?;
        let sent = db.recorder();
        account::Entity::delete_by_id(1).expecting(7).exec(&sent).await?;
        compare("version_delete", db, &sent);
        account::Entity::restore_by_id(1).expecting(8).exec(&sent).await?;
        compare("version_restore", db, &sent);
    }

    async fn they_cost_no_statement(db: &TestDb) {
        create(db).await?;
        db.create_table(plain::Entity).await?;
        let row = plain::ActiveModel { id: Set(1), account_id: Set(1), gone: Set(false), deletion_id: Set(None) };
        row.insert(db).await?;
        let sent = db.recorder();
        plain::Entity::delete_by_id(1).exec(&sent).await?;
        let delete = sent.count();
        order::Entity::delete_by_id(1).expecting(1).exec(&sent).await?;
        assert_eq!(sent.count(), 2 * delete);
    }

    async fn the_doctor_misses_the_columns(db: &TestDb) {
        use sea_orm::ConnectionTrait as _;
        create(db).await?;
        let registry = Registry::builder().entity::<account::Entity>().build();
        let missing = async || {
            let report = doctor::examine(&registry, db).await?;
            let findings = report.findings().iter();
            let missing = findings.filter(|finding| finding.check() == doctor::Check::MissingColumn);
            Ok::<_, Error>(missing.map(|finding| finding.problem().to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(missing().await?, [""; 0]);
        db.execute_unprepared("ALTER TABLE v_account DROP COLUMN version").await?;
        db.execute_unprepared("ALTER TABLE v_account DROP COLUMN seen").await?;
        let missing = missing().await?;
        assert_eq!(missing.len(), 2, "{missing:?}");
        assert!(missing.iter().any(|problem| problem.contains("`version`")), "{missing:?}");
    }
}

support::on_servers! {
    async fn of_two_that_saw_the_same_version_one_deletes(db: &TestDb) {
        create(db).await?;
        for (version, _) in (7..).step_by(2).zip(0..10) {
            let delete = || account::Entity::delete_by_id(1).expecting(version).exec(db);
            let (one, other) = join(delete(), delete()).await;
            let done = [one, other].map(|result| result.map_err(Error::from));
            let deleted = done.iter().filter(|done| done.is_ok()).count();
            assert_eq!(deleted, 1, "{done:?}");
            assert!(done.iter().any(|done| matches!(done, Err(Error::VersionMismatch { .. }))), "{done:?}");

            let version = version + 1;
            let restore = || account::Entity::restore_by_id(1).expecting(version).exec(db);
            let (one, other) = join(restore(), restore()).await;
            let done = [one, other];
            let restored = done.iter().filter(|done| done.is_ok()).count();
            assert_eq!(restored, 1, "{done:?}");
            assert!(done.iter().any(|done| matches!(done, Err(Error::VersionMismatch { .. }))), "{done:?}");
        }
    }
}
