//! Rows that stand in each other's way: what a restore does about them, and in which order it tells them.

// SeaORM generates more for an entity than one test uses.
#![allow(dead_code)]

use sea_orm::{ConnectionTrait as _, DbErr, PaginatorTrait as _, Value};
use soft_delete::{Conflict, ConflictPolicy, Error};

use support::{self, TestDb, create_table};

mod desk {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "desk")]
    #[soft_delete(group = "desks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[soft_delete(unique)]
        pub name: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// It is in one desk, and may go with a second one.
mod drawer {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "drawer")]
    #[soft_delete(group = "desks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub desk_id: i64,
        pub second_desk_id: Option<i64>,
        #[soft_delete(unique)]
        pub label: Option<String>,
        #[soft_delete(unique)]
        pub code: Option<i64>,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(
            belongs_to,
            relation_enum = "Desk",
            from = "desk_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub desk: BelongsTo<super::desk::Entity>,
        #[sea_orm(
            belongs_to,
            relation_enum = "SecondDesk",
            from = "second_desk_id",
            to = "id",
            on_delete = "Cascade"
        )]
        pub second: BelongsTo<Option<super::desk::Entity>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A pencil lies in a drawer.
mod pencil {
    use sea_orm::entity::prelude::*;
    use soft_delete::SoftDelete;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "pencil")]
    #[soft_delete(group = "desks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub drawer_id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "drawer_id", to = "id", on_delete = "Cascade")]
        pub drawer: BelongsTo<super::drawer::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

async fn create(db: &TestDb) -> Result<(), DbErr> {
    create_table(db, desk::Entity).await?;
    create_table(db, drawer::Entity).await?;
    create_table(db, pencil::Entity).await
}

async fn run(db: &TestDb, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        db.execute_unprepared(statement).await?;
    }
    Ok(())
}

/// Row, holder, and whether that one is active, of each conflict.
fn told(conflict: &Conflict) -> Vec<(Value, Value, bool)> {
    let rows = conflict.iter();
    rows.map(|row| {
        (
            row.key[0].clone(),
            row.holder[0].clone(),
            row.holder_is_active,
        )
    })
    .collect()
}

fn row(key: i64, holder: i64, holder_is_active: bool) -> (Value, Value, bool) {
    (key.into(), holder.into(), holder_is_active)
}

support::on_every_backend! {
    async fn a_row_stays_deleted_with_what_is_below_it_where_another_parent_is(db: &TestDb) {
        create(db).await?;
        run(db, &[
            "INSERT INTO desk (id, name) VALUES (1, 'oak'), (2, 'elm')",
            "INSERT INTO drawer (id, desk_id, second_desk_id) VALUES (1, 1, 2), (2, 1, NULL)",
            "INSERT INTO pencil (id, drawer_id) VALUES (1, 1), (2, 1), (3, 2)",
        ])
        .await?;
        desk::Entity::delete_by_id(1).exec(db).await?;
        let elm = desk::Entity::delete_by_id(2).exec(db).await?;

        let restored = desk::Entity::restore_by_id(1).exec(db).await?;

        assert_eq!(restored.rows_by_table(), [("desk", 1), ("drawer", 1), ("pencil", 1)]);
        assert_eq!(restored.kept(), [("drawer", 1), ("pencil", 2)]);
        assert_eq!(pencil::Entity::find().count(db).await?, 1);
        for pencil in pencil::Entity::only_deleted().all(db).await? {
            assert_eq!(pencil.deletion_id, Some(elm.id()), "they are of that parent's deletion now");
        }
        let restored = desk::Entity::restore_by_id(2).exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("desk", 1), ("drawer", 1), ("pencil", 2)]);
    }

    async fn of_an_undo_a_row_that_stays_deleted_below_another_parent_is_not_missing(db: &TestDb) {
        create(db).await?;
        run(db, &[
            "INSERT INTO desk (id, name) VALUES (1, 'oak'), (2, 'elm')",
            "INSERT INTO drawer (id, desk_id, second_desk_id) VALUES (1, 1, 2), (2, 1, NULL)",
        ])
        .await?;
        let oak = desk::Entity::delete_by_id(1).exec(db).await?;
        desk::Entity::delete_by_id(2).exec(db).await?;
        let restored = oak.undo().exec(db).await?;
        assert_eq!(restored.rows_by_table(), [("desk", 1), ("drawer", 1)]);
        assert_eq!(restored.kept(), [("drawer", 1)]);
        assert!(restored.not_found().is_empty());
    }

    async fn what_hangs_on_a_row_that_gives_way_stays_deleted(db: &TestDb) {
        create(db).await?;
        run(db, &[
            "INSERT INTO desk (id, name) VALUES (1, 'oak'), (2, 'elm')",
            "INSERT INTO drawer (id, desk_id, second_desk_id) VALUES (1, 1, 2), (2, 1, NULL)",
        ])
        .await?;
        desk::Entity::delete_by_id(1).exec(db).await?;
        run(db, &["UPDATE desk SET name = 'oak' WHERE id = 2"]).await?;

        let replace = || desk::Entity::restore_by_id(1).on_conflict(ConflictPolicy::Replace);
        let plan = replace().plan(db).await?;
        let restored = replace().exec(db).await?;

        assert_eq!(restored.rows_by_table(), [("desk", 1), ("drawer", 1)]);
        assert_eq!(restored.kept(), [("drawer", 1)], "its second desk is deleted by now");
        assert_eq!(restored.replaced[0].rows_by_table(), [("desk", 1)]);
        assert_eq!(plan.restoration.kept(), restored.kept());
        assert!(plan.restoration.skipped().is_empty() && restored.skipped().is_empty());
        assert_eq!(drawer::Entity::find_by_id(1).one(db).await?, None);
    }

    async fn a_row_that_went_with_one_that_gave_way_is_not_deleted_once_more(db: &TestDb) {
        create(db).await?;
        run(db, &[
            "INSERT INTO desk (id, name) VALUES (1, 'oak')",
            "INSERT INTO drawer (id, desk_id, label) VALUES (1, 1, 'a')",
        ])
        .await?;
        desk::Entity::delete_by_id(1).exec(db).await?;
        run(db, &[
            "INSERT INTO desk (id, name) VALUES (2, 'oak')",
            "INSERT INTO drawer (id, desk_id, label) VALUES (2, 2, 'a')",
        ])
        .await?;

        let restored = desk::Entity::restore_by_id(1).on_conflict(ConflictPolicy::Replace).exec(db).await?;

        let replaced: Vec<_> = restored.replaced.iter().map(|deletion| deletion.rows_by_table()).collect();
        assert_eq!(replaced, [[("desk", 1), ("drawer", 1)]]);
    }

    async fn conflicts_are_told_with_active_rows_first_and_in_the_order_of_keys(db: &TestDb) {
        create(db).await?;
        run(db, &["INSERT INTO desk (id, name) VALUES (2, 'a'), (9, 'b'), (10, 'c'), (11, 'd'), (12, 'e')"]).await?;
        desk::Entity::delete_many().all().exec(db).await?;
        run(db, &[
            "UPDATE desk SET name = 'same' WHERE id IN (2, 11, 12)",
            "INSERT INTO desk (id, name) VALUES (20, 'b'), (21, 'c')",
        ])
        .await?;

        let plan = desk::Entity::restore_many().all().plan(db).await?;

        let expected = [row(9, 20, true), row(10, 21, true), row(11, 2, false), row(12, 2, false)];
        assert_eq!(told(&plan.conflict), expected);
    }

    async fn conflicts_are_told_by_unique_key(db: &TestDb) {
        create(db).await?;
        run(db, &[
            "INSERT INTO desk (id, name) VALUES (1, 'oak')",
            "INSERT INTO drawer (id, desk_id, label, code) VALUES (1, 1, 'a', 7), (2, 1, 'b', 8)",
        ])
        .await?;
        drawer::Entity::delete_many().all().exec(db).await?;
        run(db, &["INSERT INTO drawer (id, desk_id, label, code) VALUES (3, 1, 'a', 8), (4, 1, 'b', 7)"]).await?;

        let plan = drawer::Entity::restore_many().all().plan(db).await?;

        let told: Vec<_> = plan.conflict.iter().map(|row| (row.unique.as_str(), row.key[0].clone())).collect();
        let [one, two] = [Value::from(1_i64), Value::from(2_i64)];
        assert_eq!(told, [("code", one.clone()), ("code", two.clone()), ("label", one), ("label", two)]);
    }

    async fn rows_of_one_statement_and_of_the_next_that_share_a_value_are_told(db: &TestDb) {
        create(db).await?;
        let desks: Vec<_> = (1..=501).map(|id| format!("({id}, 'desk {id}')")).collect();
        run(db, &[&format!("INSERT INTO desk (id, name) VALUES {}", desks.join(", "))]).await?;
        desk::Entity::delete_many().all().exec(db).await?;
        run(db, &["UPDATE desk SET name = 'desk 1' WHERE id = 501"]).await?;

        let plan = desk::Entity::restore_many().all().plan(db).await?;
        assert_eq!(told(&plan.conflict), [row(501, 1, false)]);
        let refused = desk::Entity::restore_many().all().exec(db).await;
        assert!(matches!(&refused, Err(Error::Conflict(conflict)) if conflict.len() == 1), "{refused:?}");
        assert_eq!(desk::Entity::find().count(db).await?, 0);
    }

    async fn rows_of_one_deletion_that_share_a_value_by_now_are_told_of_its_undo(db: &TestDb) {
        create(db).await?;
        run(db, &[
            "INSERT INTO desk (id, name) VALUES (1, 'oak'), (2, 'elm'), (3, 'ash')",
            "INSERT INTO drawer (id, desk_id, label) VALUES (1, 3, 'a'), (2, 3, 'b')",
        ])
        .await?;
        let of_drawers = desk::Entity::delete_by_id(3).exec(db).await?;
        let of_desks = desk::Entity::delete_many().all().exec(db).await?;
        run(db, &["UPDATE desk SET name = 'same' WHERE id IN (1, 2)", "UPDATE drawer SET label = 'same'"]).await?;

        for (deletion, table) in [(of_desks, "desk"), (of_drawers, "drawer")] {
            let refused = deletion.undo().exec(db).await;
            let Err(Error::Conflict(conflict)) = &refused else { panic!("{refused:?}") };
            assert_eq!(told(conflict), [row(2, 1, false)]);
            assert_eq!(conflict.iter().next().map(|row| row.table.to_string()), Some(table.to_owned()));
        }
        assert_eq!(desk::Entity::find().count(db).await?, 0);
    }

    async fn of_an_undo_a_row_that_stays_deleted_for_its_parent_is_in_no_conflict(db: &TestDb) {
        create(db).await?;
        run(db, &[
            "INSERT INTO desk (id, name) VALUES (1, 'oak'), (2, 'elm')",
            "INSERT INTO drawer (id, desk_id, label) VALUES (1, 1, 'a')",
        ])
        .await?;
        let deletion = drawer::Entity::delete_by_id(1).exec(db).await?;
        desk::Entity::delete_by_id(1).exec(db).await?;
        run(db, &["INSERT INTO drawer (id, desk_id, label) VALUES (2, 2, 'a')"]).await?;

        let undone = deletion.undo().exec(db).await;
        let Err(Error::ParentDeleted { parents, conflict, .. }) = &undone else { panic!("{undone:?}") };
        assert_eq!((parents.len(), conflict.len()), (1, 0));
        let named = drawer::Entity::restore_by_id(1).exec(db).await;
        let Err(Error::ParentDeleted { parents, conflict, .. }) = &named else { panic!("{named:?}") };
        assert_eq!((parents.len(), conflict.len()), (1, 1));
    }
}
