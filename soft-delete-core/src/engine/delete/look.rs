//! How a delete is planned: by looking, or by marking rows in a transaction that is rolled back.

use sea_orm::{ConnectionTrait, TransactionTrait, sea_query::Query};

use crate::{
    engine::{
        DeletePlan,
        cascade::{
            keeps::{self, Keeps},
            marking::Marking,
            nullable,
            reach::Reach,
            rows::is_active,
            verify::{all_are_marked, table_with_same_time},
            walk::{RowCounts, count_rows, mark_all},
            watch::{self, Watched, what_is_watched},
        },
        delete::{
            restrict::{blockers_of, blockers_of_marked, referencing, spared_by},
            run::{Run, TICKS},
        },
        transaction,
    },
    model::{Error, TableName, graph::Cascade},
};

/// What marking would do.
enum Tried {
    Plan(DeletePlan),
    /// Rows of another deletion have this one's time.
    SameTime(TableName),
}

impl Run {
    pub(crate) async fn plan<C>(mut self, db: &C) -> Result<DeletePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let backend = db.get_database_backend();
        self.bind_key(db.get_database_backend());
        self.look_as_of_its_time(db).await?;
        let group = self.group.clone();
        let mut cascade = Cascade::from(&group, &[self.root]);
        nullable::ask_database(db, &mut cascade).await?;
        self.check_actor(&cascade)?;
        self.check_identity(&cascade)?;
        self.check_touch(&cascade)?;
        self.check_version(db).await?;
        let keeps = keeps::read(db, &cascade, self.stamp.deleted_at).await?;
        self.stamp.deleted_at = keeps.cut(self.stamp.deleted_at);
        let watched = what_is_watched(db, &watch::tables(&cascade)).await?;
        let reach = self.reach(&cascade, backend);
        let may_have_same_time = self.at_is_given && cascade.goes_by_time();
        let may_look = reach.is_known() && self.may_repeat_condition();
        let mut plan = if may_look && !watched.rows && !may_have_same_time {
            self.look(db, &reach).await?
        } else {
            self.mark_and_revert(db, &cascade, keeps, watched).await?
        };
        plan.not_followed = cascade.not_followed().into_iter().cloned().collect();
        Ok(plan)
    }

    /// Reads what would be deleted.
    async fn look<C: ConnectionTrait>(
        &self,
        db: &C,
        reach: &Reach<'_>,
    ) -> Result<DeletePlan, Error> {
        let cascade = reach.cascade;
        let root = self.group.entity(self.root);
        let roots = Query::select()
            .from(root.table.to_ref())
            .and_where(self.condition.clone())
            .and_where(is_active(root))
            .to_owned();
        let roots = count_rows(db, roots).await?;
        let mut rows = RowCounts::of(&self.group, self.root, 0);
        rows.roots = roots;
        let mut plan = DeletePlan::default();
        if roots > 0 {
            for entity in cascade.entities() {
                let is_reached = entity == self.root
                    || cascade
                        .edges_into(entity)
                        .any(|edge| rows.of_entity(edge.parent) > 0);
                if is_reached {
                    rows.add(entity, count_rows(db, reach.select(entity, &[])).await?);
                }
            }
            for edge in &cascade.set_null {
                let key = self.group.foreign_key(*edge);
                let parents = |names: &[String]| reach.select(edge.parent, names);
                let nulled =
                    referencing(cascade.group, *edge, parents, spared_by(reach, edge.child));
                let child = self.group.entity(edge.child);
                let select = Query::select()
                    .from(child.table.to_ref())
                    .and_where(nulled)
                    .to_owned();
                plan.add_set_null(child, key, count_rows(db, select).await?);
            }
            plan.blockers = blockers_of(db, reach, false).await?;
        }
        plan.rows_affected = rows.roots;
        plan.tables = rows.into_tables(cascade);
        Ok(plan)
    }

    /// Marks what would be deleted and rolls back, a tick later as long as rows of another deletion have the same time.
    async fn mark_and_revert<C>(
        &mut self,
        db: &C,
        cascade: &Cascade<'_>,
        keeps: Keeps,
        watched: Watched,
    ) -> Result<DeletePlan, Error>
    where
        C: ConnectionTrait + TransactionTrait,
    {
        let mut table = self.root_meta().table.clone();
        for _ in 0..TICKS {
            let marking = self.marking(cascade, db.get_database_backend(), false);
            let transaction = transaction::begin(db).await?;
            let tried = self.try_out(&transaction, &marking, watched).await;
            match transaction::revert(db, transaction, tried).await? {
                Tried::Plan(plan) => return Ok(plan),
                Tried::SameTime(same) => table = same,
            }
            if self.at_is_given {
                break;
            }
            self.stamp.deleted_at += keeps.tick();
        }
        Err(self.same_time(table))
    }

    /// Marks what would be deleted, for a transaction that is rolled back.
    async fn try_out<C: ConnectionTrait>(
        &self,
        db: &C,
        marking: &Marking<'_>,
        watched: Watched,
    ) -> Result<Tried, Error> {
        let rows = mark_all(db, marking).await?;
        if let Some(table) = table_with_same_time(db, marking, &rows).await? {
            return Ok(Tried::SameTime(table.clone()));
        }
        let restrict = &marking.cascade.restrict;
        let mut plan = DeletePlan {
            blockers: blockers_of_marked(db, marking, &rows, restrict, false).await?,
            ..DeletePlan::default()
        };
        for edge in &marking.cascade.set_null {
            if rows.of_entity(edge.parent) > 0 {
                let nulled = db.execute(&marking.set_null(*edge)).await?.rows_affected();
                let child = self.group.entity(edge.child);
                plan.add_set_null(child, self.group.foreign_key(*edge), nulled);
            }
        }
        if watched.rows && plan.is_allowed() {
            all_are_marked(db, marking, &rows).await?;
        }
        plan.rows_affected = rows.roots;
        plan.tables = rows.into_tables(marking.cascade);
        Ok(Tried::Plan(plan))
    }
}
