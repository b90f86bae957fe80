//! The trash of all tables, by their names.

mod below;
mod delete;
mod deletion;
mod list;
mod remove;
mod restore;
mod row;
mod stamp;
mod value;

use std::sync::Arc;

use sea_orm::{
    DbBackend, Value,
    sea_query::{Query, SelectStatement},
};

pub use delete::DeleteRow;
pub use deletion::TrashedDeletion;
pub use list::{ListTrash, TrashItem, TrashPage};
pub use remove::{Removal, RemovalPlan, RemoveTrashed};
pub use restore::RestoreTrashed;
pub use row::{RowDeletion, TrashRow};
pub use stamp::DeletionStamp;
pub use value::RowValue;

use crate::{
    engine::cascade::rows::{RowKey, in_scope},
    model::{DEFAULT_GROUP, EntityMeta, Error, Registry, Scope, graph::Group},
};

/// The trash of a program, over all of its tables and by their names: for a trash page, an admin page, a command line.
///
/// Where the entity is known, `Post::deletion_roots()`, `Post::restore_by_id(…)` and `Post::force_delete_by_id(…)` do the same
/// with its types.
///
/// | | |
/// |---|---|
/// | [`list`](Self::list) | rows that were deleted themselves, of all tables, the newest first |
/// | [`show`](Self::show) | a row, its deletion, and what a restore would do |
/// | [`delete`](Self::delete) | deletes a row, and what its foreign keys say |
/// | [`restore`](Self::restore) | restores a row, with what its deletion took below it |
/// | [`deletion`](Self::deletion), [`undo`](Self::undo) | one deletion: what it took, and all of it back |
/// | [`remove`](Self::remove) | removes a deleted row permanently |
///
/// A table is named as the entity names it, with its schema if it has one: `post`, or `blog.post`; the schema may be left out where
/// that is clear. A key is the values of the primary key in their order; [`key`](Self::key) reads one from texts, such as those of a
/// URL.
///
/// ```standalone_crate
/// # mod post {
/// #     use sea_orm::entity::prelude::*;
/// #     use soft_delete::SoftDelete;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
/// #     #[sea_orm(table_name = "post")]
/// #     pub struct Model {
/// #         #[sea_orm(primary_key)]
/// #         pub id: i64,
/// #         pub title: String,
/// #         pub deleted_at: Option<DateTimeUtc>,
/// #         pub deletion_id: Option<Uuid>,
/// #     }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// use sea_orm::{ActiveModelTrait, ConnectionTrait, Database, Schema, Set};
/// use soft_delete::{SoftDelete, Trash};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), soft_delete::Error> {
/// # let db = Database::connect("sqlite::memory:").await?;
/// # db.execute(&Schema::new(db.get_database_backend()).create_table_from_entity(post::Entity)).await?;
/// # post::ActiveModel { id: Set(7), title: Set("Hello".into()), ..Default::default() }.insert(&db).await?;
/// post::Entity::delete_by_id(7).exec(&db).await?;
///
/// let trash = Trash::global()?;
/// let page = trash.list().limit(20).exec(&db).await?;
/// let item = &page.items[0];
/// assert_eq!((item.table.to_string(), item.key[0].text()), ("post".to_owned(), "7".to_owned()));
///
/// let key = trash.key("post", &["7"])?;
/// let restored = trash.restore("post", key)?.with_parents().exec(&db).await?;
/// assert_eq!(restored.rows_affected, 1);
/// # Ok(()) }
/// ```
#[doc(alias = "recycle_bin")]
#[derive(Clone, Debug)]
pub struct Trash {
    group: Arc<Group>,
}

impl Trash {
    /// The tables of the program's entities in the default [group](EntityMeta::group).
    ///
    /// # Errors
    ///
    /// [`Error::NoEntities`] if there are none, [`Error::EntitiesDisagree`] and [`Error::RelationCondition`].
    pub fn global() -> Result<Self, Error> {
        Self::of(Registry::global(), DEFAULT_GROUP)
    }

    /// The tables of one group of a registry.
    ///
    /// # Errors
    ///
    /// As [`global`](Self::global).
    pub fn of(registry: &Registry, group: &str) -> Result<Self, Error> {
        let group = registry.group(group)?;
        Ok(Self { group })
    }

    /// The entities whose rows it holds.
    pub fn entities(&self) -> &[EntityMeta] {
        self.group.entities()
    }

    /// The entity of a table.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTable`] if there is none, or if there are several in different schemas.
    pub fn entity(&self, table: &str) -> Result<&EntityMeta, Error> {
        Ok(self.group.entity(self.place(table)?))
    }

    /// Reads a key from texts, one for each column of the primary key: numbers, UUIDs, times in RFC 3339 and the like.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTable`], and [`Error::InvalidKey`] with what is wanted.
    pub fn key(&self, table: &str, texts: &[impl AsRef<str>]) -> Result<Vec<Value>, Error> {
        let meta = self.entity(table)?;
        require_columns(meta, texts.len())?;
        let columns = meta.primary_key.iter().zip(texts);
        let values = columns.map(|(name, text)| value::parse(meta, name, text.as_ref()));
        values.collect()
    }

    fn place(&self, table: &str) -> Result<usize, Error> {
        let entities = self.entities();
        let by_full_name = |meta: &EntityMeta| meta.table == table;
        if let Some(place) = entities.iter().position(by_full_name) {
            return Ok(place);
        }
        let mut same_name =
            (0..entities.len()).filter(|place| entities[*place].table.name == table);
        match (same_name.next(), same_name.next()) {
            (Some(place), None) => Ok(place),
            (first, _) => Err(Error::UnknownTable {
                table: table.to_owned(),
                is_ambiguous: first.is_some(),
                tables: entities.iter().map(|meta| meta.table.clone()).collect(),
            }),
        }
    }

    /// A row that was named by its table and key.
    fn row(&self, table: &str, key: Vec<Value>) -> Result<Row, Error> {
        let entity = self.place(table)?;
        require_columns(self.group.entity(entity), key.len())?;
        Ok(Row {
            group: self.group.clone(),
            entity,
            key,
        })
    }
}

fn require_columns(meta: &EntityMeta, given: usize) -> Result<(), Error> {
    if given == meta.primary_key.len() {
        return Ok(());
    }
    Err(Error::InvalidKey {
        table: meta.table.clone(),
        problem: format!(
            "it has the columns ({}), and {given} {} given",
            meta.primary_key.join(", "),
            if given == 1 { "value is" } else { "values are" }
        ),
    })
}

/// One row of a table of the group, whatever its state.
#[derive(Clone, Debug)]
struct Row {
    group: Arc<Group>,
    entity: usize,
    key: Vec<Value>,
}

impl Row {
    fn meta(&self) -> &EntityMeta {
        self.group.entity(self.entity)
    }

    fn key(&self, backend: DbBackend) -> RowKey {
        RowKey::new(self.meta(), self.key.clone(), backend)
    }

    /// A SELECT of the row, without columns.
    fn select(&self, backend: DbBackend) -> SelectStatement {
        Query::select()
            .from(self.meta().table.to_ref())
            .and_where(self.key(backend).condition)
            .and_where(in_scope(self.meta(), Scope::WithDeleted))
            .to_owned()
    }
}
