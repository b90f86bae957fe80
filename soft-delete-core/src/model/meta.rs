//! What the engine knows of an entity: plain data, read once from the entity's own definitions.

mod condition;
#[allow(missing_docs)] // Public for the command line only.
mod described;

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnDef, ColumnTrait as _, ColumnType, ForeignKeyAction, IdenStatic as _, Iterable as _,
    ModelTrait as _, PrimaryKeyToColumn as _, QueryResult, RelationDef, RelationTrait as _,
    sea_query::{self, ArrayType, Expr},
};

use self::condition::KeyCondition;
use crate::{
    model::{
        Error, TableName,
        hooks::HookTable,
        marker::{FlagKind, Marker},
        stamp::TimeKind,
        touch::TouchColumn,
        unique::{PartOf, UniqueKey},
    },
    query::SoftDelete,
};

/// One column of an entity's table.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ColumnMeta {
    /// The column's name in the database.
    pub name: String,
    /// The type SeaORM gives it.
    pub column_type: ColumnType,
    /// Whether it may hold NULL.
    pub nullable: bool,
    /// The type of its values, as SeaQuery names them.
    pub value_type: ArrayType,
    /// Whether SeaORM casts its values: `#[sea_orm(select_as = "…", save_as = "…")]`, and enums.
    pub(crate) is_cast: bool,
}

/// The columns that a deletion writes, by name.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StampColumns {
    /// When the row was deleted. The flag's column where a flag alone is the [marker](Self::marker), and there is no time.
    pub deleted_at: String,
    /// Which Rust type `deleted_at` has, hence how its values are bound and read.
    pub deleted_at_kind: TimeKind,
    /// What tells a deleted row from an active one.
    pub marker: Marker,
    /// Whether a row stays active until its time of deletion: `#[soft_delete(scheduled)]`.
    pub scheduled: bool,
    /// As of when a scheduled row is active or deleted. `None` where every row that has a time counts as deleted.
    pub(crate) as_of: Option<DateTime<Utc>>,
    /// The deletion that took the row, a UUIDv7.
    pub deletion_id: Option<String>,
    /// Who deleted it.
    pub deleted_by: Option<String>,
    /// Why.
    pub delete_reason: Option<String>,
}

impl StampColumns {
    /// Reads the `deleted_at` of a deleted row, as [`readable_time`](crate::dialect::readable_time) selects it.
    ///
    /// # Errors
    ///
    /// [`Error::UnreadableTime`] if it holds none: a zero date, `infinity`, a text that is no time.
    pub(crate) fn read_time(
        &self,
        row: &QueryResult,
        table: &TableName,
        selected_as: &str,
    ) -> Result<DateTime<Utc>, Error> {
        let unreadable = |key: String| Error::UnreadableTime {
            table: table.clone(),
            column: self.deleted_at.clone(),
            key,
        };
        match self.read_stored_time(row, selected_as) {
            Ok(Some(at)) => Ok(at),
            Ok(None) => Err(unreadable("a zero date or an infinite time".to_owned())),
            Err(error) => Err(unreadable(error.to_string())),
        }
    }

    /// The same, or `None` where a flag tells that the row is deleted, whatever the time beside it.
    pub(crate) fn read_known_time(
        &self,
        row: &QueryResult,
        table: &TableName,
        selected_as: &str,
    ) -> Result<Option<DateTime<Utc>>, Error> {
        match self.marker {
            Marker::Flag { .. } => Ok(self.read_time(row, table, selected_as).ok()),
            Marker::Time | Marker::TimeOr { .. } => {
                self.read_time(row, table, selected_as).map(Some)
            }
        }
    }

    /// The names of the columns that the table has, `deleted_at` first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let flag = self.marker_column();
        std::iter::once(self.deleted_at.as_str())
            .chain((flag != self.deleted_at).then_some(flag))
            .chain(self.deletion_id.as_deref())
            .chain(self.deleted_by.as_deref())
            .chain(self.delete_reason.as_deref())
    }
}

/// What a deletion does to the active rows that reference a deleted row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum OnDelete {
    /// Delete them too.
    Cascade,
    /// Refuse the deletion.
    Restrict,
    /// Set their key to NULL.
    SetNull,
    /// Leave them alone.
    Ignore,
}

impl OnDelete {
    /// The rule of a foreign key: what the database would have done on a physical DELETE.
    ///
    /// No action, and no rule at all, refuse as RESTRICT does. A relation that has no foreign key (`skip_fk`) and no
    /// rule of its own is left alone, as the database would have left it.
    fn of(relation: &RelationDef) -> Self {
        match relation.on_delete {
            Some(ForeignKeyAction::Cascade) => Self::Cascade,
            Some(ForeignKeyAction::SetNull | ForeignKeyAction::SetDefault) => Self::SetNull,
            // RESTRICT, NO ACTION, and whatever SQL may add: refusing loses nothing.
            Some(_) => Self::Restrict,
            None if relation.skip_fk => Self::Ignore,
            None => Self::Restrict,
        }
    }
}

/// A `belongs_to` of the entity: its foreign key.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ForeignKeyMeta {
    /// The name of the relation's variant in the entity's `Relation` enum.
    pub relation: String,
    /// The columns of this table, in the key's order.
    pub columns: Vec<String>,
    /// The table referred to.
    pub parent: TableName,
    /// The columns referred to.
    pub parent_columns: Vec<String>,
    /// What deleting the parent does to rows of this table.
    pub on_delete: OnDelete,
    pub(crate) condition: KeyCondition,
}

impl ForeignKeyMeta {
    /// The columns of this table that tell a row's parent: the key's own, and those that the relation's
    /// [`on_condition`](RelationDef::on_condition) compares with columns of the parent. Set NULL writes the key's own only.
    pub fn matching(&self) -> Vec<String> {
        let more = self.condition.equal.iter().map(|(own, _)| own.clone());
        self.columns.iter().cloned().chain(more).collect()
    }

    /// The columns of the parent that [`matching`](Self::matching) are compared with, in their order.
    pub fn matching_parent(&self) -> Vec<String> {
        let more = self
            .condition
            .equal
            .iter()
            .map(|(_, parent)| parent.clone());
        self.parent_columns.iter().cloned().chain(more).collect()
    }

    /// What a row must meet beside that to be below a parent by this key, under this name of its table.
    pub fn condition_on_child(&self, child: impl sea_query::IntoIden) -> Option<Expr> {
        self.condition.on_child(&child.into_iden())
    }

    /// What the parent must meet, under this name of its table.
    pub fn condition_on_parent(&self, parent: impl sea_query::IntoIden) -> Option<Expr> {
        self.condition.on_parent(&parent.into_iden())
    }

    /// Why the relation's condition can't be put into the engine's statements. Such a relation is refused.
    pub(crate) fn problem(&self) -> Option<&str> {
        self.condition.problem.as_deref()
    }
}

/// An entity as the engine sees it.
///
/// The derive makes one for each entity and registers it; [`SoftDelete::meta`] returns it. It is plain data, so that a
/// tool can read it, and change a copy of it for a [`Registry`](crate::Registry) of its own.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EntityMeta {
    /// The path of the entity's module, for messages.
    pub entity: &'static str,
    /// Its table.
    pub table: TableName,
    /// The group it is looked up in: `#[soft_delete(group = "…")]`, `"default"` if not given.
    pub group: &'static str,
    /// All columns, in the entity's order.
    pub columns: Vec<ColumnMeta>,
    /// The primary key's columns.
    pub primary_key: Vec<String>,
    /// The columns that a deletion writes.
    pub stamp: StampColumns,
    /// The columns that a delete and a restore set to the time of the call.
    pub touch: Vec<TouchColumn>,
    /// The column that a delete and a restore count up by one.
    pub version: Option<String>,
    /// What is unique among active rows.
    pub unique: Vec<UniqueKey>,
    /// How long a deleted row is kept before a purge may remove it; `None` keeps it for ever.
    pub retention: Option<Duration>,
    /// The `belongs_to` relations.
    pub foreign_keys: Vec<ForeignKeyMeta>,
    /// Tables that this entity's `has_one` and `has_many` relations name.
    pub children: Vec<TableName>,
    pub(crate) hooks: Option<HookTable>,
    /// Whether a deleted row may be without `deletion_id` because a restore gave it the stamp of a parent that has no such
    /// column. The group knows.
    pub(crate) may_lack_deletion_id: bool,
}

/// The group of entities that name none.
pub const DEFAULT_GROUP: &str = "default";

impl EntityMeta {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&ColumnMeta> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Starts a description of `E` from what SeaORM knows of it. The derive adds the rest.
    #[doc(hidden)]
    pub fn describe<E: SoftDelete>(entity: &'static str, kind: TimeKind) -> EntityMetaBuilder {
        // Only what must be is generic: it is compiled again for each entity.
        let mut columns = Vec::new();
        for column in E::Column::iter() {
            let value_type = E::Model::get_value_type(column);
            let mut own = describe_column(column.as_str(), &column.def(), value_type);
            let probe = || Expr::val("");
            own.is_cast =
                column.select_as(probe()) != probe() || column.save_as(probe()) != probe();
            columns.push(own);
        }
        let mut primary_key = Vec::new();
        for key in E::PrimaryKey::iter() {
            primary_key.push(key.into_column().as_str().to_owned());
        }
        let mut relations = Vec::new();
        for relation in E::Relation::iter() {
            relations.push((relation.name(), relation.def()));
        }
        EntityMetaBuilder::new(
            Self {
                entity,
                table: TableName::of(&E::default().table_ref()),
                group: DEFAULT_GROUP,
                columns,
                primary_key,
                stamp: StampColumns {
                    deleted_at: E::deleted_at_column().as_str().to_owned(),
                    deleted_at_kind: kind,
                    marker: Marker::Time,
                    scheduled: false,
                    as_of: None,
                    deletion_id: None,
                    deleted_by: None,
                    delete_reason: None,
                },
                touch: Vec::new(),
                version: None,
                unique: Vec::new(),
                retention: None,
                foreign_keys: Vec::new(),
                children: Vec::new(),
                may_lack_deletion_id: false,
                hooks: None,
            },
            &relations,
        )
    }
}

fn describe_column(name: &str, def: &ColumnDef, value_type: ArrayType) -> ColumnMeta {
    ColumnMeta {
        name: name.to_owned(),
        column_type: def.get_column_type().clone(),
        nullable: def.is_null(),
        value_type,
        is_cast: false,
    }
}

fn describe_foreign_key(relation: &str, def: &RelationDef, columns: &[&str]) -> ForeignKeyMeta {
    let names = |identity: &sea_orm::Identity| identity.iter().map(ToString::to_string).collect();
    ForeignKeyMeta {
        relation: relation.to_owned(),
        columns: names(&def.from_col),
        parent: TableName::of(&def.to_tbl),
        parent_columns: names(&def.to_col),
        on_delete: OnDelete::of(def),
        condition: KeyCondition::of(def, columns),
    }
}

/// What the derive adds to [`EntityMeta`].
#[doc(hidden)]
#[derive(Debug)]
pub struct EntityMetaBuilder {
    meta: EntityMeta,
    /// The relations whose foreign keys have no rule.
    without_rule: Vec<String>,
}

#[doc(hidden)]
#[allow(missing_docs)]
impl EntityMetaBuilder {
    fn new(mut meta: EntityMeta, relations: &[(String, RelationDef)]) -> Self {
        for (name, def) in relations {
            if def.is_owner {
                meta.children.push(TableName::of(&def.to_tbl));
                continue;
            }
            let columns = meta.columns.iter().map(|column| column.name.as_str());
            let columns: Vec<_> = columns.collect();
            let key = describe_foreign_key(name, def, &columns);
            meta.foreign_keys.push(key);
        }
        let without_rule = relations.iter().filter(|(_, def)| {
            let has_key = !def.is_owner && !def.skip_fk;
            has_key && def.on_delete.is_none()
        });
        let without_rule = without_rule.map(|(name, _)| name.clone()).collect();
        Self { meta, without_rule }
    }

    /// `column` tells a deleted row, and not `deleted_at`. Comes after what an active row has there.
    pub fn flag(mut self, column: &str, kind: FlagKind, nullable: bool) -> Self {
        let time = match std::mem::take(&mut self.meta.stamp.marker) {
            Marker::TimeOr { active, .. } => Some(active),
            Marker::Time | Marker::Flag { .. } => None,
        };
        self.meta.stamp.marker = Marker::Flag {
            column: column.to_owned(),
            kind,
            nullable,
            time,
        };
        self
    }

    /// A row is active until its time.
    pub fn scheduled(mut self) -> Self {
        self.meta.stamp.scheduled = true;
        self
    }

    /// An active row has 0 in `deleted_at`.
    pub fn active_zero(mut self, nullable: bool) -> Self {
        let stamp = &mut self.meta.stamp;
        let active = stamp.deleted_at_kind.value(DateTime::UNIX_EPOCH);
        stamp.marker = Marker::TimeOr { active, nullable };
        self
    }

    /// An active row has this time in `deleted_at`, in microseconds since 1970.
    pub fn active_time(mut self, micros: i64, nullable: bool) -> Self {
        let stamp = &mut self.meta.stamp;
        let at = DateTime::from_timestamp_micros(micros).unwrap_or_default();
        let active = stamp.deleted_at_kind.value(at);
        stamp.marker = Marker::TimeOr { active, nullable };
        self
    }

    pub fn deletion_id(mut self, column: &str) -> Self {
        self.meta.stamp.deletion_id = Some(column.to_owned());
        self
    }

    pub fn deleted_by(mut self, column: &str) -> Self {
        self.meta.stamp.deleted_by = Some(column.to_owned());
        self
    }

    pub fn delete_reason(mut self, column: &str) -> Self {
        self.meta.stamp.delete_reason = Some(column.to_owned());
        self
    }

    pub fn touch(mut self, column: &str, kind: TimeKind) -> Self {
        self.meta.touch.push(TouchColumn {
            name: column.to_owned(),
            kind,
        });
        self
    }

    pub fn version(mut self, column: &str) -> Self {
        self.meta.version = Some(column.to_owned());
        self
    }

    pub fn unique(mut self, name: &str, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|column| (*column).to_owned());
        let key = UniqueKey::new(name, columns.collect());
        self.meta.unique.push(key);
        self
    }

    /// By expressions, under a condition, or with NULLs that are equal.
    pub fn unique_by(
        mut self,
        name: &str,
        parts: &[PartOf<'_>],
        condition: Option<&str>,
        nulls_not_distinct: bool,
    ) -> Self {
        let names = self.meta.columns.iter().map(|column| column.name.clone());
        let names: Vec<_> = names.collect();
        let key = UniqueKey::of_parts(name, parts, condition, nulls_not_distinct, &names);
        self.meta.unique.push(key);
        self
    }

    pub fn group(mut self, group: &'static str) -> Self {
        self.meta.group = group;
        self
    }

    /// In whole seconds.
    pub fn retention(mut self, seconds: u64) -> Self {
        self.meta.retention = Some(Duration::from_secs(seconds));
        self
    }

    pub fn default_on_delete(mut self, rule: OnDelete) -> Self {
        for key in &mut self.meta.foreign_keys {
            if self.without_rule.contains(&key.relation) {
                key.on_delete = rule;
            }
        }
        self
    }

    pub fn on_delete(mut self, relation: &str, rule: OnDelete) -> Self {
        for key in &mut self.meta.foreign_keys {
            if key.relation == relation {
                key.on_delete = rule;
            }
        }
        self
    }

    pub fn hooks(mut self, hooks: Option<HookTable>) -> Self {
        self.meta.hooks = hooks;
        self
    }

    pub fn build(self) -> EntityMeta {
        self.meta
    }
}

/// The rules that the relation fields of a dense entity override. They are on `ModelEx`, for which the derive runs a second
/// time.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`SoftDelete` was derived for `Model` but not for `ModelEx`",
    note = "write `#[derive(SoftDelete)]` below `#[sea_orm::model]`, next to `DeriveEntityModel`: SeaORM copies it to both"
)]
#[allow(missing_docs)]
pub trait RelationRules: SoftDelete {
    fn apply(meta: EntityMetaBuilder) -> EntityMetaBuilder;
}
