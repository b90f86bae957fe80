//! What happens to the rows, and how it is written down.

use std::fmt;

use soft_delete::OnDelete;

use super::schema::{Key, Table};

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

/// A schema and what happened in it, as code.
pub struct Code<'c> {
    pub keys: &'c [Key],
    pub operations: &'c [Operation],
}

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "[")?;
        for Key {
            child,
            parent,
            rule,
        } in self.keys
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
        for operation in self.operations {
            writeln!(f, "    {operation:?},")?;
        }
        write!(f, "]")
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
