//! Inserts that update what is there, among active rows.

use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, OnConflict},
};

use crate::query::SoftDelete;

/// The target of an upsert by columns that are unique among active rows: a deleted row with the same values is left alone, and
/// a new one inserted beside it.
///
/// It needs a `schema::UniqueActiveIndex` over exactly these columns, and gives SeaQuery's own
/// [`OnConflict`], which wants to be told what to do.
///
/// ```sql
/// -- PostgreSQL, SQLite
/// INSERT INTO "post" … ON CONFLICT ("slug") WHERE "deleted_at" IS NULL
///     DO UPDATE SET "title" = "excluded"."title" WHERE "post"."deleted_at" IS NULL
/// -- MySQL, MariaDB
/// INSERT INTO `post` … ON DUPLICATE KEY UPDATE `title` = VALUES(`title`)
/// ```
///
/// On PostgreSQL and SQLite it never writes into a deleted row: by a primary key or a plain unique index, which deleted rows count in, the
/// row is left as it is, and no row is affected.
///
/// **MySQL and MariaDB have no target and no condition**: there a conflict with any unique key updates the row that has it. Among active
/// rows that is the same, as long as the values conflict with no primary key and no plain unique index; by one of these a deleted row is
/// written to, and stays deleted. [`insert_or_restore`](crate::SoftDelete::insert_or_restore) does not depend on that.
///
/// ```
/// # mod post {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, soft_delete::SoftDelete)]
/// #     #[sea_orm(table_name = "post")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, #[soft_delete(unique)] pub slug: String, pub title: String, pub deleted_at: Option<DateTimeUtc> }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// use sea_orm::{ActiveValue::Set, DbBackend, EntityTrait, QueryTrait};
/// use soft_delete::on_conflict_active;
///
/// let insert = post::Entity::insert(post::ActiveModel {
///     slug: Set("hello".to_owned()),
///     title: Set("Hello".to_owned()),
///     ..Default::default()
/// })
/// .on_conflict(
///     on_conflict_active([post::Column::Slug])
///         .update_column(post::Column::Title)
///         .to_owned(),
/// );
/// assert_eq!(
///     insert.build(DbBackend::Postgres).to_string(),
///     r#"INSERT INTO "post" ("slug", "title") VALUES ('hello', 'Hello') "#.to_owned()
///         + r#"ON CONFLICT ("slug") WHERE "deleted_at" IS NULL DO UPDATE SET "title" = "excluded"."title" "#
///         + r#"WHERE "post"."deleted_at" IS NULL"#
/// );
/// ```
pub fn on_conflict_active<E, I>(columns: I) -> OnConflict
where
    E: SoftDelete,
    I: IntoIterator,
    I::Item: ColumnTrait<EntityName = E>,
{
    let stamp = &E::meta().stamp;
    let marker = E::marker_column();
    let of_index = stamp.active_of_index(Expr::col(marker));
    // A primary key, and a plain unique index, are such a target too.
    let of_row = stamp.active_of_index(marker.into_expr());
    OnConflict::columns(columns)
        .target_and_where(of_index)
        .action_and_where(of_row)
        .to_owned()
}
