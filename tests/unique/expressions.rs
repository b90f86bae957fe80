//! Unique by an expression, or under a condition.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ConnectionTrait as _, DbBackend, PaginatorTrait as _,
};
use soft_delete::{
    ConflictPolicy, Error, Registry,
    schema::{
        SchemaError, SchemaSync, UniqueActiveIndex,
        doctor::{self, Check},
    },
};

use support::{TestDb, create_table};

/// An account whose e-mail counts in any case, within its tenant.
mod account {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "account")]
    #[soft_delete(
        group = "accounts_by_expression",
        unique(tenant_id, email = "lower(email)")
    )]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub tenant_id: i64,
        #[sea_orm(column_type = "String(StringLen::N(60))")]
        pub email: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Of an owner's addresses one is the default.
mod address {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "address")]
    #[soft_delete(
        group = "addresses",
        unique(owner_id, where = "is_default AND kind <> 'old ? $1'")
    )]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub owner_id: i64,
        pub is_default: bool,
        pub kind: String,
        #[soft_delete(flag)]
        pub is_deleted: bool,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

async fn accounts(db: &TestDb) -> Result<(), Error> {
    create_table(db, account::Entity).await?;
    SchemaSync::of::<account::Entity>().exec(db).await?;
    Ok(())
}

async fn addresses(db: &TestDb) -> Result<(), Error> {
    create_table(db, address::Entity).await?;
    SchemaSync::of::<address::Entity>().exec(db).await?;
    Ok(())
}

fn account(tenant_id: i64, email: &str) -> account::ActiveModel {
    account::ActiveModel {
        tenant_id: Set(tenant_id),
        email: Set(email.to_owned()),
        ..Default::default()
    }
}

fn address(owner_id: i64, is_default: bool) -> address::ActiveModel {
    address::ActiveModel {
        owner_id: Set(owner_id),
        is_default: Set(is_default),
        kind: Set("home".to_owned()),
        is_deleted: Set(false),
        ..Default::default()
    }
}

async fn findings(db: &TestDb, registry: &Registry) -> Result<Vec<Check>, Error> {
    let report = doctor::examine(registry, db).await?;
    Ok(report
        .findings()
        .iter()
        .map(|finding| finding.check())
        .collect())
}

fn of_account() -> Registry {
    Registry::builder().entity::<account::Entity>().build()
}

fn of_address() -> Registry {
    Registry::builder().entity::<address::Entity>().build()
}

support::on_every_backend! {
    async fn an_index_by_an_expression_is_created_and_recognised(db: &TestDb) {
        create_table(db, account::Entity).await?;
        assert!(findings(db, &of_account()).await?.contains(&Check::MissingUnique));
        SchemaSync::of::<account::Entity>().exec(db).await?;
        assert!(!findings(db, &of_account()).await?.contains(&Check::MissingUnique));
        assert!(!findings(db, &of_account()).await?.contains(&Check::UndeclaredUnique));
        assert!(SchemaSync::of::<account::Entity>().exec(db).await?.is_empty(), "there is nothing more to do");

        let ann = account(1, "Ann@example.org").insert(db).await?;
        account(1, "ann@EXAMPLE.org").insert(db).await.expect_err("the same in another case");
        account(2, "ann@EXAMPLE.org").insert(db).await?;
        account::Entity::delete_by_id(ann.id).exec(db).await?;
        account(1, "ann@EXAMPLE.org").insert(db).await?;
    }

    async fn a_restore_finds_a_conflict_by_an_expression(db: &TestDb) {
        accounts(db).await?;
        let ann = account(1, "Ann@example.org").insert(db).await?;
        account::Entity::delete_by_id(ann.id).exec(db).await?;
        let holder = account(1, "ann@example.org").insert(db).await?;
        account(2, "ann@example.org").insert(db).await?;

        let refused = account::Entity::restore_by_id(ann.id).exec(db).await.expect_err("the e-mail is taken");
        let Error::Conflict(conflict) = &refused else { panic!("{refused:?}") };
        let row = conflict.iter().next().expect("a row");
        assert_eq!((conflict.len(), &*row.unique), (1, "tenant_id_email"));
        assert_eq!(row.columns, ["tenant_id", "email"]);
        assert_eq!(row.holder, [holder.id.into()]);

        let skipped = account::Entity::restore_by_id(ann.id).on_conflict(ConflictPolicy::Skip).exec(db).await?;
        assert_eq!(skipped.rows_affected, 0);
        let rename = ConflictPolicy::rename(|row| vec![row.values[0].clone(), "ANN2@example.org".into()]);
        let renamed = account::Entity::restore_by_id(ann.id).on_conflict(rename).exec(db).await?;
        assert_eq!(renamed.rows_affected, 1);
        account::Entity::delete_by_id(ann.id).exec(db).await?;
        let ann = account::ActiveModel { id: Set(ann.id), ..account(1, "ANN@example.org") };
        account::Entity::insert_or_restore(ann).by([]).exec(db).await.expect_err("no columns are no key");
        let replaced = account::Entity::restore_many().all().on_conflict(ConflictPolicy::Replace).exec(db).await?;
        assert_eq!(replaced.rows_affected, 1);
    }

    async fn restored_rows_that_share_a_value_of_an_expression_are_a_conflict(db: &TestDb) {
        accounts(db).await?;
        for email in ["Ann@example.org", "ANN@example.org"] {
            let ann = account(1, email).insert(db).await?;
            account::Entity::delete_by_id(ann.id).exec(db).await?;
        }
        let refused = account::Entity::restore_many().all().exec(db).await.expect_err("they are the same");
        let Error::Conflict(conflict) = &refused else { panic!("{refused:?}") };
        assert_eq!(conflict.len(), 1);
        assert!(!conflict.iter().next().expect("a row").holder_is_active);
        assert_eq!(account::Entity::find().count(db).await?, 0);
    }

    async fn a_row_is_inserted_or_restored_by_an_expression(db: &TestDb) {
        accounts(db).await?;
        let ann = account(1, "Ann@example.org").insert(db).await?;
        account::Entity::delete_by_id(ann.id).exec(db).await?;
        let again = account::Entity::insert_or_restore_many([account(2, "ANN@example.org"), account(1, "ANN@example.org")]).exec(db).await?;
        assert_eq!((again.inserted, again.restoration.rows_affected), (1, 1));
        let ann = account::Entity::find_by_id(ann.id).one(db).await?.expect("she is back");
        assert_eq!(ann.email, "ANN@example.org");
        account::Entity::insert_or_restore(account(1, "aNN@example.org")).exec(db).await.expect_err("she is active");
    }

    async fn an_index_under_a_condition_is_created_and_recognised(db: &TestDb) {
        create_table(db, address::Entity).await?;
        assert!(findings(db, &of_address()).await?.contains(&Check::MissingUnique));
        SchemaSync::of::<address::Entity>().exec(db).await?;
        let found = findings(db, &of_address()).await?;
        assert!(!found.contains(&Check::MissingUnique) && !found.contains(&Check::UndeclaredUnique), "{found:?}");
        assert!(SchemaSync::of::<address::Entity>().exec(db).await?.is_empty(), "there is nothing more to do");

        let first = address(1, true).insert(db).await?;
        address(1, false).insert(db).await?;
        address(1, false).insert(db).await?;
        address(2, true).insert(db).await?;
        address(1, true).insert(db).await.expect_err("a second default");
        let old = address::ActiveModel { kind: Set("old ? $1".to_owned()), ..address(1, true) };
        old.insert(db).await?;
        address::Entity::delete_by_id(first.id).exec(db).await?;
        address(1, true).insert(db).await?;
    }

    async fn a_restore_finds_conflicts_among_the_rows_of_the_condition_only(db: &TestDb) {
        addresses(db).await?;
        let (first, other) = (address(1, true).insert(db).await?, address(1, false).insert(db).await?);
        address::Entity::delete_many().all().exec(db).await?;
        address(1, true).insert(db).await?;
        assert_eq!(address::Entity::restore_by_id(other.id).exec(db).await?.rows_affected, 1);
        let refused = address::Entity::restore_by_id(first.id).exec(db).await.expect_err("there is a default");
        assert!(matches!(&refused, Error::Conflict(conflict) if conflict.len() == 1), "{refused:?}");
        let plan = address::Entity::restore_many().all().plan(db).await?;
        assert_eq!(plan.conflict.len(), 1);
        let replaced = address::Entity::restore_by_id(first.id).on_conflict(ConflictPolicy::Replace).exec(db).await?;
        assert_eq!((replaced.rows_affected, replaced.replaced.len()), (1, 1));
    }

    async fn two_rows_of_one_restore_collide_under_the_condition_only(db: &TestDb) {
        addresses(db).await?;
        address(1, false).insert(db).await?;
        address(1, false).insert(db).await?;
        let first = address(1, true).insert(db).await?;
        address::Entity::delete_by_id(first.id).exec(db).await?;
        address(1, true).insert(db).await?;
        address::Entity::delete_many().all().exec(db).await?;
        let refused = address::Entity::restore_many().all().exec(db).await.expect_err("two defaults");
        assert!(matches!(&refused, Error::Conflict(conflict) if conflict.len() == 1), "{refused:?}");
        let restored = address::Entity::restore_many().all().on_conflict(ConflictPolicy::Skip).exec(db).await?;
        assert_eq!(restored.rows_affected, 3);
    }

    async fn duplicates_are_found_before_the_index_is_created(db: &TestDb) {
        create_table(db, account::Entity).await?;
        account(1, "Ann@example.org").insert(db).await?;
        account(1, "ANN@example.org").insert(db).await?;
        let refused = SchemaSync::of::<account::Entity>().exec(db).await.expect_err("two of one");
        assert!(matches!(&refused, Error::Schema(SchemaError::Duplicates { .. })), "{refused:?}");
        assert!(findings(db, &of_account()).await?.contains(&Check::Collisions));
    }

    async fn an_index_is_dropped_with_all_that_it_needed(db: &TestDb) {
        create_table(db, account::Entity).await?;
        let index = UniqueActiveIndex::of::<account::Entity>().col("tenant_id").expression("lower(email)").filter("tenant_id > 0");
        assert!(!index.create(db).await?.is_empty());
        assert!(index.create(db).await?.is_empty());
        assert!(findings(db, &of_account()).await?.contains(&Check::MissingUnique), "under a condition it is another one");
        assert!(!index.drop(db).await?.is_empty());
        assert!(index.drop(db).await?.is_empty());
        account(1, "Ann@example.org").insert(db).await?;
        account(1, "ANN@example.org").insert(db).await?;
    }

    async fn what_the_database_cannot_index_is_refused_before_anything_is_written(db: &TestDb) {
        create_table(db, account::Entity).await?;
        let nothing = UniqueActiveIndex::of::<account::Entity>().expression("lower('x')").create(db).await;
        assert!(matches!(&nothing, Err(Error::Schema(SchemaError::Unindexable { .. }))), "{nothing:?}");
        let nulls = UniqueActiveIndex::of::<account::Entity>().col("tenant_id").nulls_not_distinct().create(db).await;
        match db.backend() {
            DbBackend::Postgres => assert!(nulls.is_ok(), "{nulls:?}"),
            _ => assert!(matches!(&nulls, Err(Error::Schema(SchemaError::Unindexable { .. }))), "{nulls:?}"),
        }
    }
}

support::on_backends! {
    [sqlite SqliteMemory Pool, postgres Postgres Pool]

    async fn an_index_of_the_users_own_is_recognised_if_it_says_the_same(db: &TestDb) {
        create_table(db, account::Entity).await?;
        for (index, is_it) in [
            ("(lower(email), tenant_id) WHERE (deleted_at IS NULL)", true),
            ("(tenant_id, LOWER(\"email\")) WHERE deleted_at IS NULL", true),
            ("(tenant_id, upper(email)) WHERE deleted_at IS NULL", false),
            ("(tenant_id, lower(email))", false),
            ("(tenant_id, lower(email)) WHERE deleted_at IS NULL AND tenant_id > 1", false),
            ("(tenant_id, lower(email)) WHERE deleted_at IS NOT NULL", false),
            ("(tenant_id, email) WHERE deleted_at IS NULL", false),
        ] {
            db.execute_unprepared(&format!("CREATE UNIQUE INDEX by_hand ON account {index}")).await?;
            let found = findings(db, &of_account()).await?;
            assert_eq!(!found.contains(&Check::MissingUnique), is_it, "{index}: {found:?}");
            db.execute_unprepared("DROP INDEX by_hand").await?;
        }
    }

    async fn an_index_that_nobody_declares_is_told(db: &TestDb) {
        accounts(db).await?;
        for index in [
            "(upper(email)) WHERE deleted_at IS NULL",
            "(upper(email))",
            "(email) WHERE tenant_id > 1",
        ] {
            db.execute_unprepared(&format!("CREATE UNIQUE INDEX by_hand ON account {index}")).await?;
            let found = findings(db, &of_account()).await?;
            assert!(found.contains(&Check::UndeclaredUnique), "{index}: {found:?}");
            db.execute_unprepared("DROP INDEX by_hand").await?;
        }
    }
}

support::on_backends! {
    [postgres Postgres Pool]

    async fn an_exclusion_constraint_is_told_and_its_error_says_what_to_do(db: &TestDb) {
        accounts(db).await?;
        db.execute_unprepared("ALTER TABLE account ADD CONSTRAINT apart EXCLUDE (email WITH =)").await?;
        assert!(findings(db, &of_account()).await?.contains(&Check::UndeclaredUnique));
        db.execute_unprepared("ALTER TABLE account DROP CONSTRAINT apart").await?;
        db.execute_unprepared("ALTER TABLE account ADD CONSTRAINT apart EXCLUDE (email WITH =) WHERE (deleted_at IS NULL)").await?;
        assert!(!findings(db, &of_account()).await?.contains(&Check::UndeclaredUnique));

        let ann = account(1, "ann@example.org").insert(db).await?;
        account::Entity::delete_by_id(ann.id).exec(db).await?;
        account(2, "ann@example.org").insert(db).await?;
        let refused = account::Entity::restore_by_id(ann.id).exec(db).await.expect_err("they exclude each other");
        assert!(matches!(&refused, Error::Excluded { .. }), "{refused:?}");
        assert_eq!(account::Entity::only_deleted().count(db).await?, 1);
    }
}
