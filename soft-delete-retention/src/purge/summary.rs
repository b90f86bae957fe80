//! Counting what a purge left, or would do.

use sea_orm::{
    ConnectionTrait, DbErr, QueryResult,
    sea_query::{Expr, ExprTrait as _},
};

use super::{
    KeptByReference, PassedOver, PurgedTable,
    order::Cursor,
    passed::Passed,
    references::Reference,
    tables::{PurgeTable, PurgeTables},
};
use soft_delete_core::{Error, engine_api::rows::all};

impl PurgeTables<'_> {
    /// The tables' places, children before parents.
    pub(super) fn in_order(&self) -> impl Iterator<Item = usize> {
        let components = self.order.iter();
        components.flat_map(|component| component.places.iter().copied())
    }

    /// How many rows of each table are expired and not held.
    pub(super) async fn count_expected<C: ConnectionTrait>(
        &self,
        db: &C,
    ) -> Result<Vec<u64>, Error> {
        let mut counts = Vec::with_capacity(self.all.len());
        for purge_table in &self.all {
            let row = db.query_one(&purge_table.count_expected()).await?;
            counts.push(row.map_or(Ok(0), |row| count(&row, 0))?);
        }
        Ok(counts)
    }

    /// What a run has left of a table, which it knows to have cleared up to a place.
    ///
    /// PostgreSQL has the removed rows in its indexes until the next VACUUM, and would look at each.
    pub(super) async fn what_is_left<C: ConnectionTrait>(
        &self,
        db: &C,
        place: usize,
        cleared: Option<&Cursor>,
    ) -> Result<PurgedTable, Error> {
        let purge_table = &self.all[place];
        let kept = purge_table.references.iter();
        let kept: Vec<_> = kept.map(|by| purge_table.is_referenced(by)).collect();
        summary(db, purge_table, &kept, cleared).await
    }

    /// What a run would do to a table.
    pub(super) async fn what_would_go<C: ConnectionTrait>(
        &self,
        db: &C,
        place: usize,
    ) -> Result<PurgedTable, Error> {
        let purge_table = &self.all[place];
        let kept = purge_table.references.iter();
        let kept: Vec<_> = kept
            .map(|by| self.stays_referenced(purge_table, by, &[place]))
            .collect();
        let mut table = summary(db, purge_table, &kept, None).await?;
        table.purged = std::mem::take(&mut table.remaining);
        Ok(table)
    }

    /// Whether a row will still be referenced by this key when the children that can go are gone. `path` is how we came here.
    fn stays_referenced(
        &self,
        purge_table: &PurgeTable<'_>,
        by: &Reference,
        path: &[usize],
    ) -> Expr {
        let is_child = |other: &PurgeTable<'_>| other.meta.table == by.child;
        let Some(place) = self.all.iter().position(is_child) else {
            return purge_table.is_referenced(by);
        };
        let child = &self.all[place];
        if path.contains(&place) {
            return purge_table.is_referenced_by_unexpired(by, child);
        }
        let mut above = path.iter().map(|place| &self.all[*place].meta.table.name);
        let is_named_again = above.any(|name| name.eq_ignore_ascii_case(&by.child.name));
        let path = [path, &[place]].concat();
        let kept = child.references.iter();
        let stays = kept.map(|by| self.stays_referenced(child, by, &path).not());
        let goes = [child.is_expired()]
            .into_iter()
            .chain(child.is_unheld())
            .chain(stays);
        match is_named_again {
            true => purge_table.is_referenced_unless_among(by, child, all(goes)),
            false => purge_table.is_referenced_unless(by, all(goes)),
        }
    }
}

async fn summary<C: ConnectionTrait>(
    db: &C,
    purge_table: &PurgeTable<'_>,
    kept: &[Expr],
    after: Option<&Cursor>,
) -> Result<PurgedTable, Error> {
    let select = purge_table.select_summary(kept, after);
    let row = db.query_one(&select).await?;
    let count = |index| row.as_ref().map_or(Ok(0), |row| count(row, index));
    let mut table = PurgedTable {
        table: purge_table.meta.table.clone(),
        cutoff: purge_table.cutoff,
        purged: 0,
        archived: 0,
        held: count(0)?,
        referenced: Vec::new(),
        remaining: count(1)?,
        passed_over: unreadable(db, purge_table).await?,
    };
    for (index, by) in purge_table.references.iter().enumerate() {
        let rows = count(index + 2)?;
        if rows > 0 {
            table.referenced.push(KeptByReference {
                table: by.child.clone(),
                columns: by.columns.clone(),
                rows,
            });
        }
    }
    Ok(table)
}

/// Rows whose time of deletion can't be read. No purge removes them.
async fn unreadable<C: ConnectionTrait>(
    db: &C,
    purge_table: &PurgeTable<'_>,
) -> Result<Vec<PassedOver>, Error> {
    /// There are none, or something is wrong that a few tell as well.
    const MOST: u64 = 1_000;

    let select = purge_table.select_unreadable(MOST);
    let deleted_at = &purge_table.meta.stamp.deleted_at;
    let mut passed = Passed::default();
    for row in db.query_all(&select).await? {
        let reason =
            format!("`{deleted_at}` can't be read as a time: give the row one, or make it active");
        passed.add(reason, &purge_table.read_key(&row)?);
    }
    Ok(passed.into_reasons())
}

fn count(row: &QueryResult, index: usize) -> Result<u64, DbErr> {
    Ok(row.try_get_by_index::<i64>(index)?.unsigned_abs())
}
