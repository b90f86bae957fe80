//! Entities that share a table, such as those of an inheritance or a light read model: what they say of it together.

use std::{cmp::Reverse, time::Duration};

use crate::model::{EntityMeta, Error, ForeignKeyMeta, StampColumns, TableName, UniqueKey};

/// One description for each table, sorted by table, and what was said differently of the first table that has such.
///
/// A table's description has the columns, foreign keys, unique keys and children that any of its entities names. It begins
/// with the entity that has most columns, whose name it bears.
pub(crate) fn by_table(mut entities: Vec<EntityMeta>) -> (Vec<EntityMeta>, Option<Error>) {
    entities.sort_by(|a, b| {
        let order = |meta: &EntityMeta| (meta.table.clone(), Reverse(meta.columns.len()));
        (order(a), a.entity).cmp(&(order(b), b.entity))
    });
    let mut disagreement = None;
    let tables = entities
        .chunk_by(|a, b| a.table == b.table)
        .map(|sharing| {
            disagreement = disagreement.take().or_else(|| first_disagreement(sharing));
            together(sharing)
        })
        .collect();
    (tables, disagreement)
}

fn first_disagreement(sharing: &[EntityMeta]) -> Option<Error> {
    let mut pairs = sharing
        .iter()
        .enumerate()
        .flat_map(|(place, one)| sharing[place + 1..].iter().map(move |other| (one, other)));
    pairs.find_map(|(one, other)| {
        let differences = differences(one, other);
        (!differences.is_empty()).then(|| Error::EntitiesDisagree {
            group: one.group,
            table: one.table.clone(),
            entities: Box::new([one.entity, other.entity]),
            differences,
        })
    })
}

fn together(sharing: &[EntityMeta]) -> EntityMeta {
    let mut all = sharing[0].clone();
    for other in &sharing[1..] {
        for column in &other.columns {
            match all.columns.iter_mut().find(|own| own.name == column.name) {
                Some(own) => own.nullable |= column.nullable,
                None => all.columns.push(column.clone()),
            }
        }
        let keys = other.foreign_keys.iter();
        add_new(&mut all.foreign_keys, keys, is_same_key);
        let keys = other.unique.iter();
        add_new(&mut all.unique, keys, is_same_unique_key);
        add_new(&mut all.children, other.children.iter(), |a, b| a == b);
        let stamp = &mut all.stamp;
        for (own, others) in companions_mut(stamp)
            .into_iter()
            .zip(companions(&other.stamp))
        {
            *own = own.take().or_else(|| others.1.clone());
        }
        let touch = other.touch.iter();
        add_new(&mut all.touch, touch, |a, b| a.name == b.name);
        all.version = all.version.take().or_else(|| other.version.clone());
        all.hooks = all.hooks.or(other.hooks);
    }
    let table = &all.table;
    all.foreign_keys.retain(|key| !leads_to_itself(table, key));
    all
}

/// Whether each row refers to itself by the key: a relation from one entity of the table to another, and no foreign key.
fn leads_to_itself(table: &TableName, key: &ForeignKeyMeta) -> bool {
    key.parent == *table && key.columns == key.parent_columns
}

fn add_new<'o, T: Clone + 'o>(
    all: &mut Vec<T>,
    others: impl Iterator<Item = &'o T>,
    is_same: impl Fn(&T, &T) -> bool,
) {
    // Only against what was there: one entity may say a thing twice.
    let known = all.len();
    for other in others {
        if !all[..known].iter().any(|own| is_same(own, other)) {
            all.push(other.clone());
        }
    }
}

/// Whether the same values are unique, whatever the order of the fields.
fn is_same_unique_key(a: &UniqueKey, b: &UniqueKey) -> bool {
    let sorted = |key: &UniqueKey| {
        let mut columns = key.columns.clone();
        columns.sort_unstable();
        columns
    };
    match a.is_plain() && b.is_plain() {
        true => sorted(a) == sorted(b),
        false => {
            let rules = |key: &UniqueKey| (key.condition().cloned(), key.nulls_not_distinct());
            a.parts() == b.parts() && rules(a) == rules(b)
        }
    }
}

/// Whether it is the same key of the table, whatever each entity calls it and has for a rule.
fn is_same_key(a: &ForeignKeyMeta, b: &ForeignKeyMeta) -> bool {
    let named = ForeignKeyMeta {
        relation: a.relation.clone(),
        on_delete: a.on_delete,
        ..b.clone()
    };
    *a == named
}

/// What two entities say differently of their table: each with both names and what to look at.
fn differences(one: &EntityMeta, other: &EntityMeta) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(of_primary_keys(one, other));
    found.extend(of_stamps(one, other));
    found.extend(of_touch(one, other));
    found.extend(of_retentions(one, other));
    found.extend(of_rules(one, other));
    found.extend(of_unique_keys(one, other));
    found.extend(of_columns(one, other));
    if one.hooks.is_some() && other.hooks.is_some() && one.entity != other.entity {
        found.push("both implement `Hooks`".to_owned());
    }
    found
}

fn of_primary_keys(one: &EntityMeta, other: &EntityMeta) -> Option<String> {
    let [own, others] = [one, other].map(|meta| meta.primary_key.join(", "));
    (own != others).then(|| format!("the primary key is ({own}) and ({others})"))
}

fn of_stamps(one: &EntityMeta, other: &EntityMeta) -> Vec<String> {
    let mut found = Vec::new();
    let (own, others) = (&one.stamp, &other.stamp);
    if own.deleted_at != others.deleted_at {
        let (own, others) = (&own.deleted_at, &others.deleted_at);
        found.push(format!("`deleted_at` is the column `{own}` and `{others}`"));
    } else if own.deleted_at_kind != others.deleted_at_kind {
        let (own, others) = (own.deleted_at_kind, others.deleted_at_kind);
        found.push(format!("`deleted_at` has the type {own:?} and {others:?}"));
    }
    if one.stamp.marker != other.stamp.marker {
        let (own, others) = (&one.stamp.marker, &other.stamp.marker);
        found.push(format!(
            "deleted rows are marked by {own:?} and by {others:?}"
        ));
    }
    if own.scheduled != others.scheduled {
        found.push("only one of them has `scheduled`".to_owned());
    }
    for ((role, own), (_, others)) in companions(&one.stamp)
        .into_iter()
        .zip(companions(&other.stamp))
    {
        if let (Some(own), Some(others)) = (own, others)
            && own != others
        {
            found.push(format!("`{role}` is the column `{own}` and `{others}`"));
        }
    }
    found
}

/// Of columns that both name. An entity need not have what another one of the table touches.
fn of_touch(one: &EntityMeta, other: &EntityMeta) -> Vec<String> {
    let mut found = Vec::new();
    for own in &one.touch {
        let mut others = other.touch.iter();
        if let Some(others) = others.find(|others| others.name == own.name && *others != own) {
            let (own, others, name) = (own.kind, others.kind, &own.name);
            found.push(format!(
                "`{name}`, which is touched, has the type {own:?} and {others:?}"
            ));
        }
    }
    if let (Some(own), Some(others)) = (&one.version, &other.version)
        && own != others
    {
        found.push(format!("the version is the column `{own}` and `{others}`"));
    }
    found
}

fn companions(stamp: &StampColumns) -> [(&'static str, &Option<String>); 3] {
    [
        ("deletion_id", &stamp.deletion_id),
        ("deleted_by", &stamp.deleted_by),
        ("delete_reason", &stamp.delete_reason),
    ]
}

fn companions_mut(stamp: &mut StampColumns) -> [&mut Option<String>; 3] {
    [
        &mut stamp.deletion_id,
        &mut stamp.deleted_by,
        &mut stamp.delete_reason,
    ]
}

fn of_retentions(one: &EntityMeta, other: &EntityMeta) -> Option<String> {
    const DAY: u64 = 24 * 60 * 60;
    let how_long = |retention: Option<Duration>| match retention.map(|kept| kept.as_secs()) {
        Some(seconds) if seconds % DAY == 0 => format!("{} days", seconds / DAY),
        Some(seconds) => format!("{seconds} s"),
        None => "for ever".to_owned(),
    };
    let [own, others] = [one, other].map(|meta| how_long(meta.retention));
    (own != others).then(|| format!("deleted rows are kept {own} and {others}"))
}

fn of_rules(one: &EntityMeta, other: &EntityMeta) -> Vec<String> {
    let mut found = Vec::new();
    for own in &one.foreign_keys {
        for others in &other.foreign_keys {
            if is_same_key(own, others) && own.on_delete != others.on_delete {
                found.push(format!(
                    "the key ({}) to `{}` has the rule {:?} in `{}` and {:?} in `{}`",
                    own.columns.join(", "),
                    own.parent,
                    own.on_delete,
                    own.relation,
                    others.on_delete,
                    others.relation,
                ));
            }
        }
    }
    found
}

fn of_unique_keys(one: &EntityMeta, other: &EntityMeta) -> Vec<String> {
    let mut found = Vec::new();
    for own in &one.unique {
        for others in &other.unique {
            if own.name == others.name && !is_same_unique_key(own, others) {
                let [name, own, others] = [
                    own.name.clone(),
                    own.columns.join(", "),
                    others.columns.join(", "),
                ];
                found.push(format!("the unique key `{name}` is ({own}) and ({others})"));
            }
        }
    }
    found
}

/// Only of columns that are compared, written or set to NULL. What the others are is each entity's own affair.
fn of_columns(one: &EntityMeta, other: &EntityMeta) -> Vec<String> {
    let mut found = Vec::new();
    let roles = |meta: &EntityMeta, name: &str| {
        let has = |names: &[String]| names.iter().any(|own| own == name);
        let references = meta.foreign_keys.iter().any(|key| has(&key.columns));
        let is_read = has(&meta.primary_key)
            || meta.stamp.names().skip(1).any(|own| own == name)
            || meta.unique.iter().any(|key| has(&key.columns));
        (references, references || is_read)
    };
    for own in &one.columns {
        let Some(others) = other.column(&own.name) else {
            continue;
        };
        let name = own.name.as_str();
        let [own_role, others_role] = [roles(one, name), roles(other, name)];
        if (own_role.1 || others_role.1) && own.value_type != others.value_type {
            let (own, others) = (&own.value_type, &others.value_type);
            found.push(format!("`{name}` has the type {own:?} and {others:?}"));
        }
        if own_role.0 && others_role.0 && own.nullable != others.nullable {
            let [own, others] = [own, others].map(|column| match column.nullable {
                true => "nullable",
                false => "NOT NULL",
            });
            found.push(format!("`{name}` is {own} and {others}"));
        }
    }
    found
}
