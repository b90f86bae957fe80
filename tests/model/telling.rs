//! Cases as code, for `regressions`.

use std::fmt;

use soft_delete::OnDelete;

use super::{
    operation::{OnConflict, Operation, Target},
    random::{Around, Step},
    schema::{Rules, TABLES, Table, When},
};

/// A schema and what happened in it, as code.
pub struct Code<'c> {
    pub rules: &'c Rules,
    pub steps: &'c [Step],
}

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "[")?;
        for key in &self.rules.keys {
            let rule = match key.rule {
                OnDelete::Cascade => "cascade",
                OnDelete::Restrict => "restrict",
                OnDelete::SetNull => "set_null",
                OnDelete::Ignore => "ignore",
            };
            write!(
                f,
                "    {rule}({}, {})",
                letter(key.child),
                letter(key.parent)
            )?;
            match key.when {
                When::Always => writeln!(f, ",")?,
                when => writeln!(f, ".when({when:?}),")?,
            }
        }
        let with_id = (0..TABLES).filter(|table| self.rules.has_id[*table]);
        let with_id: String = with_id.map(letter).collect();
        writeln!(f, "], // with `deletion_id`: {with_id}\n[")?;
        for Step {
            operation, around, ..
        } in self.steps
        {
            write!(f, "    {operation:?},")?;
            match around {
                Around::Nothing => writeln!(f)?,
                around => writeln!(f, " // {around:?}")?,
            }
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
                kind,
                code,
            } => {
                write!(f, "insert({}, {id})", letter(*table))?;
                for (parent, id) in below {
                    write!(f, ".below({}, {id})", letter(*parent))?;
                }
                if *kind != 0 {
                    write!(f, ".kind({kind})")?;
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
                options(f, *with_parents, *on_conflict)
            }
            Self::Undo {
                deletion,
                with_parents,
                on_conflict,
            } => {
                write!(f, "undo({deletion})")?;
                options(f, *with_parents, *on_conflict)
            }
            Self::SetCode { table, id, code } => {
                write!(f, "set_code({}, {id}, {code:?})", letter(*table))
            }
            Self::SetKind { table, id, kind } => {
                write!(f, "set_kind({}, {id}, {kind})", letter(*table))
            }
            Self::Purge(bits) => write!(f, "Operation::Purge({bits:#x})"),
            Self::Rewrite { table, id, form } => {
                write!(f, "rewrite({}, {id}, Form::{form:?})", letter(*table))
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

fn options(f: &mut fmt::Formatter<'_>, with_parents: bool, on_conflict: OnConflict) -> fmt::Result {
    if with_parents {
        f.write_str(".with_parents()")?;
    }
    match on_conflict {
        OnConflict::Fail => Ok(()),
        other => write!(f, ".on_conflict({other:?})"),
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
