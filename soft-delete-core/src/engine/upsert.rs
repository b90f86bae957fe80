//! Inserts that update what is there, among active rows.

use sea_orm::{ColumnTrait, sea_query};

use crate::query::SoftDelete;

/// The target of an upsert by columns that are unique among active rows: a deleted row with the same values is left alone, and
/// a new one inserted beside it.
///
/// It needs a `schema::UniqueActiveIndex` over exactly these columns, and gives SeaQuery's own
/// [`OnConflict`](sea_query::OnConflict), which wants to be told what to do.
///
/// ```sql
/// -- PostgreSQL, SQLite
/// INSERT INTO "post" … ON CONFLICT ("slug") WHERE "deleted_at" IS NULL DO UPDATE SET "title" = "excluded"."title"
/// -- MySQL, MariaDB
/// INSERT INTO `post` … ON DUPLICATE KEY UPDATE `title` = VALUES(`title`)
/// ```
///
/// MySQL and MariaDB have no target: there a conflict with any unique key updates the row that has it. Among active rows that
/// is the same, as long as the values conflict with no primary key and no plain unique index.
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
///         + r#"ON CONFLICT ("slug") WHERE "deleted_at" IS NULL DO UPDATE SET "title" = "excluded"."title""#
/// );
/// ```
pub fn on_conflict_active<E, I>(columns: I) -> sea_query::OnConflict
where
    E: SoftDelete,
    I: IntoIterator,
    I::Item: ColumnTrait<EntityName = E>,
{
    let marker = sea_query::Expr::col(E::marker_column());
    let active = E::meta().stamp.active_of_index(marker);
    sea_query::OnConflict::columns(columns)
        .target_and_where(active)
        .to_owned()
}
