#![doc = include_str!("../README.md")]

mod attr;
mod check;
mod errors;
mod expand;
mod model;
mod sea_orm;
#[cfg(test)]
mod snapshots;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes an entity soft-deletable: derive it for the entity's `Model`, beside `DeriveEntityModel`.
///
/// ```
/// # mod author {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "author")]
/// #     pub struct Model {
/// #         #[sea_orm(primary_key)]
/// #         pub id: i64,
/// #     }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// mod post {
///     use sea_orm::entity::prelude::*;
///     use soft_delete::SoftDelete;
///
///     #[sea_orm::model]
///     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, SoftDelete)]
///     #[sea_orm(table_name = "post")]
///     #[soft_delete(retention = "30 days")]
///     pub struct Model {
///         #[sea_orm(primary_key)]
///         pub id: i64,
///         #[soft_delete(unique)]
///         pub slug: String,
///         pub author_id: i64,
///         pub deleted_at: Option<DateTimeUtc>,
///         #[sea_orm(belongs_to, from = "author_id", to = "id", on_delete = "Restrict")]
///         #[soft_delete(on_delete = "cascade")]
///         pub author: BelongsTo<super::author::Entity>,
///     }
///
///     impl ActiveModelBehavior for ActiveModel {}
/// }
///
/// # fn main() {
/// use post::Entity as Post;
///
/// let active = Post::find();
/// let trash = Post::only_deleted();
/// let by_slug = Post::find_by_slug("hello");
/// # }
/// ```
///
/// It works on every format that SeaORM has for an entity: on the dense one (`#[sea_orm::model]`), on the compact one with
/// a `Relation` enum (`#[sea_orm::compact_model]` or nothing), and on what `sea-orm-cli generate entity` writes when given
/// `--model-extra-derives soft_delete::SoftDelete`. Attributes of the struct are given there with
/// `--model-extra-attributes`.
///
/// # Columns
///
/// | column | type | what it is for |
/// |---|---|---|
/// | `deleted_at` | `Option` of one of SeaORM's date-times, such as `DateTimeUtc` | when the row was deleted; NULL for an active row. The only one that an entity must have, unless it has a flag |
/// | `deletion_id` | `Option<Uuid>` | the deletion that took the row |
/// | `deleted_by` | `Option` of any type of column | who deleted it |
/// | `delete_reason` | `Option<String>` | why |
///
/// Another type of `deleted_at`, or a flag, is [described](#what-tells-a-deleted-row) by attributes.
///
/// They are found by these names. A field of another name is marked as such, `#[soft_delete(deleted_at)]`, or named on the
/// struct, `#[soft_delete(deleted_at = "removed_on")]`. The columns' names in the database are SeaORM's affair.
///
/// # Attributes of the struct
///
/// | `#[soft_delete(…)]` | what it says |
/// |---|---|
/// | `deleted_at = "field"`, `deletion_id = "field"`, `deleted_by = "field"`, `delete_reason = "field"` | the field that is this column |
/// | `flag = "field"`, `unix = "seconds"`, `active = 0` | as on a [field](#what-tells-a-deleted-row), where fields can't have attributes |
/// | `scheduled` | a row stays active until its `deleted_at`, which may be to come: [see below](#deletes-at-a-time-to-come) |
/// | `touch = "updated_at"`, `touch(updated_at, changed = "millis")` | these are set to the time of each delete and restore: [see below](#what-a-delete-and-a-restore-change-beside-it) |
/// | `version = "version"` | this is counted up by each delete and restore |
/// | `unique(tenant_id, slug)` | these are unique together among active rows; the group is called `tenant_id_slug` |
/// | `unique(by_tenant = (tenant_id, slug))` | the same, and the group is called `by_tenant` |
/// | `unique(tenant_id, email = "lower(email)")` | unique by an expression of SQL over columns of the row, in which the names of columns are found; the group is called `tenant_id_email` |
/// | `unique(owner_id, where = "is_default")` | unique among the active rows that meet a condition of SQL |
/// | `unique(slug, nulls_not_distinct)` | NULLs are equal, which PostgreSQL has an index for since 15 |
/// | `retention = "30 days"` | how long a deleted row is kept before a purge may remove it, in whole seconds or any longer [unit](https://docs.rs/humantime/latest/humantime/fn.parse_duration.html), where a month has 30.44 days and a year 365.25. Without it, for ever |
/// | `deletion_id = none`, `deleted_by = none`, `delete_reason = none` | the entity has no such column: a field of that name is something else |
/// | `on_delete(Author = "restrict")` | overrides a foreign key, by the variant of `Relation` |
/// | `default_on_delete = "cascade"` | the rule of foreign keys that have none, in the place of RESTRICT |
/// | `skip(Entity::delete, is_deleted)` | these functions are not generated, because the entity has some of these names: see [below](#what-is-generated) |
/// | `rename(Model::delete = "soft_delete")` | the function is generated under that name |
/// | `if_present` | nothing is generated for an entity without `deleted_at`, where the derive is put on all |
/// | `group = "billing"` | keeps the entity apart from those of other groups: that is for entities of another database, whose tables may have the same names |
/// | `crate = "path::to::soft_delete"` | where the library is, if not at `::soft_delete` |
///
/// # Attributes of a field
///
/// | `#[soft_delete(…)]` | what it says |
/// |---|---|
/// | `deleted_at`, `deletion_id`, `deleted_by`, `delete_reason` | the field is this column |
/// | `touch`, `touch = "millis"` | it is set to the time of each delete and restore; a whole number names its unit, `"seconds"` or `"millis"` |
/// | `version` | it is counted up by each delete and restore |
/// | `unique` | it is unique among active rows; the group has the field's name |
/// | `unique = "by_tenant"` | it is unique together with the other fields of that group |
/// | `on_delete = "restrict"` | overrides the foreign key of a `BelongsTo` field |
///
/// # What tells a deleted row
///
/// A date-time that is NULL in active rows, if nothing is said. Else, on the field of `deleted_at`,
///
/// | `#[soft_delete(…)]` | what it says |
/// |---|---|
/// | `unix = "seconds"`, `unix = "millis"` | it is a whole number that counts from 1970: `i32`, `i64`, `u32`, `u64` or `Option` of one. SeaORM's `ChronoUnixTimestamp` and `ChronoUnixTimestampMillis` need no attribute |
/// | `active = 0` | such a number is 0 in active rows, and not NULL |
/// | `active = "9999-12-31 23:59:59"` | a date-time is that in active rows, in UTC, and not NULL |
///
/// and on another,
///
/// | `#[soft_delete(…)]` | what it says |
/// |---|---|
/// | `flag` | this `bool`, or whole number, is true, or not 0, in deleted rows; with a `deleted_at` beside it, or without. A flag alone keeps no time, so that there is no retention, and needs a `deletion_id` for cascades |
///
/// # What a delete and a restore change beside it
///
/// Every UPDATE that marks rows, or makes them active again, also sets the columns of `touch` to the time of the call, and adds 1 to the
/// `version`:
///
/// ```sql
/// UPDATE post SET deleted_at = $1, deletion_id = $2, updated_at = $3, version = post.version + 1 WHERE …
/// ```
///
/// So do those of rows below, each by what its own entity says, and undos. All rows of one call get one time, as their columns keep
/// it: it is the present one, whatever [`at`](struct.Delete.html#method.at) says. A row that was deleted already is left as it is, and
/// so is one whose key is set to NULL, as no delete takes it; nor does it count as a restore when a row that stays deleted goes over to
/// another parent's deletion.
///
/// `touch` stands on a date-time, or on `ChronoUnixTimestamp` or `…Millis`, or on a whole number with its unit, NULL or not; `version`
/// on `i16`, `i32`, `i64`, `u16`, `u32` or `u64`. Edits may write both: they are no part of the stamp.
/// [`expecting`](struct.Delete.html#method.expecting) refuses to delete or restore a row of another version.
///
/// # Deletes at a time to come
///
/// With `scheduled` on the struct, a row is active as long as its `deleted_at` is to come: `find` and all other reads have
/// `deleted_at IS NULL OR deleted_at > now`, and `only_deleted` has `deleted_at <= now`. `Post::delete_by_id(7).at(time)` marks the row and
/// all below it at once, for that time; a restore or undo before then cancels it. A time that is past is `Error::ScheduledInPast`. A
/// deletion takes the rows that are active at its own time: a delete for now, or for an earlier time, takes rows that are scheduled for
/// later, and one for a later time leaves them alone.
///
/// `now` is the program's clock when the select is made, and the database's in a `ScopedConnection`: the clocks have to agree.
///
/// All entities of the cascade must be `scheduled`, and no key is set to NULL, else such a delete is `Error::NotScheduled`. A row needs a
/// `deletion_id`, and a `deleted_at` that is NULL in active rows: of chrono's types but `DateTimeLocal`, or a whole number. `unique` does
/// not compile with it: an index can't tell the time, so that the values would be free while the row is still active.
///
/// # Unique values and foreign keys
///
/// `unique` takes the place of SeaORM's, which counts deleted rows too; having both on the same columns is an error.
///
/// A foreign key is followed as the database would have followed it on a physical DELETE. `on_delete` overrides that:
///
/// | `on_delete` | deleting the parent |
/// |---|---|
/// | `"cascade"` | deletes the row too |
/// | `"restrict"` | is refused while the row is active |
/// | `"set_null"` | sets the row's key to NULL |
/// | `"ignore"` | leaves the row alone |
///
/// The expanded format of `sea-orm-cli` leaves the foreign keys' rules out, so that all of them are taken for RESTRICT:
/// there `on_delete(…)` is needed for every other, or `default_on_delete` for all of an entity's.
///
/// # What is generated
///
/// - `impl SoftDelete for Entity`, and its entry in the registry of the program's entities.
/// - Functions of `Entity` of the same names as SeaORM's. An inherent function is found before one of a trait, so that
///   `Post::find()` is the one that sees active rows: `find`, `find_by_id`, `update`, `update_many`, `delete`, `delete_by_id`,
///   `delete_many`. Beside them `with_deleted`, `only_deleted`, `deletion_roots`, and `restore` and `force_delete` with
///   their `_by_id` and `_many`.
/// - For each group of `unique`, functions of `Entity`: `find_by_<group>`, `delete_by_<group>`, `restore_by_<group>`. They take
///   the value, or a tuple of the values in the order of the group.
/// - Methods of `Model`: `delete`, `restore`, `force_delete`, `is_deleted`; and of `ActiveModel`: `delete`, `restore`,
///   `force_delete`, `update`, `update_without_returning`, `save`. SeaORM's own code in the entity's module calls these too, so
///   that `ModelEx::delete` and `Model::cascade_delete` mark rows as deleted.
///
/// Where the entity has a function of one of these names already, `skip(…)` leaves ours out and `rename(…)` gives it another name.
/// A name that several types have is said with its type, `Entity::delete`. The entity's own function then is what is called: where
/// it has none, SeaORM's is found, which sees deleted rows and deletes physically. The functions of the trait stay:
/// `<Post as SoftDelete>::delete_by_id(7)`.
#[proc_macro_derive(SoftDelete, attributes(soft_delete))]
pub fn derive_soft_delete(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input as DeriveInput)).into()
}

fn derive(input: &DeriveInput) -> proc_macro2::TokenStream {
    let (target, errors) = check::check(input);
    let code = target.as_ref().map(expand::expand);
    let errors = errors.to_compile_error();
    quote::quote!(#errors #code)
}
