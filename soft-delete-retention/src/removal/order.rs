//! The order in which the rows of several tables can go: children before parents.

use soft_delete_core::engine_api;
use soft_delete_schema::schema_api::catalog::Table;

/// A foreign key between two of the tables, which are known by their places.
#[derive(Clone, Debug)]
pub(crate) struct KeyBetween {
    pub(crate) child: usize,
    pub(crate) parent: usize,
    pub(crate) columns: Vec<String>,
    pub(crate) parent_columns: Vec<String>,
    /// Those of the columns that may be NULL.
    pub(crate) nullable: Vec<String>,
}

/// Those of the columns that may be NULL in the database.
pub(crate) fn nullable_of(table: Option<&Table>, columns: &[String]) -> Vec<String> {
    let is_nullable = |name: &&String| {
        let column = table.and_then(|table| table.column(name));
        column.is_some_and(|column| column.nullable)
    };
    columns.iter().filter(is_nullable).cloned().collect()
}

/// Tables that refer to each other in a cycle, or one that is in no cycle.
pub(crate) struct Component {
    pub(crate) places: Vec<usize>,
    /// The keys between them, of a table to itself included. Without one there is no cycle.
    pub(crate) keys: Vec<KeyBetween>,
    /// The same places, in the order in which rows that keep each other can go once their keys that may be NULL are. `None` if there
    /// is no such order.
    pub(crate) broken: Option<Vec<usize>>,
}

impl Component {
    pub(crate) fn is_cyclic(&self) -> bool {
        !self.keys.is_empty()
    }
}

/// The components of these tables, children before parents.
pub(crate) fn components(places: &[usize], keys: &[KeyBetween]) -> Vec<Component> {
    let component = |places: Vec<usize>| {
        let is_within =
            |key: &&KeyBetween| places.contains(&key.child) && places.contains(&key.parent);
        let keys: Vec<_> = keys.iter().filter(is_within).cloned().collect();
        Component {
            broken: order_without_nullable(&places, &keys),
            keys,
            places,
        }
    };
    let found = engine_api::components(places, |parent| children(keys.iter(), parent));
    found.into_iter().rev().map(component).collect()
}

fn order_without_nullable(places: &[usize], keys: &[KeyBetween]) -> Option<Vec<usize>> {
    let firm = || keys.iter().filter(|key| key.nullable.is_empty());
    let found = engine_api::components(places, |parent| children(firm(), parent));
    let is_cyclic =
        firm().any(|key| key.parent == key.child) || found.iter().any(|some| some.len() > 1);
    (!is_cyclic).then(|| found.into_iter().rev().flatten().collect())
}

fn children<'k>(keys: impl Iterator<Item = &'k KeyBetween>, parent: usize) -> Vec<usize> {
    keys.filter(|key| key.parent == parent)
        .map(|key| key.child)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(child: usize, parent: usize, nullable: &[&str]) -> KeyBetween {
        let columns = vec!["parent_id".to_owned()];
        KeyBetween {
            child,
            parent,
            parent_columns: columns.clone(),
            columns,
            nullable: nullable.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn children_go_before_parents() {
        let components = components(&[0, 1, 2], &[key(1, 0, &[]), key(2, 1, &[])]);
        let order: Vec<_> = components
            .iter()
            .map(|component| component.places.clone())
            .collect();
        assert_eq!(order, [[2], [1], [0]]);
        assert!(!components.iter().any(Component::is_cyclic));
    }

    #[test]
    fn a_cycle_has_an_order_once_its_nullable_keys_are_null() {
        let cycle = components(&[0, 1], &[key(1, 0, &[]), key(0, 1, &["parent_id"])]);
        assert_eq!(cycle.len(), 1);
        assert_eq!(cycle[0].broken, Some(vec![1, 0]));
        let firm = components(&[0, 1], &[key(1, 0, &[]), key(0, 1, &[])]);
        assert_eq!(firm[0].broken, None);
    }

    #[test]
    fn a_table_that_refers_to_itself_by_a_required_key_has_no_order() {
        let components = components(&[0], &[key(0, 0, &[])]);
        assert!(components[0].is_cyclic());
        assert_eq!(components[0].broken, None);
    }
}
