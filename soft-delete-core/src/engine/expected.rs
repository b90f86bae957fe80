//! The version that a row must have to be deleted or restored.

use sea_orm::{
    ConnectionTrait, Value,
    sea_query::{Expr, ExprTrait as _, Query},
};

use crate::{
    engine::{
        cascade::rows::{column, in_scope},
        target::Target,
        value::{read_all, select_values},
    },
    model::{EntityMeta, Error, Scope},
};

/// What `expecting` was given.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    column: String,
    version: Value,
}

impl Expected {
    /// `None` if any version will do.
    ///
    /// # Errors
    ///
    /// [`Error::NotOneRow`] of a target that is no primary key, [`Error::MissingColumn`] of a table without a version.
    pub(crate) fn of(
        meta: &EntityMeta,
        target: &Target,
        version: Option<&Value>,
    ) -> Result<Option<Self>, Error> {
        let Some(version) = version else {
            return Ok(None);
        };
        let Some(column) = &meta.version else {
            return Err(Error::MissingColumn {
                table: meta.table.clone(),
                method: "expecting",
                column: "#[soft_delete(version)]",
            });
        };
        if !target.is_one_row() {
            return Err(Error::NotOneRow {
                table: meta.table.clone(),
            });
        }
        Ok(Some(Self {
            column: column.clone(),
            version: version.clone(),
        }))
    }

    /// Whether a row has the version: for the statement that changes it.
    pub(crate) fn condition(&self, meta: &EntityMeta) -> Expr {
        column(meta, &self.column).eq(self.version.clone())
    }

    /// Looks at the row named, active or deleted. Tells whether it is there.
    ///
    /// # Errors
    ///
    /// [`Error::VersionMismatch`] if it has another version.
    pub(crate) async fn check<C: ConnectionTrait>(
        &self,
        db: &C,
        meta: &EntityMeta,
        row: &Expr,
        lock: bool,
    ) -> Result<bool, Error> {
        let names = std::slice::from_ref(&self.column);
        let mut select = Query::select();
        select_values(&mut select, meta, names, db.get_database_backend());
        select
            .from(meta.table.to_ref())
            .and_where(row.clone())
            .and_where(in_scope(meta, Scope::WithDeleted));
        if lock {
            select.lock_exclusive();
        }
        let Some(row) = db.query_one(&select).await? else {
            return Ok(false);
        };
        let found = read_all(&row, meta, names, "")?.pop();
        match found {
            Some(found) if found != self.version => Err(Error::VersionMismatch {
                table: meta.table.clone(),
                expected: self.version.clone(),
                found,
            }),
            _ => Ok(true),
        }
    }
}
