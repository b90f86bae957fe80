//! The tables that the model test runs on. Any table may have foreign keys to any, itself included; what they do is up to
//! each case.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, Iterable as _, PrimaryKeyToColumn as _, PrimaryKeyTrait,
    sea_query::{self, ColumnDef, ConditionalStatement as _, Expr, ExprTrait as _, Index},
};
use soft_delete::{Delete, EntityMeta, OnDelete, Registry, SoftDelete};

use crate::support::TestDb;

/// A table by its place: `node_a` is 0.
pub type Table = usize;

pub const TABLES: usize = 6;

/// The foreign key column to each table.
pub const PARENT_COLUMNS: [&str; TABLES] = ["a_id", "b_id", "c_id", "d_id", "e_id", "f_id"];

/// An entity of the model test.
pub trait Node: SoftDelete<PrimaryKey: PrimaryKeyTrait<ValueType = i64>> {
    /// Says who deletes, where the entity has a column for it.
    fn by(delete: Delete<Self>, actor: i64) -> Delete<Self>;

    fn has_id(ids: &[i64]) -> Expr {
        let is_one = |key: Self::PrimaryKey| key.into_column().is_in(ids.iter().copied());
        Self::PrimaryKey::iter()
            .map(is_one)
            .next()
            .unwrap_or(Expr::cust("1 = 0"))
    }
}

macro_rules! node {
    ($module:ident, $table:literal, by: $by:expr, { $($field:ident: $type:ty),* }) => {
        pub mod $module {
            use sea_orm::entity::prelude::*;
            use soft_delete::SoftDelete;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
            #[sea_orm(table_name = $table)]
            #[soft_delete(group = "model")]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub id: i64,
                pub a_id: Option<i64>,
                pub b_id: Option<i64>,
                pub c_id: Option<i64>,
                pub d_id: Option<i64>,
                pub e_id: Option<i64>,
                pub f_id: Option<i64>,
                #[soft_delete(unique)]
                pub code: Option<i32>,
                pub deleted_at: Option<DateTimeUtc>,
                $(pub $field: $type,)*
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {
                #[sea_orm(belongs_to = "super::node_a::Entity", from = "Column::AId", to = "super::node_a::Column::Id", skip_fk)]
                A,
                #[sea_orm(belongs_to = "super::node_b::Entity", from = "Column::BId", to = "super::node_b::Column::Id", skip_fk)]
                B,
                #[sea_orm(belongs_to = "super::node_c::Entity", from = "Column::CId", to = "super::node_c::Column::Id", skip_fk)]
                C,
                #[sea_orm(belongs_to = "super::node_d::Entity", from = "Column::DId", to = "super::node_d::Column::Id", skip_fk)]
                D,
                #[sea_orm(belongs_to = "super::node_e::Entity", from = "Column::EId", to = "super::node_e::Column::Id", skip_fk)]
                E,
                #[sea_orm(belongs_to = "super::node_f::Entity", from = "Column::FId", to = "super::node_f::Column::Id", skip_fk)]
                F,
            }

            impl ActiveModelBehavior for ActiveModel {}

            impl super::Node for Entity {
                fn by(delete: soft_delete::Delete<Self>, actor: i64) -> soft_delete::Delete<Self> {
                    let by: fn(soft_delete::Delete<Self>, i64) -> soft_delete::Delete<Self> = $by;
                    by(delete, actor)
                }
            }
        }
    };
}

node!(node_a, "node_a", by: |delete, actor| delete.by(actor), { deletion_id: Option<Uuid>, deleted_by: Option<i64> });
node!(node_b, "node_b", by: |delete, _| delete, { deletion_id: Option<Uuid> });
node!(node_c, "node_c", by: |delete, _| delete, {});
node!(node_d, "node_d", by: |delete, actor| delete.by(actor), { deletion_id: Option<Uuid>, deleted_by: Option<i64> });
node!(node_e, "node_e", by: |delete, actor| delete.by(actor), { deleted_by: Option<i64> });
node!(node_f, "node_f", by: |delete, _| delete, {});

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
}

impl Key {
    pub const fn new(child: Table, parent: Table, rule: OnDelete) -> Self {
        Self {
            child,
            parent,
            rule,
        }
    }
}

/// The foreign keys of a case. Those that it does not name are ignored.
pub fn registry(keys: &[Key]) -> Registry {
    let with_rules = |table: Table| {
        let mut meta = meta(table).clone();
        for (parent, column) in PARENT_COLUMNS.into_iter().enumerate() {
            let rule = rule(keys, table, parent);
            for key in meta
                .foreign_keys
                .iter_mut()
                .filter(|key| key.columns == [column])
            {
                key.on_delete = rule;
            }
        }
        meta
    };
    (0..TABLES)
        .fold(Registry::builder(), |builder, table| {
            builder.meta(with_rules(table))
        })
        .build()
}

/// The rule of one foreign key: of several the last.
pub fn rule(keys: &[Key], child: Table, parent: Table) -> OnDelete {
    let named = keys
        .iter()
        .rfind(|key| (key.child, key.parent) == (child, parent));
    named.map_or(OnDelete::Ignore, |key| key.rule)
}

/// Creates the tables, without foreign keys, and with the index that makes `code` unique among active rows.
pub async fn create_tables(db: &TestDb) -> Result<(), DbErr> {
    for table in 0..TABLES {
        with_entity!(table, E => db.create_table(<E>::default()).await?);
        make_code_unique_among_active(db, meta(table).table.name.clone()).await?;
    }
    Ok(())
}

async fn make_code_unique_among_active(db: &TestDb, table: String) -> Result<(), DbErr> {
    let mut index = Index::create();
    index
        .name(format!("{table}_code_active"))
        .table(table.clone())
        .unique()
        .col("code");
    if db.kind().supports_partial_index() {
        index.and_where(Expr::col("deleted_at").is_null());
    } else {
        let is_active = Expr::cust("(CASE WHEN deleted_at IS NULL THEN 1 END)");
        let mut active = ColumnDef::new("active");
        active.tiny_integer().generated(is_active, false);
        db.execute(sea_query::Table::alter().table(table).add_column(active))
            .await?;
        index.col("active");
    }
    db.execute(&index).await?;
    Ok(())
}
