//! What happens to the rows, and how it is written down.

use soft_delete::OnDelete;

use super::{
    layout::Form,
    schema::{Key, Table},
};

#[derive(Clone)]
pub enum Operation {
    /// Left out if there is such a row. A code that an active row has is left out, too.
    Insert {
        table: Table,
        id: i64,
        /// Its parents' tables and ids.
        below: Vec<(Table, i64)>,
        kind: i32,
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
    Undo {
        deletion: usize,
        with_parents: bool,
        on_conflict: OnConflict,
    },
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
    /// Changes what conditions of foreign keys compare.
    SetKind {
        table: Table,
        id: i64,
        kind: i32,
    },
    /// Removes the deleted rows whose [`bit`] is set.
    Purge(u64),
    /// Writes the time of a deleted row in another form, on SQLite.
    Rewrite {
        table: Table,
        id: i64,
        form: Form,
    },
}

/// The bit of a row in the number of a [`Operation::Purge`].
pub fn bit((table, id): (Table, i64)) -> u64 {
    1 << ((table as u64 * 8 + id.unsigned_abs()) % 64)
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
        kind: 0,
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
    Operation::Undo {
        deletion,
        with_parents: false,
        on_conflict: OnConflict::Fail,
    }
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

pub fn set_kind(table: Table, id: i64, kind: i32) -> Operation {
    Operation::SetKind { table, id, kind }
}

/// Removes these deleted rows.
pub fn purge(rows: &[(Table, i64)]) -> Operation {
    Operation::Purge(rows.iter().fold(0, |bits, row| bits | bit(*row)))
}

pub fn rewrite(table: Table, id: i64, form: Form) -> Operation {
    Operation::Rewrite { table, id, form }
}

impl Operation {
    /// Whether it is the engine that does it, in several statements.
    pub fn is_engines(&self) -> bool {
        matches!(
            self,
            Self::Delete { .. } | Self::Restore { .. } | Self::Undo { .. }
        )
    }

    /// Of an insert: the row's parent.
    pub fn below(mut self, parent: Table, id: i64) -> Self {
        if let Self::Insert { below, .. } = &mut self {
            below.push((parent, id));
        }
        self
    }

    /// Of an insert: what conditions of foreign keys compare.
    pub fn kind(mut self, new: i32) -> Self {
        if let Self::Insert { kind, .. } = &mut self {
            *kind = new;
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

    /// Of a restore or an undo.
    pub fn with_parents(mut self) -> Self {
        if let Self::Restore { with_parents, .. } | Self::Undo { with_parents, .. } = &mut self {
            *with_parents = true;
        }
        self
    }

    /// Of a restore or an undo.
    pub fn on_conflict(mut self, what: OnConflict) -> Self {
        if let Self::Restore { on_conflict, .. } | Self::Undo { on_conflict, .. } = &mut self {
            *on_conflict = what;
        }
        self
    }
}
