//! Shelves of books, with hooks that write down when they run.

#![allow(clippy::module_inception)]

use sea_orm::{ConnectionTrait, DbErr};

use super::create_table;

pub mod shelf {
    use sea_orm::entity::prelude::*;
    use soft_delete::{HookConnection, HookError, HookEvent, Hooks, SoftDelete};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "shelf")]
    #[soft_delete(group = "shelves")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        pub deleted_by: Option<i64>,
        pub delete_reason: Option<String>,
        #[sea_orm(has_many)]
        pub books: HasMany<super::book::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    impl Hooks for Entity {
        async fn before_delete(
            event: &HookEvent<'_>,
            db: &HookConnection<'_>,
        ) -> Result<(), HookError> {
            Ok(super::log::write(db, "before_delete", event).await?)
        }

        async fn after_delete(
            event: &HookEvent<'_>,
            db: &HookConnection<'_>,
        ) -> Result<(), HookError> {
            let deletion = event.deletion.as_ref().ok_or("a delete has a deletion")?;
            let by = deletion
                .deleted_by
                .map(ToString::to_string)
                .unwrap_or_default();
            let reason = deletion.reason.unwrap_or_default();
            let line = format!(
                "after_delete shelf {} {:?} {} {by} {reason}",
                event.rows, event.keys, deletion.id
            );
            Ok(super::log::write_line(db, line).await?)
        }

        async fn before_restore(
            event: &HookEvent<'_>,
            db: &HookConnection<'_>,
        ) -> Result<(), HookError> {
            Ok(super::log::write(db, "before_restore", event).await?)
        }

        async fn after_restore(
            event: &HookEvent<'_>,
            db: &HookConnection<'_>,
        ) -> Result<(), HookError> {
            Ok(super::log::write(db, "after_restore", event).await?)
        }
    }
}

pub mod book {
    use sea_orm::entity::prelude::*;
    use soft_delete::{HookConnection, HookError, HookEvent, Hooks, SoftDelete};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
    #[sea_orm(table_name = "book")]
    #[soft_delete(group = "shelves")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub shelf_id: i64,
        pub title: String,
        pub deleted_at: Option<DateTimeUtc>,
        pub deletion_id: Option<Uuid>,
        #[sea_orm(belongs_to, from = "shelf_id", to = "id", on_delete = "Cascade")]
        pub shelf: BelongsTo<super::shelf::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}

    /// Books called "sticky" can be neither deleted nor restored, which is found out before; those called "cursed" can't
    /// either, which is found out after.
    async fn refuse(title: &str, db: &HookConnection<'_>) -> Result<(), HookError> {
        let found = Entity::with_deleted()
            .filter(Column::Title.eq(title))
            .count(db)
            .await?;
        if found > 0 {
            Err("this book stays".into())
        } else {
            Ok(())
        }
    }

    impl Hooks for Entity {
        const KEYS: bool = true;

        async fn before_delete(
            event: &HookEvent<'_>,
            db: &HookConnection<'_>,
        ) -> Result<(), HookError> {
            super::log::write(db, "before_delete", event).await?;
            refuse("sticky", db).await
        }

        async fn after_delete(
            event: &HookEvent<'_>,
            db: &HookConnection<'_>,
        ) -> Result<(), HookError> {
            super::log::write(db, "after_delete", event).await?;
            refuse("cursed", db).await
        }

        async fn before_restore(
            event: &HookEvent<'_>,
            db: &HookConnection<'_>,
        ) -> Result<(), HookError> {
            super::log::write(db, "before_restore", event).await?;
            refuse("sticky", db).await
        }

        async fn after_restore(
            event: &HookEvent<'_>,
            db: &HookConnection<'_>,
        ) -> Result<(), HookError> {
            super::log::write(db, "after_restore", event).await?;
            refuse("cursed", db).await
        }
    }
}

/// What the hooks write into: a table, so that it is rolled back with the rest.
pub mod log {
    use sea_orm::{ActiveValue::Set, QueryOrder as _, entity::prelude::*};
    use soft_delete::HookEvent;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "log")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub line: String,
    }

    impl ActiveModelBehavior for ActiveModel {}

    pub async fn write(
        db: &impl ConnectionTrait,
        hook: &str,
        event: &HookEvent<'_>,
    ) -> Result<(), DbErr> {
        let keys: Vec<_> = event
            .keys
            .iter()
            .flatten()
            .map(ToString::to_string)
            .collect();
        write_line(
            db,
            format!(
                "{hook} {} {} [{}]",
                event.table,
                event.rows,
                keys.join(", ")
            ),
        )
        .await
    }

    pub async fn write_line(db: &impl ConnectionTrait, line: String) -> Result<(), DbErr> {
        let line = ActiveModel {
            line: Set(line),
            ..Default::default()
        };
        line.insert(db).await?;
        Ok(())
    }

    pub async fn lines(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
        let lines = Entity::find().order_by_asc(Column::Id).all(db).await?;
        Ok(lines.into_iter().map(|line| line.line).collect())
    }

    pub async fn clear(db: &impl ConnectionTrait) -> Result<(), DbErr> {
        Entity::delete_many().exec(db).await?;
        Ok(())
    }
}

pub async fn create(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    create_table(db, shelf::Entity).await?;
    create_table(db, book::Entity).await?;
    create_table(db, log::Entity).await
}
