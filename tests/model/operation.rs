//! What happens to the rows, and how a random case is made of it.

use std::fmt;

use proptest::{collection::vec, option, prelude::*};
use soft_delete::OnDelete;

use super::schema::{Key, TABLES, Table};

/// A schema and what happens in it.
#[derive(Clone)]
pub struct Case {
    pub keys: Vec<Key>,
    /// Whether all of it happens in one transaction of the caller's.
    pub in_transaction: bool,
    pub operations: Vec<Operation>,
}

#[derive(Clone)]
pub enum Operation {
    /// Left out if there is such a row. A code that an active row has is left out, too.
    Insert {
        table: Table,
        id: i64,
        /// Its parents' tables and ids.
        below: Vec<(Table, i64)>,
        code: Option<i32>,
    },
    Delete {
        table: Table,
        target: Target,
        by: Option<i64>,
    },
    Restore {
        table: Table,
        target: Target,
        with_parents: bool,
        on_conflict: OnConflict,
    },
    /// Undoes a deletion, by its place among those made so far.
    Undo(usize),
    ForceDelete {
        table: Table,
        id: i64,
    },
    /// Changes a foreign key, of an active or a deleted row.
    Move {
        table: Table,
        id: i64,
        parent: Table,
        to: Option<i64>,
    },
    /// Changes the code, of an active row only if no other has it.
    SetCode {
        table: Table,
        id: i64,
        code: Option<i32>,
    },
}

#[derive(Clone)]
pub enum Target {
    Id(i64),
    Ids(Vec<i64>),
    Code(i32),
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    Fail,
    Skip,
    Replace,
    /// Adds to the code.
    RenameBy(i32),
    /// Sets the code to NULL.
    RenameToNull,
}

impl OnConflict {
    /// The code of a row renamed.
    pub fn renamed(self, code: i32) -> Option<i32> {
        match self {
            Self::RenameBy(step) => Some(code + step),
            _ => None,
        }
    }
}

/// Rows that a case begins with, in each table.
const ROWS: i64 = 4;
const IDS: std::ops::RangeInclusive<i64> = 1..=ROWS + 2;
const CODES: std::ops::Range<i32> = 0..4;

/// A random case.
pub fn case() -> impl Strategy<Value = Case> {
    let rows = vec(option::weighted(0.85, row()), TABLES * ROWS as usize);
    let operations = vec(operation(), 1..20);
    (
        3..=TABLES,
        0..TABLES,
        vec(key(), 2..10),
        any::<bool>(),
        rows,
        operations,
    )
        .prop_map(|(tables, first, keys, in_transaction, rows, operations)| {
            let within = |table: Table| (table % tables + first) % TABLES;
            let keys = keys.into_iter();
            let rows = rows.into_iter().enumerate();
            let inserts = rows.filter_map(|(place, row)| {
                let (table, id) = (place % TABLES, (place / TABLES) as i64 + 1);
                row.filter(|_| table < tables)
                    .map(|row| row.insert(table, id))
            });
            Case {
                keys: keys
                    .map(|key| Key::new(within(key.child), within(key.parent), key.rule))
                    .collect(),
                in_transaction,
                operations: inserts
                    .chain(operations)
                    .map(|operation| operation.with_tables(within))
                    .collect(),
            }
        })
}

/// What a new row has.
#[derive(Clone, Debug)]
struct NewRow {
    parents: Vec<Option<i64>>,
    code: Option<i32>,
}

impl NewRow {
    fn insert(self, table: Table, id: i64) -> Operation {
        let below = self.parents.into_iter().enumerate();
        Operation::Insert {
            table,
            id,
            below: below
                .filter_map(|(parent, id)| Some((parent, id?)))
                .collect(),
            code: self.code,
        }
    }
}

fn row() -> impl Strategy<Value = NewRow> {
    let parents = vec(option::weighted(0.6, 1..=ROWS), TABLES);
    (parents, code()).prop_map(|(parents, code)| NewRow { parents, code })
}

fn code() -> impl Strategy<Value = Option<i32>> {
    option::weighted(0.8, CODES)
}

fn table() -> impl Strategy<Value = Table> {
    0..TABLES
}

fn key() -> impl Strategy<Value = Key> {
    let rule = prop_oneof![
        7 => Just(OnDelete::Cascade),
        2 => Just(OnDelete::SetNull),
        1 => Just(OnDelete::Restrict),
    ];
    (table(), table(), rule).prop_map(|(child, parent, rule)| Key::new(child, parent, rule))
}

fn operation() -> impl Strategy<Value = Operation> {
    let delete = (table(), target(), option::weighted(0.5, 7..9i64))
        .prop_map(|(table, target, by)| Operation::Delete { table, target, by });
    let restore = (table(), target(), any::<bool>(), on_conflict()).prop_map(
        |(table, target, with_parents, on_conflict)| Operation::Restore {
            table,
            target,
            with_parents,
            on_conflict,
        },
    );
    let moved =
        (table(), IDS, table(), option::weighted(0.8, IDS)).prop_map(|(table, id, parent, to)| {
            Operation::Move {
                table,
                id,
                parent,
                to,
            }
        });
    prop_oneof![
        2 => (table(), IDS, row()).prop_map(|(table, id, row)| row.insert(table, id)),
        2 => (table(), IDS, code()).prop_map(|(table, id, code)| Operation::SetCode { table, id, code }),
        6 => delete,
        8 => restore,
        1 => (0..8usize).prop_map(Operation::Undo),
        1 => (table(), IDS).prop_map(|(table, id)| Operation::ForceDelete { table, id }),
        2 => moved,
    ]
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        6 => IDS.prop_map(Target::Id),
        2 => vec(IDS, 1..5).prop_map(Target::Ids),
        1 => CODES.prop_map(Target::Code),
        1 => Just(Target::All),
    ]
}

fn on_conflict() -> impl Strategy<Value = OnConflict> {
    prop_oneof![
        3 => Just(OnConflict::Fail),
        3 => Just(OnConflict::Skip),
        3 => Just(OnConflict::Replace),
        1 => (0..3).prop_map(OnConflict::RenameBy),
        1 => Just(OnConflict::RenameToNull),
    ]
}

impl Operation {
    fn with_tables(mut self, map: impl Fn(Table) -> Table) -> Self {
        match &mut self {
            Self::Insert { table, below, .. } => {
                *table = map(*table);
                for (parent, _) in below.iter_mut() {
                    *parent = map(*parent);
                }
                below.sort_unstable();
                below.dedup_by_key(|(parent, _)| *parent);
            }
            Self::Delete { table, .. }
            | Self::Restore { table, .. }
            | Self::ForceDelete { table, .. }
            | Self::SetCode { table, .. } => *table = map(*table),
            Self::Move { table, parent, .. } => {
                *table = map(*table);
                *parent = map(*parent);
            }
            Self::Undo(_) => {}
        }
        self
    }
}

/// The tables, for cases written by hand.
pub const A: Table = 0;
pub const B: Table = 1;
pub const C: Table = 2;
pub const D: Table = 3;
pub const E: Table = 4;
pub const F: Table = 5;

pub fn cascade(child: Table, parent: Table) -> Key {
    Key::new(child, parent, OnDelete::Cascade)
}

pub fn restrict(child: Table, parent: Table) -> Key {
    Key::new(child, parent, OnDelete::Restrict)
}

pub fn set_null(child: Table, parent: Table) -> Key {
    Key::new(child, parent, OnDelete::SetNull)
}

pub fn insert(table: Table, id: i64) -> Operation {
    Operation::Insert {
        table,
        id,
        below: Vec::new(),
        code: None,
    }
}

pub fn delete(table: Table, target: Target) -> Operation {
    Operation::Delete {
        table,
        target,
        by: None,
    }
}

pub fn restore(table: Table, target: Target) -> Operation {
    Operation::Restore {
        table,
        target,
        with_parents: false,
        on_conflict: OnConflict::Fail,
    }
}

pub fn undo(deletion: usize) -> Operation {
    Operation::Undo(deletion)
}

pub fn force_delete(table: Table, id: i64) -> Operation {
    Operation::ForceDelete { table, id }
}

pub fn move_below(table: Table, id: i64, parent: Table, to: Option<i64>) -> Operation {
    Operation::Move {
        table,
        id,
        parent,
        to,
    }
}

pub fn set_code(table: Table, id: i64, code: Option<i32>) -> Operation {
    Operation::SetCode { table, id, code }
}

impl Operation {
    /// Of an insert: the row's parent.
    pub fn below(mut self, parent: Table, id: i64) -> Self {
        if let Self::Insert { below, .. } = &mut self {
            below.push((parent, id));
        }
        self
    }

    /// Of an insert: the row's code.
    pub fn code(mut self, new: i32) -> Self {
        if let Self::Insert { code, .. } = &mut self {
            *code = Some(new);
        }
        self
    }

    /// Of a delete: who does it.
    pub fn by(mut self, actor: i64) -> Self {
        if let Self::Delete { by, .. } = &mut self {
            *by = Some(actor);
        }
        self
    }

    /// Of a restore.
    pub fn with_parents(mut self) -> Self {
        if let Self::Restore { with_parents, .. } = &mut self {
            *with_parents = true;
        }
        self
    }

    /// Of a restore.
    pub fn on_conflict(mut self, what: OnConflict) -> Self {
        if let Self::Restore { on_conflict, .. } = &mut self {
            *on_conflict = what;
        }
        self
    }
}

/// As code, to copy a counterexample from.
impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "[")?;
        for Key {
            child,
            parent,
            rule,
        } in &self.keys
        {
            let rule = match rule {
                OnDelete::Cascade => "cascade",
                OnDelete::Restrict => "restrict",
                OnDelete::SetNull => "set_null",
                OnDelete::Ignore => "ignore",
            };
            writeln!(f, "    {rule}({}, {}),", letter(*child), letter(*parent))?;
        }
        writeln!(f, "],\n[")?;
        for operation in &self.operations {
            writeln!(f, "    {operation:?},")?;
        }
        write!(f, "], in_transaction: {}", self.in_transaction)
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Insert {
                table,
                id,
                below,
                code,
            } => {
                write!(f, "insert({}, {id})", letter(*table))?;
                for (parent, id) in below {
                    write!(f, ".below({}, {id})", letter(*parent))?;
                }
                code.map_or(Ok(()), |code| write!(f, ".code({code})"))
            }
            Self::Delete { table, target, by } => {
                write!(f, "delete({}, {target:?})", letter(*table))?;
                by.map_or(Ok(()), |by| write!(f, ".by({by})"))
            }
            Self::Restore {
                table,
                target,
                with_parents,
                on_conflict,
            } => {
                write!(f, "restore({}, {target:?})", letter(*table))?;
                if *with_parents {
                    f.write_str(".with_parents()")?;
                }
                match on_conflict {
                    OnConflict::Fail => Ok(()),
                    other => write!(f, ".on_conflict({other:?})"),
                }
            }
            Self::Undo(deletion) => write!(f, "undo({deletion})"),
            Self::SetCode { table, id, code } => {
                write!(f, "set_code({}, {id}, {code:?})", letter(*table))
            }
            Self::ForceDelete { table, id } => write!(f, "force_delete({}, {id})", letter(*table)),
            Self::Move {
                table,
                id,
                parent,
                to,
            } => {
                write!(
                    f,
                    "move_below({}, {id}, {}, {to:?})",
                    letter(*table),
                    letter(*parent)
                )
            }
        }
    }
}

fn letter(table: Table) -> char {
    char::from(b'A' + table as u8)
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "Id({id})"),
            Self::Ids(ids) => write!(f, "Ids(vec!{ids:?})"),
            Self::Code(code) => write!(f, "Code({code})"),
            Self::All => f.write_str("All"),
        }
    }
}
