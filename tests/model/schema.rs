//! The tables that the model test runs on. Any table may have foreign keys to any, itself included; what they do is up to
//! each case.

use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, RelationDef,
    sea_query::{
        self, ColumnDef, ConditionalStatement as _, Expr, ExprTrait as _, Index, IntoCondition as _,
    },
};
use soft_delete::{Delete, EntityMeta, ForceDelete, OnDelete, Registry, Restore, SoftDelete};

use super::{key, layout::Layout};
use support::{Connection, create_table};

/// A table by its place: `node_a` is 0.
pub type Table = usize;

pub const TABLES: usize = 6;

/// An entity of the model test.
pub trait Node: SoftDelete {
    /// Says who deletes, where the entity has a column for it.
    fn by(delete: Delete<Self>, actor: i64) -> Delete<Self>;

    /// The deletion of the row of this number.
    fn delete(id: i64) -> Delete<Self>;

    /// Its restore.
    fn restore(id: i64) -> Restore<Self>;

    /// Its removal.
    fn force_delete(id: i64) -> ForceDelete<Self>;
}

/// Which rows a foreign key is for: the condition of its relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Always,
    /// The child is of kind 1.
    ChildOfKind,
    /// The parent is of kind 1.
    ParentOfKind,
    /// Both are of one kind.
    SameKind,
}

pub const WHENS: [When; 4] = [
    When::Always,
    When::ChildOfKind,
    When::ParentOfKind,
    When::SameKind,
];

impl When {
    /// Whether a row and its parent meet it, by their kinds.
    pub fn holds(self, child: i32, parent: i32) -> bool {
        match self {
            Self::Always => true,
            Self::ChildOfKind => child == 1,
            Self::ParentOfKind => parent == 1,
            Self::SameKind => child == parent,
        }
    }

    fn relation(self, mut relation: RelationDef) -> RelationDef {
        relation.skip_fk = true;
        let one = |table| Expr::col((table, "kind")).eq(1);
        match self {
            Self::Always => relation,
            Self::ChildOfKind => relation.on_condition(move |child, _| one(child).into_condition()),
            Self::ParentOfKind => {
                relation.on_condition(move |_, parent| one(parent).into_condition())
            }
            Self::SameKind => relation.on_condition(|child, parent| {
                let of_parent = Expr::col((parent, "kind"));
                Expr::col((child, "kind")).eq(of_parent).into_condition()
            }),
        }
    }
}

/// A `belongs_to` of the module that it stands in.
macro_rules! below {
    ($parent:ident, $column:tt) => {
        below!($parent, $column, Id)
    };
    ($parent:ident, ($($column:ident),*), ($($own:ident),*)) => {
        Entity::belongs_to(super::$parent::Entity)
            .from(($(Column::$column),*))
            .to(($(super::$parent::Column::$own),*))
            .into()
    };
    ($parent:ident, $column:ident, $own:ident) => {
        Entity::belongs_to(super::$parent::Entity)
            .from(Column::$column)
            .to(super::$parent::Column::$own)
            .into()
    };
}

macro_rules! node {
    (
        $module:ident, $table:literal, by: $by:expr, key: $key:ident { $($(#[$attribute:meta])* $own:ident: $own_type:ty),* },
        { $($field:ident: $type:ty),* }
    ) => {
        pub mod $module {
            use sea_orm::entity::prelude::*;
            use soft_delete::SoftDelete;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
            #[sea_orm(table_name = $table)]
            #[soft_delete(group = "model")]
            pub struct Model {
                $(
                    #[sea_orm(primary_key, auto_increment = false)]
                    $(#[$attribute])*
                    pub $own: $own_type,
                )*
                pub a_id: Option<i64>,
                pub b_id: Option<String>,
                pub c_id: Option<Uuid>,
                #[sea_orm(column_type = "Decimal(Some((10, 2)))")]
                pub d_id: Option<Decimal>,
                #[sea_orm(column_type = "Char(Some(8))")]
                pub e_id: Option<String>,
                pub f_tenant: i32,
                pub f_id: Option<i32>,
                pub kind: i32,
                #[soft_delete(unique)]
                pub code: Option<i32>,
                pub deleted_at: Option<DateTimeUtc>,
                pub deletion_id: Option<Uuid>,
                $(pub $field: $type,)*
            }

            // For each column of a parent one relation without condition, and one for each condition. A case has one of them.
            #[derive(Copy, Clone, Debug, EnumIter)]
            pub enum Relation {
                A0, A1, A2, A3,
                B0, B1, B2, B3,
                C0, C1, C2, C3,
                D0, D1, D2, D3,
                E0, E1, E2, E3,
                F0, F1, F2, F3,
            }

            impl RelationTrait for Relation {
                fn def(&self) -> RelationDef {
                    let number = *self as usize;
                    let relation = match number / super::WHENS.len() {
                        0 => below!(node_a, AId),
                        1 => below!(node_b, BId),
                        2 => below!(node_c, CId),
                        3 => below!(node_d, DId),
                        4 => below!(node_e, EId),
                        _ => below!(node_f, (FTenant, FId), (Tenant, Id)),
                    };
                    super::WHENS[number % super::WHENS.len()].relation(relation)
                }
            }

            impl ActiveModelBehavior for ActiveModel {}

            impl super::Node for Entity {
                fn by(delete: soft_delete::Delete<Self>, actor: i64) -> soft_delete::Delete<Self> {
                    let by: fn(soft_delete::Delete<Self>, i64) -> soft_delete::Delete<Self> = $by;
                    by(delete, actor)
                }

                fn delete(id: i64) -> soft_delete::Delete<Self> {
                    soft_delete::Delete::by_id(super::key::$key(id))
                }

                fn restore(id: i64) -> soft_delete::Restore<Self> {
                    soft_delete::Restore::by_id(super::key::$key(id))
                }

                fn force_delete(id: i64) -> soft_delete::ForceDelete<Self> {
                    soft_delete::ForceDelete::by_id(super::key::$key(id))
                }
            }
        }
    };
}

node!(node_a, "node_a", by: |delete, actor| delete.by(actor), key: integer { id: i64 }, { deleted_by: Option<i64> });
node!(node_b, "node_b", by: |delete, _| delete, key: text { id: String }, {});
node!(node_c, "node_c", by: |delete, _| delete, key: uuid { id: Uuid }, {});
node!(node_d, "node_d", by: |delete, actor| delete.by(actor), key: decimal { #[sea_orm(column_type = "Decimal(Some((10, 2)))")] id: Decimal }, { deleted_by: Option<i64> });
node!(node_e, "node_e", by: |delete, actor| delete.by(actor), key: char { #[sea_orm(column_type = "Char(Some(8))")] id: String }, { deleted_by: Option<i64> });
node!(node_f, "node_f", by: |delete, _| delete, key: composite { tenant: i32, id: i32 }, {});

/// Evaluates an expression with the entity of a table as a type.
macro_rules! with_entity {
    ($table:expr, $entity:ident => $body:expr) => {
        match $table {
            0 => with_entity!(@ node_a, $entity => $body),
            1 => with_entity!(@ node_b, $entity => $body),
            2 => with_entity!(@ node_c, $entity => $body),
            3 => with_entity!(@ node_d, $entity => $body),
            4 => with_entity!(@ node_e, $entity => $body),
            _ => with_entity!(@ node_f, $entity => $body),
        }
    };
    (@ $module:ident, $entity:ident => $body:expr) => {{
        type $entity = $crate::model::schema::$module::Entity;
        $body
    }};
}
pub(crate) use with_entity;

pub fn meta(table: Table) -> &'static EntityMeta {
    with_entity!(table, E => E::meta())
}

pub fn table_named(name: &str) -> Option<Table> {
    (0..TABLES).find(|table| meta(*table).table.name == name)
}

/// A foreign key and what deleting a parent does to the children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub child: Table,
    pub parent: Table,
    pub rule: OnDelete,
    pub when: When,
}

impl Key {
    pub const fn new(child: Table, parent: Table, rule: OnDelete) -> Self {
        Self {
            child,
            parent,
            rule,
            when: When::Always,
        }
    }

    pub const fn when(self, when: When) -> Self {
        Self { when, ..self }
    }
}

/// The schema of a case.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Those that are not named are ignored. Of several between two tables the last counts.
    pub keys: Vec<Key>,
    /// Whether the entity of each table has `deletion_id`. The column is there.
    pub has_id: [bool; TABLES],
}

/// Of the tables that have `deletion_id` if a case says nothing else: A, B and D.
pub const HAS_ID: [bool; TABLES] = [true, true, false, true, false, false];

impl<K: Into<Vec<Key>>> From<K> for Rules {
    fn from(keys: K) -> Self {
        Self {
            keys: keys.into(),
            has_id: HAS_ID,
        }
    }
}

impl Rules {
    pub fn key(&self, child: Table, parent: Table) -> Option<Key> {
        let mut keys = self.keys.iter();
        keys.rfind(|key| (key.child, key.parent) == (child, parent))
            .copied()
    }

    pub fn rule(&self, child: Table, parent: Table) -> OnDelete {
        self.key(child, parent)
            .map_or(OnDelete::Ignore, |key| key.rule)
    }

    pub fn registry(&self) -> Registry {
        (0..TABLES)
            .fold(Registry::builder(), |builder, table| {
                builder.meta(self.meta(table))
            })
            .build()
    }

    fn meta(&self, table: Table) -> EntityMeta {
        let mut meta = meta(table).clone();
        if !self.has_id[table] {
            meta.stamp.deletion_id = None;
        }
        let keys = (0..TABLES).filter_map(|parent| self.key(table, parent));
        let relations: Vec<_> = keys.map(|key| (relation(key), key.rule)).collect();
        for key in &mut meta.foreign_keys {
            let rule = relations.iter().find(|(name, _)| *name == key.relation);
            key.on_delete = rule.map_or(OnDelete::Ignore, |(_, rule)| *rule);
        }
        meta
    }
}

/// The relation that is a key's.
fn relation(key: Key) -> String {
    let letter = char::from(b'A' + key.parent as u8);
    format!("{letter}{}", key.when as usize)
}

/// The table that a relation refers to.
pub fn parent_of(relation: &str) -> Table {
    usize::from(relation.as_bytes()[0] - b'A')
}

/// Creates the tables, without foreign keys, and with the index that makes `code` unique among active rows.
pub async fn create_tables(db: &Connection, layout: &Layout) -> Result<(), DbErr> {
    for table in 0..TABLES {
        with_entity!(table, E => create_table(db.unscoped(), <E>::default()).await?);
        layout.apply(db, table).await?;
        make_code_unique_among_active(db, meta(table).table.name.clone()).await?;
    }
    Ok(())
}

pub async fn drop_tables(db: &Connection) -> Result<(), DbErr> {
    for table in 0..TABLES {
        let name = meta(table).table.name.clone();
        let drop = sea_query::Table::drop().table(name).if_exists().to_owned();
        db.unscoped().execute(&drop).await?;
    }
    Ok(())
}

async fn make_code_unique_among_active(db: &Connection, table: String) -> Result<(), DbErr> {
    let mut index = Index::create();
    index
        .name(format!("{table}_code_active"))
        .table(table.clone())
        .unique()
        .col("code");
    if db.get_database_backend() != DbBackend::MySql {
        index.and_where(Expr::col("deleted_at").is_null());
    } else {
        let is_active = Expr::cust("(CASE WHEN deleted_at IS NULL THEN 1 END)");
        let mut active = ColumnDef::new("active");
        active.tiny_integer().generated(is_active, false);
        let alter = sea_query::Table::alter()
            .table(table)
            .add_column(active)
            .to_owned();
        db.unscoped().execute(&alter).await?;
        index.col("active");
    }
    db.unscoped().execute(&index).await?;
    Ok(())
}
