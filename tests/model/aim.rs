//! Turns random operations into such that matter: a delete of an active row, a restore of a deleted one, a code that will
//! be in conflict.

use soft_delete::OnDelete;

use super::{
    answer::Place,
    operation::{Operation, Target},
    oracle::Oracle,
    schema::{TABLES, Table},
};

/// The operation on rows where it has more of an effect, if there are any.
pub fn aim(operation: &Operation, oracle: &Oracle) -> Operation {
    let active: Vec<_> = places(oracle, |oracle, place| oracle.is_active(place));
    let deleted: Vec<_> = places(oracle, |oracle, place| oracle.is_deleted(place));
    let all: Vec<_> = places(oracle, |_, _| true);
    let mut aimed = operation.clone();
    match &mut aimed {
        Operation::Delete { table, target, .. } => aim_at(&active, table, target),
        Operation::Restore { table, target, .. } => aim_at(&deleted, table, target),
        Operation::Insert { table, code, .. } => {
            if let Some(place) = one_of(&deleted, *table, code.unwrap_or_default().into()) {
                *table = place.0;
                *code = oracle.rows[&place].code;
            }
        }
        Operation::SetCode { table, id, code } => {
            if let Some(place) = one_of(&deleted, *table, *id) {
                let beside = all
                    .iter()
                    .filter(|other| other.0 == place.0 && **other != place);
                let beside: Vec<_> = beside.copied().collect();
                (*table, *id) = place;
                if let Some(other) = one_of(&beside, 0, code.unwrap_or_default().into()) {
                    *code = oracle.rows[&other].code;
                }
            }
        }
        Operation::Move {
            table,
            id,
            parent,
            to,
        } => {
            if let Some(place) = one_of(&all, *table, *id) {
                (*table, *id) = place;
                let parents = (0..TABLES)
                    .filter(|parent| oracle.rules.rule(place.0, *parent) != OnDelete::Ignore);
                let parents: Vec<_> = parents.collect();
                let above = all
                    .iter()
                    .filter(|place| parents.contains(&place.0))
                    .copied();
                let above: Vec<_> = above.collect();
                if let (Some(place), Some(id)) =
                    (one_of(&above, *parent, to.unwrap_or_default()), to)
                {
                    (*parent, *id) = place;
                }
            }
        }
        Operation::ForceDelete { table, id } => {
            if let Some(place) = one_of(&all, *table, *id) {
                (*table, *id) = place;
            }
        }
        Operation::SetKind { table, id, .. } => {
            if let Some(place) = one_of(&all, *table, *id) {
                (*table, *id) = place;
            }
        }
        Operation::Rewrite { table, id, .. } => {
            if let Some(place) = one_of(&deleted, *table, *id) {
                (*table, *id) = place;
            }
        }
        Operation::Purge(_) => {}
        Operation::Undo { deletion, .. } => {
            if oracle.deletions > 0 {
                *deletion %= oracle.deletions;
            }
        }
    }
    aimed
}

fn aim_at(places: &[Place], table: &mut Table, target: &mut Target) {
    let (of, ids) = match target {
        Target::Id(id) => (*table, std::slice::from_mut(id)),
        Target::Ids(ids) => match one_of(places, *table, ids.iter().sum()) {
            Some((first, _)) => (first, ids.as_mut_slice()),
            None => return,
        },
        Target::Code(_) | Target::All => {
            if let Some((first, _)) = one_of(places, *table, 0) {
                *table = first;
            }
            return;
        }
    };
    let is_one = ids.len() == 1;
    let places: Vec<_> = places
        .iter()
        .copied()
        .filter(|place| is_one || place.0 == of)
        .collect();
    for id in ids {
        if let Some(place) = one_of(&places, of, *id) {
            (*table, *id) = place;
        }
    }
}

fn places(oracle: &Oracle, which: impl Fn(&Oracle, Place) -> bool) -> Vec<Place> {
    oracle
        .rows
        .keys()
        .copied()
        .filter(|place| which(oracle, *place))
        .collect()
}

/// Any of them, by two random numbers.
fn one_of(places: &[Place], table: Table, id: i64) -> Option<Place> {
    let number = table + TABLES * id.unsigned_abs() as usize;
    places.get(number.checked_rem(places.len())?).copied()
}
