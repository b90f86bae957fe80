//! Parents before children, row by row.

use std::collections::{BTreeSet, HashMap};

use super::{Stored, statements::Insertion};
use crate::archive::restore::same::text;

/// The places of the entries, each after those of the rows that it refers to. Rows in a circle come last.
pub(super) fn parents_first<'t>(
    stored: &[Stored],
    insertion_of: impl Fn(&Stored) -> Option<&'t Insertion<'t>>,
) -> Vec<usize> {
    let mut children = vec![Vec::new(); stored.len()];
    let mut waiting = vec![0_usize; stored.len()];
    let mut places: HashMap<_, HashMap<Vec<String>, usize>> = HashMap::new();
    for (child, entry) in stored.iter().enumerate() {
        let Some(insertion) = insertion_of(entry) else {
            continue;
        };
        for (parent, columns, parent_columns) in &insertion.references {
            let by_key = places
                .entry((std::ptr::from_ref(*parent), parent_columns))
                .or_insert_with(|| {
                    let parents = stored.iter().enumerate().filter_map(|(place, entry)| {
                        let insertion = insertion_of(entry)?;
                        let is_parent = insertion.is_into(parent);
                        let key = is_parent.then(|| values(insertion, entry, parent_columns))?;
                        Some((key?, place))
                    });
                    parents.collect()
                });
            let key = values(insertion, entry, columns);
            if let Some(parent) = key.and_then(|key| by_key.get(&key)).copied()
                && parent != child
            {
                children[parent].push(child);
                waiting[child] += 1;
            }
        }
    }
    let mut free: BTreeSet<_> = (0..stored.len())
        .filter(|place| waiting[*place] == 0)
        .collect();
    let mut order = Vec::with_capacity(stored.len());
    while let Some(place) = free.pop_first() {
        order.push(place);
        for child in &children[place] {
            waiting[*child] -= 1;
            if waiting[*child] == 0 {
                free.insert(*child);
            }
        }
    }
    order.extend((0..stored.len()).filter(|place| waiting[*place] > 0));
    order
}

/// `None` if one is NULL, and so refers to nothing.
fn values(insertion: &Insertion<'_>, entry: &Stored, columns: &[String]) -> Option<Vec<String>> {
    let columns = columns.iter();
    columns
        .map(|column| text(insertion.value(entry, column)?))
        .collect()
}
