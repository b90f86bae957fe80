//! An entity as plain data: `check` makes it, `expand` turns it into code.
//!
//! What was wrong is left out. Code is generated all the same, so that the user sees that error and not the errors of
//! all the code that misses a function.

use proc_macro2::Span;
use syn::{Ident, LitStr, Path, Type};

/// What the derive was put on.
pub(crate) enum Target {
    Model(Box<Model>),
    ModelEx(Box<ModelEx>),
}

/// The entity's `Model`: it has all the columns.
pub(crate) struct Model {
    pub(crate) krate: Path,
    pub(crate) stamp: Stamp,
    pub(crate) touch: Vec<Touch>,
    pub(crate) version: Option<Column>,
    pub(crate) unique: Vec<Unique>,
    pub(crate) group: Option<LitStr>,
    /// In seconds.
    pub(crate) retention: Option<u64>,
    pub(crate) rules: Vec<Rule>,
    /// Of foreign keys that have none.
    pub(crate) default_rule: Option<OnDelete>,
    /// Whether there is a `ModelEx` too, whose relation fields may have rules.
    pub(crate) has_ex: bool,
    pub(crate) names: Vec<Name>,
}

/// The `ModelEx` that `#[sea_orm::model]` makes: it has the relation fields.
pub(crate) struct ModelEx {
    pub(crate) krate: Path,
    pub(crate) stamp: Stamp,
    pub(crate) rules: Vec<Rule>,
    pub(crate) names: Vec<Name>,
}

/// What a generated function is called instead.
pub(crate) struct Name {
    pub(crate) owner: Owner,
    pub(crate) function: String,
    /// `None` if it is not generated.
    pub(crate) renamed: Option<Ident>,
}

/// A type that gets functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Entity,
    Model,
    ModelEx,
    ActiveModel,
}

impl Owner {
    pub(crate) const ALL: [Self; 4] = [Self::Entity, Self::Model, Self::ModelEx, Self::ActiveModel];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Entity => "Entity",
            Self::Model => "Model",
            Self::ModelEx => "ModelEx",
            Self::ActiveModel => "ActiveModel",
        }
    }

    /// What is generated for it, but for the functions of unique columns.
    pub(crate) fn functions(self) -> &'static [&'static str] {
        match self {
            Self::Entity => &[
                "find",
                "find_by_id",
                "with_deleted",
                "only_deleted",
                "deletion_roots",
                "update",
                "update_many",
                "delete",
                "delete_by_id",
                "delete_many",
                "restore",
                "restore_by_id",
                "restore_many",
                "insert_or_restore",
                "insert_or_restore_many",
                "force_delete",
                "force_delete_by_id",
                "force_delete_many",
                "erase_by_id",
            ],
            Self::Model => &["delete", "restore", "force_delete", "is_deleted"],
            Self::ModelEx => &["is_deleted"],
            Self::ActiveModel => &[
                "delete",
                "restore",
                "force_delete",
                "update",
                "update_without_returning",
                "save",
                "insert_or_restore",
            ],
        }
    }
}

/// The columns that a deletion writes.
pub(crate) struct Stamp {
    pub(crate) deleted_at: Option<Column>,
    /// What tells a deleted row, in the place of `deleted_at` or beside it.
    pub(crate) flag: Option<Column>,
    /// How `deleted_at` is stored.
    pub(crate) time: Time,
    /// Whether rows are active until their time.
    pub(crate) scheduled: bool,
    pub(crate) deletion_id: Option<Column>,
    pub(crate) deleted_by: Option<Column>,
    pub(crate) delete_reason: Option<Column>,
}

/// How `deleted_at` is stored.
#[derive(Clone, Copy, Default)]
pub(crate) struct Time {
    pub(crate) unix: Option<Unit>,
    /// What an active row has, where that is not NULL.
    pub(crate) active: Option<Active>,
    /// Whether something was wrong with it, which was reported.
    pub(crate) is_wrong: bool,
}

impl Time {
    pub(crate) fn wrong() -> Self {
        Self {
            is_wrong: true,
            ..Self::default()
        }
    }
}

/// What a whole number counts since 1970.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Millis,
}

#[derive(Clone, Copy)]
pub(crate) enum Active {
    Zero,
    /// In microseconds since 1970.
    Time(i64),
}

impl Stamp {
    /// The column that tells a deleted row.
    pub(crate) fn marker(&self) -> Option<&Column> {
        self.flag.as_ref().or(self.deleted_at.as_ref())
    }

    /// Whether a deleted row is told by a value that is not NULL.
    pub(crate) fn is_by_null(&self) -> bool {
        self.flag.is_none() && self.time.active.is_none() && !self.scheduled
    }

    pub(crate) fn columns(&self) -> impl Iterator<Item = &Column> {
        [
            &self.deleted_at,
            &self.flag,
            &self.deletion_id,
            &self.deleted_by,
            &self.delete_reason,
        ]
        .into_iter()
        .flatten()
    }
}

/// A column that a delete and a restore set to the time of the call.
pub(crate) struct Touch {
    pub(crate) column: Column,
    /// Of a whole number.
    pub(crate) unix: Option<Unit>,
}

/// What a column of the stamp is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    DeletedAt,
    Flag,
    DeletionId,
    DeletedBy,
    DeleteReason,
}

impl Role {
    pub(crate) const ALL: [Self; 5] = [
        Self::DeletedAt,
        Self::Flag,
        Self::DeletionId,
        Self::DeletedBy,
        Self::DeleteReason,
    ];

    /// The name of the attribute, and of the field it is found by without one; a flag is found by its attribute only.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::DeletedAt => "deleted_at",
            Self::Flag => "flag",
            Self::DeletionId => "deletion_id",
            Self::DeletedBy => "deleted_by",
            Self::DeleteReason => "delete_reason",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// A field that is a column.
#[derive(Clone)]
pub(crate) struct Column {
    pub(crate) field: Ident,
    /// Its variant of SeaORM's `Column` enum.
    pub(crate) variant: Ident,
    pub(crate) ty: Type,
}

impl Column {
    pub(crate) fn name(&self) -> String {
        plain(&self.field)
    }
}

/// The name without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    syn::ext::IdentExt::unraw(ident).to_string()
}

/// Columns that are unique among active rows.
pub(crate) struct Unique {
    pub(crate) name: String,
    /// Where the user wrote it.
    pub(crate) span: Span,
    /// Those of expressions as well.
    pub(crate) columns: Vec<Column>,
    /// What is compared, where that isn't the columns among all active rows.
    pub(crate) rules: Option<UniqueRules>,
}

impl Unique {
    /// Columns that are unique among all active rows.
    pub(crate) fn plain(name: String, span: Span, columns: Vec<Column>) -> Self {
        Self {
            name,
            span,
            columns,
            rules: None,
        }
    }
}

/// By expressions, under a condition, or with NULLs that are equal.
pub(crate) struct UniqueRules {
    pub(crate) parts: Vec<UniquePart>,
    pub(crate) condition: Option<LitStr>,
    pub(crate) nulls_not_distinct: bool,
}

pub(crate) enum UniquePart {
    Column(Box<Column>),
    Expression(LitStr),
}

/// What deleting a parent does to this entity's rows, where the foreign key's own rule is not to be followed.
pub(crate) struct Rule {
    /// The variant of the entity's `Relation` enum.
    pub(crate) relation: Ident,
    pub(crate) on_delete: OnDelete,
}

#[derive(Clone, Copy)]
pub(crate) enum OnDelete {
    Cascade,
    Restrict,
    SetNull,
    Ignore,
}

impl OnDelete {
    pub(crate) const NAMES: [&str; 4] = ["cascade", "restrict", "set_null", "ignore"];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "cascade" => Self::Cascade,
            "restrict" => Self::Restrict,
            "set_null" => Self::SetNull,
            "ignore" => Self::Ignore,
            _ => return None,
        })
    }
}
