//! The entries of the archive to remove: of the rows that are erased, and of those that were below them.

use std::collections::BTreeSet;

use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait as _, Query, SelectStatement},
};

use super::{
    rows::{BATCH, Key, Rows},
    run::Run,
};
use crate::{
    Error,
    archive::{
        ArchiveTable, ID, ROW_KEY, key_of_entry, key_of_row, key_of_values, padded, read_ids,
    },
    backend,
    cascade::rows::iden,
};

/// The name of a selected key.
const KEY: &str = "soft_delete_key";

/// Entries, by entity.
pub(super) struct Archived {
    ids: Vec<BTreeSet<i64>>,
}

/// Rows whose children are to be looked for.
enum Parents {
    Rows(Vec<Key>),
    Entries(Vec<i64>),
}

impl Archived {
    pub(super) fn none(entities: usize) -> Self {
        Self {
            ids: vec![BTreeSet::new(); entities],
        }
    }

    pub(super) async fn find<C: ConnectionTrait>(
        db: &C,
        archive: &ArchiveTable,
        run: &Run<'_>,
        all: &[Rows<'_>],
        root: usize,
        key: &Key,
    ) -> Result<Self, Error> {
        let mut search = Search {
            db,
            archive,
            run,
            all,
            found: Self::none(all.len()),
        };
        // The row itself may be in the archive alone.
        let rows = &all[root];
        let names = &rows.meta.primary_key;
        let own = key_of_values(rows.backend, rows.table, names, key);
        let own = Expr::col(iden(ROW_KEY)).eq(own);
        let mut next = vec![(root, Parents::Entries(search.entries(root, own).await?))];
        for (entity, rows) in all.iter().enumerate() {
            let keys = rows.keys();
            for keys in keys.chunks(BATCH) {
                let texts = search
                    .keys(entity, &Parents::Rows(keys.to_vec()), None)
                    .await?;
                for texts in texts.chunks(BATCH) {
                    let is_one = Expr::col(iden(ROW_KEY)).is_in(padded(texts));
                    let entries = search.entries(entity, is_one).await?;
                    next.push((entity, Parents::Entries(entries)));
                }
                next.push((entity, Parents::Rows(keys.to_vec())));
            }
        }
        while let Some((parent, parents)) = next.pop() {
            next.extend(search.below(parent, &parents).await?);
        }
        Ok(search.found)
    }

    /// Removes the entries of an entity.
    pub(super) async fn remove<C: ConnectionTrait>(
        &self,
        db: &C,
        archive: Option<&ArchiveTable>,
        entity: usize,
    ) -> Result<u64, Error> {
        let ids: Vec<_> = self.ids[entity].iter().copied().collect();
        match archive {
            Some(archive) => archive.remove(db, &ids).await,
            None => Ok(0),
        }
    }
}

struct Search<'s, C> {
    db: &'s C,
    archive: &'s ArchiveTable,
    run: &'s Run<'s>,
    all: &'s [Rows<'s>],
    found: Archived,
}

impl<C: ConnectionTrait> Search<'_, C> {
    /// The entries of rows that were below these rows and entries, as far as they are new.
    async fn below(
        &mut self,
        parent: usize,
        parents: &Parents,
    ) -> Result<Vec<(usize, Parents)>, Error> {
        let mut below = Vec::new();
        for edge in self.run.cascading_from(parent) {
            let key = self.run.cascade.group.foreign_key(edge);
            let texts = self
                .keys(parent, parents, Some(&key.parent_columns))
                .await?;
            for texts in texts.chunks(BATCH) {
                let child = &self.all[edge.child];
                let refers = key_of_entry(child.backend, child.table, &key.columns);
                let entries = self
                    .entries(edge.child, refers.is_in(padded(texts)))
                    .await?;
                if !entries.is_empty() {
                    below.push((edge.child, Parents::Entries(entries)));
                }
            }
        }
        Ok(below)
    }

    /// The values of these columns, or of the primary key, as the archive writes them. Those with a NULL are left out: nothing
    /// refers to them.
    async fn keys(
        &self,
        entity: usize,
        parents: &Parents,
        columns: Option<&[String]>,
    ) -> Result<Vec<String>, Error> {
        let rows = &self.all[entity];
        let columns = columns.unwrap_or(&rows.meta.primary_key);
        let mut keys = BTreeSet::new();
        match parents {
            Parents::Rows(known) => {
                let key = key_of_row(rows.backend, rows.table, &rows.meta.table.name, columns);
                let select = Query::select()
                    .expr_as(key, KEY)
                    .from(rows.meta.table.to_ref())
                    .and_where(rows.are(known))
                    .and_where(rows.any_state())
                    .to_owned();
                self.read_keys(select, &mut keys).await?;
            }
            Parents::Entries(ids) => {
                for ids in ids.chunks(BATCH) {
                    let select = Query::select()
                        .expr_as(key_of_entry(rows.backend, rows.table, columns), KEY)
                        .from(self.archive.table().to_ref())
                        .and_where(Expr::col(iden(ID)).is_in(padded(ids)))
                        .to_owned();
                    self.read_keys(select, &mut keys).await?;
                }
            }
        }
        Ok(keys.into_iter().collect())
    }

    async fn read_keys(
        &self,
        select: SelectStatement,
        keys: &mut BTreeSet<String>,
    ) -> Result<(), Error> {
        for row in self.db.query_all(&select).await? {
            let key: String = row.try_get("", KEY)?;
            let values: Result<Vec<Option<String>>, _> = serde_json::from_str(&key);
            if values.is_ok_and(|values| values.iter().all(Option::is_some)) {
                keys.insert(key);
            }
        }
        Ok(())
    }

    /// The entries of an entity that meet a condition and are new.
    async fn entries(&mut self, entity: usize, condition: Expr) -> Result<Vec<i64>, Error> {
        let rows = &self.all[entity];
        let mut select = Query::select();
        select
            .column(iden(ID))
            .from(self.archive.table().to_ref())
            .and_where(ArchiveTable::is_of_table(&rows.meta.table.to_string()))
            .and_where(condition);
        if backend::sees_latest_by_locking(rows.backend) {
            select.lock_exclusive();
        }
        let mut ids = read_ids(&self.db.query_all(&select).await?)?;
        ids.retain(|id| self.found.ids[entity].insert(*id));
        Ok(ids)
    }
}
