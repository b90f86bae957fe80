//! The tables that are scoped, and the statements that were read already.

use std::borrow::Cow;

use sea_orm::DbBackend;
use soft_delete_rewrite::Rewriter;

use super::rewrite::{self, Refused, Tables};
use crate::model::{Error, Registry, Scope};

/// What all scoped connections of one registry share.
#[derive(Debug)]
pub(crate) struct Guard {
    rewriter: Rewriter,
    /// Why no statement can be scoped.
    problem: Option<Error>,
}

impl Guard {
    pub(crate) fn of(registry: &Registry) -> Self {
        let tables = registry
            .markers()
            .fold(Tables::new(), |tables, (table, stamp)| {
                let active = rewrite::active(stamp);
                let schema = table.schema.as_deref();
                tables.with_marker(schema, &table.name, stamp.marker_column(), active)
            });
        Self {
            rewriter: Rewriter::new(tables),
            problem: registry.require_entities().err(),
        }
    }

    /// Whether it is known which tables are soft-deletable.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.problem.clone().map_or(Ok(()), Err)
    }

    /// The statement as it has to be sent.
    pub(crate) fn rewrite<'s>(
        &self,
        backend: DbBackend,
        sql: &'s str,
        scope: Scope,
    ) -> Result<Cow<'s, str>, Refused> {
        rewrite::by(&self.rewriter, backend, sql, scope)
    }
}
