//! The entries of the archive to remove: of the rows that are erased, and of those that were below them.

use std::collections::BTreeSet;

use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait as _, Query, SelectStatement},
};

use super::{
    NotLookedAt,
    entry::{self, OldKey},
    rows::Rows,
    run::Run,
};
use crate::archive::{
    self, ArchiveTable, Comparisons, FOREIGN_KEYS, ID, ROW_KEY, array, key_of_texts, read_ids,
    texts_of_entry, texts_of_row, texts_of_row_key,
};
use crate::dialect::Comparison;
use crate::removal::{BATCH, Key, padded};
use soft_delete_core::{
    Error,
    engine_api::{Edge, rows::iden},
};

/// The name of a selected key.
const KEY: &str = "soft_delete_key";

/// Entries, by entity.
pub(super) struct Archived {
    ids: Vec<BTreeSet<i64>>,
    pub(super) not_looked_at: Vec<NotLookedAt>,
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
            not_looked_at: Vec::new(),
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
        let mut comparisons = Vec::new();
        for rows in all {
            comparisons.push(match rows.table {
                Some(table) => Comparisons::of_table(db, table).await?,
                None => Comparisons::default(),
            });
        }
        let mut search = Search {
            db,
            archive,
            run,
            all,
            comparisons,
            found: Self::none(all.len()),
            old_keys: Vec::new(),
        };
        // The row itself may be in the archive alone.
        let rows = &all[root];
        let own = search.comparisons_of(root, &rows.meta.primary_key);
        let select = entry::key_of_values(rows.dialect, rows.meta, rows.table, &own, key, KEY);
        let keys = search.read_keys(select).await?;
        let own = search.entries_of(root, &keys).await?;
        let mut next = vec![(root, Parents::Entries(own))];
        for (entity, rows) in all.iter().enumerate() {
            let keys = rows.keys();
            for keys in keys.chunks(BATCH) {
                let rows_of = Parents::Rows(keys.to_vec());
                let texts = search
                    .keys(entity, &rows_of, &rows.meta.primary_key, None)
                    .await?;
                let entries = search.entries_of(entity, &texts).await?;
                next.push((entity, Parents::Entries(entries)));
                next.push((entity, rows_of));
            }
        }
        while let Some((parent, parents)) = next.pop() {
            next.extend(search.below(parent, &parents).await?);
        }
        Ok(search.found)
    }

    /// How many entries of an entity there are.
    pub(super) fn count(&self, entity: usize) -> u64 {
        self.ids[entity].len() as u64
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
    comparisons: Vec<Comparisons>,
    found: Archived,
    /// What entries that lack a key's columns have recorded of it.
    old_keys: Vec<(Edge, Vec<OldKey>)>,
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
            let parent_columns = key.matching_parent();
            let texts = self
                .keys(parent, parents, &parent_columns, Some(edge))
                .await?;
            if texts.is_empty() {
                continue;
            }
            let compared = self.comparisons_of(parent, &parent_columns);
            self.look_for_old_keys(edge).await?;
            for texts in texts.chunks(BATCH) {
                let mut conditions = vec![self.refers(edge, &key.matching(), &compared, texts)];
                for old in self.old_keys_of(edge).unwrap_or_default() {
                    let refers = self.refers(edge, &old.columns, &compared, texts);
                    conditions.push(refers.and(old.is_it.clone()));
                }
                for condition in conditions {
                    let entries = self.entries(edge.child, condition).await?;
                    if !entries.is_empty() {
                        below.push((edge.child, Parents::Entries(entries)));
                    }
                }
            }
        }
        Ok(below)
    }

    /// Whether an entry of the child refers to one of these keys by these of its columns.
    fn refers(
        &self,
        edge: Edge,
        columns: &[String],
        compared: &[Comparison],
        keys: &[Vec<String>],
    ) -> Expr {
        let child = &self.all[edge.child];
        let texts = texts_of_entry(child.dialect, child.table, columns);
        let left = entry::forms(child.dialect, &texts, compared);
        let refers = archive::is_one_of(child.dialect, &left, keys);
        let key = self.run.cascade.group.foreign_key(edge);
        match key.condition_on_child(entry::ENTRY) {
            Some(condition) => refers.and(self.meets(edge.child, condition)),
            None => refers,
        }
    }

    /// Whether an entry meets a condition on its row, whose columns are called those of [`entry::ENTRY`].
    fn meets(&self, entity: usize, condition: Expr) -> Expr {
        let rows = &self.all[entity];
        let comparisons = &self.comparisons[entity];
        entry::meets(
            self.archive,
            rows.dialect,
            rows.meta,
            rows.table,
            comparisons,
            condition,
        )
    }

    fn old_keys_of(&self, edge: Edge) -> Option<&[OldKey]> {
        let mut known = self.old_keys.iter();
        let (_, keys) = known.find(|(known, _)| *known == edge)?;
        Some(keys)
    }

    /// Looks once for a key what entries there are that lack its columns: their table had other names for them. Those that have
    /// recorded the key are looked at by its columns then, the others are reported.
    async fn look_for_old_keys(&mut self, edge: Edge) -> Result<(), Error> {
        if self.old_keys_of(edge).is_some() {
            return Ok(());
        }
        let child = &self.all[edge.child];
        let key = self.run.cascade.group.foreign_key(edge);
        let condition = key.condition_on_child(entry::ENTRY);
        let column_references =
            entry::column_references(child.dialect, child.meta, condition.as_ref());
        let columns: Vec<_> = key
            .matching()
            .into_iter()
            .chain(column_references.clone())
            .collect();
        let lacks = archive::has_columns(child.dialect, child.table, &columns).not();
        let table = child.meta.table.to_string();
        let recorded = Query::select()
            .column(iden(FOREIGN_KEYS))
            .expr(Expr::cust("COUNT(*)"))
            .from(self.archive.table().to_ref())
            .and_where(ArchiveTable::is_of_table(&table))
            .and_where(lacks.clone())
            .group_by_col(iden(FOREIGN_KEYS))
            .to_owned();
        let mut old_keys = Vec::new();
        let mut entries = 0;
        for row in self.db.query_all(&recorded).await? {
            let text: Option<String> = row.try_get_by_index(0)?;
            let count: i64 = row.try_get_by_index(1)?;
            match OldKey::of(text.as_deref(), key, &lacks).filter(|_| column_references.is_empty())
            {
                Some(old) => old_keys.push(old),
                None => entries += count.unsigned_abs(),
            }
        }
        if entries > 0 {
            self.found.not_looked_at.push(NotLookedAt {
                table,
                columns,
                entries,
            });
        }
        self.old_keys.push((edge, old_keys));
        Ok(())
    }

    /// The values of these columns, in the forms in which they are compared. Those with a NULL are left out: nothing refers to them.
    /// Of the parents of a key, if one is given, only those that its condition allows.
    async fn keys(
        &self,
        entity: usize,
        parents: &Parents,
        columns: &[String],
        of: Option<Edge>,
    ) -> Result<Vec<Vec<String>>, Error> {
        let rows = &self.all[entity];
        let compared = self.comparisons_of(entity, columns);
        let of = of.map(|edge| self.run.cascade.group.foreign_key(edge));
        let select = |texts: &[String]| {
            let forms = entry::forms(rows.dialect, texts, &compared);
            let forms: Vec<_> = forms.into_iter().map(|(form, _)| form).collect();
            let mut select = Query::select();
            select.expr_as(Expr::cust(array(rows.dialect, &forms)), KEY);
            if rows.sees_latest_by_locking() {
                select.lock_exclusive();
            }
            select
        };
        let mut keys = BTreeSet::new();
        match parents {
            Parents::Rows(known) => {
                let called = &rows.meta.table.name;
                let condition = of.and_then(|key| key.condition_on_parent(called.clone()));
                let select = select(&texts_of_row(rows.dialect, rows.table, called, columns))
                    .from(rows.meta.table.to_ref())
                    .and_where(rows.are(known))
                    .and_where(rows.any_state())
                    .and_where_option(condition)
                    .to_owned();
                keys.extend(self.read_keys(select).await?);
            }
            Parents::Entries(ids) => {
                let texts = self.texts_of_entries(rows, columns);
                let condition = of.and_then(|key| key.condition_on_parent(entry::ENTRY));
                let condition = condition.map(|condition| self.meets(entity, condition));
                for ids in ids.chunks(BATCH) {
                    let select = select(&texts)
                        .from(self.archive.table().to_ref())
                        .and_where(Expr::col(iden(ID)).is_in(padded(ids)))
                        .and_where_option(condition.clone())
                        .to_owned();
                    keys.extend(self.read_keys(select).await?);
                }
            }
        }
        Ok(keys.into_iter().collect())
    }

    /// The primary key has its own column in the archive, whatever its names were.
    fn texts_of_entries(&self, rows: &Rows<'_>, columns: &[String]) -> Vec<String> {
        let key = &rows.meta.primary_key;
        let of_key = texts_of_row_key(rows.dialect, key.len());
        let of_data = texts_of_entry(rows.dialect, rows.table, columns);
        columns
            .iter()
            .zip(of_data)
            .map(|(name, of_data)| {
                let place = key.iter().position(|own| own == name);
                place.map_or(of_data, |place| of_key[place].clone())
            })
            .collect()
    }

    fn comparisons_of(&self, entity: usize, columns: &[String]) -> Vec<Comparison> {
        let own = &self.comparisons[entity];
        columns.iter().map(|name| own.of_column(name)).collect()
    }

    async fn read_keys(&self, select: SelectStatement) -> Result<Vec<Vec<String>>, Error> {
        let mut keys = Vec::new();
        for row in self.db.query_all(&select).await? {
            let key: String = row.try_get("", KEY)?;
            let values: Result<Vec<Option<String>>, _> = serde_json::from_str(&key);
            let values = values.map_err(|error| sea_orm::DbErr::Json(error.to_string()))?;
            keys.extend(values.into_iter().collect::<Option<Vec<_>>>());
        }
        Ok(keys)
    }

    /// The entries of rows with these primary keys.
    async fn entries_of(&mut self, entity: usize, keys: &[Vec<String>]) -> Result<Vec<i64>, Error> {
        let rows = &self.all[entity];
        let compared = self.comparisons_of(entity, &rows.meta.primary_key);
        let is_indexed = compared.iter().all(Comparison::is_of_bytes);
        let mut found = Vec::new();
        for keys in keys.chunks(BATCH) {
            let condition = if is_indexed {
                let keys = padded(keys);
                let keys = keys.iter().map(|key| key_of_texts(rows.dialect, key));
                Expr::col(iden(ROW_KEY)).is_in(keys)
            } else {
                let texts = texts_of_row_key(rows.dialect, compared.len());
                let left = entry::forms(rows.dialect, &texts, &compared);
                archive::is_one_of(rows.dialect, &left, keys)
            };
            found.extend(self.entries(entity, condition).await?);
        }
        Ok(found)
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
        if rows.sees_latest_by_locking() {
            select.lock_exclusive();
        }
        let mut ids = read_ids(&self.db.query_all(&select).await?)?;
        ids.retain(|id| self.found.ids[entity].insert(*id));
        Ok(ids)
    }
}
